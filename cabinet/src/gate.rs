//! How often one address may send forms: a count for each minute, bounded in number.

use std::collections::HashMap;
use std::net::IpAddr;

use parking_lot::Mutex;
use terms::Instant;

use crate::limits::{ADDRESSES_MAX, FORMS_A_MINUTE, WINDOW_NS};

/// The counts.
#[derive(Default)]
pub struct Gate(Mutex<HashMap<IpAddr, (Instant, u32)>>);

impl Gate {
    /// Counts a form of an address; false if there were too many within a minute. A connection
    /// without an address, as in tests, is not counted.
    pub fn passes(&self, address: Option<IpAddr>, now: Instant) -> bool {
        let Some(address) = address.map(network) else { return true };
        let mut counts = self.0.lock();
        if ADDRESSES_MAX <= counts.len() {
            counts.retain(|_, (from, _)| now.0 < from.0.saturating_add(WINDOW_NS));
        }
        if ADDRESSES_MAX <= counts.len() {
            return false;
        }
        let (from, count) = counts.entry(address).or_insert((now, 0));
        if from.0.saturating_add(WINDOW_NS) <= now.0 {
            (*from, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= FORMS_A_MINUTE
    }
}

/// What one subscriber has: an address of version 4, the upper half of one of version 6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_forms_is_held_for_the_minute() {
        let gate = Gate::default();
        let at = |seconds: i64| Instant(seconds * Instant::SECOND);
        let (one, other): (IpAddr, IpAddr) =
            ("2001:db8::1".parse().unwrap(), "2001:db8::ffff".parse().unwrap());
        for _ in 0..FORMS_A_MINUTE {
            assert!(gate.passes(Some(one), at(0)));
        }
        // Addresses of one subscriber count together; others do not suffer, nor the next minute.
        assert!(!gate.passes(Some(other), at(59)));
        assert!(gate.passes(Some("198.51.100.1".parse().unwrap()), at(59)));
        assert!(gate.passes(None, at(59)) && gate.passes(Some(one), at(60)));
        let mapped = "::ffff:198.51.100.1".parse().unwrap();
        assert_eq!(network(mapped), network("198.51.100.1".parse().unwrap()));
    }
}
