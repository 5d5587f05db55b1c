//! Wallets as plain sums.

use std::collections::BTreeMap;

use journal::fact::{WalletBlockChanged, WalletOpened};
use journal::kinds::{Block, Class};
use terms::{Seq, Tiyn, Wallet};

use super::{Counts, Invariant, Wrong};

#[derive(Debug)]
struct Book {
    class: Class,
    owner: u32,
    balance: i128,
    held: i128,
    last: Option<Seq>,
    open: bool,
}

/// Every wallet, and what was issued and redeemed.
#[derive(Debug)]
pub(super) struct Books {
    wallets: Vec<Book>,
    issued: i128,
    redeemed: i128,
    /// What all wallets but the issuer's hold together.
    sum: i128,
}

/// What a fact states of a wallet that it has moved.
#[derive(Clone, Copy)]
pub(super) struct Stated {
    pub(super) wallet: Wallet,
    pub(super) balance: Tiyn,
    pub(super) previous: Option<Seq>,
}

const OBLIGATION: Wallet = Wallet(0);
const COMMISSION: Wallet = Wallet(1);

impl Books {
    pub(super) fn new() -> Books {
        let book = |class| Book { class, owner: 0, balance: 0, held: 0, last: None, open: true };
        let own =
            [Class::IssuerObligation, Class::Commission, Class::BankClearing, Class::Suspense];
        Books { wallets: own.map(book).into(), issued: 0, redeemed: 0, sum: 0 }
    }

    pub(super) fn circulating(&self) -> i128 {
        self.issued - self.redeemed
    }

    pub(super) fn open(&mut self, fact: &WalletOpened, counts: &mut Counts) -> Result<(), Wrong> {
        let due = self.wallets.len();
        counts.check(Invariant::J1, fact.wallet.index() == due, || {
            format!("wallet number {} where {due} is due", fact.wallet)
        })?;
        let (class, owner) = (fact.class, fact.owner);
        self.wallets.push(Book { class, owner, balance: 0, held: 0, last: None, open: true });
        Ok(())
    }

    pub(super) fn block(
        &mut self,
        fact: &WalletBlockChanged,
        _counts: &mut Counts,
    ) -> Result<(), Wrong> {
        self.book(fact.wallet)?.open = fact.block == Block::Open;
        Ok(())
    }

    fn book(&mut self, wallet: Wallet) -> Result<&mut Book, Wrong> {
        let unknown = || Wrong::new(Invariant::J3, format!("wallet number {wallet} is unknown"));
        self.wallets.get_mut(wallet.index()).ok_or_else(unknown)
    }

    /// Makes a bettor's wallet another's; whether it was the first one's.
    pub(super) fn change_owner(&mut self, wallet: Wallet, from: u32, to: u32) -> bool {
        match self.wallets.get_mut(wallet.index()) {
            Some(book) if book.class == Class::Bettor && book.owner == from => {
                book.owner = to;
                true
            }
            _ => false,
        }
    }

    /// Class, owner and whether its owner may dispose of it.
    pub(super) fn about(&self, wallet: Wallet) -> Option<(Class, u32, bool)> {
        self.wallets.get(wallet.index()).map(|book| (book.class, book.owner, book.open))
    }

    /// A stake with its commission: two debits of the bettor, one credit each.
    pub(super) fn stake(
        &mut self,
        (bettor, organiser): (Wallet, Wallet),
        amount: Tiyn,
        commission: Tiyn,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        self.move_money(
            (bettor, Class::Bettor),
            (organiser, Class::Organiser),
            amount.get().into(),
            counts,
        )?;
        self.move_money(
            (bettor, Class::Bettor),
            (COMMISSION, Class::Commission),
            commission.get().into(),
            counts,
        )
    }

    /// A payout or a refund of a stake.
    pub(super) fn payout(
        &mut self,
        (organiser, bettor): (Wallet, Wallet),
        amount: i128,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let open = self.book(organiser)?.open;
        counts.check(Invariant::L2, open, || {
            format!("wallet number {organiser} is blocked: nothing may go out of it")
        })?;
        self.move_money((organiser, Class::Organiser), (bettor, Class::Bettor), amount, counts)
    }

    pub(super) fn issue(
        &mut self,
        wallet: Wallet,
        amount: Tiyn,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let class = self.purse(wallet, counts)?;
        let amount = amount.get().into();
        self.issued += amount;
        self.move_money((OBLIGATION, Class::IssuerObligation), (wallet, class), amount, counts)
    }

    pub(super) fn redeem(
        &mut self,
        wallet: Wallet,
        amount: Tiyn,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let class = self.purse(wallet, counts)?;
        let open = self.book(wallet)?.open;
        counts.check(Invariant::L2, open, || {
            format!("wallet number {wallet} is blocked: nothing may go out of it")
        })?;
        let amount = amount.get().into();
        self.redeemed += amount;
        self.move_money((wallet, class), (OBLIGATION, Class::IssuerObligation), amount, counts)
    }

    /// The class of a wallet into which e-money is issued and from which it is redeemed.
    fn purse(&mut self, wallet: Wallet, counts: &mut Counts) -> Result<Class, Wrong> {
        let class = self.book(wallet)?.class;
        let purse =
            matches!(class, Class::Bettor | Class::Organiser | Class::Client | Class::Agent);
        counts.check(Invariant::L4, purse, || {
            format!("issue or redemption with a wallet of class {}", class.name())
        })?;
        Ok(class)
    }

    fn move_money(
        &mut self,
        (debit, debit_class): (Wallet, Class),
        (credit, credit_class): (Wallet, Class),
        amount: i128,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let classes = (self.book(debit)?.class, self.book(credit)?.class);
        counts.check(Invariant::L4, classes == (debit_class, credit_class), || {
            let (from, to) = (classes.0.name(), classes.1.name());
            format!("{amount} tiyn from a wallet of class {from} to one of class {to}")
        })?;
        let from = self.book(debit)?;
        from.balance -= amount;
        let (left, held) = (from.balance, from.held);
        let bound = debit == OBLIGATION || (0 <= left && held <= left);
        counts.check(Invariant::L2, bound, || {
            format!("wallet number {debit} holds {left} tiyn, of which {held} set aside")
        })?;
        self.book(credit)?.balance += amount;
        self.sum += if debit == OBLIGATION { amount } else { 0 };
        self.sum -= if credit == OBLIGATION { amount } else { 0 };
        let (sum, due) = (self.sum, self.circulating());
        counts.check(Invariant::L3, sum == due, || {
            format!("all wallets hold {sum} tiyn, issued and not redeemed are {due}")
        })
    }

    /// Sets a sum aside; a negative one gives it back.
    pub(super) fn set_aside(
        &mut self,
        wallet: Wallet,
        amount: i128,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let book = self.book(wallet)?;
        book.held += amount;
        let (balance, held) = (book.balance, book.held);
        counts.check(Invariant::L2, 0 <= held && held <= balance, || {
            format!("wallet number {wallet} holds {balance} tiyn, of which {held} set aside")
        })
    }

    /// Compares what a fact states of a wallet with the books.
    pub(super) fn stated(
        &mut self,
        stated: Stated,
        seq: Seq,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let Stated { wallet, balance, previous } = stated;
        let book = self.book(wallet)?;
        let (true_balance, last) = (book.balance, book.last.replace(seq));
        counts.check(Invariant::L1, i128::from(balance.get()) == true_balance, || {
            let balance = balance.get();
            format!("wallet number {wallet} holds {true_balance} tiyn, the fact states {balance}")
        })?;
        counts.check(Invariant::J3, previous == last, || {
            format!("wallet number {wallet}: its last record is {last:?}, not {previous:?}")
        })
    }

    /// L1 and L3 over all wallets.
    pub(super) fn end(&self, counts: &mut Counts) -> Result<(), Wrong> {
        let total: i128 = self.wallets.iter().map(|book| book.balance).sum();
        counts.check(Invariant::L1, total == 0, || {
            format!("all accounts together hold {total} tiyn and not nothing")
        })?;
        let owed = self.wallets.first().map_or(0, |book| -book.balance);
        let due = self.circulating();
        counts.check(Invariant::L3, owed == due && self.sum == due, || {
            format!("the issuer owes {owed} tiyn, issued and not redeemed are {due}")
        })
    }

    /// What is set aside is what the held bets say.
    pub(super) fn holds_are(
        &self,
        held: &BTreeMap<u32, i128>,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        for (number, book) in (0..).zip(&self.wallets) {
            let due = held.get(&number).copied().unwrap_or_default();
            counts.check(Invariant::L2, book.held == due, || {
                format!("wallet number {number} has {} tiyn set aside, holds say {due}", book.held)
            })?;
        }
        Ok(())
    }
}
