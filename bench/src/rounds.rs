//! Rounds of contenders in turn, A B A B, so that a slow minute of the machine hits all alike, and
//! the medians over the rounds.

use anyhow::Result;

use crate::contender::Contender;
use crate::measure::{Figure, Measured, Plan};
use crate::place::Place;

/// What one contender did, one measurement a round.
#[derive(Clone, Debug)]
pub struct Series {
    /// Who it was.
    pub contender: Contender,
    /// At least one.
    pub rounds: Vec<Measured>,
}

/// Measures all contenders in turn, as often as there are rounds. What is going on is told on the
/// standard error.
pub fn interleave(
    plan: &Plan,
    place: &Place,
    rounds: usize,
    contenders: &[Contender],
) -> Result<Vec<Series>> {
    let series = |contender: &Contender| Series { contender: *contender, rounds: Vec::new() };
    let mut all: Vec<Series> = contenders.iter().map(series).collect();
    for round in 1..=rounds {
        for one in &mut all {
            let name = one.contender.name();
            let measured = one.contender.measure_apart(plan, &place.dir)?;
            eprintln!(
                "{} round {round} of {rounds}: {name} {:.0}/s",
                place.dir.display(),
                measured.get(Figure::PerSecond),
            );
            one.rounds.push(measured);
        }
    }
    Ok(all)
}

impl Series {
    /// The median of a figure over the rounds.
    pub fn median(&self, figure: Figure) -> f64 {
        median(self.rounds.iter().map(|round| round.get(figure)))
    }

    /// The least and the most of a figure over the rounds.
    pub fn range(&self, figure: Figure) -> (f64, f64) {
        let figures = self.rounds.iter().map(|round| round.get(figure));
        figures.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| {
            (low.min(one), high.max(one))
        })
    }

    /// How many times as fast as another: the median over the rounds of the ratio within a round.
    pub fn ratio(&self, other: &Series) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(pairs.map(|(a, b)| a.get(Figure::PerSecond) / b.get(Figure::PerSecond)))
    }
}

/// The middle one, or the mean of the two in the middle; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match (values.get(values.len().wrapping_sub(1) / 2), values.get(values.len() / 2)) {
        (Some(low), Some(high)) => f64::midpoint(*low, *high),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(per_second: &[f64]) -> Series {
        let measured = |value: &f64| Measured(std::array::from_fn(|_| *value));
        Series { contender: Contender::Rows, rounds: per_second.iter().map(measured).collect() }
    }

    #[test]
    fn medians_do_not_mind_one_bad_round() {
        let check = |values: &[f64], expected: f64| {
            let found = series(values).median(Figure::PerSecond);
            assert!((found - expected).abs() < 1e-9, "{values:?}: {found}");
        };
        check(&[], 0.0);
        check(&[3.0], 3.0);
        check(&[3.0, 1.0], 2.0);
        check(&[900.0, 1.0, 2.0], 2.0);
        assert_eq!(series(&[5.0, 1.0, 9.0]).range(Figure::P99Ms), (1.0, 9.0));
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let ratio = series(&[50.0, 10.0, 100.0]).ratio(&series(&[10.0, 1.0, 20.0]));
        assert!((ratio - 5.0).abs() < 1e-9, "{ratio}");
    }
}
