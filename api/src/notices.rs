//! `GET /v1/events`: a page of the caller's feed, with what the entries behind it say; and
//! `GET /v1/works`, for who begins to listen after works were announced.

use axum::http::{HeaderMap, StatusCode};
use journal::fact::{Entry, Fact, WorksAnnounced, WorksCancelled, WorksChanged};
use register::works::{WorksKind, WorksScope, WorksWindow};
use store::Fault;
use terms::{Organiser, Reason};
use wire::{AccountNo, Happening, Notice, Notices, PlannedWorks, PlannedWorksList, Time};

use crate::commands::{bet, sum};
use crate::feed::Row;
use crate::house::House;
use crate::problem::{Answer, Teller, Trouble, json};
use crate::query::{Asked, Pairs};

/// A page of the feed.
pub fn page(house: &House, caller: Organiser, pairs: &Pairs, headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    let asked = match Asked::read(pairs, &["after", "limit"]) {
        Ok(asked) => asked,
        Err(faults) => return tell.malformed(faults),
    };
    match tokio::task::block_in_place(|| part(house, caller, asked.after, asked.rows())) {
        Ok(page) => json(StatusCode::OK, &page),
        Err(fault) => {
            tracing::error!("a feed could not be read: {fault}");
            tell.trouble(Trouble::Behind)
        }
    }
}

/// So many notices behind a number.
pub fn part(
    house: &House,
    caller: Organiser,
    after: Option<u64>,
    limit: usize,
) -> Result<Notices, Fault> {
    let after = after.unwrap_or(0);
    let rows = house.feeds.page(caller, after, limit);
    let (rows, more) = rows.map_err(|error| Fault::failed("read a feed", error))?;
    // An entry that is not told of is not read.
    let of_account = [Happening::AccountStateChanged, Happening::AccountOpened];
    let told = |row: &Row| (!of_account.contains(&row.event)).then_some(row.seq);
    let entries = house.lookup.each(&rows.iter().map(told).collect::<Vec<_>>())?;
    let numbered = (after + 1..).zip(rows.iter().zip(entries));
    let events: Vec<Notice> =
        numbered.map(|(number, (row, entry))| notice(caller, number, row, entry)).collect();
    let next_after = after + events.len() as u64;
    Ok(Notices { events, next_after, more })
}

fn notice(caller: Organiser, number: u64, row: &Row, entry: Option<Entry>) -> Notice {
    let blank = Notice {
        number,
        event: row.event,
        at: Time(row.at),
        seq: None,
        bet: None,
        account: None,
        amount_tiyn: None,
        code: None,
        planned_works: None,
    };
    if [Happening::AccountStateChanged, Happening::AccountOpened].contains(&row.event) {
        // Its entry is of the operator, and its position would tell when it was made (domain 3).
        let code = Reason::from_code(row.code).map_or("admitted", Reason::name).to_owned();
        let account = Some(AccountNo((caller, row.account)));
        return Notice { account, code: Some(code), ..blank };
    }
    let seq = Some(row.seq.0);
    match entry.map(|entry| entry.fact) {
        Some(Fact::PayoutPosted(fact)) => Notice {
            seq,
            bet: Some(bet(fact.bet)),
            account: Some(AccountNo((caller, fact.account))),
            amount_tiyn: fact.winning.checked_add(fact.refund).map(sum),
            ..blank
        },
        Some(Fact::BetSettled(fact)) => Notice {
            seq,
            bet: Some(bet(fact.bet)),
            account: Some(AccountNo((caller, fact.account))),
            amount_tiyn: Some(sum(fact.net_due)),
            ..blank
        },
        Some(Fact::HoldReleased(fact)) => Notice { seq, bet: Some(bet(fact.bet)), ..blank },
        Some(
            Fact::WorksAnnounced(WorksAnnounced { window, .. })
            | Fact::WorksChanged(WorksChanged { window, .. })
            | Fact::WorksCancelled(WorksCancelled { window, .. }),
        ) => Notice { seq, planned_works: Some(planned(&window)), ..blank },
        _ => Notice { seq, ..blank },
    }
}

/// The planned works that are not over.
pub fn works(house: &House) -> Answer {
    let now = house.now();
    let found = house.copy.read(|state| PlannedWorksList {
        works: state.works.open(now).map(planned).collect(),
        as_of_seq: state.next.0,
    });
    json(StatusCode::OK, &found)
}

fn planned(window: &WorksWindow) -> PlannedWorks {
    PlannedWorks {
        works: window.works.0,
        kind: match window.kind {
            WorksKind::Preventive => wire::WorksKind::Preventive,
            WorksKind::Restoration => wire::WorksKind::Restoration,
        },
        scope: match window.scope {
            WorksScope::Everything => wire::WorksScope::Everything,
            WorksScope::Stakes => wire::WorksScope::Stakes,
            WorksScope::Payouts => wire::WorksScope::Payouts,
            WorksScope::Pages => wire::WorksScope::Pages,
        },
        from: Time(window.from),
        until: Time(window.until),
    }
}
