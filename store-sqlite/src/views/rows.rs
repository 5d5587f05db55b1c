//! Rows of the views as columns, and back.

use rusqlite::types::FromSql;
use rusqlite::{Row, Statement, params};
use store::views::kinds::{Basis, BetOutcome, DeskKind, Form, Kind};
use store::views::reports::{
    BetRow, BreachRow, Card, CardKind, LegRow, PayoutRow, PostingRow, RefusalRow, Settled,
    SettlementRow, Standing,
};
use store::views::terms::{
    Account, BetId, Broken, Championship, Day, DeskNo, Field, Instant, MessageId, Organiser,
    Reason, Sender, Seq, Text, Tiyn, Wallet, codec,
};

/// Bytes that a row keeps free until its bet is settled: the columns of a settlement with common
/// sums. Without them each settlement of a full page would split it in two.
const SPARE_BYTES: u32 = 44;

/// What a stored value that no longer means anything becomes: damage.
type Unread = Box<dyn std::error::Error + Send + Sync>;

/// Reads columns from left to right.
pub(super) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    at: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(super) fn new(row: &'r Row<'s>) -> Self {
        Columns { row, at: 0 }
    }

    pub(super) fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.at += 1;
        self.row.get(self.at - 1)
    }

    /// A value under its code.
    pub(super) fn code<C: FromSql, T>(
        &mut self,
        known: impl FnOnce(C) -> Option<T>,
    ) -> rusqlite::Result<T> {
        let code = self.next()?;
        known(code).ok_or_else(|| self.unread(Broken::Unknown))
    }

    pub(super) fn seq(&mut self) -> rusqlite::Result<Seq> {
        self.next().map(Seq)
    }

    pub(super) fn day(&mut self) -> rusqlite::Result<Day> {
        self.next().map(Day)
    }

    fn at(&mut self) -> rusqlite::Result<Instant> {
        self.next().map(Instant)
    }

    fn tiyn(&mut self) -> rusqlite::Result<Tiyn> {
        self.code(Tiyn::new)
    }

    fn maybe_seq(&mut self) -> rusqlite::Result<Option<Seq>> {
        Ok(self.next::<Option<u64>>()?.map(Seq))
    }

    /// A value in its canonical bytes.
    pub(super) fn field<T>(
        &mut self,
        read: impl FnOnce(&[u8]) -> Result<T, Broken>,
    ) -> rusqlite::Result<T> {
        self.at += 1;
        let bytes = self.row.get_ref(self.at - 1)?.as_blob()?;
        read(bytes).map_err(|broken| self.unread(broken))
    }

    fn unread(&self, broken: Broken) -> rusqlite::Error {
        let kind = rusqlite::types::Type::Blob;
        rusqlite::Error::FromSqlConversionFailure(self.at - 1, kind, Unread::from(broken))
    }
}

/// The legs of a bet: their count and their canonical bytes.
fn legs_to_bytes(row: &BetRow) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 * row.legs.len());
    codec::put_leb(&mut out, row.legs.len() as u64);
    row.legs.iter().for_each(|leg| leg.put(&mut out));
    out
}

/// Reads what [`legs_to_bytes`] wrote.
pub(super) fn legs_from_bytes<L: FromIterator<LegRow>>(bytes: &[u8]) -> Result<L, Broken> {
    let mut from = codec::Reader::new(bytes);
    let count = from.leb()?;
    let legs = (0..count).map(|_| LegRow::read(&mut from)).collect::<Result<L, Broken>>()?;
    from.end()?;
    Ok(legs)
}

fn breaches_to_bytes(row: &BetRow) -> Option<Vec<u8>> {
    (!row.breaches.is_empty()).then(|| row.breaches.to_bytes())
}

pub(super) fn insert_bet(statement: &mut Statement<'_>, row: &BetRow) -> rusqlite::Result<usize> {
    let settled = row.settlement.as_deref();
    let spare = if settled.is_none() { SPARE_BYTES } else { 0 };
    statement.execute(params![
        row.seq.0,
        row.account.0,
        row.organiser.0,
        row.desk.0,
        row.standing.code(),
        row.amount.get(),
        legs_to_bytes(row),
        row.day.0,
        row.at.0,
        row.bet.0,
        row.desk_kind.code(),
        row.form.code(),
        row.shape.to_bytes(),
        row.price.to_bytes(),
        row.sport.map(|sport| sport.0),
        row.championship.map(|championship| championship.0),
        row.live,
        row.late,
        row.made_at.0,
        row.made_day.0,
        row.commission.get(),
        row.hold.map(|seq| seq.0),
        row.paid.get(),
        row.repaid.get(),
        row.waiting,
        breaches_to_bytes(row),
        row.last.0,
        settled.map(|settled| settled.seq.0),
        settled.map(|settled| settled.at.0),
        settled.map(|settled| settled.day.0),
        settled.map(|settled| settled.computed_at.0),
        settled.map(|settled| settled.basis.code()),
        settled.map(|settled| settled.result.code()),
        settled.map(|settled| settled.gross.get()),
        settled.map(|settled| settled.of_which_stake.get()),
        settled.map(|settled| settled.refund.get()),
        settled.map(|settled| settled.tax.get()),
        settled.map(|settled| settled.net_due.get()),
        spare,
    ])
}

pub(super) fn insert_bet_id(
    statement: &mut Statement<'_>,
    row: &BetRow,
) -> rusqlite::Result<usize> {
    statement.execute((row.bet.0, row.seq.0, row.organiser.0))
}

pub(super) fn change_bet(statement: &mut Statement<'_>, row: &BetRow) -> rusqlite::Result<usize> {
    let settled = row.settlement.as_deref();
    let spare = if settled.is_none() { SPARE_BYTES } else { 0 };
    statement.execute(params![
        row.seq.0,
        row.standing.code(),
        legs_to_bytes(row),
        row.paid.get(),
        row.repaid.get(),
        row.waiting,
        breaches_to_bytes(row),
        row.last.0,
        settled.map(|settled| settled.seq.0),
        settled.map(|settled| settled.at.0),
        settled.map(|settled| settled.day.0),
        settled.map(|settled| settled.computed_at.0),
        settled.map(|settled| settled.basis.code()),
        settled.map(|settled| settled.result.code()),
        settled.map(|settled| settled.gross.get()),
        settled.map(|settled| settled.of_which_stake.get()),
        settled.map(|settled| settled.refund.get()),
        settled.map(|settled| settled.tax.get()),
        settled.map(|settled| settled.net_due.get()),
        spare,
    ])
}

/// Reads the columns of `bet_at.sql` and its kin.
pub(super) fn bet(row: &Row<'_>) -> rusqlite::Result<BetRow> {
    let mut from = Columns::new(row);
    let seq = from.seq()?;
    let account = Account(from.next()?);
    let organiser = Organiser(from.next()?);
    let desk = DeskNo(from.next()?);
    let standing = from.code(Standing::from_code)?;
    let amount = from.tiyn()?;
    let legs = from.field(legs_from_bytes)?;
    let day = from.day()?;
    let at = from.at()?;
    Ok(BetRow {
        seq,
        account,
        organiser,
        desk,
        standing,
        amount,
        legs,
        day,
        at,
        bet: BetId(from.next()?),
        desk_kind: from.code(DeskKind::from_code)?,
        form: from.code(Form::from_code)?,
        shape: from.field(Field::from_bytes)?,
        price: from.field(Field::from_bytes)?,
        sport: from.next::<Option<u32>>()?.map(store::views::reports::Sport),
        championship: from.next::<Option<u32>>()?.map(Championship),
        live: from.next()?,
        late: from.next()?,
        made_at: from.at()?,
        made_day: from.day()?,
        commission: from.tiyn()?,
        hold: from.maybe_seq()?,
        paid: from.tiyn()?,
        repaid: from.tiyn()?,
        waiting: from.next()?,
        breaches: match from.next::<Option<Vec<u8>>>()? {
            None => Vec::new(),
            Some(bytes) => Field::from_bytes(&bytes).map_err(|broken| from.unread(broken))?,
        },
        last: from.seq()?,
        settlement: settlement(&mut from)?,
    })
}

fn settlement(from: &mut Columns<'_, '_>) -> rusqlite::Result<Option<Box<Settled>>> {
    let Some(seq) = from.maybe_seq()? else { return Ok(None) };
    Ok(Some(Box::new(settled(from, seq)?)))
}

/// The columns from `settled_at_ns` to `net_due_tiyn`.
fn settled(from: &mut Columns<'_, '_>, seq: Seq) -> rusqlite::Result<Settled> {
    Ok(Settled {
        seq,
        at: from.at()?,
        day: from.day()?,
        computed_at: from.at()?,
        basis: from.code(Basis::from_code)?,
        result: from.code(BetOutcome::from_code)?,
        gross: from.tiyn()?,
        of_which_stake: from.tiyn()?,
        refund: from.tiyn()?,
        tax: from.tiyn()?,
        net_due: from.tiyn()?,
    })
}

pub(super) fn insert_settlement(
    statement: &mut Statement<'_>,
    row: &SettlementRow,
) -> rusqlite::Result<usize> {
    let settled = &row.settled;
    statement.execute(params![
        row.seq.0,
        row.bet_seq.0,
        row.organiser.0,
        row.corrects.map(|seq| seq.0),
        settled.at.0,
        settled.day.0,
        settled.computed_at.0,
        settled.basis.code(),
        settled.result.code(),
        settled.gross.get(),
        settled.of_which_stake.get(),
        settled.refund.get(),
        settled.tax.get(),
        settled.net_due.get(),
        row.gross_computed.get(),
        row.reason.as_ref().map(Text::as_str),
    ])
}

pub(super) fn settlement_row(row: &Row<'_>) -> rusqlite::Result<SettlementRow> {
    let mut from = Columns::new(row);
    let seq = from.seq()?;
    Ok(SettlementRow {
        seq,
        bet_seq: from.seq()?,
        organiser: Organiser(from.next()?),
        corrects: from.maybe_seq()?,
        settled: settled(&mut from, seq)?,
        gross_computed: from.tiyn()?,
        reason: match from.next::<Option<String>>()? {
            None => None,
            Some(text) => Some(Text::new(&text).map_err(|_| from.unread(Broken::Text))?),
        },
    })
}

pub(super) fn insert_payout(
    statement: &mut Statement<'_>,
    row: &PayoutRow,
) -> rusqlite::Result<usize> {
    statement.execute(params![
        row.seq.0,
        row.bet_seq.0,
        row.bet.0,
        row.organiser.0,
        row.account.0,
        row.desk.0,
        row.form.code(),
        row.paid_at.0,
        row.at.0,
        row.day.0,
        row.amount.get(),
        row.refund.get(),
        row.late,
    ])
}

pub(super) fn payout(row: &Row<'_>) -> rusqlite::Result<PayoutRow> {
    let mut from = Columns::new(row);
    Ok(PayoutRow {
        seq: from.seq()?,
        bet_seq: from.seq()?,
        bet: BetId(from.next()?),
        organiser: Organiser(from.next()?),
        account: Account(from.next()?),
        desk: DeskNo(from.next()?),
        form: from.code(Form::from_code)?,
        paid_at: from.at()?,
        at: from.at()?,
        day: from.day()?,
        amount: from.tiyn()?,
        refund: from.tiyn()?,
        late: from.next()?,
    })
}

pub(super) fn insert_posting(
    statement: &mut Statement<'_>,
    row: &PostingRow,
) -> rusqlite::Result<usize> {
    statement.execute(params![
        row.key(),
        row.debit.0,
        row.credit.0,
        row.at.0,
        row.kind.code(),
        row.amount.get(),
        row.debit_balance_tiyn,
        row.credit_balance_tiyn,
        row.debit_previous.map(|seq| seq.0),
        row.credit_previous.map(|seq| seq.0),
        row.bet_seq.map(|seq| seq.0),
    ])
}

pub(super) fn posting(row: &Row<'_>) -> rusqlite::Result<PostingRow> {
    let mut from = Columns::new(row);
    let key: u64 = from.next()?;
    Ok(PostingRow {
        seq: Seq(key / PostingRow::PARTS_MAX),
        part: (key % PostingRow::PARTS_MAX) as u8,
        debit: Wallet(from.next()?),
        credit: Wallet(from.next()?),
        at: from.at()?,
        kind: from.code(Kind::from_code)?,
        amount: from.tiyn()?,
        debit_balance_tiyn: from.next()?,
        credit_balance_tiyn: from.next()?,
        debit_previous: from.maybe_seq()?,
        credit_previous: from.maybe_seq()?,
        bet_seq: from.maybe_seq()?,
    })
}

pub(super) fn insert_refusal(
    statement: &mut Statement<'_>,
    row: &RefusalRow,
) -> rusqlite::Result<usize> {
    statement.execute(params![
        row.seq.0,
        row.at.0,
        row.day.0,
        row.sender.number(),
        row.id.map(|id| id.0),
        row.reason.code(),
        row.account.map(|account| account.0),
        row.report,
        row.count,
    ])
}

pub(super) fn refusal(row: &Row<'_>) -> rusqlite::Result<RefusalRow> {
    let mut from = Columns::new(row);
    Ok(RefusalRow {
        seq: from.seq()?,
        at: from.at()?,
        day: from.day()?,
        sender: from.code(Sender::from_number)?,
        id: from.next::<Option<[u8; 16]>>()?.map(MessageId),
        reason: from.code(Reason::from_code)?,
        account: from.next::<Option<u32>>()?.map(Account),
        report: from.next()?,
        count: from.next()?,
    })
}

pub(super) fn insert_breach(
    statement: &mut Statement<'_>,
    row: &BreachRow,
) -> rusqlite::Result<usize> {
    statement.execute(params![
        row.seq.0,
        row.part,
        row.at.0,
        row.day.0,
        row.organiser.0,
        row.bet_seq.map(|seq| seq.0),
        row.reason.code(),
    ])
}

pub(super) fn breach(row: &Row<'_>) -> rusqlite::Result<BreachRow> {
    let mut from = Columns::new(row);
    Ok(BreachRow {
        seq: from.seq()?,
        part: from.next()?,
        at: from.at()?,
        day: from.day()?,
        organiser: Organiser(from.next()?),
        bet_seq: from.maybe_seq()?,
        reason: from.code(Reason::from_code)?,
    })
}

pub(super) fn put_card(statement: &mut Statement<'_>, card: &Card) -> rusqlite::Result<usize> {
    let key = card.key();
    statement.execute((key.kind.code(), key.number, key.version, card.to_bytes()))
}

pub(super) fn card(row: &Row<'_>) -> rusqlite::Result<Card> {
    let mut from = Columns::new(row);
    let kind = from.code(CardKind::from_code)?;
    from.field(|bytes| Card::from_bytes(kind, bytes))
}
