//! Lists of clause 10 as they are in force, and how fresh each is (R0-10.5, R0-10.6). Versions are
//! brought in beside the console, by `bej lists import`, where one that shrank wants a second
//! person.

use super::{behind, moment, officer, page};
use crate::doc::{Block, Cell, Head, Table};
use crate::ports::people::ListLine;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The page.
pub fn show(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let lists = behind(visit)?.lists(officer(visit)?)?;
    let stale = lists.iter().filter(|line| is_stale(visit, line)).count();
    let [of, stale] =
        [lists.len(), stale].map(|n| visit.show.number(i64::try_from(n).unwrap_or(i64::MAX)));
    let finding = visit.show.say("lists_finding", &[("count", &stale), ("of", &of)]);
    let text = |key: &str| Head::text(visit.word(key));
    let figure = |key: &str| Head::number(visit.word(key));
    let heads = vec![
        text("people.list"),
        text("label.state"),
        figure("people.version"),
        text("people.in_force"),
        text("people.age"),
        text("people.most"),
        text("people.came"),
        figure("people.rows"),
        text("people.digest"),
    ];
    let table = Table {
        id: "lists".into(),
        caption: visit.word("people.lists_caption"),
        heads,
        rows: lists.iter().map(|line| row(visit, line)).collect(),
        empty: visit.word("console.no_rows"),
        ..Table::default()
    };
    page(visit, "nav.lists", Some(finding), vec![Block::Table(Box::new(table))])
}

fn is_stale(visit: &Visit<'_>, line: &ListLine) -> bool {
    let age = line.force.as_ref().map(|force| visit.now.since(force.since));
    age.is_none_or(|age| line.most_ns < age)
}

fn row(visit: &Visit<'_>, line: &ListLine) -> Vec<Cell> {
    let (look, word) = match is_stale(visit, line) {
        true => ("bad", "people.stale"),
        false => ("good", "people.fresh"),
    };
    let none = || Cell::state("none", visit.word("console.none"));
    let force = line.force.as_ref();
    let age = force.map(|force| visit.show.long(visit.now.since(force.since)));
    let rows = force.and_then(|force| force.rows);
    let rows = rows.map(|rows| visit.show.number(i64::try_from(rows).unwrap_or(i64::MAX)));
    let digest = force.map(|force| force.digest.get(..16).unwrap_or(&force.digest).to_owned());
    vec![
        Cell::text(visit.word(&format!("list_name.{}", line.list.name()))),
        Cell::state(look, visit.word(word)),
        force.map_or_else(none, |force| Cell::number(force.version.to_string())),
        moment(visit, force.map(|force| force.since)),
        age.map_or_else(none, Cell::text),
        Cell::text(visit.show.long(line.most_ns)),
        moment(visit, force.and_then(|force| force.came)),
        rows.map_or_else(none, Cell::number),
        digest.map_or_else(none, Cell::code),
    ]
}
