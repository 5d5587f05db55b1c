//! Settlement, payout, waiting for funds, claims (domain 13 to 18).

use journal::fact::{BetSettled, ClaimSettled, Fact, PayoutPosted, PayoutReported, Posting};
use register::bet::LegResults;
use register::catalogue::MarketState;
use register::organiser::DeskKind;
use register::winnings::{self, LegResult, Return};
use register::{Basis, Bet, BetOutcome, BetState, Form};
use smallvec::SmallVec;
use terms::{Account, BetId, Organiser, Reason, Seq, Tiyn, Wallet, limits};

use super::{Case, Need, Stop};
use crate::command::{ReportPayout, SettleBet, SettleClaim};
use crate::grounds::{Every, Grounds, Lowest};

/// A payout can be made now, or this is why it waits.
type Payable = Result<(), Reason>;

/// A bet, and itself once more if it comes from outside the hot state.
pub(super) struct Found<'a> {
    pub(super) bet: &'a Bet,
    thawed: Option<Box<Bet>>,
}

/// A payout that is due now.
struct Due<'a> {
    organiser: Organiser,
    bet: BetId,
    account: Account,
    bet_previous: Seq,
    organiser_wallet: Wallet,
    sum: Tiyn,
    refund: Tiyn,
    facts_before: &'a [Fact],
}

impl Case<'_> {
    /// A request of an e-money stake is refused on what speaks against it; a land desk's settlement
    /// has happened, so it is stored with every rule that it breaks (domain 1).
    pub(super) fn settle_bet(
        &self,
        command: &SettleBet,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let organiser = self.organiser()?;
        let found = self.find_bet(organiser, command.bet)?;
        let bet = found.bet;
        self.settlement_form(bet, command)?;
        self.need_events(bet.legs.0.iter().map(|leg| leg.outcome))?;
        let (results, voids) = self.results(bet, command);
        let reckoned = reckon(bet, &results)?;
        let back = self.back(&reckoned, command)?;
        let mut breaches = Every::default();
        if bet.form == Form::EMoney {
            let mut grounds = Lowest::new(self.rules);
            settlement_grounds(command, &reckoned, voids, &mut grounds);
            grounds.verdict()?;
        } else {
            settlement_grounds(command, &reckoned, voids, &mut breaches);
        }
        let tax = self.tax(back)?;
        let net_due = back.gross.checked_sub(tax).ok_or(Reason::SumInvalid)?;
        let before = bet.settlement.as_deref();
        let kept = before.map_or(Tiyn::ZERO, |state| state.paid.or_zero_sub(state.repaid));
        let outstanding = net_due.or_zero_sub(kept);
        let pays = self.pays(organiser, bet, outstanding);
        self.sums_fit(organiser, before.map_or(Tiyn::ZERO, |state| state.paid), outstanding)?;
        // From here it must succeed.
        let settled = BetSettled {
            cause: self.cause.clone(),
            bet: bet.id,
            account: bet.account,
            bet_previous: bet.last,
            basis: command.basis,
            corrects: before.filter(|_| command.basis == Basis::Correction).map(|state| state.seq),
            results,
            gross_computed: reckoned.least.gross,
            gross: back.gross,
            of_which_stake: back.of_which_stake,
            refund: back.refund,
            tax,
            net_due,
            outcome: BetOutcome::of(&back),
            reason: command.reason.clone(),
            computed_at: command.computed_at,
            waits: pays.and_then(Result::err),
            breaches: breaches.0,
            account_previous: self.account_previous(bet.account),
            thawed: found.thawed.clone(),
        };
        facts.push(settled.into());
        if let (Some(Ok(())), Some(organiser_wallet)) = (pays, self.organiser_wallet(organiser)) {
            let refunded = before.map_or(Tiyn::ZERO, |state| state.refund_paid);
            let due = Due {
                organiser,
                bet: bet.id,
                account: bet.account,
                bet_previous: self.seq(0),
                organiser_wallet,
                sum: outstanding,
                refund: back.refund.or_zero_sub(refunded).min(outstanding),
                facts_before: facts,
            };
            let payout = self.payout(&due);
            facts.push(payout.into());
        }
        Ok(())
    }

    /// What makes a settlement unusable, of a land desk too. A second one that does not say that it
    /// corrects the first would leave two that hold (B1, S-30), so it is no settlement; nor is a
    /// correction of nothing, or one that contradicts itself.
    fn settlement_form(&self, bet: &Bet, command: &SettleBet) -> Result<(), Reason> {
        let correction = command.basis == Basis::Correction;
        match bet.state {
            BetState::Held => return Err(Reason::BetUnknown),
            BetState::Open if correction => return Err(Reason::SettlementWithoutBasis),
            BetState::Settled if !correction => return Err(Reason::BetSettled),
            BetState::Open | BetState::Settled => {}
        }
        if self.moment.at.plus(self.rules.terms.id_ahead_ns) < command.computed_at {
            return Err(Reason::DateInvalid);
        }
        let names_legs = command.legs != 0;
        let fits = match command.basis {
            Basis::Result | Basis::EventVoid | Basis::MarketVoid => !names_legs,
            Basis::LegVoid | Basis::EarlyPayout => names_legs,
            Basis::OrganiserError | Basis::Correction => true,
            // Its own sums come with the shapes of bets that can be bought back.
            Basis::CashOut => false,
        };
        if fits && command.legs >> bet.legs.0.len() == 0 {
            Ok(())
        } else {
            Err(Reason::SettlementWithoutBasis)
        }
    }

    /// What is paid and what waits is added up; both sums must fit.
    fn sums_fit(&self, organiser: Organiser, paid: Tiyn, more: Tiyn) -> Result<(), Reason> {
        let row = self.state.organisers.get(organiser).ok_or(Reason::SenderUnknown)?;
        let fits = paid.checked_add(more).is_some() && row.waiting_sum.checked_add(more).is_some();
        if fits { Ok(()) } else { Err(Reason::SumInvalid) }
    }

    /// Whether a payout follows at once, or why it waits; nothing if it is none of БЕЖ's doing. A
    /// block stops every debit (R2-2.15, R4-6.3d, R4-6.3e), payouts too: the winning stays due.
    fn pays(&self, organiser: Organiser, bet: &Bet, outstanding: Tiyn) -> Option<Payable> {
        if bet.form != Form::EMoney || outstanding.is_zero() {
            return None;
        }
        let row = self.state.organisers.get(organiser)?;
        let wallet = row.wallet.and_then(|wallet| self.state.ledger.get(wallet))?;
        // Oldest first: nobody overtakes a payout that waits (S-35).
        let oldest = row.waiting.front().and_then(|slot| self.state.bets.get(*slot));
        let behind = oldest.is_some_and(|oldest| oldest.id != bet.id);
        let short = behind || wallet.available() < outstanding;
        let reason = wallet.blocked().or(short.then_some(Reason::FundsInsufficient));
        Some(reason.map_or(Ok(()), Err))
    }

    fn organiser_wallet(&self, organiser: Organiser) -> Option<Wallet> {
        self.state.organisers.get(organiser)?.wallet
    }

    /// Whether a settlement is of a known bet whose stake was no e-money: a report.
    pub(super) fn of_land_desk(&self, command: &SettleBet) -> bool {
        let Ok(organiser) = self.organiser() else { return false };
        let found = self.find_bet(organiser, command.bet);
        found.is_ok_and(|found| found.bet.form != Form::EMoney)
    }

    /// The bet, from the hot state or as gathered; an organiser sees its own bets only.
    pub(super) fn find_bet(&self, organiser: Organiser, id: BetId) -> Result<Found<'_>, Stop> {
        if let Some(bet) = self.state.bet(organiser, id) {
            return Ok(Found { bet, thawed: None });
        }
        // A bet whose id is later than that of any bet that left was never here.
        if self.state.left_ms < id.made_ms() {
            return Err(Reason::BetUnknown.into());
        }
        match &self.gathered.bet {
            None => Err(Stop::Gather(Need::Bet(organiser, id))),
            Some(Some(bet)) if (bet.organiser, bet.id) == (organiser, id) => {
                Ok(Found { bet, thawed: Some(bet.clone()) })
            }
            Some(_) => Err(Reason::BetUnknown.into()),
        }
    }

    /// The result that counts for each leg under the basis, and which voids there are.
    fn results(&self, bet: &Bet, command: &SettleBet) -> (LegResults, Voids) {
        let mut voids = Voids::default();
        let mut results = LegResults::default();
        for (index, leg) in bet.legs.0.iter().enumerate() {
            let named = command.legs >> index & 1 == 1;
            let placed = self.place(leg.outcome);
            let event_void = placed.is_some_and(|placed| placed.event.state.voids());
            let market_void = placed.is_some_and(|p| p.market.state == MarketState::Void);
            // A market that does not stand has no result, whatever was published.
            let result = placed.filter(|_| !market_void).and_then(|p| p.result);
            let counts = match command.basis {
                Basis::Result => result,
                Basis::EventVoid if event_void || market_void => Some(LegResult::Void),
                Basis::MarketVoid if market_void => Some(LegResult::Void),
                Basis::MarketVoid if event_void && result.is_none() => Some(LegResult::Void),
                Basis::LegVoid if named => Some(LegResult::Void),
                Basis::EarlyPayout if named => Some(LegResult::Won),
                Basis::OrganiserError => Some(LegResult::Void),
                Basis::Correction if named || event_void || market_void => Some(LegResult::Void),
                Basis::EventVoid
                | Basis::MarketVoid
                | Basis::LegVoid
                | Basis::EarlyPayout
                | Basis::Correction => result,
                Basis::CashOut => None,
            };
            voids.event |= event_void;
            voids.market |= market_void;
            results.0.push(counts);
        }
        (results, voids)
    }

    /// What comes back: what the organiser states, or else our reckoning. Where that depends on a
    /// result that is not known, a settlement without a sum says nothing. A sum beyond the
    /// rulebook's bound is a slip, whoever states it.
    fn back(&self, reckoned: &Reckoned, command: &SettleBet) -> Result<Return, Reason> {
        let Reckoned { least, most } = *reckoned;
        let gross = match command.stated {
            Some(gross) => gross,
            None if least == most => return Ok(least),
            None => return Err(Reason::SettlementWithoutBasis),
        };
        if most.gross < gross && self.rules.odds.return_max < gross {
            return Err(Reason::ReturnTooLarge);
        }
        let refund = most.refund.min(gross);
        let of_which_stake = most.of_which_stake.min(gross.or_zero_sub(refund));
        Ok(Return { gross, of_which_stake, refund })
    }

    /// Tax on the winning part: what comes back beyond stake and refund, half up (S-16).
    fn tax(&self, back: Return) -> Result<Tiyn, Reason> {
        let winning = back.gross.or_zero_sub(back.refund).or_zero_sub(back.of_which_stake);
        winning.share_half_up(self.rules.terms.tax_millionths).ok_or(Reason::SumInvalid)
    }

    /// Pays waiting bets of an organiser, oldest first, as far as its wallet reaches and the bound
    /// on facts allows; a `Tick` takes up the rest. Nothing goes out of a blocked wallet.
    pub(super) fn pay_waiting(&self, organiser: Organiser, facts: &mut Vec<Fact>) {
        let wallet = self.organiser_wallet(organiser);
        let blocked = wallet.and_then(|wallet| self.state.ledger.get(wallet)?.blocked());
        if blocked.is_none() {
            self.pay_waiting_freed(organiser, facts);
        }
    }

    /// The same where the facts so far have lifted the block of the wallet.
    pub(super) fn pay_waiting_freed(&self, organiser: Organiser, facts: &mut Vec<Fact>) {
        let Some(row) = self.state.organisers.get(organiser) else { return };
        let Some(wallet) = row.wallet else { return };
        let held = self
            .state
            .ledger
            .get(wallet)
            .map_or(Tiyn::ZERO, |w| w.sum().or_zero_sub(w.available()));
        for slot in &row.waiting {
            let Some(bet) = self.state.bets.get(*slot) else { return };
            let Some(state) = bet.settlement.as_deref() else { return };
            let (balance, _) = self.wallet_now(facts, wallet);
            let sum = state.outstanding();
            if balance.or_zero_sub(held) < sum || limits::FACTS_PER_COMMAND_MAX <= facts.len() {
                return;
            }
            let due = Due {
                organiser,
                bet: bet.id,
                account: bet.account,
                bet_previous: bet.last,
                organiser_wallet: wallet,
                sum,
                refund: state.refund_in(sum),
                facts_before: facts,
            };
            let payout = self.payout(&due);
            facts.push(payout.into());
        }
    }

    fn payout(&self, due: &Due<'_>) -> PayoutPosted {
        let account = self.state.people.account(due.account);
        // Cannot be absent: the account was known when the stake was accepted.
        let bettor_wallet = account.map_or(ledger::wallet::SUSPENSE, |account| account.wallet);
        let (organiser_balance, organiser_previous) =
            self.wallet_now(due.facts_before, due.organiser_wallet);
        let (bettor_balance, bettor_previous) = self.wallet_now(due.facts_before, bettor_wallet);
        PayoutPosted {
            nonce: self.nonce(due.facts_before.len()),
            organiser: due.organiser,
            bet: due.bet,
            account: due.account,
            winning: due.sum.or_zero_sub(due.refund),
            refund: due.refund,
            organiser_wallet: due.organiser_wallet,
            bettor_wallet,
            organiser_balance: organiser_balance.or_zero_sub(due.sum),
            bettor_balance: bettor_balance.checked_add(due.sum).unwrap_or(Tiyn::MAX),
            bet_previous: due.bet_previous,
            organiser_previous,
            bettor_previous,
            account_previous: self.account_now(due.facts_before, due.account),
        }
    }

    /// Balance and last record of a wallet after the facts of this decision so far.
    fn wallet_now(&self, facts: &[Fact], wallet: Wallet) -> (Tiyn, Option<Seq>) {
        for (index, fact) in facts.iter().enumerate().rev() {
            let moved = match fact {
                Fact::StakeAccepted(fact) => [
                    (fact.bettor_wallet, fact.bettor_balance),
                    (fact.organiser_wallet, fact.organiser_balance),
                ],
                Fact::PayoutPosted(fact) => [
                    (fact.bettor_wallet, fact.bettor_balance),
                    (fact.organiser_wallet, fact.organiser_balance),
                ],
                Fact::EmoneyIssued(fact) => [(fact.wallet, fact.balance); 2],
                _ => continue,
            };
            if let Some((_, balance)) = moved.into_iter().find(|(moved, _)| *moved == wallet) {
                return (balance, Some(self.seq(index)));
            }
        }
        let row = self.state.ledger.get(wallet);
        row.map_or((Tiyn::ZERO, None), |row| (row.sum(), row.last))
    }

    /// Last record of an account after the facts of this decision so far.
    fn account_now(&self, facts: &[Fact], account: Account) -> Option<Seq> {
        for (index, fact) in facts.iter().enumerate().rev() {
            let of = match fact {
                Fact::StakeAccepted(fact) => fact.bet.account,
                Fact::BetSettled(fact) => fact.account,
                Fact::PayoutPosted(fact) => fact.account,
                _ => continue,
            };
            if of == account {
                return Some(self.seq(index));
            }
        }
        self.account_previous(account)
    }

    pub(super) fn report_payout(
        &self,
        command: &ReportPayout,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let organiser = self.organiser()?;
        if command.amount.is_zero() {
            return Err(Reason::SumInvalid.into());
        }
        if self.moment.at.plus(self.rules.terms.id_ahead_ns) < command.paid_at {
            return Err(Reason::DateInvalid.into());
        }
        let desk = self.state.organisers.desk(organiser, command.desk);
        let desk = desk.ok_or(Reason::DeskUnknown)?;
        let found = self.find_bet(organiser, command.bet)?;
        let bet = found.bet;
        if bet.form == Form::EMoney {
            return Err(Reason::PayoutIsAutomatic.into());
        }
        let settlement = bet.settlement.as_deref();
        let outstanding = settlement.map_or(Tiyn::ZERO, |state| state.outstanding());
        let paid = settlement.map_or(Tiyn::ZERO, |state| state.paid);
        // More than is due and than can be due of any bet is a slip, as a stated sum is one.
        let slip = outstanding.max(self.rules.odds.return_max) < command.amount;
        if slip || paid.checked_add(command.amount).is_none() {
            return Err(Reason::SumInvalid.into());
        }
        let mut breaches = Every::default();
        if bet.state != BetState::Settled {
            breaches.note(Reason::BetNotSettled);
        }
        if (desk.kind, command.form) == (DeskKind::Electronic, Form::Cash) {
            breaches.note(Reason::FormNotAllowed);
        }
        if outstanding < command.amount {
            breaches.note(Reason::PayoutAboveWinning);
        }
        let posting = match command.form {
            Form::EMoney => {
                // Here БЕЖ moves the money itself: a request, which may be refused (domain 17).
                if let Some(reason) = breaches.0.first() {
                    return Err((*reason).into());
                }
                Some(Box::new(self.desk_posting(organiser, bet, command.amount)?))
            }
            Form::Cash | Form::NonCash => None,
        };
        // From here it must succeed.
        facts.push(
            PayoutReported {
                cause: self.cause.clone(),
                bet: bet.id,
                account: bet.account,
                bet_previous: bet.last,
                amount: command.amount,
                refund: settlement.map_or(Tiyn::ZERO, |state| state.refund_in(command.amount)),
                form: command.form,
                desk: command.desk,
                paid_at: command.paid_at,
                posting,
                late: self.rules.terms.report_late_ns < self.moment.at.since(command.paid_at),
                breaches: breaches.0,
                account_previous: self.account_previous(bet.account),
                thawed: found.thawed,
            }
            .into(),
        );
        Ok(())
    }

    fn desk_posting(&self, organiser: Organiser, bet: &Bet, sum: Tiyn) -> Result<Posting, Reason> {
        let ledger = &self.state.ledger;
        let account = self.state.people.account(bet.account).ok_or(Reason::AccountUnknown)?;
        let organiser_wallet = self.organiser_wallet(organiser).ok_or(Reason::WalletUnknown)?;
        let from = ledger.get(organiser_wallet).ok_or(Reason::WalletUnknown)?;
        let to = ledger.get(account.wallet).ok_or(Reason::WalletUnknown)?;
        if let Some(reason) = ledger.debit_ground(organiser_wallet, sum) {
            return Err(reason);
        }
        // Oldest first: nobody overtakes a payout that waits (S-35).
        if self.state.organisers.get(organiser).is_some_and(|row| !row.waiting.is_empty()) {
            return Err(Reason::FundsInsufficient);
        }
        Ok(Posting {
            organiser_wallet,
            bettor_wallet: account.wallet,
            organiser_balance: from.sum().or_zero_sub(sum),
            bettor_balance: to.sum().checked_add(sum).ok_or(Reason::SumInvalid)?,
            organiser_previous: from.last,
            bettor_previous: to.last,
        })
    }

    pub(super) fn settle_claim(
        &self,
        command: &SettleClaim,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let organiser = self.organiser()?;
        let found = self.find_bet(organiser, command.bet)?;
        let bet = found.bet;
        let claim = bet.settlement.as_ref().map_or(Tiyn::ZERO, |state| state.claim());
        if bet.state != BetState::Settled || claim.is_zero() || claim < command.amount {
            return Err(Reason::ClaimUnknown.into());
        }
        if command.amount.is_zero() {
            return Err(Reason::SumInvalid.into());
        }
        // From here it must succeed.
        facts.push(
            ClaimSettled {
                cause: self.cause.clone(),
                bet: bet.id,
                account: bet.account,
                bet_previous: bet.last,
                amount: command.amount,
                account_previous: self.account_previous(bet.account),
                thawed: found.thawed,
            }
            .into(),
        );
        Ok(())
    }
}

/// Whether an event or a market of a bet does not stand.
#[derive(Clone, Copy, Default)]
struct Voids {
    event: bool,
    market: bool,
}

/// What comes back by legs, odds and results. Both are the same but where it depends on a leg
/// without a result: a line that has lost a leg returns nothing whatever the others do.
#[derive(Clone, Copy)]
struct Reckoned {
    /// If every leg without a result is lost.
    least: Return,
    /// If every leg without a result is won.
    most: Return,
}

fn reckon(bet: &Bet, results: &LegResults) -> Result<Reckoned, Reason> {
    let with = |open: LegResult| {
        let all: SmallVec<[LegResult; 4]> =
            results.0.iter().map(|result| result.unwrap_or(open)).collect();
        winnings::returns(bet.shape, bet.price, bet.amount, &bet.legs.0, &all)
    };
    let least = with(LegResult::Lost).ok_or(Reason::ReturnTooLarge)?;
    let most = if results.0.iter().all(Option::is_some) {
        least
    } else {
        with(LegResult::Won).ok_or(Reason::ReturnTooLarge)?
    };
    Ok(Reckoned { least, most })
}

/// The rules of a settlement: it rests on its basis (domain 13), and a sum above our reckoning has
/// a reason (domain 15). A lower sum stands and shows as a difference.
fn settlement_grounds(
    command: &SettleBet,
    reckoned: &Reckoned,
    voids: Voids,
    grounds: &mut impl Grounds,
) {
    let stands = match command.basis {
        Basis::Result | Basis::EarlyPayout => true,
        Basis::EventVoid => voids.event,
        Basis::MarketVoid => voids.market,
        Basis::LegVoid | Basis::OrganiserError | Basis::Correction => command.reason.is_some(),
        Basis::CashOut => false,
    };
    if !stands || reckoned.least != reckoned.most {
        grounds.note(Reason::SettlementWithoutBasis);
    }
    let above = command.stated.is_some_and(|gross| reckoned.most.gross < gross);
    if above && command.reason.is_none() {
        grounds.note(Reason::WinningDiffers);
    }
}
