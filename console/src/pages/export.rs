//! A register's rows as CSV: the question, the entry, the maker and the time stand in lines before
//! the rows, the SHA-256 of all of them in a header and in the name of the file.
//!
//! UTF-8 with a mark, points in decimals, times as RFC 3339. Text that a spreadsheet could take for
//! a formula gets an apostrophe. At most [`ROWS_MAX`] rows.

use reports::table::{Cell, Record, Table};
use reports::{BetRow, Position};
use store::views::Found;
use terms::number::parse_account_number;

use super::filter;
use super::registers::listing;
use crate::secret;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Rows of one file (reference: small ones at once).
const ROWS_MAX: usize = 10_000;

/// Makes the file.
pub fn make(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let table = match Table::from_name(&visit.pieces[0]) {
        Some(table @ (Table::Stakes | Table::Bets | Table::Payouts)) => table,
        Some(Table::Postings) | None => return Err(Trouble::Status(404)),
    };
    let pairs = visit.form.without("token");
    visit.about = pairs.get("account").and_then(parse_account_number).map(|(_, found)| found);
    let (records, whole) = match table {
        Table::Payouts => payouts(visit)?,
        Table::Stakes | Table::Bets | Table::Postings => bets(visit, table)?,
    };
    let words = filter::in_words(visit, &pairs)?;
    let entry = visit.cursor.0.saturating_sub(1).to_string();
    let maker = visit.member().map_or_else(String::new, |member| member.name.clone());
    let realm = if visit.house.settings.test_realm { "test" } else { "production" };
    let mut text = String::from("\u{feff}");
    for (key, value) in [
        ("console.product", realm),
        ("filter.legend", words.as_str()),
        ("label.entry", entry.as_str()),
        ("console.maker", maker.as_str()),
        ("label.date", visit.now.to_string().as_str()),
        ("console.complete", if whole { "1" } else { "0" }),
    ] {
        text.push_str(&format!(
            "# {}: {}\r\n",
            visit.word(key),
            safe(value).replace(['\r', '\n'], " ")
        ));
    }
    text.push_str(&rows(table, &records)?);
    let hash = secret::hex(&secret::sha256(text.as_bytes()));
    let mark = if visit.house.settings.test_realm { "TEST_" } else { "" };
    let name = format!("{mark}bej_{}_{}_{}.csv", table.name(), entry, &hash[..12]);
    let headers = vec![
        ("content-type", "text/csv; charset=utf-8".to_owned()),
        ("content-disposition", format!("attachment; filename=\"{name}\"")),
        ("x-content-sha256", hash),
    ];
    Ok(Answer { status: 200, headers, body: text.into_bytes() })
}

/// The rows of a question to the register of bets, and whether these are all.
fn bets(visit: &mut Visit<'_>, table: Table) -> Result<(Vec<Record>, bool), Trouble> {
    let pairs = visit.form.without("token");
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
            Some(_) if ROWS_MAX <= records.len() => return Ok((records, false)),
            Some(next) => query = query.behind(next),
        }
    }
}

fn payouts(visit: &mut Visit<'_>) -> Result<(Vec<Record>, bool), Trouble> {
    let pairs = visit.form.without("token").without("before");
    let page = visit.views.payouts(&listing(visit, &pairs, ROWS_MAX))?;
    let whole = page.next.is_none();
    Ok((page.rows.into_iter().map(Record::Payout).collect(), whole))
}

fn rows(table: Table, records: &[Record]) -> Result<String, Trouble> {
    let broken = |error: csv::Error| {
        tracing::error!("an export cannot be written: {error}");
        Trouble::Status(503)
    };
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(table.columns().iter().map(|column| column.name)).map_err(broken)?;
    let mut cells = Vec::new();
    for record in records {
        if table.cells(record, &mut cells) {
            writer.write_record(cells.iter().map(text_of)).map_err(broken)?;
        }
    }
    let bytes = writer.into_inner().map_err(|_| Trouble::Status(503))?;
    String::from_utf8(bytes).map_err(|_| Trouble::Status(503))
}

fn text_of(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Int(number) => number.to_string(),
        Cell::Text(text) => safe(text),
        Cell::Time(at) => at.to_string(),
        Cell::Bytes(bytes) => terms::BetId(*bytes).to_string(),
    }
}

/// Text that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        assert_eq!(text_of(&Cell::Text("=1+1".into())), "'=1+1");
        assert_eq!(text_of(&Cell::Text("1,85".into())), "1,85");
        assert_eq!(text_of(&Cell::Int(-5)), "-5");
    }
}
