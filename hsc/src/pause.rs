//! Pauses between attempts: exponential, with full jitter, so that many clients that were cut at
//! once do not come back at once.

use std::time::Duration;

use crate::connect::Patience;

/// The pause after so many failed attempts, by a number drawn from all of `u64`: between nothing
/// and the least pause doubled each time, but no less than the centre asks for.
pub(crate) fn pause(
    patience: &Patience,
    failed: u32,
    drawn: u64,
    retry_after: Option<Duration>,
) -> Duration {
    let doubled = patience.pause_least.saturating_mul(1 << failed.saturating_sub(1).min(20));
    let longest = doubled.min(patience.pause_most);
    let share = (u128::from(drawn) * longest.as_nanos()) >> 64;
    let jitter = Duration::from_nanos(u64::try_from(share).unwrap_or(u64::MAX));
    // After `Retry-After` the jitter comes on top, or all would come at that very moment.
    retry_after.map_or(jitter, |least| least + jitter)
}

/// A number drawn from all of `u64`.
pub(crate) fn draw() -> u64 {
    // Without random numbers everybody pauses for the same time, which still works.
    getrandom::u64().unwrap_or(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_heed_retry_after() {
        let patience = Patience::standard();
        let ms = |failed, drawn, after: Option<u64>| {
            pause(&patience, failed, drawn, after.map(Duration::from_secs)).as_millis()
        };
        assert_eq!(ms(1, 0, None), 0);
        assert_eq!(ms(1, u64::MAX, None), 49);
        assert_eq!(ms(2, u64::MAX, None), 99);
        assert_eq!(ms(3, u64::MAX / 2, None), 99);
        assert_eq!(ms(9, u64::MAX, None), 1_999);
        assert_eq!(ms(u32::MAX, u64::MAX, None), 1_999);
        assert_eq!(ms(1, 0, Some(5)), 5_000);
        assert_eq!(ms(1, u64::MAX, Some(5)), 5_049);
    }
}
