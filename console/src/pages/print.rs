//! A register on paper: the rows of its question with the maker, the time, the entry and the
//! SHA-256 of the CSV file of the same rows, so that the paper holds without the screen (R2-55.9b).

use papers::sheet::Format;
use reports::Record;
use reports::table::Table as Rows;

use super::registers::{self, Register};
use super::{export, filter};
use crate::doc::{Block, Cell, Doc, Head, Table};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Rows of one print; more are for an export.
const ROWS_MAX: usize = 1_000;

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let pairs = visit.form.without("token").without("format");
    let taken = export::take(visit, ROWS_MAX)?;
    let file = export::file(visit, &taken, Format::Csv)?;
    let (register, name) = match taken.table {
        Rows::Stakes => (Register::Stakes, "console.register_stakes"),
        Rows::Bets => (Register::Bets, "console.register_bets"),
        Rows::Payouts | Rows::Postings => (Register::Payouts, "console.register_payouts"),
    };
    let words = filter::in_words(visit, &pairs)?;
    let title = visit.word(name);
    let mut lines = Vec::new();
    for record in &taken.records {
        lines.extend(match record {
            Record::Bet(row) => Some(registers::line(visit, register, row)?),
            Record::Payout(row) => Some(registers::payout_line(visit, row)?),
            Record::Posting(_) => None,
        });
    }
    // Paper has no links, and the form of an account's number is that of the page.
    for cell in lines.iter_mut().flatten() {
        cell.href = None;
    }
    let heads = registers::columns(register)
        .iter()
        .map(|column| Head { text: visit.word(column.0), number: column.1, ..Head::default() })
        .collect();
    let count = visit.show.number(taken.records.len() as i64);
    let table = Table {
        id: "register".into(),
        caption: format!("{title} · {}", visit.show.say("total_of", &[("count", &count)])),
        heads,
        rows: lines,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    };
    let mut blocks = vec![colophon(visit, &words, &file.sha256), Block::Table(Box::new(table))];
    if !taken.whole {
        let text = visit.show.say("print_cut", &[("count", &count)]);
        blocks.insert(0, Block::Notice { level: "warn", text, links: Vec::new() });
    }
    visit.page(Doc { title, blocks, print: true, ..Doc::default() })
}

/// Who made it, when, of what, and what it can be compared with.
fn colophon(visit: &Visit<'_>, words: &str, sha256: &str) -> Block {
    let entry = visit.cursor.0.checked_sub(1);
    let entry = entry.map_or_else(|| visit.word("console.none"), |entry| entry.to_string());
    let maker = visit.member().map_or_else(String::new, |member| {
        format!("{} · {}", member.name, visit.word(&format!("role.{}", member.role.name())))
    });
    Block::Facts {
        title: visit.word("print.colophon"),
        rows: vec![
            (visit.word("filter.legend"), Cell::text(words)),
            (visit.word("label.entry"), Cell::text(entry)),
            (visit.word("query.maker"), Cell::text(maker)),
            (visit.word("label.date"), Cell::text(visit.show.moment(visit.now))),
            (visit.word("print.sha256"), Cell::code(sha256)),
        ],
    }
}
