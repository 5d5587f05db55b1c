//! The invariants with their last verification (core 9, design 6).

use crate::doc::{Block, Cell, Doc, Head, Table};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The invariants of the product, in order.
const INVARIANTS: [&str; 15] =
    ["L1", "L2", "L3", "L4", "B1", "B2", "B3", "A1", "A2", "J1", "J2", "J3", "J4", "I1", "P1"];

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let verification = visit.house.source.verification();
    let mut blocks = Vec::new();
    let finding = match &verification {
        None => visit.word("console.not_verified"),
        Some(found) => {
            let (at, count) =
                (visit.show.moment(found.at), visit.show.number(found.entries as i64));
            let good = found.bad.is_none() && found.checks.iter().all(|(_, _, holds)| *holds);
            let key = if good { "verified_good" } else { "verified_bad" };
            visit.show.say(key, &[("at", &at), ("count", &count)])
        }
    };
    let mut rows = Vec::new();
    for id in INVARIANTS {
        let check = verification.as_ref().and_then(|found| {
            found.checks.iter().find(|(name, _, _)| name == id).map(|check| (check.1, check.2))
        });
        let (state, count) = match check {
            Some((count, true)) => (Cell::state("good", visit.word("console.holds")), Some(count)),
            Some((count, false)) => (Cell::state("bad", visit.word("console.broken")), Some(count)),
            None => (Cell::state("wait", visit.word("console.unknown")), None),
        };
        let count = count.map_or_else(
            || visit.word("console.unknown"),
            |count| visit.show.number(i64::try_from(count).unwrap_or(i64::MAX)),
        );
        let sentence = visit.word(&format!("invariant.{}", id.to_lowercase()));
        rows.push(vec![Cell::code(id), Cell::text(sentence), state, Cell::number(count)]);
    }
    blocks.push(Block::Table(Box::new(Table {
        id: "invariants".into(),
        caption: visit.word("console.invariants"),
        heads: vec![
            Head::text(visit.word("console.id")),
            Head::text(visit.word("console.sentence")),
            Head::text(visit.word("label.state")),
            Head::number(visit.word("console.checks")),
        ],
        rows,
        ..Table::default()
    })));
    if let Some(bad) = verification.as_ref().and_then(|found| found.bad.clone()) {
        blocks.push(Block::Notice { level: "critical", text: bad, links: Vec::new() });
    }
    if verification.is_none() {
        blocks.push(Block::Notice {
            level: "info",
            text: visit.word("console.verify_how"),
            links: Vec::new(),
        });
    }
    let title = visit.word("nav.invariants");
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}
