//! Wallets and postings. A dense table; the first four accounts are the operator's own.

use core::fmt;

use terms::codec::{Spill, put_list};
use terms::{Broken, Field, Reader, Reason, Seq, Tiyn, Wallet, choice, record};

use crate::pairs::{Class, Kind, allowed};

choice! {
    /// What an owner may still do with a wallet (state machine E).
    pub enum Block {
        /// Everything.
        Open = 1 "open",
        /// Nothing goes out; money may come in.
        Blocked = 2 "blocked",
        /// Frozen for a list: money may come in and stays (state machine E).
        Frozen = 3 "frozen",
    }
}

/// A posting or hold that the ledger cannot have: an invariant would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// No such account.
    Unknown(Wallet),
    /// The pair may not move this kind (I-05, L4).
    Pair(Kind),
    /// The account would fall below zero (L2) or its holds would.
    Below(Wallet),
    /// A sum does not fit.
    Overflow,
    /// The balance or the previous record that a fact states is not the true one.
    Stated(Wallet),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Unknown(wallet) => write!(f, "wallet {wallet} is unknown"),
            Wrong::Pair(kind) => write!(f, "L4: the pair may not move kind {}", kind.name()),
            Wrong::Below(wallet) => write!(f, "L2: wallet {wallet} would fall below zero"),
            Wrong::Overflow => f.write_str("L3: a sum does not fit"),
            Wrong::Stated(wallet) => {
                write!(f, "L1: the stated balance or back-pointer of wallet {wallet} is wrong")
            }
        }
    }
}

impl core::error::Error for Wrong {}

record! {
    /// One account of the ledger.
    pub struct State {
        /// Its class.
        pub class: Class,
        /// The person or organiser that owns it; 0 for the operator's own.
        pub owner: u32,
        /// Credits less debits, tiyn; only the issuer's obligation is ever negative.
        pub balance: i64,
        /// Set aside by holds, tiyn.
        pub held: Tiyn,
        /// Set aside by an authority's act, tiyn.
        pub seized: Tiyn,
        /// What its owner may do with it.
        pub block: Block,
        /// The last record that moved it.
        pub last: Option<Seq>,
    }
}

impl State {
    /// What its owner may dispose of: balance less holds less the seized part (domain 12).
    pub fn available(&self) -> Tiyn {
        let set_aside = self.held.get().saturating_add(self.seized.get());
        Tiyn::new(self.balance.saturating_sub(set_aside)).unwrap_or(Tiyn::ZERO)
    }

    /// The balance as a sum; zero for the issuer's obligation.
    pub fn sum(&self) -> Tiyn {
        Tiyn::new(self.balance).unwrap_or(Tiyn::ZERO)
    }

    /// Why nothing may go out of it, if so.
    pub fn blocked(&self) -> Option<Reason> {
        match self.block {
            Block::Open => None,
            Block::Blocked => Some(Reason::WalletBlocked),
            Block::Frozen => Some(Reason::WalletFrozen),
        }
    }
}

/// All accounts, and what was issued and redeemed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    accounts: Vec<State>,
    issued: Tiyn,
    redeemed: Tiyn,
}

/// What the issuer owes.
pub const OBLIGATION: Wallet = Wallet(0);
/// The operator's commission.
pub const COMMISSION: Wallet = Wallet(1);
/// The partner bank's clearing account.
pub const CLEARING: Wallet = Wallet(2);
/// The suspense account.
pub const SUSPENSE: Wallet = Wallet(3);

impl Default for Ledger {
    fn default() -> Self {
        Ledger::new()
    }
}

impl Ledger {
    /// A ledger with the operator's own accounts.
    pub fn new() -> Self {
        let own =
            [Class::IssuerObligation, Class::Commission, Class::BankClearing, Class::Suspense];
        let accounts = own.into_iter().map(|class| new_account(class, 0)).collect();
        Ledger { accounts, issued: Tiyn::ZERO, redeemed: Tiyn::ZERO }
    }

    /// The number that the next account gets.
    pub fn next(&self) -> Wallet {
        Wallet(self.accounts.len() as u32)
    }

    /// Opens the next account.
    pub fn open(&mut self, wallet: Wallet, class: Class, owner: u32) -> Result<(), Wrong> {
        if wallet != self.next() {
            return Err(Wrong::Unknown(wallet));
        }
        self.accounts.push(new_account(class, owner));
        Ok(())
    }

    /// One account.
    pub fn get(&self, wallet: Wallet) -> Option<&State> {
        self.accounts.get(wallet.index())
    }

    /// All accounts in order of number.
    pub fn all(&self) -> impl Iterator<Item = (Wallet, &State)> {
        (0..).map(Wallet).zip(&self.accounts)
    }

    /// What was issued so far.
    pub fn issued(&self) -> Tiyn {
        self.issued
    }

    /// What was redeemed so far.
    pub fn redeemed(&self) -> Tiyn {
        self.redeemed
    }

    /// Why `sum` cannot leave the wallet: blocked, or not enough of it available.
    pub fn debit_ground(&self, wallet: Wallet, sum: Tiyn) -> Option<Reason> {
        let Some(state) = self.get(wallet) else { return Some(Reason::WalletUnknown) };
        state.blocked().or((state.available() < sum).then_some(Reason::FundsInsufficient))
    }

    /// Moves a sum. Checks the pair, both balances and nothing else: the decision was made before.
    pub fn post(
        &mut self,
        kind: Kind,
        debit: Wallet,
        credit: Wallet,
        sum: Tiyn,
    ) -> Result<(), Wrong> {
        let from = self.get(debit).ok_or(Wrong::Unknown(debit))?;
        let to = self.get(credit).ok_or(Wrong::Unknown(credit))?;
        if !allowed(kind, from.class, to.class) {
            return Err(Wrong::Pair(kind));
        }
        let left = from.balance.checked_sub(sum.get()).ok_or(Wrong::Overflow)?;
        if left < 0 && from.class != Class::IssuerObligation {
            return Err(Wrong::Below(debit));
        }
        let grown = to.balance.checked_add(sum.get()).ok_or(Wrong::Overflow)?;
        match kind {
            Kind::Issue => self.issued = self.issued.checked_add(sum).ok_or(Wrong::Overflow)?,
            Kind::Redemption => {
                self.redeemed = self.redeemed.checked_add(sum).ok_or(Wrong::Overflow)?;
            }
            Kind::Hold
            | Kind::Stake
            | Kind::StakeRefund
            | Kind::Payout
            | Kind::Commission
            | Kind::Refund
            | Kind::Correction
            | Kind::Exchange => {}
        }
        self.accounts[debit.index()].balance = left;
        self.accounts[credit.index()].balance = grown;
        Ok(())
    }

    /// Sets a sum aside.
    pub fn hold(&mut self, wallet: Wallet, sum: Tiyn) -> Result<(), Wrong> {
        let state = self.accounts.get_mut(wallet.index()).ok_or(Wrong::Unknown(wallet))?;
        let held = state.held.checked_add(sum).ok_or(Wrong::Overflow)?;
        if state.balance < held.get() {
            return Err(Wrong::Below(wallet));
        }
        state.held = held;
        Ok(())
    }

    /// Gives a sum that was set aside back to its owner's disposal.
    pub fn release(&mut self, wallet: Wallet, sum: Tiyn) -> Result<(), Wrong> {
        let state = self.accounts.get_mut(wallet.index()).ok_or(Wrong::Unknown(wallet))?;
        state.held = state.held.checked_sub(sum).ok_or(Wrong::Below(wallet))?;
        Ok(())
    }

    /// Sets what the owner may do.
    pub fn set_block(&mut self, wallet: Wallet, block: Block) -> Result<(), Wrong> {
        self.accounts.get_mut(wallet.index()).ok_or(Wrong::Unknown(wallet))?.block = block;
        Ok(())
    }

    /// Makes a wallet another person's: the two are one and the same (S-37). No money moves.
    pub fn change_owner(&mut self, wallet: Wallet, from: u32, to: u32) -> Result<(), Wrong> {
        let state = self.accounts.get_mut(wallet.index()).ok_or(Wrong::Unknown(wallet))?;
        if state.class != Class::Bettor || state.owner != from {
            return Err(Wrong::Stated(wallet));
        }
        state.owner = to;
        Ok(())
    }

    /// Checks the balance and the back-pointer that a fact states for a wallet that it has moved,
    /// and makes the fact the wallet's last record.
    pub fn seal(
        &mut self,
        wallet: Wallet,
        balance: Tiyn,
        previous: Option<Seq>,
        seq: Seq,
    ) -> Result<(), Wrong> {
        let state = self.accounts.get_mut(wallet.index()).ok_or(Wrong::Unknown(wallet))?;
        if state.balance != balance.get() || state.last != previous {
            return Err(Wrong::Stated(wallet));
        }
        state.last = Some(seq);
        Ok(())
    }

    /// L1 and L3: all balances add up to nothing, and what circulates is what was issued less what
    /// was redeemed. One pass over all accounts.
    pub fn balanced(&self) -> bool {
        let total: i128 = self.accounts.iter().map(|state| i128::from(state.balance)).sum();
        let circulating = i128::from(self.issued.get()) - i128::from(self.redeemed.get());
        let owed = self.accounts.first().map_or(0, |state| -i128::from(state.balance));
        total == 0 && owed == circulating
    }
}

fn new_account(class: Class, owner: u32) -> State {
    State {
        class,
        owner,
        balance: 0,
        held: Tiyn::ZERO,
        seized: Tiyn::ZERO,
        block: Block::Open,
        last: None,
    }
}

impl Ledger {
    /// Appends the canonical bytes.
    pub fn put(&self, out: &mut Vec<u8>, spill: Spill<'_>) {
        self.issued.put(out);
        self.redeemed.put(out);
        put_list(out, spill, self.accounts.len(), self.accounts.iter());
    }

    /// Reads what [`Ledger::put`] wrote.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let issued = Tiyn::read(from)?;
        let redeemed = Tiyn::read(from)?;
        Ok(Ledger { issued, redeemed, accounts: Vec::read(from)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(tiyn: u32) -> Tiyn {
        Tiyn::of(tiyn)
    }

    fn sample() -> (Ledger, Wallet, Wallet, Wallet) {
        let mut ledger = Ledger::new();
        let mut open = |class, owner| {
            let wallet = ledger.next();
            ledger.open(wallet, class, owner).unwrap();
            wallet
        };
        let a = open(Class::Bettor, 1);
        let b = open(Class::Bettor, 2);
        let o = open(Class::Organiser, 1);
        ledger.post(Kind::Issue, OBLIGATION, a, sum(1_000)).unwrap();
        (ledger, a, b, o)
    }

    #[test]
    fn postings_and_what_the_ledger_refuses() {
        // R0-5.6, R0-8.3, R0-2.15
        let (ledger, a, b, o) = sample();
        let cases = [
            (Kind::Stake, a, o, 1_000, Ok(())),
            (Kind::Stake, a, o, 1_001, Err(Wrong::Below(a))),
            (Kind::Stake, a, b, 1, Err(Wrong::Pair(Kind::Stake))),
            (Kind::Payout, a, b, 1, Err(Wrong::Pair(Kind::Payout))),
            (Kind::Payout, o, a, 1, Err(Wrong::Below(o))),
            (Kind::Redemption, a, OBLIGATION, 1_000, Ok(())),
            (Kind::Commission, a, COMMISSION, 5, Ok(())),
            (Kind::Stake, Wallet(99), o, 1, Err(Wrong::Unknown(Wallet(99)))),
        ];
        for (kind, debit, credit, tiyn, want) in cases {
            let mut after = ledger.clone();
            assert_eq!(after.post(kind, debit, credit, sum(tiyn)), want, "{kind:?} {tiyn}");
            assert!(after.balanced());
            assert_eq!(after == ledger, want.is_err());
        }
    }

    #[test]
    fn holds_leave_the_balance_and_take_the_disposal() {
        // S-34
        let (mut ledger, a, _, o) = sample();
        ledger.hold(a, sum(700)).unwrap();
        assert_eq!(ledger.get(a).unwrap().available(), sum(300));
        assert_eq!(ledger.debit_ground(a, sum(301)), Some(Reason::FundsInsufficient));
        assert_eq!(ledger.debit_ground(a, sum(300)), None);
        assert_eq!(ledger.hold(a, sum(301)), Err(Wrong::Below(a)));
        ledger.release(a, sum(700)).unwrap();
        assert_eq!(ledger.release(a, sum(1)), Err(Wrong::Below(a)));
        ledger.post(Kind::Stake, a, o, sum(1_000)).unwrap();
    }

    #[test]
    fn a_blocked_wallet_receives_but_does_not_pay() {
        let (mut ledger, a, _, o) = sample();
        ledger.post(Kind::Stake, a, o, sum(500)).unwrap();
        for (block, ground) in
            [(Block::Blocked, Reason::WalletBlocked), (Block::Frozen, Reason::WalletFrozen)]
        {
            ledger.set_block(a, block).unwrap();
            assert_eq!(ledger.debit_ground(a, sum(1)), Some(ground));
            ledger.post(Kind::Payout, o, a, sum(10)).unwrap();
        }
    }

    #[test]
    fn a_stated_balance_must_be_the_true_one() {
        let (mut ledger, a, _, _) = sample();
        assert_eq!(ledger.seal(a, sum(999), None, Seq(4)), Err(Wrong::Stated(a)));
        assert_eq!(ledger.seal(a, sum(1_000), Some(Seq(1)), Seq(4)), Err(Wrong::Stated(a)));
        ledger.seal(a, sum(1_000), None, Seq(4)).unwrap();
        assert_eq!(ledger.get(a).unwrap().last, Some(Seq(4)));
        let mut bytes = Vec::new();
        ledger.put(&mut bytes, &mut |_| ());
        assert_eq!(Ledger::read(&mut Reader::new(&bytes)), Ok(ledger));
    }
}
