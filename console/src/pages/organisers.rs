//! Organisers: all of them, and one «on date» (P-08): particulars, licences, desks and objects as
//! they were on a day, with what differs today.

use reports::card::{LicenceCard, OrganiserCard};
use reports::{Card, CardKind, Partition};
use terms::{Day, Organiser};

use super::sums::{self, Wanted};
use crate::doc::{Block, Cell, Doc, Head, Table};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The page of all.
pub fn all(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let today = visit.today();
    let month = Day(today.0 - 29)..Day(today.0 + 1);
    let wanted = Wanted::default();
    let sums = sums::by(visit, Partition::Recorded, month, &wanted, |key| key.organiser)?;
    let mut rows = Vec::new();
    for (organiser, card) in visit.organisers()? {
        let licence = licence_on(&visit.licences(organiser)?, today);
        let sum = sums.get(&organiser).copied().unwrap_or_default();
        rows.push(vec![
            visit.organiser_cell(organiser)?,
            Cell::text(visit.word(&format!("organiser_kind.{}", card.kind.name()))),
            Cell::code(card.bin.to_string()),
            licence_state(visit, licence.as_ref(), today),
            Cell::number(visit.show.number(sum.stakes)),
            Cell::number(visit.show.sum(sum.staked_tiyn)),
        ]);
    }
    let table = Table {
        id: "organisers".into(),
        caption: visit.word("console.organisers_caption"),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.kind")),
            Head::text(visit.word("label.bin")),
            Head::text(visit.word("label.licence")),
            Head::number(visit.word("label.stakes")),
            Head::number(visit.word("label.sum_tenge")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    };
    let title = visit.word("nav.organisers");
    visit.page(Doc { title, blocks: vec![Block::Table(Box::new(table))], ..Doc::default() })
}

/// The licence that covers a day: of several, the one recorded last.
pub fn licence_on(licences: &[LicenceCard], day: Day) -> Option<LicenceCard> {
    let covers = |card: &&LicenceCard| card.issued <= day && day <= card.expires;
    licences.iter().rev().find(covers).cloned()
}

/// The state of a licence on a day.
pub fn licence_state(visit: &Visit<'_>, licence: Option<&LicenceCard>, day: Day) -> Cell {
    match licence {
        None => Cell::state("bad", visit.word("console.no_licence")),
        Some(card) if card.suspended => Cell::state("bad", visit.word("console.suspended")),
        Some(card) => {
            let until = visit.show.day(card.expires);
            let text = visit.show.say("until_time", &[("time", &until)]);
            let state = if card.expires.0 - day.0 <= 30 { "warn" } else { "good" };
            Cell::state(state, text)
        }
    }
}

/// The page of one.
pub fn one(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let missing = || Trouble::Status(404);
    let organiser = visit.pieces[0].parse().map(Organiser).map_err(|_| missing())?;
    if !visit.sees(organiser) {
        return Err(missing());
    }
    let day = visit.day();
    let cards = visit.views.versions(CardKind::Organiser, u64::from(organiser.0))?;
    let versions: Vec<OrganiserCard> = cards
        .into_iter()
        .filter_map(|card| match card {
            Card::Organiser(card) => Some(card),
            _ => None,
        })
        .collect();
    let now = versions.last().cloned().ok_or_else(missing)?;
    // What holds on a day is what was recorded last of what had begun by then.
    let then = versions.iter().rev().find(|card| card.from <= day).cloned();
    let mut blocks =
        vec![Block::OnDay { value: day.to_string(), label: visit.word("console.on_date") }];
    match &then {
        None => blocks.push(Block::Notice {
            level: "info",
            text: visit.word("console.not_yet_registered"),
            links: Vec::new(),
        }),
        Some(then) => blocks.push(particulars(visit, then, &now, day)?),
    }
    blocks.push(licences(visit, organiser, day)?);
    blocks.push(desks(visit, organiser, day)?);
    blocks.push(month(visit, organiser)?);
    let title = now.name.as_str().to_owned();
    let shown = visit.show.day(day);
    let finding = visit.show.say("on_day", &[("day", &shown)]);
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}

fn particulars(
    visit: &mut Visit<'_>,
    then: &OrganiserCard,
    now: &OrganiserCard,
    day: Day,
) -> Result<Block, Trouble> {
    let changed = |then: String, now: String| {
        if then == now {
            Cell::text(then)
        } else {
            Cell::state("info", format!("{then} ≠ {now}"))
        }
    };
    let none = visit.word("console.none");
    let objects = |card: &OrganiserCard| {
        let one =
            |object: &journal::kinds::TaxableObject| format!("{}: {}", object.kind, object.count);
        match &card.taxable[..] {
            [] => none.clone(),
            all => all.iter().map(one).collect::<Vec<_>>().join("; "),
        }
    };
    let licence = licence_on(&visit.licences(then.organiser)?, day);
    Ok(Block::Facts {
        title: visit.word("console.particulars"),
        rows: vec![
            (visit.word("label.name"), changed(then.name.to_string(), now.name.to_string())),
            (
                visit.word("label.kind"),
                Cell::text(visit.word(&format!("organiser_kind.{}", then.kind.name()))),
            ),
            (visit.word("label.bin"), Cell::code(then.bin.to_string())),
            (
                visit.word("label.address"),
                changed(then.address.to_string(), now.address.to_string()),
            ),
            (visit.word("label.taxable"), changed(objects(then), objects(now))),
            (visit.word("label.licence"), licence_state(visit, licence.as_ref(), day)),
            (visit.word("label.since"), Cell::text(visit.show.day(then.from))),
        ],
    })
}

fn licences(visit: &mut Visit<'_>, organiser: Organiser, day: Day) -> Result<Block, Trouble> {
    let licences = visit.licences(organiser)?;
    let rows = licences.iter().map(|card| {
        let state = match card.issued <= day && day <= card.expires {
            true if card.suspended => Cell::state("bad", visit.word("console.suspended")),
            true => Cell::state("good", visit.word("console.in_force")),
            false => Cell::state("none", visit.word("console.not_in_force")),
        };
        vec![
            Cell::text(card.number.as_str()),
            Cell::text(visit.show.day(card.issued)),
            Cell::text(visit.show.day(card.expires)),
            state,
            Cell::number(card.seq.to_string()),
        ]
    });
    Ok(Block::Table(Box::new(Table {
        id: "licences".into(),
        caption: visit.word("console.licences"),
        heads: vec![
            Head::text(visit.word("label.number")),
            Head::text(visit.word("label.issued")),
            Head::text(visit.word("label.expires")),
            Head::text(visit.word("label.state")),
            Head::number(visit.word("label.entry")),
        ],
        rows: rows.collect(),
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}

fn desks(visit: &mut Visit<'_>, organiser: Organiser, day: Day) -> Result<Block, Trouble> {
    let mut desks = visit.desks(Some(organiser))?;
    desks.retain(|card| card.from <= day && card.closed_from.is_none_or(|closed| day < closed));
    let rows = desks.iter().map(|card| {
        let stakes = format!("/stakes?organiser={}&desk={}", organiser.0, card.desk.0);
        vec![
            Cell::text(format!("№\u{a0}{}", card.desk.0)).to(visit.href(&stakes)),
            Cell::text(visit.word(&format!("desk_kind.{}", card.kind.name()))),
            Cell::text(card.place.as_str()),
            Cell::text(visit.show.day(card.from)),
        ]
    });
    Ok(Block::Table(Box::new(Table {
        id: "desks".into(),
        caption: visit.word("console.desks_on_day"),
        heads: vec![
            Head::text(visit.word("label.desk")),
            Head::text(visit.word("label.desk_kind")),
            Head::text(visit.word("label.place")),
            Head::text(visit.word("label.opened")),
        ],
        rows: rows.take(200).collect(),
        empty: visit.word("console.no_rows"),
        next: (200 < desks.len()).then(|| visit.href(&format!("/desks?organiser={}", organiser.0))),
        ..Table::default()
    })))
}

/// The last twelve months.
fn month(visit: &mut Visit<'_>, organiser: Organiser) -> Result<Block, Trouble> {
    let (year, month, _) = visit.day().date();
    let mut rows = Vec::new();
    for back in 0..12 {
        let months = year * 12 + month as i32 - 1 - back;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) as u32 + 1);
        let Some(days) = sums::month(year, month) else { continue };
        let wanted = Wanted { organiser: Some(organiser), ..Wanted::default() };
        let found = sums::by(visit, Partition::Recorded, days.clone(), &wanted, |_| ())?;
        let sum = sums::total(found.into_values());
        if sum == reports::RollupSums::default() {
            continue;
        }
        let last = Day(days.end.0 - 1);
        let address = format!("/stakes?from={}&to={last}&organiser={}", days.start, organiser.0);
        rows.push(vec![
            Cell::text(visit.show.month(year, month)).to(visit.href(&address)),
            Cell::number(visit.show.number(sum.stakes)),
            Cell::number(visit.show.sum(sum.staked_tiyn)),
            Cell::number(visit.show.sum(sum.winnings_tiyn)),
            Cell::number(visit.show.sum(sum.refund_tiyn)),
            Cell::number(visit.show.sum(sum.paid_tiyn)),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "months".into(),
        caption: visit.word("console.activity"),
        heads: vec![
            Head::text(visit.word("label.month")),
            Head::number(visit.word("label.stakes")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("label.winnings_tenge")),
            Head::number(visit.word("label.refund_tenge")),
            Head::number(visit.word("label.paid_tenge")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}
