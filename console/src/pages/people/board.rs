//! The board of terms that run (P-54): late, today, within three days, and later.

use terms::Instant;

use super::{behind, officer, page, term};
use crate::doc::{Block, Cell, Head, Table};
use crate::ports::people::{TermKind, TermLine};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The groups, in the order in which they stand.
const GROUPS: [&str; 4] = ["late", "today", "near", "later"];
/// How far is near.
const NEAR_NS: i64 = 3 * Instant::DAY;

/// The page.
pub fn show(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let found = behind(visit)?.terms(officer(visit)?, super::PAGE)?;
    let today = visit.show.day_of(visit.now);
    let group = |line: &TermLine| match line {
        line if line.due < visit.now => "late",
        line if visit.show.day_of(line.due) == today => "today",
        line if line.due.since(visit.now) < NEAR_NS => "near",
        _ => "later",
    };
    let late = found.iter().filter(|line| group(line) == "late").count();
    let count = visit.show.number(i64::try_from(late).unwrap_or(i64::MAX));
    let finding = visit.show.say("terms_finding", &[("count", &count)]);
    let mut blocks = Vec::new();
    for name in GROUPS {
        let mut lines: Vec<&TermLine> = found.iter().filter(|line| group(line) == name).collect();
        lines.sort_by_key(|line| line.due);
        let heads = ["people.clause", "people.of", "people.began", "people.due", "people.left"];
        blocks.push(Block::Table(Box::new(Table {
            id: format!("terms-{name}"),
            caption: visit.word(&format!("terms_group.{name}")),
            heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
            rows: lines.into_iter().map(|line| row(visit, line)).collect(),
            empty: visit.word("people.no_terms"),
            ..Table::default()
        })));
    }
    page(visit, "nav.terms", Some(finding), blocks)
}

fn row(visit: &Visit<'_>, line: &TermLine) -> Vec<Cell> {
    let of = format!(
        "{} №\u{a0}{}",
        visit.word(&format!("term_kind.{}", line.kind.name())),
        line.number
    );
    let of = match line.kind {
        TermKind::Match => Cell::text(of).to(visit.href(&format!("/matches/{}", line.number))),
        TermKind::Report
        | TermKind::Erasure
        | TermKind::Application
        | TermKind::List
        | TermKind::Registration => Cell::text(of),
    };
    vec![
        Cell::text(line.clause),
        of,
        Cell::text(visit.show.moment(line.began)),
        Cell::text(visit.show.moment(line.due)),
        term(visit, Some(line.due)),
    ]
}
