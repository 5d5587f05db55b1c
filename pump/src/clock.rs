//! The clock, and the guard that stops intake when it cannot be trusted (core 6).
//!
//! The wall clock is compared with the monotonic one: their difference may drift by a thousandth
//! of the time that passes, which is twice what a time daemon slews, and everything beyond adds
//! up. From five seconds on, or when the wall clock is five seconds behind the journal, no instant
//! is given until the clock agrees again or an operator confirms it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use terms::Instant;

use crate::limits::CLOCK_JUMP_NS;

/// A clock.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn wall(&self) -> Instant;

    /// Nanoseconds since some moment; never goes back.
    fn monotonic_ns(&self) -> i64;
}

/// Where instants come from.
#[derive(Clone)]
pub enum Time {
    /// From a clock; the pump ticks by itself.
    Clock(Arc<dyn Clock>),
    /// Each command brings its own, and ticks are sent like commands: no clock is looked at
    /// (core 5).
    Brought,
}

impl std::fmt::Debug for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Time::Clock(_) => "Time::Clock(..)",
            Time::Brought => "Time::Brought",
        })
    }
}

/// The clock of the machine.
#[derive(Debug)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// The clock.
    #[expect(clippy::new_without_default, reason = "a clock is never made without meaning it")]
    pub fn new() -> SystemClock {
        SystemClock { start: std::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Instant {
        // A clock before 1970 or after 2262 is wrong, and the guard stops it as far behind.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_nanos()).unwrap_or(0))
    }

    fn monotonic_ns(&self) -> i64 {
        i64::try_from(self.start.elapsed().as_nanos()).unwrap_or(i64::MAX)
    }
}

/// Watches the clock.
pub(crate) struct Guard {
    clock: Arc<dyn Clock>,
    /// Wall minus monotonic, as far as it is believed.
    offset: i64,
    seen_ns: i64,
    /// An operator has confirmed that the clock is right although the journal is ahead of it.
    confirmed_behind: bool,
}

impl Guard {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Guard {
        let (wall, seen_ns) = (clock.wall(), clock.monotonic_ns());
        Guard { clock, offset: wall.0.saturating_sub(seen_ns), seen_ns, confirmed_behind: false }
    }

    /// The monotonic clock.
    pub(crate) fn now_ns(&self) -> i64 {
        self.clock.monotonic_ns()
    }

    /// The time of day, if it can be trusted beside a journal that ends at `head`.
    pub(crate) fn check(&mut self, head: Instant) -> Option<Instant> {
        let (wall, now_ns) = (self.clock.wall(), self.clock.monotonic_ns());
        let jump = wall.0.saturating_sub(now_ns).saturating_sub(self.offset);
        if CLOCK_JUMP_NS < jump || jump < -CLOCK_JUMP_NS {
            return None;
        }
        if wall.plus(CLOCK_JUMP_NS) < head {
            if !self.confirmed_behind {
                return None;
            }
        } else {
            self.confirmed_behind = false;
        }
        let slew = now_ns.saturating_sub(self.seen_ns).max(0) / 1_000;
        self.offset = self.offset.saturating_add(jump.clamp(-slew, slew));
        self.seen_ns = now_ns;
        Some(wall)
    }

    /// An operator confirms that the clock is right as it stands.
    pub(crate) fn confirm(&mut self) {
        let (wall, now_ns) = (self.clock.wall(), self.clock.monotonic_ns());
        self.offset = wall.0.saturating_sub(now_ns);
        self.seen_ns = now_ns;
        self.confirmed_behind = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;

    struct Hands(Mutex<(i64, i64)>);

    impl Clock for Hands {
        fn wall(&self) -> Instant {
            Instant(self.0.lock().0)
        }
        fn monotonic_ns(&self) -> i64 {
            self.0.lock().1
        }
    }

    const S: i64 = Instant::SECOND;

    /// Steps of (wall, monotonic) seconds, and whether the clock is trusted after each.
    fn check(head: i64, steps: &[(i64, i64, bool)]) {
        let hands = Arc::new(Hands(Mutex::new((1_000 * S, 0))));
        let mut guard = Guard::new(hands.clone());
        for (wall, monotonic, good) in steps {
            let mut hand = hands.0.lock();
            hand.0 += wall * S;
            hand.1 += monotonic * S;
            drop(hand);
            assert_eq!(guard.check(Instant(head * S)).is_some(), *good, "{wall} {monotonic}");
        }
    }

    #[test]
    fn jumps_stop_intake_until_the_clock_agrees() {
        check(0, &[(0, 0, true), (10, 10, true), (4, 0, true), (-4, 0, true)]);
        check(0, &[(7, 0, false), (0, 1, false), (-5, 0, true)]);
        check(0, &[(-6, 0, false), (7, 1, true)]);
        // Small steps add up.
        check(0, &[(4, 0, true), (3, 1, false)]);
        // A daemon may slew by a thousandth for as long as it likes.
        check(0, &[(10_001, 10_000, true), (10_004, 10_000, true), (10_004, 10_000, true)]);
    }

    #[test]
    fn a_clock_behind_the_journal_stops_intake() {
        check(1_004, &[(0, 0, true)]);
        check(1_006, &[(0, 0, false), (1, 1, true)]);
    }

    #[test]
    fn an_operator_may_confirm() {
        let hands = Arc::new(Hands(Mutex::new((1_000 * S, 0))));
        let mut guard = Guard::new(hands.clone());
        hands.0.lock().0 = 100 * S;
        let head = Instant(1_000 * S);
        assert_eq!(guard.check(head), None);
        guard.confirm();
        assert_eq!(guard.check(head), Some(Instant(100 * S)));
        // Once the clock has caught up, the confirmation is spent.
        hands.0.lock().0 = 1_000 * S;
        hands.0.lock().1 = 900 * S;
        assert!(guard.check(head).is_some());
        assert_eq!(guard.check(Instant(1_100 * S)), None);
    }
}
