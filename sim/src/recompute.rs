//! Winnings computed a second time, from the journal and by other means: fractions of arbitrary
//! size from a library, lines of systems by recursion, results followed by this module itself.
//!
//! It shares no arithmetic with the register and takes no result from a settlement but where the
//! organiser alone can know it (which legs it calls void or deems won). It checks B1 (at most one
//! effective settlement, payouts equal to what is due and open claims) and B2 (winnings follow
//! recorded odds and rounding). Memory: every bet of the journal; for tests and audits, where that
//! is no harm.

use std::collections::{HashMap, HashSet};

use desk::life;
use journal::fact::{BetSettled, BetTerms, Entry, Fact, ResultPublished};
use num_bigint::BigUint;
use register::catalogue::{EventState, MarketState};
use register::{Basis, Form, LegResult, PriceRule, Shape};
use store::{Fault, JournalReader};
use terms::{BetId, Market, Organiser, Outcome, Reason, Seq};

/// Differences that are told in full.
const TOLD_MAX: usize = 20;

/// Numerator and denominator; never reduced, which costs little for a few legs.
#[derive(Clone)]
struct Fraction(BigUint, BigUint);

impl Fraction {
    fn new(up: u64, down: u64) -> Fraction {
        Fraction(BigUint::from(up), BigUint::from(down))
    }

    fn times(self, other: &Fraction) -> Fraction {
        Fraction(self.0 * &other.0, self.1 * &other.1)
    }

    fn over(self, other: &Fraction) -> Fraction {
        Fraction(self.0 * &other.1, self.1 * &other.0)
    }

    fn floor(self) -> BigUint {
        self.0 / self.1
    }
}

/// One leg as recorded: odds in ten-thousandths, and how it ended.
pub type LegLine = (u32, LegResult);

/// What comes back of a bet and how much of that is refund, tiyn. `None` if the shape does not fit
/// the legs.
pub fn returns(
    shape: Shape,
    price: PriceRule,
    stake: u64,
    legs: &[LegLine],
) -> Option<(BigUint, BigUint)> {
    let lines = lines(shape, legs)?;
    let unit = stake.checked_div(lines.len() as u64)?;
    if unit * lines.len() as u64 != stake {
        return None;
    }
    let mut total = (BigUint::ZERO, BigUint::ZERO);
    for line in lines {
        let (back, refund) = line_returns(price, unit, &line);
        total.0 += back;
        total.1 += refund;
    }
    Some(total)
}

/// The legs of each line: bankers with every choice of the others, size by size.
fn lines(shape: Shape, legs: &[LegLine]) -> Option<Vec<Vec<LegLine>>> {
    match shape {
        Shape::Single | Shape::Accumulator => Some(vec![legs.to_vec()]),
        Shape::System { sizes, bankers } => {
            let (bankers, others) = legs.split_at_checked(usize::from(bankers))?;
            let mut all = Vec::new();
            for size in 1..=others.len() {
                if sizes & (1 << (size - 1)) != 0 {
                    choose(others, size, &mut bankers.to_vec(), &mut all);
                }
            }
            Some(all)
        }
    }
}

fn choose(from: &[LegLine], count: usize, line: &mut Vec<LegLine>, all: &mut Vec<Vec<LegLine>>) {
    if count == 0 {
        all.push(line.clone());
        return;
    }
    for (index, leg) in from.iter().enumerate() {
        line.push(*leg);
        choose(&from[index + 1..], count - 1, line, all);
        line.pop();
    }
}

fn line_returns(price: PriceRule, unit: u64, line: &[LegLine]) -> (BigUint, BigUint) {
    if line.iter().any(|(_, result)| *result == LegResult::Lost) {
        return (BigUint::ZERO, BigUint::ZERO);
    }
    if line.iter().all(|(_, result)| *result == LegResult::Void) {
        // The stake goes back whole, whatever total was agreed on.
        return (BigUint::from(unit), BigUint::from(unit));
    }
    let stake = Fraction::new(unit, 1);
    let back = match price {
        PriceRule::Exact => line.iter().fold(stake, |back, leg| back.times(&factor(*leg))).floor(),
        PriceRule::StepFloor => {
            let scale = BigUint::from(10_000u32);
            let step = |total: BigUint, leg: &LegLine| {
                Fraction(total, BigUint::from(1u32)).times(&factor(*leg)).floor()
            };
            let total = line.iter().fold(scale.clone(), step);
            stake.times(&Fraction(total, scale)).floor()
        }
        PriceRule::Given(total) => {
            let replaced = |back: Fraction, leg: &LegLine| {
                back.times(&factor(*leg)).over(&Fraction::new(u64::from(leg.0), 10_000))
            };
            let agreed = stake.times(&Fraction::new(total, 10_000));
            line.iter().fold(agreed, replaced).floor()
        }
    };
    let count = |what: LegResult| line.iter().filter(|(_, result)| *result == what).count();
    let refund = match (count(LegResult::Won), count(LegResult::HalfWon), line.len()) {
        (0, 0, _) => back.clone(),
        (0, 1, 1) => BigUint::from(unit / 2),
        _ => BigUint::ZERO,
    };
    (back, refund)
}

fn factor((odds, result): LegLine) -> Fraction {
    let odds = u64::from(odds);
    match result {
        LegResult::Won => Fraction::new(odds, 10_000),
        LegResult::Lost => Fraction::new(0, 1),
        LegResult::Void => Fraction::new(1, 1),
        LegResult::HalfWon => Fraction::new(odds + 10_000, 20_000),
        LegResult::HalfLost => Fraction::new(1, 2),
    }
}

/// What the recomputation found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Bets.
    pub bets: u64,
    /// Settlements, corrections among them.
    pub settlements: u64,
    /// Settlements by correction.
    pub corrections: u64,
    /// Settlements whose stated sum differs from the recomputed one, lower or with a reason.
    pub stated_otherwise: u64,
    /// Bets without a settlement at the end.
    pub open: u64,
    /// E-money bets whose winning is not paid at the end.
    pub unpaid: u64,
    /// Open claims of organisers at the end, tiyn.
    pub claims: u64,
    /// Everything that contradicts the rules: the first ones in words.
    pub wrong: Vec<String>,
    /// How many contradictions there are.
    pub wrong_count: u64,
}

impl Found {
    fn wrong(&mut self, seq: Seq, what: impl std::fmt::Display) {
        self.wrong_count += 1;
        if self.wrong.len() < TOLD_MAX {
            self.wrong.push(format!("entry {seq}: {what}"));
        }
    }
}

struct Bet {
    form: Form,
    stake: u64,
    shape: Shape,
    price: PriceRule,
    legs: Vec<(Outcome, u32)>,
    settlement: Option<(Seq, u64)>,
    paid: u64,
    repaid: u64,
}

#[derive(Default)]
struct Catalogue {
    /// How outcomes ended.
    outcomes: HashMap<Outcome, LegResult>,
    /// Void markets.
    markets: HashSet<Market>,
    /// By event: void.
    events: Vec<bool>,
}

/// Reads a journal from the beginning and computes everything again.
pub fn check(reader: &mut dyn JournalReader) -> Result<Found, Fault> {
    let mut work = Work::default();
    let mut after = 0;
    loop {
        let frames = reader.frames(after, 64)?;
        let Some(last) = frames.last() else { return Ok(work.finish()) };
        after = last.number;
        for frame in &frames {
            for fact in frame.facts() {
                match fact.map(|(seq, bytes)| (seq, Entry::from_bytes(bytes))) {
                    Ok((_, Ok(entry))) => work.add(&entry),
                    Ok((seq, Err(why))) => work.found.wrong(Seq(seq), format!("{why:?}")),
                    Err(error) => work.found.wrong(Seq(frame.first_seq), error),
                }
            }
        }
    }
}

#[derive(Default)]
struct Work {
    catalogue: Catalogue,
    bets: HashMap<(Organiser, BetId), Bet>,
    found: Found,
}

impl Work {
    fn add(&mut self, entry: &Entry) {
        let seq = entry.seq;
        match &entry.fact {
            Fact::EventListed(_) => self.catalogue.events.push(false),
            Fact::EventChanged(fact) => {
                let void = matches!(
                    fact.state,
                    EventState::Abandoned | EventState::Cancelled | EventState::Walkover
                );
                self.catalogue.events[fact.event.index()] = void;
            }
            Fact::MarketChanged(fact) if fact.state == MarketState::Void => {
                self.catalogue.markets.insert(fact.market);
            }
            Fact::ResultPublished(fact) => self.result(fact),
            Fact::StakeAccepted(fact) => {
                let key = life::organiser_of(fact.cause.sender).map(|o| (o, fact.bet_id()));
                self.open(seq, key, Form::EMoney, &fact.bet);
            }
            Fact::StakeReported(fact) => {
                let id = BetId::from(fact.cause.id);
                let key = life::organiser_of(fact.cause.sender).map(|o| (o, id));
                self.open(seq, key, fact.form, &fact.bet);
            }
            Fact::BetSettled(fact) => self.settled(seq, fact),
            Fact::PayoutPosted(fact) => {
                let sum = fact.winning.get() + fact.refund.get();
                self.paid(seq, Some(fact.organiser), fact.bet, sum as u64);
            }
            Fact::PayoutReported(fact) => {
                let organiser = life::organiser_of(fact.cause.sender);
                self.paid(seq, organiser, fact.bet, fact.amount.get() as u64);
            }
            Fact::ClaimSettled(fact) => {
                let key = life::organiser_of(fact.cause.sender).map(|o| (o, fact.bet));
                match key.and_then(|key| self.bets.get_mut(&key)) {
                    Some(bet) => bet.repaid += fact.amount.get() as u64,
                    None => self.found.wrong(seq, "a claim on an unknown bet"),
                }
            }
            _ => {}
        }
    }

    fn result(&mut self, fact: &ResultPublished) {
        for (index, result) in fact.results.iter().enumerate() {
            if let Some(outcome) = Outcome::of(fact.market, index) {
                self.catalogue.outcomes.insert(outcome, *result);
            }
        }
    }

    fn open(&mut self, seq: Seq, key: Option<(Organiser, BetId)>, form: Form, bet: &BetTerms) {
        let legs = bet.legs.0.iter().map(|leg| (leg.outcome, leg.odds.get())).collect();
        let row = Bet {
            form,
            stake: bet.amount.get() as u64,
            shape: bet.shape,
            price: bet.price,
            legs,
            settlement: None,
            paid: 0,
            repaid: 0,
        };
        self.found.bets += 1;
        match key.map(|key| self.bets.insert(key, row)) {
            Some(None) => {}
            Some(Some(_)) => self.found.wrong(seq, "B1: the bet was there before"),
            None => self.found.wrong(seq, "no organiser"),
        }
    }

    fn paid(&mut self, seq: Seq, organiser: Option<Organiser>, bet: BetId, sum: u64) {
        match organiser.and_then(|organiser| self.bets.get_mut(&(organiser, bet))) {
            Some(bet) => bet.paid += sum,
            None => self.found.wrong(seq, "a payout on an unknown bet"),
        }
    }

    fn settled(&mut self, seq: Seq, fact: &BetSettled) {
        let found = &mut self.found;
        found.settlements += 1;
        found.corrections += u64::from(fact.corrects.is_some());
        let key = life::organiser_of(fact.cause.sender).map(|o| (o, fact.bet));
        let Some(bet) = key.and_then(|key| self.bets.get_mut(&key)) else {
            return found.wrong(seq, "a settlement of an unknown bet");
        };
        if fact.corrects != bet.settlement.map(|(seq, _)| seq) {
            found.wrong(seq, "B1: it does not replace the effective settlement");
        }
        match recomputed(&self.catalogue, bet, fact) {
            Err(what) => found.wrong(seq, format!("bet {}: {what}", fact.bet)),
            Ok(Reckoned { gross, most, refund }) => {
                let stated = BigUint::from(fact.gross.get() as u64);
                if BigUint::from(fact.gross_computed.get() as u64) != gross {
                    let said = fact.gross_computed;
                    found.wrong(seq, format!("B2: {said} tiyn come back, recomputed {gross}"));
                }
                if stated != gross {
                    found.stated_otherwise += 1;
                    let confessed = fact.breaches.contains(&Reason::WinningDiffers);
                    if (most < stated && fact.reason.is_none()) != confessed {
                        found.wrong(seq, "above our reckoning without a reason, or not at all");
                    }
                } else if BigUint::from(fact.refund.get() as u64) != refund {
                    found.wrong(seq, format!("B2: refund {}, recomputed {refund}", fact.refund));
                }
            }
        }
        if fact.net_due.get() + fact.tax.get() != fact.gross.get() {
            found.wrong(seq, "what is due is not gross less tax");
        }
        bet.settlement = Some((seq, fact.net_due.get() as u64));
    }

    fn finish(mut self) -> Found {
        for ((_, id), bet) in &self.bets {
            let Some((seq, due)) = bet.settlement else {
                self.found.open += 1;
                continue;
            };
            let Some(kept) = bet.paid.checked_sub(bet.repaid) else {
                self.found.wrong(seq, format!("bet {id}: more was given back than paid"));
                continue;
            };
            self.found.claims += kept.saturating_sub(due);
            self.found.unpaid += u64::from(bet.form == Form::EMoney && kept < due);
        }
        self.found.wrong.sort_unstable();
        self.found
    }
}

/// What comes back, and where it depends on legs without a result, the most that can.
struct Reckoned {
    gross: BigUint,
    most: BigUint,
    refund: BigUint,
}

/// What comes back by the results that this module knows; where the organiser alone can know how
/// a leg counts, by what the settlement says of it, if its basis allows it.
fn recomputed(catalogue: &Catalogue, bet: &Bet, fact: &BetSettled) -> Result<Reckoned, String> {
    if fact.results.0.len() != bet.legs.len() {
        return Err("its results are not one for each leg".to_owned());
    }
    let mut known = Vec::with_capacity(bet.legs.len());
    for (index, (outcome, _)) in bet.legs.iter().enumerate() {
        let market_void = catalogue.markets.contains(&outcome.market());
        let event_void = catalogue.events[outcome.event().index()];
        // What does not stand has no result, whatever was published.
        let result = catalogue.outcomes.get(outcome).copied().filter(|_| !market_void);
        let own = match fact.basis {
            Basis::EventVoid if event_void || market_void => Some(LegResult::Void),
            Basis::MarketVoid if market_void => Some(LegResult::Void),
            Basis::MarketVoid if event_void && result.is_none() => Some(LegResult::Void),
            Basis::OrganiserError => Some(LegResult::Void),
            Basis::Correction if event_void || market_void => Some(LegResult::Void),
            _ => result,
        };
        let said = fact.results.0[index];
        let chosen = matches!(
            (said, fact.basis),
            (Some(LegResult::Void), Basis::LegVoid | Basis::Correction)
                | (Some(LegResult::Won), Basis::EarlyPayout)
        );
        if own != said && !chosen {
            let basis = fact.basis;
            return Err(format!("leg {index} counts as {said:?}, known {own:?}, {basis:?}"));
        }
        known.push(said);
    }
    let with = |open: LegResult| {
        let legs: Vec<LegLine> = bet
            .legs
            .iter()
            .zip(&known)
            .map(|((_, odds), result)| (*odds, result.unwrap_or(open)))
            .collect();
        returns(bet.shape, bet.price, bet.stake, &legs)
    };
    let least = with(LegResult::Lost).ok_or("the shape does not fit the legs")?;
    let most = with(LegResult::Won).ok_or("the shape does not fit the legs")?;
    let open = least != most;
    if open && !fact.breaches.contains(&Reason::SettlementWithoutBasis) {
        return Err("settled before its results".to_owned());
    }
    Ok(Reckoned { gross: least.0, most: most.0, refund: most.1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use LegResult::{HalfLost, HalfWon, Lost, Void, Won};

    type Case<'a> = (Shape, PriceRule, u64, &'a [LegLine], u32, u32);

    #[test]
    fn returns_by_hand() {
        let system = |sizes, bankers| Shape::System { sizes, bankers };
        let exact = PriceRule::Exact;
        let cases: [Case<'_>; 9] = [
            (Shape::Single, exact, 1_000, &[(18_500, Won)], 1_850, 0),
            (Shape::Single, exact, 1_000, &[(18_500, HalfWon)], 1_425, 500),
            (Shape::Single, exact, 1_001, &[(18_500, HalfLost)], 500, 500),
            (Shape::Accumulator, exact, 1_000, &[(18_500, Won), (20_000, Void)], 1_850, 0),
            (Shape::Accumulator, exact, 1_000, &[(18_500, Won), (20_000, Lost)], 0, 0),
            // 1.11 × 1.11 = 1.2321, cut to 1.2321; × 1.11 = 1.367631, cut to 1.3676.
            (Shape::Accumulator, PriceRule::StepFloor, 10_000, &[(11_100, Won); 3], 13_676, 0),
            (Shape::Accumulator, PriceRule::Given(30_000), 100, &[(15_000, Won); 2], 300, 0),
            // Two of three: 2 × 3, and two lines that are lost.
            (system(0b10, 0), exact, 300, &[(20_000, Won), (30_000, Won), (40_000, Lost)], 600, 0),
            (system(0b1, 1), exact, 200, &[(20_000, Won), (30_000, Won), (40_000, Void)], 800, 0),
        ];
        for (shape, price, stake, legs, gross, refund) in cases {
            let want = Some((BigUint::from(gross), BigUint::from(refund)));
            assert_eq!(returns(shape, price, stake, legs), want, "{shape:?} {legs:?}");
        }
        assert_eq!(returns(system(0b10, 0), exact, 301, &[(20_000, Won); 3]), None);
    }
}
