//! Durations of one kind of step, kept as a histogram: memory is constant, and a percentile is
//! right to three digits.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Longer steps are counted as this long. A step of a minute is a failure whatever its length.
const NANOSECONDS_MAX: u64 = 60_000_000_000;

/// How long the steps took.
#[derive(Clone, Debug)]
pub struct Latency {
    nanoseconds: Histogram<u64>,
}

impl Latency {
    /// No steps yet.
    pub fn new() -> Latency {
        // Cannot fail: the bounds are in order and three digits are within what is supported.
        let nanoseconds = Histogram::new_with_bounds(1, NANOSECONDS_MAX, 3)
            .expect("constant bounds of the histogram are valid");
        Latency { nanoseconds }
    }

    /// Adds one step.
    pub fn record(&mut self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(NANOSECONDS_MAX);
        self.nanoseconds.saturating_record(nanoseconds.clamp(1, NANOSECONDS_MAX));
    }

    /// Adds the steps that another thread or another part of the run counted.
    pub fn absorb(&mut self, other: &Latency) {
        self.nanoseconds += &other.nanoseconds;
    }

    /// The number of steps.
    #[cfg(test)]
    pub fn count(&self) -> u64 {
        self.nanoseconds.len()
    }

    /// The time, in milliseconds, within which this share of the steps ended; 0 without steps.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        self.nanoseconds.value_at_quantile(share) as f64 / 1e6
    }

    /// The longest step in milliseconds; 0 without steps.
    pub fn max_ms(&self) -> f64 {
        self.nanoseconds.max() as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_three_digits() {
        let mut low = Latency::new();
        let mut high = Latency::new();
        for ms in 1..=50 {
            low.record(Duration::from_millis(ms));
            high.record(Duration::from_millis(50 + ms));
        }
        low.absorb(&high);
        assert_eq!(low.count(), 100);
        for (share, expected) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            let found = low.quantile_ms(share);
            assert!((found - expected).abs() < expected / 500.0, "{share}: {found}");
        }
    }

    #[test]
    fn extremes_are_kept_within_bounds() {
        let mut latency = Latency::new();
        assert!(latency.quantile_ms(0.99).abs() < 1e-9);
        latency.record(Duration::ZERO);
        latency.record(Duration::from_secs(3_600));
        assert_eq!(latency.count(), 2);
        assert!((latency.max_ms() - 60_000.0).abs() < 60.0);
    }
}
