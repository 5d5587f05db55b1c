//! The transfers that both baselines make, the same for the same seed: a random bettor pays one of
//! ten organisers, all of them hot.

/// Every bettor begins with this.
pub const BALANCE: i64 = 1_000_000_000;

/// The accounts that take part in every transfer.
pub const ORGANISERS: u64 = 10;

/// Ids carry the time; this many are made in one millisecond.
const IDS_PER_MS: u64 = 100;

/// The first id is made at this instant, in milliseconds since 1970. A constant, so that a seed
/// means the same ids at any time.
const BEGAN_MS: i64 = 1_767_225_600_000;

/// One movement of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Time-ordered and unique.
    pub id: [u8; 16],
    /// The bettor's account, from 0 on.
    pub debit: u64,
    /// The organiser's account, after those of the bettors.
    pub credit: u64,
    /// From 1 to 1,000.
    pub amount: i64,
    /// In milliseconds since 1970.
    pub at_ms: i64,
}

/// An endless row of transfers.
#[derive(Debug)]
pub struct Transfers {
    numbers: Numbers,
    accounts: u64,
    made: u64,
}

impl Transfers {
    /// Transfers between `accounts` bettors and the organisers.
    pub fn new(seed: u64, accounts: u64) -> Transfers {
        Transfers { numbers: Numbers(seed), accounts, made: 0 }
    }
}

impl Iterator for Transfers {
    type Item = Transfer;

    fn next(&mut self) -> Option<Transfer> {
        let at_ms = BEGAN_MS + (self.made / IDS_PER_MS) as i64;
        self.made += 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.numbers.next().to_le_bytes());
        random[8..].copy_from_slice(&self.numbers.next().to_le_bytes()[..2]);
        Some(Transfer {
            id: terms::id::uuid_v7(at_ms, random),
            debit: self.numbers.below(self.accounts),
            credit: self.accounts + self.numbers.below(ORGANISERS),
            amount: 1 + self.numbers.below(1_000) as i64,
            at_ms,
        })
    }
}

/// SplitMix64: two multiplications a number, so that the workload costs next to nothing beside
/// what it measures.
#[derive(Clone, Debug)]
pub struct Numbers(pub u64);

impl Numbers {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit that is far below 2⁶⁴, so that no value is favoured measurably.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_valid_transfers() {
        let made = |seed| Transfers::new(seed, 50).take(1_000).collect::<Vec<_>>();
        let transfers = made(7);
        assert_eq!(transfers, made(7));
        assert_ne!(transfers, made(8));
        for transfer in &transfers {
            assert!(transfer.debit < 50);
            assert!(50 <= transfer.credit && transfer.credit < 50 + ORGANISERS);
            assert!(1 <= transfer.amount && transfer.amount <= 1_000);
        }
        let mut ids: Vec<_> = transfers.iter().map(|transfer| transfer.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), transfers.len());
        assert!(transfers[0].id[..6] < transfers[999].id[..6]);
    }
}
