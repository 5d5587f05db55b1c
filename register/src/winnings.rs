//! What a bet returns: exact products of odds, one floor to tiyn at the end of each line (core 8).
//!
//! Golden vectors are in `docs/winnings.md`. A single costs one multiplication; a system of 4,096
//! lines some hundred thousand.

use terms::{Broken, Field, Odds, Reader, Tiyn, Value, choice, codec, limits};

use crate::bet::Leg;
use crate::organiser::OrganiserKind;

choice! {
    /// How a leg ended.
    pub enum LegResult {
        /// Counts with its odds.
        Won = 1 "won",
        /// Ends the line.
        Lost = 2 "lost",
        /// Counts as odds of one.
        Void = 3 "void",
        /// Half won, half returned: counts (1 + odds) / 2.
        HalfWon = 4 "half_won",
        /// Half lost, half returned: counts one half.
        HalfLost = 5 "half_lost",
    }
}

/// How the legs of a bet hang together. Codes 4 and 5 are kept for selection groups and
/// totalizator units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One leg.
    Single,
    /// All legs in one line.
    Accumulator,
    /// All lines of the given sizes.
    System {
        /// Bit k − 1 is set if lines of k legs (beside the bankers) are played.
        sizes: u32,
        /// So many first legs stand in every line.
        bankers: u8,
    },
}

impl Shape {
    /// The kind of organiser that takes such bets: bookmakers set odds, totalizators share a pool
    /// (R0-2.12).
    pub const fn taken_by(self) -> OrganiserKind {
        match self {
            Shape::Single | Shape::Accumulator | Shape::System { .. } => OrganiserKind::Bookmaker,
        }
    }

    /// The permanent name.
    pub const fn name(self) -> &'static str {
        match self {
            Shape::Single => "single",
            Shape::Accumulator => "accumulator",
            Shape::System { .. } => "system",
        }
    }
}

impl Field for Shape {
    fn shape() -> String {
        "Shape".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Shape::Single => out.push(1),
            Shape::Accumulator => out.push(2),
            Shape::System { sizes, bankers } => {
                out.push(3);
                sizes.put(out);
                bankers.put(out);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            1 => Ok(Shape::Single),
            2 => Ok(Shape::Accumulator),
            3 => Ok(Shape::System { sizes: u32::read(from)?, bankers: u8::read(from)? }),
            _ => Err(Broken::Unknown),
        }
    }
    fn value(&self) -> Value {
        match self {
            Shape::Single | Shape::Accumulator => Value::Text(self.name().into()),
            Shape::System { sizes, bankers } => Value::Record(vec![
                ("system", Value::Int(i64::from(*sizes))),
                ("bankers", Value::Int(i64::from(*bankers))),
            ]),
        }
    }
}

/// How the total odds of a line arise (domain 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceRule {
    /// The exact product, one floor to tiyn at the end.
    Exact,
    /// The product, cut to ten-thousandths after each leg; one floor to tiyn at the end.
    StepFloor,
    /// A total that both sides agreed on, in ten-thousandths. A leg that is not fully won replaces
    /// its own odds in that total exactly; one floor to tiyn at the end. One line only.
    Given(u64),
}

impl PriceRule {
    /// The permanent name.
    pub const fn name(self) -> &'static str {
        match self {
            PriceRule::Exact => "exact",
            PriceRule::StepFloor => "step_floor",
            PriceRule::Given(_) => "given",
        }
    }
}

impl Field for PriceRule {
    fn shape() -> String {
        "PriceRule".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            PriceRule::Exact => out.push(1),
            PriceRule::StepFloor => out.push(2),
            PriceRule::Given(total) => {
                out.push(3);
                codec::put_leb(out, *total);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            1 => Ok(PriceRule::Exact),
            2 => Ok(PriceRule::StepFloor),
            3 => Ok(PriceRule::Given(from.leb()?)),
            _ => Err(Broken::Unknown),
        }
    }
    fn value(&self) -> Value {
        match self {
            PriceRule::Given(total) => total.value(),
            PriceRule::Exact | PriceRule::StepFloor => Value::Text(self.name().into()),
        }
    }
}

/// What comes back of a bet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Return {
    /// Everything that comes back: winnings and refund.
    pub gross: Tiyn,
    /// The part of `gross` that returns the stake of lines that won.
    pub of_which_stake: Tiyn,
    /// The part of `gross` that is the return of stake that did not stand; never a winning.
    pub refund: Tiyn,
}

/// How many lines a bet has; `None` if the shape and the number of legs do not go together.
pub fn lines(shape: Shape, legs: usize) -> Option<u32> {
    if legs == 0 || limits::LEGS_MAX < legs {
        return None;
    }
    match shape {
        Shape::Single => (legs == 1).then_some(1),
        Shape::Accumulator => (2 <= legs).then_some(1),
        Shape::System { sizes, bankers } => {
            let free = legs.checked_sub(usize::from(bankers)).filter(|free| 1 < *free)?;
            if sizes == 0 || sizes >> free != 0 {
                return None;
            }
            let mut total: u64 = 0;
            for size in 1..=free {
                if sizes >> (size - 1) & 1 == 1 {
                    total += choose(free as u64, size as u64);
                }
            }
            let total = u32::try_from(total).ok()?;
            (total <= limits::LINES_MAX).then_some(total)
        }
    }
}

fn choose(n: u64, k: u64) -> u64 {
    // Exact: after step i the product is C(n, i). Fits: n ≤ 20.
    (1..=k).fold(1, |product, i| product * (n - k + i) / i)
}

/// The stake of each line: the sum divided by the lines, which must go up evenly.
pub fn unit(shape: Shape, legs: usize, amount: Tiyn) -> Option<Tiyn> {
    let lines = i64::from(lines(shape, legs)?);
    (amount.get() % lines == 0).then(|| Tiyn::new(amount.get() / lines)).flatten()
}

/// What comes back if every leg wins: checked when the bet is placed.
pub fn possible(shape: Shape, price: PriceRule, amount: Tiyn, legs: &[Leg]) -> Option<Tiyn> {
    let won = [LegResult::Won; limits::LEGS_MAX];
    returns(shape, price, amount, legs, won.get(..legs.len())?).map(|all| all.gross)
}

/// What comes back of a bet under these results, leg by leg. `None` if shape, sum and legs do not
/// go together or the sum does not fit.
pub fn returns(
    shape: Shape,
    price: PriceRule,
    amount: Tiyn,
    legs: &[Leg],
    results: &[LegResult],
) -> Option<Return> {
    if legs.len() != results.len() {
        return None;
    }
    let unit = unit(shape, legs.len(), amount)?;
    let pairs = |index: usize| (legs[index].odds, results[index]);
    match shape {
        Shape::Single | Shape::Accumulator => {
            line(price, unit, (0..legs.len()).map(pairs)).map(|back| back.to_return(unit))?
        }
        Shape::System { sizes, bankers } => {
            if matches!(price, PriceRule::Given(_)) {
                return None;
            }
            let bankers = usize::from(bankers);
            let mut total = Return::default();
            let free = (legs.len() - bankers) as u32;
            for mask in
                (1..=free).filter(|size| sizes >> (size - 1) & 1 == 1).flat_map(choices(free))
            {
                let members = (0..legs.len())
                    .filter(|index| *index < bankers || mask >> (index - bankers) & 1 == 1);
                let back = line(price, unit, members.map(pairs))?.to_return(unit)?;
                total.gross = total.gross.checked_add(back.gross)?;
                total.of_which_stake = total.of_which_stake.checked_add(back.of_which_stake)?;
                total.refund = total.refund.checked_add(back.refund)?;
            }
            Some(total)
        }
    }
}

/// All choices of so many legs out of `free`, each as a mask, and no others: a system of few lines
/// over many legs costs no more than its lines.
fn choices(free: u32) -> impl Fn(u32) -> Choices {
    move |size| Choices { next: (1 << size) - 1, end: 1 << free }
}

struct Choices {
    next: u32,
    end: u32,
}

impl Iterator for Choices {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let mask = self.next;
        if self.end <= mask {
            return None;
        }
        // The next larger number with as many bits (Gosper): the lowest run of ones moves its top
        // bit up by one and the rest down to the bottom.
        let lowest = mask & mask.wrapping_neg();
        let moved = mask + lowest;
        self.next = ((mask ^ moved) / lowest) >> 2 | moved;
        Some(mask)
    }
}

/// What one line returns, and how much of it is no winning.
struct Line {
    back: Tiyn,
    refund: Refund,
}

/// How much of a line's return is the return of stake that did not stand.
enum Refund {
    /// No leg won: whatever comes back is refund.
    All,
    /// A half-won single: half the stake.
    HalfStake,
    /// Some leg won.
    None,
}

impl Line {
    fn to_return(&self, unit: Tiyn) -> Option<Return> {
        let refund = match self.refund {
            Refund::All => self.back,
            Refund::HalfStake => Tiyn::new(unit.get() / 2)?,
            Refund::None => Tiyn::ZERO,
        };
        let won = self.back.checked_sub(refund)?;
        let standing = unit.checked_sub(refund)?;
        Some(Return { gross: self.back, of_which_stake: won.min(standing), refund })
    }
}

fn line(
    price: PriceRule,
    unit: Tiyn,
    legs: impl Iterator<Item = (Odds, LegResult)>,
) -> Option<Line> {
    let mut number = Wide::of(unit);
    let mut below = Divisors::default();
    let mut step: u128 = u128::from(Odds::SCALE);
    let (mut won, mut half_won, mut void, mut count, mut lost) = (0, 0, 0, 0, false);
    for (odds, result) in legs {
        count += 1;
        lost |= result == LegResult::Lost;
        won += u32::from(result == LegResult::Won);
        half_won += u32::from(result == LegResult::HalfWon);
        void += u32::from(result == LegResult::Void);
        let (up, down) = factor(odds, result);
        match price {
            PriceRule::Exact => {
                number.times(up)?;
                below.push(down);
            }
            PriceRule::StepFloor => {
                step = step.checked_mul(u128::from(up))? / u128::from(down);
            }
            PriceRule::Given(_) => {
                // up/down is the leg's factor; its odds leave the total, the factor enters.
                number.times(up)?;
                number.times(u64::from(Odds::SCALE))?;
                below.push(down);
                below.push(u64::from(odds.get()));
            }
        }
    }
    if lost {
        return Some(Line { back: Tiyn::ZERO, refund: Refund::None });
    }
    if void == count {
        // The stake goes back whole, whatever total was agreed on.
        return Some(Line { back: unit, refund: Refund::All });
    }
    match price {
        PriceRule::Exact => {}
        PriceRule::StepFloor => {
            number.times(u64::try_from(step).ok()?)?;
            below.push(u64::from(Odds::SCALE));
        }
        PriceRule::Given(total) => {
            number.times(total)?;
            below.push(u64::from(Odds::SCALE));
        }
    }
    let refund = match (won, half_won, count) {
        (0, 0, _) => Refund::All,
        (0, 1, 1) => Refund::HalfStake,
        _ => Refund::None,
    };
    Some(Line { back: number.floor(&below)?, refund })
}

/// A leg's factor as an exact fraction.
fn factor(odds: Odds, result: LegResult) -> (u64, u64) {
    let (odds, scale) = (u64::from(odds.get()), u64::from(Odds::SCALE));
    match result {
        LegResult::Won => (odds, scale),
        LegResult::Lost => (0, 1),
        LegResult::Void => (1, 1),
        LegResult::HalfWon => (odds + scale, 2 * scale),
        LegResult::HalfLost => (1, 2),
    }
}

/// The divisors of a line: at most three a leg and one more.
#[derive(Default)]
struct Divisors {
    items: smallvec::SmallVec<[u64; 4]>,
}

impl Divisors {
    fn push(&mut self, divisor: u64) {
        if divisor != 1 {
            self.items.push(divisor);
        }
    }
}

/// An unsigned number of up to 2,048 bits: twenty legs with their totals stay far below.
/// Twenty lines of its own rather than a library: two operations, no allocation, no sign.
struct Wide {
    limbs: [u64; Wide::LIMBS],
    used: usize,
}

impl Wide {
    const LIMBS: usize = 32;

    fn of(sum: Tiyn) -> Wide {
        let mut limbs = [0; Wide::LIMBS];
        limbs[0] = sum.get() as u64;
        Wide { limbs, used: 1 }
    }

    fn times(&mut self, factor: u64) -> Option<()> {
        if factor == 1 {
            return Some(());
        }
        let mut carry: u128 = 0;
        for limb in &mut self.limbs[..self.used] {
            let product = u128::from(*limb) * u128::from(factor) + carry;
            *limb = product as u64;
            carry = product >> 64;
        }
        if carry != 0 {
            *self.limbs.get_mut(self.used)? = carry as u64;
            self.used += 1;
        }
        Some(())
    }

    /// The quotient by all divisors, rounded down. Dividing one after the other gives the same as
    /// dividing by their product.
    fn floor(mut self, divisors: &Divisors) -> Option<Tiyn> {
        for divisor in &divisors.items {
            let mut rest: u128 = 0;
            for limb in self.limbs[..self.used].iter_mut().rev() {
                let part = rest << 64 | u128::from(*limb);
                *limb = (part / u128::from(*divisor)) as u64;
                rest = part % u128::from(*divisor);
            }
            while 1 < self.used && self.limbs[self.used - 1] == 0 {
                self.used -= 1;
            }
        }
        if self.used != 1 {
            return None;
        }
        i64::try_from(self.limbs[0]).ok().and_then(Tiyn::new)
    }
}

#[cfg(test)]
#[path = "winnings_tests.rs"]
mod tests;
