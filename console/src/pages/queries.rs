//! Saved queries: a name for an address, of one's own or for everybody of the role (R2-55.4b).
//! Days may be kept relative to today; the address that opens is absolute.

use terms::Day;

use super::filter;
use crate::doc::{Block, Cell, Doc, Field, Form, Head, Table};
use crate::shelf::{QUERIES_MAX, Query};
use crate::visit::{Trouble, Visit};
use crate::web::{Answer, Pairs};

/// The registers that can be saved.
const PAGES: [&str; 6] = ["/stakes", "/bets", "/payouts", "/refusals", "/breaches", "/corrections"];
/// Characters of a name.
const NAME_MAX: usize = 80;

/// The form on a register that saves its question.
pub fn form(visit: &Visit<'_>) -> Block {
    let choice = |name, label: &str, words: [(&str, &str); 2]| Field {
        name,
        label: visit.word(label),
        options: words.map(|(value, word)| (value.to_owned(), visit.word(word))).to_vec(),
        ..Field::default()
    };
    Block::Form(Box::new(Form {
        title: visit.word("query.save_title"),
        action: visit.href("/queries"),
        fields: vec![
            Field {
                name: "name",
                label: visit.word("query.name"),
                options: Vec::new(),
                max: NAME_MAX,
                ..Field::default()
            },
            choice("days", "query.days", [("fixed", "query.fixed"), ("moving", "query.moving")]),
            choice("shared", "query.whose", [("0", "query.own"), ("1", "query.shared")]),
        ],
        hidden: vec![
            ("page", visit.path.clone()),
            ("query", filter::canonical(&visit.query).address()),
        ],
        button: visit.word("query.save"),
        note: visit.word("query.note"),
        problem: None,
        folded: true,
        ..Form::default()
    }))
}

/// The queries of who asks, and those that are shared within the role.
fn seen(visit: &Visit<'_>) -> Vec<Query> {
    let Some(member) = visit.member() else { return Vec::new() };
    let sees = |query: &Query| {
        query.owner == member.number
            || (query.shared
                && query.role == member.role.name()
                && query.organiser == member.organiser.map(|organiser| organiser.0))
    };
    visit.house.queries.lock().iter().filter(|query| sees(query)).cloned().collect()
}

/// The page of all.
pub fn list(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let own = visit.member().map_or(0, |member| member.number);
    let mut rows = Vec::new();
    let mut blocks = Vec::new();
    for query in seen(visit) {
        let page = query.page.trim_start_matches('/').to_owned();
        let pairs = Pairs::parse(query.query.trim_start_matches('?')).unwrap_or_default();
        let maker = visit.house.staff().numbered(query.owner).map(|member| member.name.clone());
        let words = filter::in_words(visit, &absolute(&pairs, visit.today()))?;
        let shared = if query.shared { "query.shared" } else { "query.own" };
        rows.push(vec![
            Cell::text(query.name.clone()).to(visit.href(&format!("/queries/{}", query.number))),
            Cell::text(visit.word(&format!("nav.{page}"))),
            Cell::text(words),
            Cell::text(visit.word(shared)),
            Cell::text(maker.unwrap_or_else(|| visit.word("console.unknown"))),
        ]);
        if query.owner == own {
            blocks.push(Block::Button {
                action: visit.href(&format!("/queries/{}/delete", query.number)),
                button: visit.show.say("query_delete", &[("name", &query.name)]),
            });
        }
    }
    let table = Table {
        id: "queries".into(),
        caption: visit.word("nav.queries"),
        heads: ["query.name", "query.page", "filter.legend", "query.whose", "query.maker"]
            .map(|key| Head::text(visit.word(key)))
            .to_vec(),
        rows,
        empty: visit.word("query.none"),
        ..Table::default()
    };
    blocks.insert(0, Block::Table(Box::new(table)));
    let title = visit.word("nav.queries");
    visit.page(Doc { title, blocks, ..Doc::default() })
}

fn numbered(visit: &Visit<'_>) -> Result<Query, Trouble> {
    let number: Option<u64> = visit.pieces[0].parse().ok();
    let found = seen(visit).into_iter().find(|query| Some(query.number) == number);
    found.ok_or(Trouble::Status(404))
}

/// On to the address of a query.
pub fn run(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let query = numbered(visit)?;
    let pairs = Pairs::parse(query.query.trim_start_matches('?')).unwrap_or_default();
    let address = absolute(&pairs, visit.today()).address();
    Ok(Answer::see(visit.href(&format!("{}{address}", query.page))))
}

/// Saves the question of a register.
pub fn save(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let broken = || Trouble::Status(400);
    let member = visit.member().cloned().ok_or(Trouble::Status(403))?;
    let get = |name: &str| visit.form.get(name).map(str::to_owned);
    let name = get("name").filter(|name| name.chars().count() <= NAME_MAX).ok_or_else(broken)?;
    let page = get("page").filter(|page| PAGES.contains(&page.as_str())).ok_or_else(broken)?;
    let pairs = Pairs::parse(get("query").unwrap_or_default().trim_start_matches('?'));
    let pairs = filter::canonical(&pairs.ok_or_else(broken)?);
    let moving = get("days").as_deref() == Some("moving");
    let pairs = if moving { relative(&pairs, visit.today()) } else { pairs };
    let query = Query {
        number: 0,
        owner: member.number,
        role: member.role.name().to_owned(),
        organiser: member.organiser.map(|organiser| organiser.0),
        name,
        page,
        query: pairs.address(),
        shared: get("shared").as_deref() == Some("1"),
    };
    change(visit, |queries| {
        let number = queries.iter().map(|query| query.number).max().unwrap_or(0) + 1;
        let room = queries.len() < QUERIES_MAX;
        if room {
            queries.push(Query { number, ..query });
        }
        room
    })
}

/// Forgets a query of one's own.
pub fn forget(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let query = numbered(visit)?;
    if visit.member().is_none_or(|member| member.number != query.owner) {
        return Err(Trouble::Status(404));
    }
    change(visit, |queries| {
        queries.retain(|found| found.number != query.number);
        true
    })
}

/// Changes the list and keeps it, or leaves it as it was.
fn change(
    visit: &Visit<'_>,
    change: impl FnOnce(&mut Vec<Query>) -> bool,
) -> Result<Answer, Trouble> {
    let mut queries = visit.house.queries.lock();
    let mut next = queries.clone();
    if !change(&mut next) {
        return Err(Trouble::Status(413));
    }
    visit.house.keep_queries(&next).map_err(|why| {
        tracing::error!("saved queries could not be written: {why}");
        Trouble::Status(503)
    })?;
    *queries = next;
    Ok(Answer::see(visit.href("/queries")))
}

/// Days of an address relative to today: `today-7`.
fn relative(pairs: &Pairs, today: Day) -> Pairs {
    let mut moved = pairs.clone();
    for name in ["from", "to"] {
        if let Some(day) = pairs.get(name).and_then(Day::parse) {
            moved = moved.with(name, &format!("today-{}", today.0 - day.0));
        }
    }
    moved
}

/// The same the other way.
fn absolute(pairs: &Pairs, today: Day) -> Pairs {
    let mut fixed = pairs.clone();
    for name in ["from", "to"] {
        let back = pairs.get(name).and_then(|value| value.strip_prefix("today-"));
        if let Some(back) = back.and_then(|back| back.parse::<i32>().ok()) {
            fixed = fixed.with(name, &Day(today.0.saturating_sub(back)).to_string());
        }
    }
    filter::canonical(&fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_move_with_today_and_come_back() {
        let pairs = Pairs::parse("from=2026-01-05&to=2026-01-07&form=cash").unwrap();
        let (then, now) = (Day::parse("2026-01-07").unwrap(), Day::parse("2026-03-01").unwrap());
        let moving = relative(&pairs, then);
        assert_eq!(moving.get("from"), Some("today-2"));
        assert_eq!(absolute(&moving, then).address(), pairs.address());
        assert_eq!(absolute(&moving, now).get("to"), Some("2026-03-01"));
    }
}
