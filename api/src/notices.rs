//! `GET /v1/events`: a page of the caller's feed, with what the entries behind it say.

use axum::http::{HeaderMap, StatusCode};
use journal::fact::Fact;
use terms::{Organiser, Reason};
use wire::{AccountNo, Happening, Notice, Notices, Time};

use crate::commands::{bet, sum};
use crate::feed::Row;
use crate::house::House;
use crate::limits::{PAGE, PAGE_MAX};
use crate::problem::{Answer, Teller, Trouble, json};

/// Which part of the feed.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Behind this number; 0 for the whole feed.
    #[serde(default)]
    after: u64,
    /// So many.
    #[serde(default)]
    limit: Option<usize>,
}

/// A page of the feed.
pub fn page(house: &House, caller: Organiser, asked: &Asked, headers: &HeaderMap) -> Answer {
    let made = tokio::task::block_in_place(|| {
        let limit = asked.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
        let rows = house.feeds.page(caller, asked.after, limit);
        let (rows, more) = rows.map_err(|error| store::Fault::failed("read a feed", error))?;
        let numbered = (asked.after + 1..).zip(&rows);
        let events: Result<Vec<Notice>, store::Fault> =
            numbered.map(|(number, row)| notice(house, caller, number, row)).collect();
        let next_after = asked.after + rows.len() as u64;
        Ok::<_, store::Fault>(Notices { events: events?, next_after, more })
    });
    match made {
        Ok(page) => json(StatusCode::OK, &page),
        Err(fault) => {
            tracing::error!("a feed could not be read: {fault}");
            Teller::new(&house.phrases, headers).trouble(Trouble::Behind)
        }
    }
}

fn notice(
    house: &House,
    caller: Organiser,
    number: u64,
    row: &Row,
) -> Result<Notice, store::Fault> {
    let blank = Notice {
        number,
        event: row.event,
        at: Time(row.at),
        seq: None,
        bet: None,
        account: None,
        amount_tiyn: None,
        code: None,
    };
    if row.event == Happening::AccountStateChanged {
        // Its entry is of the operator, and its position would tell when it was made (domain 3).
        let code = Reason::from_code(row.code).map_or("admitted", Reason::name).to_owned();
        let account = Some(AccountNo((caller, row.account)));
        return Ok(Notice { account, code: Some(code), ..blank });
    }
    let entry = house.lookup.entries(row.seq, 1)?.pop();
    let seq = Some(row.seq.0);
    Ok(match entry.map(|entry| entry.fact) {
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
        _ => Notice { seq, ..blank },
    })
}
