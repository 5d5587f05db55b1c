//! A small world that makes facts for tests of the views: organisers with two desks each, bettors
//! with one wallet and an account at every organiser, events with one market of two outcomes.
//!
//! It keeps balances and back-pointers as the desk does, and judges nothing.

use ::journal::fact::{
    AccountOpened, BetSettled, BetTerms, BreachRaised, Cause, ChampionshipListed, ClaimSettled,
    DeskOpened, EmoneyIssued, EmoneyRedeemed, Entry, EventChanged, EventListed, EventMapped, Fact,
    HoldPlaced, HoldReleased, LicenceRecorded, MarketListed, OrganiserChanged, OrganiserRegistered,
    OutcomeText, PayoutPosted, PayoutReported, RefusalsSuppressed, Refused, ReleaseGround,
    ResultPublished, ResultsDiffer, RulebookAdopted, StakeAccepted, StakeReported, WalletOpened,
};
use ::journal::kinds::{
    Basis, BetOutcome, Class, DeskKind, EventClass, EventState, Form, Leg, LegResult, LegResults,
    Legs, OrganiserKind, PriceRule, Shape,
};
use terms::rulebook::Rulebook;
use terms::{
    Account, BetId, Bin, Championship, Day, DeskNo, Digest, Event, Hash, Instant, Market,
    MessageId, Odds, Organiser, Outcome, Person, Reason, Sender, Seq, Text, Tiyn, Wallet,
};

/// The operator's own accounts come first.
const OWN_WALLETS: u32 = 4;

/// What every wallet gets to begin with: more than any test stakes.
const START_TIYN: i64 = 1_000_000_000_000;

/// An event of the world: its organiser, championship and sport.
#[derive(Clone, Copy, Debug)]
pub struct EventPlace {
    /// The organiser.
    pub organiser: u32,
    /// The championship; numbers are given in order of first use.
    pub championship: u32,
    /// The sport; numbers are given in order of first use.
    pub sport: u32,
}

/// A bet as the world knows it.
#[derive(Clone, Debug)]
pub struct KnownBet {
    /// Its organiser.
    pub organiser: u32,
    /// Its bettor.
    pub bettor: u32,
    /// Its id.
    pub id: BetId,
    /// How the stake was given.
    pub form: Form,
    /// The stake.
    pub tiyn: i64,
    /// Its legs, by event.
    pub events: Vec<u32>,
    /// Whether it is only held.
    pub held: bool,
    /// Whether it can be settled.
    pub stands: bool,
    /// Its effective settlement and what that makes due.
    pub settled: Option<(Seq, i64)>,
    /// Of the settlement, the refund.
    pub refund_tiyn: i64,
    /// What was paid on it.
    pub paid_tiyn: i64,
    last: Seq,
}

/// The world.
#[derive(Clone, Debug)]
pub struct World {
    /// The time of the next fact.
    pub at: Instant,
    /// Bets in the order in which they came.
    pub bets: Vec<KnownBet>,
    organisers: u32,
    bettors: u32,
    entries: Vec<Entry>,
    next: u64,
    ids: u64,
    /// Balance and last fact of each wallet.
    wallets: Vec<(i64, Option<Seq>)>,
}

impl World {
    /// A world with these events, at an instant.
    pub fn new(at: Instant, organisers: u32, bettors: u32, events: &[EventPlace]) -> World {
        let mut world = World {
            at,
            bets: Vec::new(),
            organisers,
            bettors,
            entries: Vec::new(),
            next: 0,
            ids: 0,
            wallets: vec![(0, None); OWN_WALLETS as usize],
        };
        let cause = world.cause(Sender::Operator);
        let rulebook = Box::new(Rulebook::sample());
        world.push(RulebookAdopted { cause, digest: Hash::ZERO, rulebook });
        for organiser in 0..organisers {
            world.open_organiser(organiser);
        }
        for bettor in 0..bettors {
            world.open_wallet(Class::Bettor, bettor);
            for organiser in 0..organisers {
                let cause = world.cause(Sender::Operator);
                world.push(AccountOpened {
                    cause,
                    account: world.account(organiser, bettor),
                    person: Person(bettor),
                    organiser: Organiser(organiser),
                    wallet: world.bettor_wallet(bettor),
                });
            }
        }
        world.list(events);
        world
    }

    /// The facts since the last call, in order.
    pub fn take(&mut self) -> Vec<Entry> {
        core::mem::take(&mut self.entries)
    }

    /// A bettor's account with an organiser.
    pub fn account(&self, organiser: u32, bettor: u32) -> Account {
        Account(bettor * self.organisers + organiser)
    }

    /// A bettor's wallet.
    pub fn bettor_wallet(&self, bettor: u32) -> Wallet {
        Wallet(OWN_WALLETS + self.organisers + bettor)
    }

    /// How many bettors there are.
    pub fn bettors(&self) -> u32 {
        self.bettors
    }

    /// An e-money stake with a commission of one in a hundred.
    pub fn stake(&mut self, organiser: u32, bettor: u32, events: &[u32], tiyn: i64) -> usize {
        self.stake_made(self.at.plus(-Instant::SECOND), organiser, bettor, events, tiyn)
    }

    /// The same, made at an instant.
    pub fn stake_made(
        &mut self,
        made_at: Instant,
        organiser: u32,
        bettor: u32,
        events: &[u32],
        tiyn: i64,
    ) -> usize {
        let cause = self.cause(Sender::Organiser(Organiser(organiser)));
        let id = BetId::from(cause.id);
        let bet = self.terms(made_at, organiser, bettor, events, tiyn, DeskKind::Electronic);
        self.accept(cause, None, bet, organiser, bettor);
        self.know(organiser, bettor, id, Form::EMoney, events, tiyn)
    }

    /// A hold.
    pub fn hold(&mut self, organiser: u32, bettor: u32, events: &[u32], tiyn: i64) -> usize {
        let cause = self.cause(Sender::Organiser(Organiser(organiser)));
        let (id, made_at) = (BetId::from(cause.id), self.at);
        let bet = self.terms(made_at, organiser, bettor, events, tiyn, DeskKind::Electronic);
        self.push(HoldPlaced {
            cause,
            bet,
            commission: sum(tiyn / 100),
            order: None,
            order_id: None,
            bettor_wallet: self.bettor_wallet(bettor),
            expires: self.at.plus(30 * Instant::SECOND),
            account_previous: None,
            thawed: None,
        });
        let index = self.know(organiser, bettor, id, Form::EMoney, events, tiyn);
        (self.bets[index].held, self.bets[index].stands) = (true, false);
        index
    }

    /// The organiser confirms a hold.
    pub fn confirm(&mut self, index: usize) {
        let bet = self.bets[index].clone();
        let cause = self.cause(Sender::Organiser(Organiser(bet.organiser)));
        let (organiser, bettor) = (bet.organiser, bet.bettor);
        let desk = DeskKind::Electronic;
        let terms = self.terms(self.at, organiser, bettor, &bet.events, bet.tiyn, desk);
        self.accept(cause, Some(bet.id), terms, organiser, bettor);
        (self.bets[index].held, self.bets[index].stands) = (false, true);
        self.bets[index].last = self.last();
    }

    /// A hold ends.
    pub fn release(&mut self, index: usize, ground: ReleaseGround) {
        let bet = self.bets[index].clone();
        self.push(HoldReleased {
            cause: None,
            nonce: Some([7; 8]),
            organiser: Organiser(bet.organiser),
            bet: bet.id,
            ground,
            account_previous: None,
        });
        self.bets[index].held = false;
    }

    /// A land desk's stake is reported, late, with breaches.
    pub fn report(
        &mut self,
        made_at: Instant,
        (organiser, bettor): (u32, u32),
        events: &[u32],
        tiyn: i64,
        breaches: &[Reason],
    ) -> usize {
        let cause = self.cause(Sender::Organiser(Organiser(organiser)));
        let id = BetId::from(cause.id);
        let bet = self.terms(made_at, organiser, bettor, events, tiyn, DeskKind::Land);
        let late = 60 * Instant::SECOND < self.at.since(made_at);
        self.push(StakeReported {
            cause,
            bet,
            form: Form::Cash,
            late,
            breaches: breaches.to_vec(),
            oldest_known: false,
            resends: None,
            account_previous: None,
            thawed: None,
        });
        self.know(organiser, bettor, id, Form::Cash, events, tiyn)
    }

    /// A bet is settled, or settled anew.
    pub fn settle(&mut self, index: usize, gross_tiyn: i64, refund_tiyn: i64) {
        let bet = self.bets[index].clone();
        let cause = self.cause(Sender::Organiser(Organiser(bet.organiser)));
        let result = if refund_tiyn < gross_tiyn {
            BetOutcome::Win
        } else if gross_tiyn == 0 {
            BetOutcome::Loss
        } else {
            BetOutcome::Refund
        };
        let leg = if result == BetOutcome::Loss { LegResult::Lost } else { LegResult::Won };
        let corrects = bet.settled.map(|(seq, _)| seq);
        self.push(BetSettled {
            cause,
            bet: bet.id,
            account: self.account(bet.organiser, bet.bettor),
            thawed: None,
            bet_previous: bet.last,
            basis: if corrects.is_some() { Basis::Correction } else { Basis::Result },
            corrects,
            results: LegResults(bet.events.iter().map(|_| Some(leg)).collect()),
            gross_computed: sum(gross_tiyn),
            gross: sum(gross_tiyn),
            of_which_stake: sum((gross_tiyn - refund_tiyn).min(bet.tiyn)),
            refund: sum(refund_tiyn),
            tax: Tiyn::ZERO,
            net_due: sum(gross_tiyn),
            outcome: result,
            reason: corrects.map(|_| text("entered wrongly")),
            computed_at: self.at.plus(-3),
            waits: (bet.form == Form::EMoney && bet.paid_tiyn < gross_tiyn)
                .then_some(Reason::FundsInsufficient),
            breaches: Vec::new(),
            account_previous: None,
        });
        let seq = self.last();
        let bet = &mut self.bets[index];
        (bet.settled, bet.refund_tiyn, bet.last) = (Some((seq, gross_tiyn)), refund_tiyn, seq);
    }

    /// What is outstanding on a bet is paid: by posting, or in cash at the desk.
    pub fn pay(&mut self, index: usize) {
        self.pay_in(index, Form::NonCash);
    }

    /// The same; a land desk pays in this form.
    pub fn pay_in(&mut self, index: usize, form: Form) {
        let bet = self.bets[index].clone();
        let due = bet.settled.map_or(0, |(_, due)| due) - bet.paid_tiyn;
        if due <= 0 {
            return;
        }
        if bet.form == Form::EMoney {
            self.post_payout(&bet, due);
        } else {
            let cause = self.cause(Sender::Organiser(Organiser(bet.organiser)));
            self.push(PayoutReported {
                cause,
                bet: bet.id,
                account: self.account(bet.organiser, bet.bettor),
                thawed: None,
                bet_previous: bet.last,
                amount: sum(due),
                refund: Tiyn::ZERO,
                form,
                desk: DeskNo(2 * bet.organiser + 1),
                paid_at: self.at.plus(-5),
                posting: None,
                late: false,
                breaches: Vec::new(),
                account_previous: None,
            });
        }
        self.bets[index].paid_tiyn += due;
        self.bets[index].last = self.last();
    }

    fn post_payout(&mut self, bet: &KnownBet, due: i64) {
        let refund = bet.refund_tiyn.min(due);
        let (organiser_wallet, bettor_wallet) =
            (Wallet(OWN_WALLETS + bet.organiser), self.bettor_wallet(bet.bettor));
        let (organiser_balance, organiser_previous) = self.moved(organiser_wallet, -due);
        let (bettor_balance, bettor_previous) = self.moved(bettor_wallet, due);
        self.push(PayoutPosted {
            nonce: [1; 8],
            organiser: Organiser(bet.organiser),
            bet: bet.id,
            account: self.account(bet.organiser, bet.bettor),
            winning: sum(due - refund),
            refund: sum(refund),
            organiser_wallet,
            bettor_wallet,
            organiser_balance,
            bettor_balance,
            bet_previous: bet.last,
            organiser_previous,
            bettor_previous,
            account_previous: None,
        });
    }

    /// The bettor gives back a part of what was paid beyond what is due.
    pub fn settle_claim(&mut self, index: usize, tiyn: i64) {
        let bet = self.bets[index].clone();
        let cause = self.cause(Sender::Organiser(Organiser(bet.organiser)));
        self.push(ClaimSettled {
            cause,
            bet: bet.id,
            account: self.account(bet.organiser, bet.bettor),
            thawed: None,
            bet_previous: bet.last,
            amount: sum(tiyn),
            account_previous: None,
        });
        self.bets[index].paid_tiyn -= tiyn;
        self.bets[index].last = self.last();
    }

    /// An organiser's message is refused.
    pub fn refuse(&mut self, organiser: u32, reason: Reason) {
        let cause = self.cause(Sender::Organiser(Organiser(organiser)));
        self.push(Refused { cause, reason, account: Some(Account(0)), report: false });
    }

    /// Refusals of the operator's messages beyond the budget.
    pub fn suppress(&mut self, reason: Reason, count: u64) {
        self.push(RefusalsSuppressed { nonce: [2; 8], sender: Sender::Operator, reason, count });
    }

    /// A breach comes to light.
    pub fn breach(&mut self, index: usize, reason: Reason) {
        let (organiser, bet) = (Organiser(self.bets[index].organiser), self.bets[index].id);
        self.push(BreachRaised { cause: None, nonce: Some([3; 8]), organiser, bet, reason });
    }

    /// An event begins.
    pub fn begin(&mut self, event: u32) {
        let cause = self.cause(Sender::Operator);
        self.push(EventChanged {
            cause,
            event: Event(event),
            state: EventState::Started,
            scheduled_before: Instant(0),
            scheduled: Instant(0),
            started_before: None,
            started: Some(self.at),
            thawed: None,
        });
        let cause = self.cause(Sender::Operator);
        self.push(ResultPublished {
            cause,
            market: market(event),
            results: vec![LegResult::Won, LegResult::Lost],
            corrects: None,
            reason: None,
            breaches: Vec::new(),
            thawed: None,
        });
    }

    /// An event is a central one.
    pub fn map(&mut self, event: u32, organiser: u32, central: &str) {
        let cause = self.cause(Sender::Operator);
        let (event, organiser) = (Event(event), Organiser(organiser));
        self.push(EventMapped { cause, event, organiser, central: text(central) });
    }

    /// The results of two events differ.
    pub fn differ(&mut self, event: u32, other: u32) {
        self.push(ResultsDiffer {
            nonce: [4; 8],
            central: text("central"),
            code: text("1x2"),
            market: market(event),
            result: self.last(),
            other: market(other),
            other_result: self.last(),
        });
    }

    /// An organiser has a new name.
    pub fn rename(&mut self, organiser: u32, name: &str) {
        let cause = self.cause(Sender::Operator);
        self.push(OrganiserChanged {
            cause,
            organiser: Organiser(organiser),
            name: Some(text(name)),
            address: None,
            taxable: None,
            from: Day(20_000),
        });
    }

    /// A bettor redeems e-money.
    pub fn redeem(&mut self, bettor: u32, tiyn: i64) {
        let cause = self.cause(Sender::Operator);
        let wallet = self.bettor_wallet(bettor);
        let (balance, previous) = self.moved(wallet, -tiyn);
        let bank_reference = text("out");
        let amount = sum(tiyn);
        self.push(EmoneyRedeemed { cause, wallet, amount, bank_reference, balance, previous });
    }

    fn open_organiser(&mut self, organiser: u32) {
        let cause = self.cause(Sender::Operator);
        self.push(OrganiserRegistered {
            cause,
            organiser: Organiser(organiser),
            kind: OrganiserKind::Bookmaker,
            bin: bin(),
            name: text(&format!("Organiser {organiser}")),
            address: text("Astana"),
            taxable: Vec::new(),
            from: Day(10_000),
        });
        let cause = self.cause(Sender::Operator);
        self.push(LicenceRecorded {
            cause,
            organiser: Organiser(organiser),
            number: text("L-1"),
            issued: Day(10_000),
            expires: Day(30_000),
            suspended: false,
            from: Day(10_000),
        });
        for kind in [DeskKind::Electronic, DeskKind::Land] {
            let cause = self.cause(Sender::Operator);
            self.push(DeskOpened {
                cause,
                desk: DeskNo(2 * organiser + u32::from(kind == DeskKind::Land)),
                organiser: Organiser(organiser),
                kind,
                place: text("a place"),
                from: Day(10_000),
            });
        }
        self.open_wallet(Class::Organiser, organiser);
    }

    fn open_wallet(&mut self, class: Class, owner: u32) {
        let wallet = Wallet(self.wallets.len() as u32);
        let cause = self.cause(Sender::Operator);
        self.push(WalletOpened { cause, wallet, class, owner });
        self.wallets.push((0, None));
        let cause = self.cause(Sender::Operator);
        let (balance, previous) = self.moved(wallet, START_TIYN);
        let (amount, bank_reference) = (sum(START_TIYN), text("in"));
        self.push(EmoneyIssued { cause, wallet, amount, bank_reference, balance, previous });
    }

    fn list(&mut self, events: &[EventPlace]) {
        let mut championships = 0;
        for (number, place) in (0..).zip(events) {
            let own: Text<64> = text(&format!("own {number}"));
            if championships <= place.championship {
                let cause = self.cause(Sender::Operator);
                self.push(ChampionshipListed {
                    cause,
                    championship: Championship(place.championship),
                    organiser: Organiser(place.organiser),
                    own: own.clone(),
                    sport: text(&format!("Sport {}", place.sport)),
                    name: text(&format!("Championship {}", place.championship)),
                });
                championships = place.championship + 1;
            }
            let cause = self.cause(Sender::Operator);
            self.push(EventListed {
                cause,
                event: Event(number),
                championship: Championship(place.championship),
                own: own.clone(),
                name: text(&format!("Event {number}")),
                class: EventClass::Sport,
                scheduled: self.at,
                confirmed: true,
            });
            let cause = self.cause(Sender::Operator);
            let outcome = |name| OutcomeText { own: own.clone(), name: text(name) };
            self.push(MarketListed {
                cause,
                market: market(number),
                event: Event(number),
                own: own.clone(),
                name: text("Winner"),
                in_play: false,
                outcomes: vec![outcome("One"), outcome("Two")],
                thawed: None,
            });
        }
    }

    fn terms(
        &self,
        made_at: Instant,
        organiser: u32,
        bettor: u32,
        events: &[u32],
        tiyn: i64,
        desk: DeskKind,
    ) -> BetTerms {
        let legs = events.iter().map(|event| Leg {
            outcome: first_outcome(*event),
            // Cannot fail: the odds are constant and in range.
            odds: Odds::new(18_500).expect("odds in range"),
            requested: None,
            live: event % 5 == 4,
        });
        BetTerms {
            account: self.account(organiser, bettor),
            desk: DeskNo(2 * organiser + u32::from(desk == DeskKind::Land)),
            made_at,
            amount: sum(tiyn),
            shape: match events.len() {
                1 => Shape::Single,
                2 => Shape::Accumulator,
                _ => Shape::System { sizes: 0b10, bankers: 0 },
            },
            price: PriceRule::Exact,
            legs: Legs(legs.collect()),
        }
    }

    fn accept(
        &mut self,
        cause: Cause,
        hold: Option<BetId>,
        bet: BetTerms,
        organiser: u32,
        bettor: u32,
    ) {
        let (bettor_wallet, organiser_wallet) =
            (self.bettor_wallet(bettor), Wallet(OWN_WALLETS + organiser));
        let commission = bet.amount.get() / 100;
        let (bettor_balance, bettor_previous) =
            self.moved(bettor_wallet, -bet.amount.get() - commission);
        let (organiser_balance, organiser_previous) =
            self.moved(organiser_wallet, bet.amount.get());
        self.push(StakeAccepted {
            cause,
            hold,
            bet,
            commission: sum(commission),
            order: None,
            order_id: None,
            bettor_wallet,
            organiser_wallet,
            bettor_balance,
            organiser_balance,
            bettor_previous,
            organiser_previous,
            account_previous: None,
            thawed: None,
        });
    }

    fn know(
        &mut self,
        organiser: u32,
        bettor: u32,
        id: BetId,
        form: Form,
        events: &[u32],
        tiyn: i64,
    ) -> usize {
        self.bets.push(KnownBet {
            organiser,
            bettor,
            id,
            form,
            tiyn,
            events: events.to_vec(),
            held: false,
            stands: true,
            settled: None,
            refund_tiyn: 0,
            paid_tiyn: 0,
            last: self.last(),
        });
        self.bets.len() - 1
    }

    /// Moves a wallet by the next fact: its balance after it, and the fact before.
    fn moved(&mut self, wallet: Wallet, tiyn: i64) -> (Tiyn, Option<Seq>) {
        let (balance, last) = &mut self.wallets[wallet.index()];
        *balance += tiyn;
        (sum(*balance), last.replace(Seq(self.next)))
    }

    pub(super) fn cause(&mut self, sender: Sender) -> Cause {
        self.ids += 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.ids.to_be_bytes());
        let id = MessageId(terms::id::uuid_v7(self.at.ms(), random));
        Cause { sender, id, digest: Digest([9; 16]) }
    }

    fn last(&self) -> Seq {
        Seq(self.next - 1)
    }

    pub(super) fn push(&mut self, fact: impl Into<Fact>) {
        let (seq, at, fact) = (Seq(self.next), self.at, fact.into());
        self.entries.push(Entry { seq, at, rulebook: 1, fact });
        self.next += 1;
        self.at = self.at.plus(1);
    }
}

fn sum(tiyn: i64) -> Tiyn {
    // Cannot fail: no world lets a sum fall below zero.
    Tiyn::new(tiyn).expect("a sum is not negative")
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    // Cannot fail: every text of a world is short and plain.
    Text::new(text).expect("a plain text")
}

fn bin() -> Bin {
    // Cannot fail: the number is constant and has a check digit.
    Bin::complete(1_014_000_000).or(Bin::complete(1_014_000_001)).expect("a check digit")
}

/// The only market of an event.
pub fn market(event: u32) -> Market {
    // Cannot fail: every event has a first market.
    Market::of(Event(event), 0).expect("a first market")
}

/// The first outcome of the only market of an event.
fn first_outcome(event: u32) -> Outcome {
    // Cannot fail: every market has a first outcome.
    Outcome::of(market(event), 0).expect("a first outcome")
}
