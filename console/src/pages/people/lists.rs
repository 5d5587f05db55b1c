//! Lists of clause 10: how fresh each is, and the versions that came (R0-10.5, R0-10.6).

use super::{behind, form_id, moment, officer, once, page};
use crate::doc::{Block, Cell, Form, Head, Table};
use crate::ports::people::{ListSource, ListState, ListVersion};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The page.
pub fn show(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (people, by) = (behind(visit)?, officer(visit)?);
    let sources = people.sources(by)?;
    let versions = people.versions(by, super::PAGE)?;
    let stale = sources.iter().filter(|source| is_stale(visit, source)).count();
    let [of, stale] =
        [sources.len(), stale].map(|n| visit.show.number(i64::try_from(n).unwrap_or(i64::MAX)));
    let finding = visit.show.say("lists_finding", &[("count", &stale), ("of", &of)]);
    let mut blocks = vec![fresh(visit, &sources), came(visit, &versions)];
    let may = visit.role().is_some_and(|role| role != crate::role::Role::Monitoring);
    for version in versions.iter().filter(|version| may && version.state == ListState::Awaits) {
        let name = visit.word(&format!("list_name.{}", version.list.name()));
        let removed = visit.show.number(i64::try_from(version.removed).unwrap_or(i64::MAX));
        let form = Form {
            title: name,
            hidden: vec![("digest", version.digest.clone())],
            button: visit.word("people.confirm_list"),
            note: visit.show.say("list_shrank", &[("count", &removed)]),
            id: version.digest.get(..8).unwrap_or_default().to_owned(),
            ..Form::default()
        };
        blocks.push(once(visit, "/lists", form)?);
    }
    page(visit, "nav.lists", Some(finding), blocks)
}

fn is_stale(visit: &Visit<'_>, source: &ListSource) -> bool {
    source.good.is_none_or(|good| source.most_ns < visit.now.since(good))
}

fn fresh(visit: &Visit<'_>, sources: &[ListSource]) -> Block {
    let rows = sources.iter().map(|source| {
        let (look, word) = match (is_stale(visit, source), source.failing) {
            (true, _) => ("bad", "people.stale"),
            (false, true) => ("warn", "people.failing"),
            (false, false) => ("good", "people.fresh"),
        };
        let age =
            source.good.map_or_else(String::new, |good| visit.show.long(visit.now.since(good)));
        vec![
            Cell::text(visit.word(&format!("list_name.{}", source.list.name()))),
            Cell::state(look, visit.word(word)),
            moment(visit, source.good),
            Cell::text(age),
            moment(visit, source.tried),
            Cell::text(visit.show.long(source.most_ns)),
        ]
    });
    let heads =
        ["people.list", "label.state", "people.good", "people.age", "people.tried", "people.most"];
    Block::Table(Box::new(Table {
        id: "sources".into(),
        caption: visit.word("people.sources_caption"),
        heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
        rows: rows.collect(),
        empty: visit.word("console.no_rows"),
        ..Table::default()
    }))
}

fn came(visit: &Visit<'_>, versions: &[ListVersion]) -> Block {
    let number = |n: u64| visit.show.number(i64::try_from(n).unwrap_or(i64::MAX));
    let rows = versions.iter().map(|version| {
        let look = match version.state {
            ListState::InForce => "good",
            ListState::Awaits => "warn",
            ListState::Replaced => "none",
            ListState::Refused => "bad",
        };
        let mut state = visit.word(&format!("list_state.{}", version.state.name()));
        if let Some((line, why)) = &version.broken {
            let line = number(*line);
            let told = visit.show.say("list_broken", &[("line", &line), ("why", why)]);
            state = format!("{state}: {told}");
        }
        let none = || Cell::state("none", visit.word("console.none"));
        vec![
            Cell::text(visit.word(&format!("list_name.{}", version.list.name()))),
            version.version.map_or_else(none, |number| Cell::number(number.to_string())),
            Cell::state(look, state),
            Cell::text(visit.show.moment(version.came)),
            moment(visit, version.in_force),
            Cell::number(number(version.rows)),
            Cell::number(format!("+{}", number(version.added))),
            Cell::number(format!("−{}", number(version.removed))),
            Cell::code(version.digest.get(..16).unwrap_or(&version.digest)),
        ]
    });
    let text = |key: &str| Head::text(visit.word(key));
    let figure = |key: &str| Head::number(visit.word(key));
    let heads = vec![
        text("people.list"),
        figure("people.version"),
        text("label.state"),
        text("people.came"),
        text("people.in_force"),
        figure("people.rows"),
        figure("people.added"),
        figure("people.removed"),
        text("people.digest"),
    ];
    Block::Table(Box::new(Table {
        id: "versions".into(),
        caption: visit.word("people.versions_caption"),
        heads,
        rows: rows.collect(),
        empty: visit.word("console.no_rows"),
        ..Table::default()
    }))
}

/// Confirms a version that shrank.
pub fn confirm(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let digest = visit.form.get("digest").ok_or(Trouble::Status(400))?.to_owned();
    behind(visit)?.confirm_version(officer(visit)?, &digest, form_id(visit)?)?;
    Ok(Answer::see(visit.href("/lists")))
}
