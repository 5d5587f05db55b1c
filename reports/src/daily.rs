//! The daily accounts of an organiser: what is booked on which day, and that it adds up.
//!
//! A day is a civil day of Almaty. E-money is booked on the day on which it moved, which is the day
//! of its record; what a land desk reports, on the day on which it happened (domain 1), so that a
//! late report belongs to a day that was closed before. Three books run through the days, each with
//! an opening, lines and a closing that is the next day's opening:
//! - `wallet`: what the organiser's wallet holds;
//! - `open_stakes`: stakes of bets that are not settled, by number and sum;
//! - `due`: what is due on settled bets and not paid; below zero where more was paid than is due.

use journal::kinds::Form;
use terms::time::{Offset, civil_day};
use terms::{Day, Organiser, Tiyn, choice};

use crate::row::{BetRow, PayoutRow, SettlementRow};
use crate::table::{
    Cell, Column, ColumnKind, Record, Table, column, int, maybe_seq, optional, seq,
};

choice! {
    /// A file of a day.
    pub enum DailyFile {
        /// Stakes that were accepted or reported.
        Stakes = 1 "stakes",
        /// Settlements and corrections.
        Settlements = 2 "settlements",
        /// Winnings paid.
        Payouts = 3 "payouts",
        /// Stakes given back.
        Refunds = 4 "refunds",
        /// The three books.
        Balance = 5 "balance",
    }
}

choice! {
    /// What is kept from day to day.
    pub enum Book {
        /// The organiser's wallet.
        Wallet = 1 "wallet",
        /// Stakes of bets that are not settled.
        OpenStakes = 2 "open_stakes",
        /// What is due and not paid.
        Due = 3 "due",
    }
}

choice! {
    /// A line of a book: what the sum changed by, signed.
    pub enum Line {
        /// E-money stakes.
        WalletStakes = 1 "wallet.stakes_e_money",
        /// Winnings paid in e-money.
        WalletPayouts = 2 "wallet.payouts_e_money",
        /// Stakes given back in e-money.
        WalletRefunds = 3 "wallet.refunds_e_money",
        /// E-money issued to the organiser.
        WalletIssued = 4 "wallet.issued",
        /// E-money that it redeemed.
        WalletRedeemed = 5 "wallet.redeemed",
        /// Stakes in cash.
        OpenCash = 6 "open_stakes.stakes_cash",
        /// Stakes paid otherwise without e-money.
        OpenNonCash = 7 "open_stakes.stakes_non_cash",
        /// Stakes in e-money.
        OpenEMoney = 8 "open_stakes.stakes_e_money",
        /// Stakes of bets that were settled.
        OpenSettled = 9 "open_stakes.settled",
        /// What settlements found due; of a correction, the difference.
        DueDetermined = 10 "due.determined",
        /// Winnings paid in cash.
        DuePaidCash = 11 "due.payouts_cash",
        /// Winnings paid otherwise without e-money.
        DuePaidNonCash = 12 "due.payouts_non_cash",
        /// Winnings paid in e-money.
        DuePaidEMoney = 13 "due.payouts_e_money",
        /// Stakes given back in e-money.
        DueRefundsEMoney = 14 "due.refunds_e_money",
        /// What bettors gave back of overpayments (domain 18).
        DueGivenBack = 15 "due.given_back",
    }
}

impl Line {
    /// The book in which it stands.
    pub const fn book(self) -> Book {
        match self {
            Line::WalletStakes
            | Line::WalletPayouts
            | Line::WalletRefunds
            | Line::WalletIssued
            | Line::WalletRedeemed => Book::Wallet,
            Line::OpenCash | Line::OpenNonCash | Line::OpenEMoney | Line::OpenSettled => {
                Book::OpenStakes
            }
            Line::DueDetermined
            | Line::DuePaidCash
            | Line::DuePaidNonCash
            | Line::DuePaidEMoney
            | Line::DueRefundsEMoney
            | Line::DueGivenBack => Book::Due,
        }
    }

    /// Its name within the book.
    fn short(self) -> &'static str {
        self.name().split_once('.').map_or(self.name(), |(_, short)| short)
    }
}

const OPENING: &str = "opening";
const CLOSING: &str = "closing";

const SETTLEMENTS: &[Column] = &[
    column("seq", ColumnKind::Int),
    column("bet_seq", ColumnKind::Int),
    column("bet", ColumnKind::Bytes),
    column("account", ColumnKind::Int),
    column("form", ColumnKind::Text),
    column("settled_at", ColumnKind::Time),
    column("computed_at", ColumnKind::Time),
    column("basis", ColumnKind::Text),
    column("result", ColumnKind::Text),
    optional("corrects_seq", ColumnKind::Int),
    column("stake_tiyn", ColumnKind::Int),
    column("gross_tiyn", ColumnKind::Int),
    column("of_which_stake_tiyn", ColumnKind::Int),
    column("winnings_tiyn", ColumnKind::Int),
    column("refund_tiyn", ColumnKind::Int),
    column("tax_tiyn", ColumnKind::Int),
    column("net_due_tiyn", ColumnKind::Int),
    column("net_due_change_tiyn", ColumnKind::Int),
];

const PAID: &[Column] = &[
    column("seq", ColumnKind::Int),
    column("bet_seq", ColumnKind::Int),
    column("bet", ColumnKind::Bytes),
    column("account", ColumnKind::Int),
    column("desk", ColumnKind::Int),
    column("form", ColumnKind::Text),
    column("paid_at", ColumnKind::Time),
    column("recorded_at", ColumnKind::Time),
    column("amount_tiyn", ColumnKind::Int),
    column("late", ColumnKind::Int),
];

const BALANCE: &[Column] = &[
    column("book", ColumnKind::Text),
    column("line", ColumnKind::Text),
    optional("count", ColumnKind::Int),
    column("sum_tiyn", ColumnKind::Int),
];

impl DailyFile {
    /// The columns in order.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            DailyFile::Stakes => Table::Stakes.columns(),
            DailyFile::Settlements => SETTLEMENTS,
            DailyFile::Payouts | DailyFile::Refunds => PAID,
            DailyFile::Balance => BALANCE,
        }
    }
}

/// How often, and how much, signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How often; of settled stakes less than zero.
    pub count: i64,
    /// The sum.
    pub sum_tiyn: i64,
}

/// What a day brought, by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movements([Amount; Line::ALL.len()]);

impl Movements {
    /// The amount of a line.
    pub fn get(&self, line: Line) -> Amount {
        self.0[usize::from(line.code()) - 1]
    }

    /// Adds to a line; nothing if the sum does not fit.
    pub fn add(&mut self, line: Line, count: i64, sum_tiyn: i64) -> Option<()> {
        let row = &mut self.0[usize::from(line.code()) - 1];
        row.count = row.count.checked_add(count)?;
        row.sum_tiyn = row.sum_tiyn.checked_add(sum_tiyn)?;
        Some(())
    }

    /// Adds all lines of another day or record.
    pub fn join(&mut self, other: &Movements) -> Option<()> {
        Line::ALL.iter().try_for_each(|line| {
            let Amount { count, sum_tiyn } = other.get(*line);
            self.add(*line, count, sum_tiyn)
        })
    }

    /// By how much a book changed.
    fn change(&self, book: Book) -> Option<Amount> {
        let lines = Line::ALL.iter().filter(|line| line.book() == book);
        lines.map(|line| self.get(*line)).try_fold(Amount::default(), |sum, line| {
            Some(Amount {
                count: sum.count.checked_add(line.count)?,
                sum_tiyn: sum.sum_tiyn.checked_add(line.sum_tiyn)?,
            })
        })
    }
}

/// Where the books stand between two days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the wallet holds.
    pub wallet_tiyn: i64,
    /// Bets that are not settled.
    pub open: i64,
    /// Their stakes.
    pub open_tiyn: i64,
    /// What is due and not paid.
    pub due_tiyn: i64,
}

impl Standing {
    /// After what a day brought; nothing if a sum does not fit.
    pub fn after(&self, day: &Movements) -> Option<Standing> {
        let open = day.change(Book::OpenStakes)?;
        Some(Standing {
            wallet_tiyn: self.wallet_tiyn.checked_add(day.change(Book::Wallet)?.sum_tiyn)?,
            open: self.open.checked_add(open.count)?,
            open_tiyn: self.open_tiyn.checked_add(open.sum_tiyn)?,
            due_tiyn: self.due_tiyn.checked_add(day.change(Book::Due)?.sum_tiyn)?,
        })
    }

    fn row(&self, book: Book, line: &'static str) -> BalanceRow {
        let (count, sum_tiyn) = match book {
            Book::Wallet => (None, self.wallet_tiyn),
            Book::OpenStakes => (Some(self.open), self.open_tiyn),
            Book::Due => (None, self.due_tiyn),
        };
        BalanceRow { book, line, count, sum_tiyn }
    }
}

/// A row of the file of books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    /// The book.
    pub book: Book,
    /// `opening`, the name of a line, or `closing`.
    pub line: &'static str,
    /// How often; at opening and closing of stakes, how many are open.
    pub count: Option<i64>,
    /// The sum, signed.
    pub sum_tiyn: i64,
}

impl BalanceRow {
    /// The cells, one for each column.
    pub fn cells(&self) -> Vec<Cell> {
        vec![
            text(self.book.name()),
            text(self.line),
            self.count.map_or(Cell::Null, Cell::Int),
            Cell::Int(self.sum_tiyn),
        ]
    }
}

/// The rows of the books of a day; nothing if a sum does not fit.
pub fn balance(opening: &Standing, day: &Movements) -> Option<Vec<BalanceRow>> {
    let closing = opening.after(day)?;
    let mut rows = Vec::new();
    for book in Book::ALL {
        rows.push(opening.row(*book, OPENING));
        for line in Line::ALL.iter().filter(|line| line.book() == *book) {
            let Amount { count, sum_tiyn } = day.get(*line);
            let (book, line) = (*book, line.short());
            rows.push(BalanceRow { book, line, count: Some(count), sum_tiyn });
        }
        rows.push(closing.row(*book, CLOSING));
    }
    Some(rows)
}

/// The opening and the day that rows of books tell of: book, line, count and sum. Nothing if they
/// are not all there in their order, or do not add up to what they state as closing.
pub fn read_balance<'a>(
    rows: impl IntoIterator<Item = (&'a str, &'a str, Option<i64>, i64)>,
) -> Option<(Standing, Movements)> {
    let given: Vec<_> = rows.into_iter().collect();
    let (mut opening, mut day) = (Standing::default(), Movements::default());
    for (book, name, count, sum_tiyn) in &given {
        let book = *Book::ALL.iter().find(|found| found.name() == *book)?;
        match *name {
            OPENING => match book {
                Book::Wallet => opening.wallet_tiyn = *sum_tiyn,
                Book::OpenStakes => (opening.open, opening.open_tiyn) = ((*count)?, *sum_tiyn),
                Book::Due => opening.due_tiyn = *sum_tiyn,
            },
            CLOSING => {}
            name => {
                let named = |line: &&Line| line.book() == book && line.short() == name;
                day.add(*Line::ALL.iter().find(named)?, (*count)?, *sum_tiyn)?;
            }
        }
    }
    let wanted = balance(&opening, &day)?;
    let same = wanted.len() == given.len()
        && wanted
            .iter()
            .zip(&given)
            .all(|(row, given)| (row.book.name(), row.line, row.count, row.sum_tiyn) == *given);
    same.then_some((opening, day))
}

/// What a record brings to the accounts of an organiser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Whose accounts.
    pub organiser: Organiser,
    /// The day on which it is booked.
    pub day: Day,
    /// What it changes.
    pub movements: Movements,
    /// The rows that it adds to files.
    pub rows: Vec<(DailyFile, Vec<Cell>)>,
}

impl Booking {
    fn new(organiser: Organiser, day: Day) -> Booking {
        Booking { organiser, day, movements: Movements::default(), rows: Vec::new() }
    }

    fn change(&mut self, line: Line, count: i64, sum_tiyn: i64) -> Option<()> {
        self.movements.add(line, count, sum_tiyn)
    }
}

/// The day on which a stake is booked.
pub fn day_of_stake(row: &BetRow) -> Day {
    match row.form {
        Form::EMoney => row.day,
        Form::Cash | Form::NonCash => row.made_day.min(row.day),
    }
}

/// Books a stake; nothing for a hold, which is none.
pub fn stake(row: &BetRow) -> Option<Booking> {
    let mut cells = Vec::new();
    if !Table::Stakes.cells(&Record::Bet(Box::new(row.clone())), &mut cells) {
        return None;
    }
    let mut booking = Booking::new(row.organiser, day_of_stake(row));
    let sum = row.amount.get();
    match row.form {
        Form::Cash => booking.change(Line::OpenCash, 1, sum)?,
        Form::NonCash => booking.change(Line::OpenNonCash, 1, sum)?,
        Form::EMoney => {
            booking.change(Line::OpenEMoney, 1, sum)?;
            booking.change(Line::WalletStakes, 1, sum)?;
        }
    }
    booking.rows.push((DailyFile::Stakes, cells));
    Some(booking)
}

/// Books a settlement of a bet, or a correction of the settlement `before`.
pub fn settlement(
    row: &SettlementRow,
    bet: &BetRow,
    before: Option<&SettlementRow>,
    offsets: &[Offset],
) -> Option<Booking> {
    let settled = &row.settled;
    let day = match bet.form {
        Form::EMoney => settled.day,
        Form::Cash | Form::NonCash => {
            civil_day(offsets, settled.computed_at).min(settled.day).max(day_of_stake(bet))
        }
    };
    let mut booking = Booking::new(row.organiser, day);
    let earlier = before.map_or(0, |before| before.settled.net_due.get());
    let change = settled.net_due.get().checked_sub(earlier)?;
    if before.is_none() {
        booking.change(Line::OpenSettled, -1, -bet.amount.get())?;
    }
    booking.change(Line::DueDetermined, 1, change)?;
    let cells = vec![
        seq(row.seq),
        seq(row.bet_seq),
        Cell::Bytes(bet.bet.0),
        int(bet.account.0),
        text(bet.form.name()),
        Cell::Time(settled.at),
        Cell::Time(settled.computed_at),
        text(settled.basis.name()),
        text(settled.result.name()),
        maybe_seq(row.corrects),
        Cell::Int(bet.amount.get()),
        Cell::Int(settled.gross.get()),
        Cell::Int(settled.of_which_stake.get()),
        Cell::Int(settled.winnings().get()),
        Cell::Int(settled.refund.get()),
        Cell::Int(settled.tax.get()),
        Cell::Int(settled.net_due.get()),
        Cell::Int(change),
    ];
    booking.rows.push((DailyFile::Settlements, cells));
    Some(booking)
}

/// Books a payout. What returns a stake stands among the refunds; a land desk does not tell, so
/// that all it pays stands among the payouts.
pub fn payout(row: &PayoutRow, offsets: &[Offset]) -> Option<Booking> {
    let day = match row.form {
        Form::EMoney => row.day,
        Form::Cash | Form::NonCash => civil_day(offsets, row.paid_at).min(row.day),
    };
    let mut booking = Booking::new(row.organiser, day);
    let refund = match row.form {
        Form::EMoney => row.refund.get(),
        Form::Cash | Form::NonCash => 0,
    };
    let winning = row.amount.get().checked_sub(refund)?;
    if 0 < winning {
        match row.form {
            Form::Cash => booking.change(Line::DuePaidCash, 1, -winning)?,
            Form::NonCash => booking.change(Line::DuePaidNonCash, 1, -winning)?,
            Form::EMoney => {
                booking.change(Line::DuePaidEMoney, 1, -winning)?;
                booking.change(Line::WalletPayouts, 1, -winning)?;
            }
        }
        booking.rows.push((DailyFile::Payouts, paid(row, winning)));
    }
    if 0 < refund {
        booking.change(Line::DueRefundsEMoney, 1, -refund)?;
        booking.change(Line::WalletRefunds, 1, -refund)?;
        booking.rows.push((DailyFile::Refunds, paid(row, refund)));
    }
    Some(booking)
}

fn paid(row: &PayoutRow, sum: i64) -> Vec<Cell> {
    vec![
        seq(row.seq),
        seq(row.bet_seq),
        Cell::Bytes(row.bet.0),
        int(row.account.0),
        int(row.desk.0),
        text(row.form.name()),
        Cell::Time(row.paid_at),
        Cell::Time(row.at),
        Cell::Int(sum),
        int(row.late),
    ]
}

/// Books what a bettor gave back of an overpayment.
pub fn given_back(organiser: Organiser, day: Day, amount: Tiyn) -> Option<Booking> {
    let mut booking = Booking::new(organiser, day);
    booking.change(Line::DueGivenBack, 1, amount.get())?;
    Some(booking)
}

/// Books e-money that was issued to the organiser's wallet.
pub fn issued(organiser: Organiser, day: Day, amount: Tiyn) -> Option<Booking> {
    let mut booking = Booking::new(organiser, day);
    booking.change(Line::WalletIssued, 1, amount.get())?;
    Some(booking)
}

/// Books e-money that the organiser redeemed.
pub fn redeemed(organiser: Organiser, day: Day, amount: Tiyn) -> Option<Booking> {
    let mut booking = Booking::new(organiser, day);
    booking.change(Line::WalletRedeemed, 1, -amount.get())?;
    Some(booking)
}

fn text(text: &'static str) -> Cell {
    Cell::Text(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_add_up_and_a_changed_figure_shows() {
        let opening = Standing { wallet_tiyn: 500, open: 2, open_tiyn: 30, due_tiyn: -4 };
        let mut day = Movements::default();
        for (index, line) in Line::ALL.iter().enumerate() {
            assert_eq!(usize::from(line.code()), index + 1);
            assert!(line.name().starts_with(&format!("{}.", line.book().name())));
            day.add(*line, index as i64, 10 - index as i64 * 3).unwrap();
        }
        let rows = balance(&opening, &day).unwrap();
        let told = |rows: &[BalanceRow]| {
            read_balance(
                rows.iter().map(|row| (row.book.name(), row.line, row.count, row.sum_tiyn)),
            )
        };
        assert_eq!(told(&rows), Some((opening, day.clone())));
        for (index, row) in rows.iter().enumerate() {
            assert_eq!(row.cells().len(), DailyFile::Balance.columns().len());
            let mut changed = rows.clone();
            changed[index].sum_tiyn += 1;
            assert_eq!(told(&changed), None, "{row:?}");
            changed.remove(index);
            assert_eq!(told(&changed), None, "{row:?}");
        }
        let full = Standing { due_tiyn: i64::MIN + 1, ..opening };
        let mut last = Movements::default();
        last.add(Line::DueDetermined, 1, -2).unwrap();
        assert_eq!(full.after(&last), None);
        assert_eq!(opening.after(&last).unwrap().due_tiyn, -6);
    }
}
