//! Bets: stakes and their postings, settlements, payouts, claims.

use journal::fact::{
    BetSettled, BetTerms, BetsLeft, ClaimSettled, EmoneyIssued, EmoneyRedeemed, HoldPlaced,
    HoldReleased, PayoutPosted, PayoutReported, StakeAccepted, StakeReported,
};
use journal::kinds::{
    Basis, Bet, BetOutcome, BetState, Class, DeskKind, Form, LegResult, Legs, OrganiserKind,
    PriceRule, Shape,
};
use terms::{Account, Field as _, Instant, Organiser, Person, Reason, Sender, Seq, Tiyn, Wallet};

use super::money::Stated;
use super::winnings::{self, Back};
use super::{Auditor, BetKey, Invariant, Place, Wrong, confessed, names};

/// A bet as the facts tell it.
#[derive(Debug)]
pub(super) struct BetBook {
    account: Account,
    form: Form,
    amount: Tiyn,
    commission: Tiyn,
    shape: Shape,
    price: PriceRule,
    legs: Legs,
    /// The wallet in which its sum is set aside, while it is.
    pub(super) hold: Option<Wallet>,
    settled: Option<SettledBook>,
    paid: i64,
    refund_paid: i64,
    repaid: i64,
    last: Seq,
}

#[derive(Debug)]
struct SettledBook {
    seq: Seq,
    refund: i64,
    net_due: i64,
    waits: bool,
}

impl BetBook {
    fn new(terms: &BetTerms, form: Form, commission: Tiyn, seq: Seq) -> BetBook {
        BetBook {
            account: terms.account,
            form,
            amount: terms.amount,
            commission,
            shape: terms.shape,
            price: terms.price,
            legs: terms.legs.clone(),
            hold: None,
            settled: None,
            paid: 0,
            refund_paid: 0,
            repaid: 0,
            last: seq,
        }
    }

    /// The bet that a fact brings back.
    fn of(bet: &Bet) -> BetBook {
        let state = bet.settlement.as_deref();
        let settled = state.filter(|_| bet.state == BetState::Settled);
        BetBook {
            account: bet.account,
            form: bet.form,
            amount: bet.amount,
            commission: bet.commission,
            shape: bet.shape,
            price: bet.price,
            legs: bet.legs.clone(),
            hold: None,
            settled: settled.map(|state| SettledBook {
                seq: state.seq,
                refund: state.refund.get(),
                net_due: state.net_due.get(),
                waits: state.waiting,
            }),
            paid: state.map_or(0, |state| state.paid.get()),
            refund_paid: state.map_or(0, |state| state.refund_paid.get()),
            repaid: state.map_or(0, |state| state.repaid.get()),
            last: bet.last,
        }
    }

    /// How much of a payout of this sum is a return of stake.
    fn refund_in(&self, sum: i64) -> i64 {
        let refund = self.settled.as_ref().map_or(0, |settled| settled.refund);
        refund.saturating_sub(self.refund_paid).max(0).min(sum)
    }

    /// Stake and commission.
    pub(super) fn total(&self) -> i128 {
        i128::from(self.amount.get()) + i128::from(self.commission.get())
    }

    /// What the bettor holds of what was paid.
    fn kept(&self) -> i64 {
        self.paid.saturating_sub(self.repaid)
    }

    /// What is due and not paid.
    fn outstanding(&self) -> i64 {
        let due = self.settled.as_ref().map_or(0, |settled| settled.net_due);
        due.saturating_sub(self.kept()).max(0)
    }

    /// What was paid beyond what is due.
    fn claim(&self) -> i64 {
        let due = self.settled.as_ref().map_or(0, |settled| settled.net_due);
        self.kept().saturating_sub(due).max(0)
    }

    /// Sixty-four bits that stand for all of it once it has left.
    fn print(&self) -> u64 {
        let mut bytes = Vec::with_capacity(64);
        self.account.put(&mut bytes);
        self.form.put(&mut bytes);
        self.amount.put(&mut bytes);
        self.commission.put(&mut bytes);
        self.shape.put(&mut bytes);
        self.price.put(&mut bytes);
        self.legs.put(&mut bytes);
        let settled = self.settled.as_ref();
        let settled = settled.map_or([-1; 4], |settled| {
            let seq = i64::try_from(settled.seq.0).unwrap_or(i64::MAX);
            [seq, settled.refund, settled.net_due, i64::from(settled.waits)]
        });
        for sum in settled.into_iter().chain([self.paid, self.refund_paid, self.repaid]) {
            sum.put(&mut bytes);
        }
        self.last.put(&mut bytes);
        // FNV-1a: no secret, no randomness, and a wrong bet passes once in 2^64.
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |print: u64, byte| {
            (print ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

fn organiser_of(sender: Sender) -> Result<Organiser, Wrong> {
    match sender {
        Sender::Organiser(organiser) => Ok(organiser),
        Sender::Operator | Sender::System | Sender::Bettor => {
            Err(Wrong::new(Invariant::J3, format!("a record of a bet sent by {sender}")))
        }
    }
}

/// What comes back of a bet.
#[derive(Clone, Copy)]
struct Reckoned {
    /// If every leg without a result is lost.
    least: Back,
    /// If every leg without a result is won.
    most: Back,
    /// Whether the settlement rests on what its basis names.
    founded: bool,
}

impl Auditor {
    fn full_identification(&self, at: Instant) -> bool {
        self.rules(at).is_some_and(|rules| rules.switches.full_identification)
    }

    /// A1: the lists against which persons are checked are of the day (S-02).
    fn lists_fresh(&mut self, at: Instant) -> Result<(), Wrong> {
        let age = self.rules(at).map_or(0, |rules| rules.terms.list_age_ns);
        let fresh = self.people.lists_fresh(at, age);
        self.counts.check(Invariant::A1, fresh, || "a list is older than its term".into())
    }

    /// A1: the person may stake now, through this account and this wallet.
    fn admissible(
        &mut self,
        organiser: Organiser,
        account: Account,
        wallet: Option<Wallet>,
        at: Instant,
    ) -> Result<(), Wrong> {
        self.lists_fresh(at)?;
        let full = self.full_identification(at);
        let book = self.people.account(account)?;
        let (person, bound, closed) = (book.person, book.wallet, book.closed.is_some());
        let own = book.organiser == organiser;
        let grounds = self.people.grounds(person, at, full);
        let open = self.books.about(bound).is_some_and(|(_, _, open)| open);
        let counts = &mut self.counts;
        counts.check(Invariant::A1, grounds.is_empty(), || {
            format!("person number {person} may not stake: {}", names(&grounds))
        })?;
        counts.check(Invariant::A1, own && !closed, || {
            format!("account number {account} takes no stakes of organiser number {organiser}")
        })?;
        // A confirmed hold draws on the wallet that it was placed on.
        let Some(wallet) = wallet else { return Ok(()) };
        counts.check(Invariant::A1, bound == wallet && open, || {
            format!("wallet number {wallet} is blocked, or not bound to account number {account}")
        })
    }

    /// Legs are the organiser's own, and the bet can be reckoned at all.
    fn bet_stands(&mut self, organiser: Organiser, bet: &BetTerms) -> Result<(), Wrong> {
        for leg in &bet.legs.0 {
            let said = self.catalogue.said(leg.outcome)?;
            self.counts.check(Invariant::J3, said.organiser == organiser, || {
                format!("outcome number {} is another organiser's", leg.outcome)
            })?;
        }
        let won = vec![LegResult::Won; bet.legs.0.len()];
        let back = winnings::returns(bet.shape, bet.price, bet.amount.get(), &bet.legs.0, &won);
        self.counts.check(Invariant::B2, back.is_some(), || {
            "its shape, its sum and its legs do not go together".into()
        })
    }

    fn is_new(&mut self, key: BetKey, invariant: Invariant) -> Result<(), Wrong> {
        let new = !self.bets.contains_key(&key) && !self.left.contains_key(&key);
        self.counts.check(invariant, new, || "the bet has been recorded before".into())
    }

    /// The wallet is the organiser's own.
    fn organisers(&mut self, organiser: Organiser, wallet: Wallet) -> Result<(), Wrong> {
        let about = self.books.about(wallet);
        let own = matches!(about, Some((Class::Organiser, owner, _)) if owner == organiser.0);
        self.counts.check(Invariant::L4, own, || {
            format!("wallet number {wallet} does not belong to organiser number {organiser}")
        })
    }

    pub(super) fn stake_accepted(
        &mut self,
        place: Place,
        fact: &StakeAccepted,
    ) -> Result<(), Wrong> {
        let Place { seq, at } = place;
        let organiser = organiser_of(fact.cause.sender)?;
        let key = (organiser.0, fact.bet_id().0);
        let wallet = fact.hold.is_none().then_some(fact.bettor_wallet);
        self.admissible(organiser, fact.bet.account, wallet, at)?;
        self.organisers(organiser, fact.organiser_wallet)?;
        self.bet_stands(organiser, &fact.bet)?;
        match fact.hold {
            None => self.is_new(key, Invariant::B3)?,
            Some(_) => self.confirmed(key, fact)?,
        }
        let wallets = (fact.bettor_wallet, fact.organiser_wallet);
        self.books.stake(wallets, fact.bet.amount, fact.commission, &mut self.counts)?;
        let bettor = Stated {
            wallet: fact.bettor_wallet,
            balance: fact.bettor_balance,
            previous: fact.bettor_previous,
        };
        let own = Stated {
            wallet: fact.organiser_wallet,
            balance: fact.organiser_balance,
            previous: fact.organiser_previous,
        };
        self.books.stated(bettor, seq, &mut self.counts)?;
        self.books.stated(own, seq, &mut self.counts)?;
        self.counts
            .check(Invariant::B3, !fact.bet.amount.is_zero(), || "a stake of nothing".into())?;
        self.people.follow(fact.bet.account, fact.account_previous, seq, &mut self.counts)?;
        self.bets.insert(key, BetBook::new(&fact.bet, Form::EMoney, fact.commission, seq));
        Ok(())
    }

    /// A stake that confirms a hold is the held bet but for its odds.
    fn confirmed(&mut self, key: BetKey, fact: &StakeAccepted) -> Result<(), Wrong> {
        let held = self.bets.remove(&key);
        let same = held.as_ref().is_some_and(|held| {
            let outcomes = |legs: &Legs| legs.0.iter().map(|leg| leg.outcome).collect::<Vec<_>>();
            held.hold == Some(fact.bettor_wallet)
                && held.account == fact.bet.account
                && held.amount == fact.bet.amount
                && held.commission == fact.commission
                && held.shape == fact.bet.shape
                && held.price == fact.bet.price
                && outcomes(&held.legs) == outcomes(&fact.bet.legs)
        });
        self.counts.check(Invariant::B3, same, || "it is not the bet that was held".into())?;
        let total = held.map_or(0, |held| held.total());
        self.books.set_aside(fact.bettor_wallet, -total, &mut self.counts)
    }

    pub(super) fn hold_placed(&mut self, place: Place, fact: &HoldPlaced) -> Result<(), Wrong> {
        let Place { seq, at } = place;
        let organiser = organiser_of(fact.cause.sender)?;
        let key = (organiser.0, fact.cause.id.0);
        self.admissible(organiser, fact.bet.account, Some(fact.bettor_wallet), at)?;
        self.bet_stands(organiser, &fact.bet)?;
        self.is_new(key, Invariant::J3)?;
        let mut book = BetBook::new(&fact.bet, Form::EMoney, fact.commission, seq);
        book.hold = Some(fact.bettor_wallet);
        self.books.set_aside(fact.bettor_wallet, book.total(), &mut self.counts)?;
        self.people.follow(fact.bet.account, fact.account_previous, seq, &mut self.counts)?;
        self.bets.insert(key, book);
        Ok(())
    }

    pub(super) fn hold_released(&mut self, place: Place, fact: &HoldReleased) -> Result<(), Wrong> {
        let held = self.bets.remove(&(fact.organiser.0, fact.bet.0));
        let held = held.and_then(|bet| Some((bet.hold?, bet.account, bet.total())));
        let missing = || Wrong::new(Invariant::J3, format!("bet {} is not held", fact.bet));
        let (wallet, account, total) = held.ok_or_else(missing)?;
        self.books.set_aside(wallet, -total, &mut self.counts)?;
        self.people.follow(account, fact.account_previous, place.seq, &mut self.counts)
    }

    pub(super) fn stake_reported(
        &mut self,
        place: Place,
        fact: &StakeReported,
    ) -> Result<(), Wrong> {
        let organiser = organiser_of(fact.cause.sender)?;
        let (made, bet) = (fact.bet.made_at, &fact.bet);
        let account = self.people.account(bet.account)?;
        let (person, closed) =
            (account.person, account.closed.is_some_and(|closed| closed <= made));
        let full = self.full_identification(place.at);
        let (mut due, oldest) = self.people.grounds_then(person, made, full);
        self.counts.check(Invariant::A2, oldest == fact.oldest_known, || {
            format!("whether the state of then is known: {}", !oldest)
        })?;
        if closed {
            due.push(Reason::AccountClosed);
        }
        // Bets with odds are the bookmaker's; there are no others yet.
        if self.people.organiser_kind(organiser) != Some(OrganiserKind::Bookmaker) {
            due.push(Reason::OrganiserKindWrong);
        }
        if let Some(rules) = self.rules(place.at) {
            let day = rules.day(made);
            if !self.people.licensed(organiser, day) {
                due.push(Reason::LicenceNotInForce);
            }
            if !self.people.desk_open(organiser, bet.desk, day) {
                due.push(Reason::DeskClosed);
            }
        }
        for leg in &bet.legs.0 {
            if !self.catalogue.said(leg.outcome)?.confirmed {
                due.push(Reason::EventUnconfirmed);
            }
        }
        due.retain(|reason| !fact.breaches.contains(reason));
        self.counts.check(Invariant::A2, due.is_empty(), || {
            format!("the report does not confess: {}", names(&due))
        })?;
        self.counts.check(Invariant::B3, fact.form != Form::EMoney, || {
            "a stake in e-money without a posting".into()
        })?;
        self.bet_stands(organiser, bet)?;
        let key = (organiser.0, fact.cause.id.0);
        self.is_new(key, Invariant::J3)?;
        self.people.follow(bet.account, fact.account_previous, place.seq, &mut self.counts)?;
        self.bets.insert(key, BetBook::new(bet, fact.form, Tiyn::ZERO, place.seq));
        Ok(())
    }

    /// The bet of a record, brought back if it had left.
    fn record(
        &mut self,
        key: BetKey,
        account: Account,
        thawed: Option<&Bet>,
        (previous, seq): (Seq, Seq),
    ) -> Result<&mut BetBook, Wrong> {
        let gone = self.left.get(&key).copied();
        let back = match thawed {
            None => gone.is_none(),
            Some(bet) => gone == Some(BetBook::of(bet).print()),
        };
        self.counts.check(Invariant::J3, back, || match thawed {
            None => "the bet had left and the fact does not bring it back".into(),
            Some(bet) => format!("bet {} comes back as another than it left", bet.id),
        })?;
        if let Some(bet) = thawed {
            self.left.remove(&key);
            self.bets.insert(key, BetBook::of(bet));
        }
        let unknown = || Wrong::new(Invariant::J3, "the bet is unknown");
        let book = self.bets.get_mut(&key).ok_or_else(unknown)?;
        let last = core::mem::replace(&mut book.last, seq);
        let known = last == previous && book.account == account && book.hold.is_none();
        self.counts.check(Invariant::J3, known, || {
            format!("the bet's last record is {last}, not {previous}, or its account another")
        })?;
        Ok(book)
    }

    /// A bet with nothing more to come may leave later.
    fn close(&mut self, key: BetKey) {
        if let Some(book) = self.bets.get(&key)
            && book.settled.as_ref().is_some_and(|settled| !settled.waits)
        {
            self.closed.push_back((key, book.last));
        }
    }

    pub(super) fn bet_settled(&mut self, place: Place, fact: &BetSettled) -> Result<(), Wrong> {
        let organiser = organiser_of(fact.cause.sender)?;
        let key = (organiser.0, fact.bet.0);
        let steps = (fact.bet_previous, place.seq);
        let book = self.record(key, fact.account, fact.thawed.as_deref(), steps)?;
        let before = book.settled.as_ref().map(|settled| settled.seq);
        let again = fact.basis == Basis::Correction;
        let effective = fact.corrects == before && again == before.is_some();
        self.counts.check(Invariant::B1, effective, || {
            format!("the settlement before is {before:?}, the fact corrects {:?}", fact.corrects)
        })?;
        self.returns(place, key, fact)?;
        let unknown = || Wrong::new(Invariant::J3, "the bet is unknown");
        let book = self.bets.get_mut(&key).ok_or_else(unknown)?;
        book.settled = Some(SettledBook {
            seq: place.seq,
            refund: fact.refund.get(),
            net_due: fact.net_due.get(),
            waits: fact.waits.is_some(),
        });
        let outstanding = book.outstanding();
        let pays = book.form == Form::EMoney && 0 < outstanding;
        self.counts.check(Invariant::B1, pays || fact.waits.is_none(), || {
            "a payout waits that is not due".into()
        })?;
        self.due = (pays && fact.waits.is_none()).then_some(key);
        self.close(key);
        self.people.follow(fact.account, fact.account_previous, place.seq, &mut self.counts)
    }

    /// B2: what the settlement says comes back. A2: it confesses the rules that it breaks, and an
    /// e-money settlement breaks none.
    fn returns(&mut self, place: Place, key: BetKey, fact: &BetSettled) -> Result<(), Wrong> {
        let tax_share = self.rules(place.at).map_or(0, |rules| rules.terms.tax_millionths);
        let reckoned = self.reckon(key, fact)?;
        let Reckoned { least, most, .. } = reckoned;
        let stated = i128::from(fact.gross_computed.get());
        let gross = i128::from(fact.gross.get());
        let by_desk = self.bets.get(&key).is_some_and(|book| book.form != Form::EMoney);
        let counts = &mut self.counts;
        counts.check(Invariant::B2, least.gross == stated, || {
            format!("{} tiyn come back by legs, odds and results, not {stated}", least.gross)
        })?;
        let mut due = Vec::new();
        if !reckoned.founded || least != most {
            due.push(Reason::SettlementWithoutBasis);
        }
        // A difference shows by its two fields; a higher sum needs the organiser's reason.
        if most.gross < gross && fact.reason.is_none() {
            due.push(Reason::WinningDiffers);
        }
        counts.check(Invariant::B2, by_desk || due.is_empty(), || {
            format!("{gross} tiyn are granted, we find {stated}: {}", names(&due))
        })?;
        confessed(&due, &fact.breaches, counts)?;
        let refund = most.refund.min(gross);
        let of_which_stake = most.of_which_stake.min(gross - refund);
        let won = gross - refund - of_which_stake;
        let tax = (won * i128::from(tax_share) + 500_000) / 1_000_000;
        let due = [refund, of_which_stake, tax, gross - tax];
        let found = [fact.refund, fact.of_which_stake, fact.tax, fact.net_due];
        let found = found.map(|sum| i128::from(sum.get()));
        counts.check(Invariant::B2, due == found, || {
            format!("refund, stake, tax and sum due are {due:?}, the fact states {found:?}")
        })?;
        let outcome = match (refund < gross, gross) {
            (true, _) => BetOutcome::Win,
            (false, 0) => BetOutcome::Loss,
            (false, _) => BetOutcome::Refund,
        };
        counts.check(Invariant::B2, outcome == fact.outcome, || {
            format!("it is a {}, the fact states a {}", outcome.name(), fact.outcome.name())
        })
    }

    /// What comes back by the results that the fact lists, each of which must be the one recorded
    /// for its leg, or one that the basis lets the organiser choose.
    fn reckon(&mut self, key: BetKey, fact: &BetSettled) -> Result<Reckoned, Wrong> {
        let unknown = || Wrong::new(Invariant::J3, "the bet is unknown");
        let book = self.bets.get(&key).ok_or_else(unknown)?;
        let (mut event_void, mut market_void) = (false, false);
        let mut recorded = fact.results.0.len() == book.legs.0.len();
        for (leg, listed) in book.legs.0.iter().zip(&fact.results.0) {
            let said = self.catalogue.said(leg.outcome)?;
            let void = Some(LegResult::Void);
            let may = match fact.basis {
                Basis::EventVoid if said.event_void || said.market_void => [void; 2],
                Basis::MarketVoid if said.market_void => [void; 2],
                Basis::MarketVoid if said.event_void && said.result.is_none() => [void; 2],
                Basis::Correction if said.event_void || said.market_void => [void; 2],
                Basis::OrganiserError => [void; 2],
                Basis::Result | Basis::EventVoid | Basis::MarketVoid => [said.result; 2],
                Basis::LegVoid | Basis::Correction => [said.result, void],
                Basis::EarlyPayout => [said.result, Some(LegResult::Won)],
                Basis::CashOut => [None; 2],
            };
            recorded &= may.contains(listed);
            event_void |= said.event_void;
            market_void |= said.market_void;
        }
        let with = |open: LegResult| {
            let results: Vec<LegResult> =
                fact.results.0.iter().map(|result| result.unwrap_or(open)).collect();
            let BetBook { shape, price, amount, legs, .. } = book;
            winnings::returns(*shape, *price, amount.get(), &legs.0, &results)
        };
        let both = with(LegResult::Lost).zip(with(LegResult::Won));
        let founded = match fact.basis {
            Basis::Result | Basis::EarlyPayout => true,
            Basis::EventVoid => event_void,
            Basis::MarketVoid => market_void,
            Basis::LegVoid | Basis::OrganiserError | Basis::Correction => fact.reason.is_some(),
            Basis::CashOut => false,
        };
        let detail = "the results that counted are not those recorded for its legs";
        self.counts.check(Invariant::B2, recorded, || detail.into())?;
        let (least, most) = both.ok_or_else(|| Wrong::new(Invariant::B2, detail))?;
        Ok(Reckoned { least, most, founded })
    }

    pub(super) fn payout_posted(&mut self, place: Place, fact: &PayoutPosted) -> Result<(), Wrong> {
        let key = (fact.organiser.0, fact.bet.0);
        let steps = (fact.bet_previous, place.seq);
        let book = self.record(key, fact.account, None, steps)?;
        let outstanding = book.outstanding();
        let sum = fact.winning.get().saturating_add(fact.refund.get());
        let refund = book.refund_in(outstanding);
        let right = book.form == Form::EMoney
            && 0 < sum
            && sum == outstanding
            && fact.refund.get() == refund;
        book.paid = book.paid.saturating_add(sum);
        book.refund_paid = book.refund_paid.saturating_add(fact.refund.get());
        if let Some(settled) = &mut book.settled {
            settled.waits = false;
        }
        self.counts.check(Invariant::B1, right, || {
            format!("{sum} tiyn paid where {outstanding} are due, {refund} of them as refund")
        })?;
        self.close(key);
        self.paid_out(
            (fact.organiser, fact.account, place.seq),
            sum.into(),
            Stated {
                wallet: fact.organiser_wallet,
                balance: fact.organiser_balance,
                previous: fact.organiser_previous,
            },
            Stated {
                wallet: fact.bettor_wallet,
                balance: fact.bettor_balance,
                previous: fact.bettor_previous,
            },
        )?;
        self.people.follow(fact.account, fact.account_previous, place.seq, &mut self.counts)
    }

    /// The posting of a payout, from the organiser's wallet to the one bound to the account.
    fn paid_out(
        &mut self,
        (organiser, account, seq): (Organiser, Account, Seq),
        sum: i128,
        from: Stated,
        to: Stated,
    ) -> Result<(), Wrong> {
        self.organisers(organiser, from.wallet)?;
        let bound = self.people.account(account)?.wallet;
        self.counts.check(Invariant::L4, bound == to.wallet, || {
            format!("wallet number {} is not the one bound to the account", to.wallet)
        })?;
        self.books.payout((from.wallet, to.wallet), sum, &mut self.counts)?;
        self.books.stated(from, seq, &mut self.counts)?;
        self.books.stated(to, seq, &mut self.counts)
    }

    pub(super) fn payout_reported(
        &mut self,
        place: Place,
        fact: &PayoutReported,
    ) -> Result<(), Wrong> {
        let organiser = organiser_of(fact.cause.sender)?;
        let key = (organiser.0, fact.bet.0);
        let steps = (fact.bet_previous, place.seq);
        let electronic = self.people.desk_kind(fact.desk) == Some(DeskKind::Electronic);
        let book = self.record(key, fact.account, fact.thawed.as_deref(), steps)?;
        let mut due = Vec::new();
        if book.settled.is_none() {
            due.push(Reason::BetNotSettled);
        }
        if book.outstanding() < fact.amount.get() {
            due.push(Reason::PayoutAboveWinning);
        }
        if fact.form == Form::Cash && electronic {
            due.push(Reason::FormNotAllowed);
        }
        let by_desk = book.form != Form::EMoney;
        let refund = book.refund_in(fact.amount.get());
        book.paid = book.paid.saturating_add(fact.amount.get());
        book.refund_paid = book.refund_paid.saturating_add(fact.refund.get());
        confessed(&due, &fact.breaches, &mut self.counts)?;
        self.counts.check(Invariant::B1, fact.refund.get() == refund, || {
            let stated = fact.refund.get();
            format!("{stated} tiyn of the payout are called a refund, where {refund} are one")
        })?;
        let posted = fact.posting.is_some() == (fact.form == Form::EMoney);
        self.counts.check(Invariant::B1, by_desk && posted, || {
            "a payout in e-money has a posting, another has none, and e-money stakes pay by \
             themselves"
                .into()
        })?;
        self.close(key);
        if let Some(posting) = &fact.posting {
            self.paid_out(
                (organiser, fact.account, place.seq),
                fact.amount.get().into(),
                Stated {
                    wallet: posting.organiser_wallet,
                    balance: posting.organiser_balance,
                    previous: posting.organiser_previous,
                },
                Stated {
                    wallet: posting.bettor_wallet,
                    balance: posting.bettor_balance,
                    previous: posting.bettor_previous,
                },
            )?;
        }
        self.people.follow(fact.account, fact.account_previous, place.seq, &mut self.counts)
    }

    pub(super) fn claim_settled(&mut self, place: Place, fact: &ClaimSettled) -> Result<(), Wrong> {
        let organiser = organiser_of(fact.cause.sender)?;
        let key = (organiser.0, fact.bet.0);
        let steps = (fact.bet_previous, place.seq);
        let book = self.record(key, fact.account, fact.thawed.as_deref(), steps)?;
        let (claim, amount) = (book.claim(), fact.amount.get());
        book.repaid = book.repaid.saturating_add(amount);
        self.counts.check(Invariant::B1, amount <= claim, || {
            format!("{amount} tiyn given back of a claim of {claim}")
        })?;
        self.close(key);
        self.people.follow(fact.account, fact.account_previous, place.seq, &mut self.counts)
    }

    pub(super) fn bets_left(&mut self, fact: &BetsLeft) -> Result<(), Wrong> {
        for _ in 0..fact.count {
            let empty = || Wrong::new(Invariant::J3, "more bets leave than are closed");
            let (key, last) = self.closed.pop_front().ok_or_else(empty)?;
            // A bet that has changed since stays, and is in the queue once more.
            if self.bets.get(&key).is_some_and(|book| book.last == last)
                && let Some(book) = self.bets.remove(&key)
            {
                self.left.insert(key, book.print());
            }
        }
        Ok(())
    }

    pub(super) fn emoney_issued(&mut self, place: Place, fact: &EmoneyIssued) -> Result<(), Wrong> {
        // Nothing is sold to a person who does not pass the checks (R0-5.5).
        if let Some((Class::Bettor, owner, _)) = self.books.about(fact.wallet) {
            self.lists_fresh(place.at)?;
            let grounds = self.people.grounds(Person(owner), place.at, false);
            self.counts.check(Invariant::A1, grounds.is_empty(), || {
                format!("person number {owner} may not buy e-money: {}", names(&grounds))
            })?;
        }
        self.books.issue(fact.wallet, fact.amount, &mut self.counts)?;
        let (wallet, balance, previous) = (fact.wallet, fact.balance, fact.previous);
        let stated = Stated { wallet, balance, previous };
        self.books.stated(stated, place.seq, &mut self.counts)
    }

    pub(super) fn emoney_redeemed(
        &mut self,
        place: Place,
        fact: &EmoneyRedeemed,
    ) -> Result<(), Wrong> {
        self.books.redeem(fact.wallet, fact.amount, &mut self.counts)?;
        let (wallet, balance, previous) = (fact.wallet, fact.balance, fact.previous);
        let stated = Stated { wallet, balance, previous };
        self.books.stated(stated, place.seq, &mut self.counts)
    }
}
