//! A register's rows as CSV or XLSX, which the room `papers` makes: the question, the entry, the
//! maker and the time stand above the rows, the SHA-256 of it all in a header and in the name of
//! the file. At most [`ROWS_MAX`] rows.

use papers::sheet::{self, About, Format};
use reports::table::{Cell, Record, Table};
use reports::{BetRow, Position};
use store::views::Found;
use terms::number::parse_account_number;

use super::filter;
use super::registers::listing;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Rows of one file (reference: small ones at once).
const ROWS_MAX: usize = 10_000;

/// The records of a question.
pub struct Taken {
    pub table: Table,
    pub records: Vec<Record>,
    /// Whether these are all.
    pub whole: bool,
}

/// Makes the file.
pub fn make(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let format = match visit.form.get("format") {
        None | Some("csv") => Format::Csv,
        Some("xlsx") => Format::Xlsx,
        Some(_) => return Err(Trouble::Status(400)),
    };
    let taken = take(visit, ROWS_MAX)?;
    let made = file(visit, &taken, format)?;
    let headers = vec![
        ("content-type", made.media_type.to_owned()),
        ("content-disposition", format!("attachment; filename=\"{}\"", made.name)),
        ("x-content-sha256", made.sha256),
    ];
    Ok(Answer { status: 200, headers, body: made.bytes })
}

/// Takes the records that the form asks for out of the register of the address.
pub fn take(visit: &mut Visit<'_>, most: usize) -> Result<Taken, Trouble> {
    let table = match Table::from_name(&visit.pieces[0]) {
        Some(table @ (Table::Stakes | Table::Bets | Table::Payouts)) => table,
        Some(Table::Postings) | None => return Err(Trouble::Status(404)),
    };
    let account = visit.form.get("account").and_then(parse_account_number);
    visit.about = account.map(|(_, found)| found);
    let (records, whole) = match table {
        Table::Payouts => payouts(visit, most)?,
        Table::Stakes | Table::Bets | Table::Postings => bets(visit, table, most)?,
    };
    Ok(Taken { table, records, whole })
}

/// A file of what was taken.
pub fn file(visit: &mut Visit<'_>, taken: &Taken, format: Format) -> Result<sheet::File, Trouble> {
    let pairs = visit.form.without("token").without("format");
    let filter = filter::in_words(visit, &pairs)?;
    let about = About {
        filter: &filter,
        entry: visit.cursor.0.checked_sub(1),
        maker: visit.member().map_or("", |member| &member.name),
        at: visit.now,
        whole: taken.whole,
        test_realm: visit.house.settings.test_realm,
    };
    let tongue = sheet::Tongue {
        language: visit.show.lang,
        phrases: visit.show.phrases,
        offsets: &visit.show.offsets,
    };
    let rows = rows(visit, taken.table, &taken.records);
    sheet::make(format, taken.table, &rows, &about, &tongue).map_err(|error| {
        tracing::error!("an export cannot be written: {error}");
        Trouble::Status(503)
    })
}

/// The rows of a question to the register of bets, and whether these are all.
fn bets(visit: &mut Visit<'_>, table: Table, most: usize) -> Result<(Vec<Record>, bool), Trouble> {
    let pairs = visit.form.without("token").without("format");
    let asked = filter::read(visit, &pairs);
    let Some(mut query) = asked.query else { return Err(Trouble::Status(400)) };
    let stakes = table == Table::Stakes || pairs.get("state").is_none();
    let mut records = Vec::new();
    loop {
        let (rows, next): (Vec<BetRow>, Option<Position>) = match visit.views.bets(&query)? {
            Found::Page(page) => (page.rows, page.next),
            Found::Narrow => return Err(Trouble::Status(400)),
        };
        let wanted = rows.into_iter().filter(|row| !stakes || row.standing.is_stake());
        records.extend(wanted.map(|row| Record::Bet(Box::new(row))));
        match next {
            None => return Ok((records, true)),
            Some(_) if most <= records.len() => {
                records.truncate(most);
                return Ok((records, false));
            }
            Some(next) => query = query.behind(next),
        }
    }
}

fn payouts(visit: &mut Visit<'_>, most: usize) -> Result<(Vec<Record>, bool), Trouble> {
    let pairs = visit.form.without("token").without("format").without("before");
    let page = visit.views.payouts(&listing(visit, &pairs, most))?;
    let whole = page.next.is_none();
    Ok((page.rows.into_iter().map(Record::Payout).collect(), whole))
}

/// The cells of those records that are rows of the table. Breaches are called what they may be
/// called before who asks (domain 3).
fn rows(visit: &Visit<'_>, table: Table, records: &[Record]) -> Vec<Vec<Cell>> {
    let mut cells = Vec::new();
    let rows = records.iter().cloned().filter_map(|mut record| {
        if let Record::Bet(row) = &mut record {
            row.breaches = row.breaches.iter().map(|reason| visit.reason(*reason)).collect();
            row.breaches.dedup();
        }
        table.cells(&record, &mut cells).then(|| std::mem::take(&mut cells))
    });
    rows.collect()
}
