//! Messages that come alone: read, put to the pump, answered.
//!
//! An answer of 201 is a receipt, of 422 a refusal; both are on record, and a repeat gets the same
//! again, with `Bej-Repeated: ?1`. Everything else says that nothing was decided, or, when the
//! server stops, that it is not known; the same message may then be sent again.

use std::future::poll_fn;
use std::pin::pin;

use axum::body::{Body, Bytes};
use axum::extract::Request as HttpRequest;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use desk::command::Manner;
use desk::{Command, Message};
use hyper::body::Body as _;
use journal::fact::{Entry, Fact};
use pump::{Class, Outcome, Verdict};
use terms::{Organiser, Reason, Sender, Tiyn};
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;
use wire::{
    Changed, Currency, HoldPlaced, HoldReleased, Id, Kind, Listed, OrderGiven, Payout, Receipt,
    Reported, Request, Settled, StakeAccepted, Sum, Time,
};

use crate::budget::Budget;
use crate::house::{House, Shared};
use crate::limits::{BODY_MAX, THROWN_AWAY_MAX};
use crate::problem::{Answer, Teller, Trouble, json};
use crate::translate;

/// A message of an organiser.
pub async fn post(house: Shared, caller: Organiser, kind: Kind, request: HttpRequest) -> Answer {
    let (parts, body) = request.into_parts();
    let tell = Teller::new(&house.phrases, &parts.headers);
    let taken = match take(&house, &parts.headers, body, "application/json", BODY_MAX).await {
        Ok(taken) => taken,
        Err(trouble) => return tell.trouble(trouble),
    };
    let message = match Request::read(kind, &taken.text) {
        Ok(message) => message,
        Err(faults) => return tell.malformed(faults),
    };
    let (class, command) = (translate::class(kind), translate::command(caller, &message));
    let done = |house: &House, receipt: Receipt| done(house, caller, &message, receipt);
    let sender = Sender::Organiser(caller);
    decide(&house, tell, sender, message.id(), class, command, done).await
}

/// An order of a bettor, by his session.
pub async fn post_order(house: Shared, request: HttpRequest) -> Answer {
    let (parts, body) = request.into_parts();
    let tell = Teller::new(&house.phrases, &parts.headers);
    let token = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    let look = |token: &str| tokio::task::block_in_place(|| house.persons.session(token));
    let session = match token.map(look).transpose() {
        Ok(session) => session.flatten(),
        Err(why) => {
            tracing::error!("a session could not be looked for: {why:?}");
            return tell.trouble(Trouble::Behind);
        }
    };
    let Some(session) = session else { return tell.trouble(Trouble::SessionExpired) };
    let taken = match take(&house, &parts.headers, body, "application/json", BODY_MAX).await {
        Ok(taken) => taken,
        Err(trouble) => return tell.trouble(trouble),
    };
    let order = match wire::read::<wire::Order>(&taken.text) {
        Ok(order) => order,
        Err(faults) => return tell.malformed(faults),
    };
    // Another person's account is refused like one that does not exist.
    let own = house.copy.read(|state| {
        let row = state.people.account(order.account.0.1);
        row.is_some_and(|row| row.person == session.person)
    });
    let named = if own { order.account } else { nobody(order.organiser.0) };
    let order = wire::Order { account: named, ..order };
    let command = translate::give_order(&order, session.proved, session.method(), session.nonce);
    let done = |_: &House, receipt: Receipt| {
        Ok(json(StatusCode::CREATED, &OrderGiven { id: order.id, receipt, order: order.id }))
    };
    decide(&house, tell, Sender::Bettor, order.id, Class::Live, command, done).await
}

/// A number that no account has.
fn nobody(organiser: Organiser) -> wire::AccountNo {
    wire::AccountNo((organiser, terms::Account(u32::MAX)))
}

/// Puts a message to the pump and answers.
async fn decide(
    house: &House,
    tell: Teller<'_>,
    sender: Sender,
    id: Id,
    class: Class,
    command: Command,
    done: impl FnOnce(&House, Receipt) -> Result<Answer, store::Fault>,
) -> Answer {
    house.metrics.messages(1);
    let message = Message::new(sender, id.0, Manner::Single, command);
    let verdict = match house.ask(class, vec![message]).await {
        Ok(verdicts) => verdicts.first().copied(),
        Err(error) => return tell.unasked(&error),
    };
    let Some(verdict) = verdict else { return tell.trouble(Trouble::Stopping) };
    let receipt = receipt(&verdict);
    let mut answer = match (verdict.outcome, receipt) {
        (Outcome::Done, Some(receipt)) => {
            done(house, receipt).unwrap_or_else(|fault| {
                // It was decided; a repeat gets the answer.
                tracing::error!("an answer could not be put together: {fault}");
                tell.trouble(Trouble::Behind)
            })
        }
        (Outcome::Refused(reason) | Outcome::Deferred(reason), receipt) => {
            tell.refusal(reason, Some(id), receipt)
        }
        (Outcome::Conflict(_), _) => tell.refusal(Reason::IdReused, Some(id), None),
        (Outcome::TooMany(_), _) => tell.trouble(Trouble::RefusalsExceeded),
        (Outcome::Done | Outcome::Idle, _) => tell.trouble(Trouble::Behind),
    };
    if let (Outcome::Refused(_) | Outcome::TooMany(_), Sender::Organiser(organiser)) =
        (verdict.outcome, sender)
    {
        let now = house.now();
        house.budgets.note(organiser, Budget::Refusals, now, 1);
        house.budgets.tell(organiser, &[Budget::Refusals], now, answer.headers_mut());
    }
    if verdict.repeat {
        answer.headers_mut().insert("bej-repeated", HeaderValue::from_static("?1"));
    }
    answer
}

/// The receipt of a verdict as its sender may see it.
pub fn receipt(verdict: &Verdict) -> Option<Receipt> {
    verdict.receipt.map(|receipt| Receipt {
        code: receipt.code.map_or("accepted", |code| code.outer().name()).to_owned(),
        seq: receipt.seq.0,
        leaf: receipt.leaf.to_string(),
        at: Time(receipt.at),
        rulebook: receipt.rulebook,
    })
}

/// A body that was taken in, with the room that it fills.
pub struct Taken<'a> {
    /// Its bytes.
    pub text: Bytes,
    _room: SemaphorePermit<'a>,
}

/// Takes a body in: of this type, at most so many bytes, in time.
pub async fn take<'a>(
    house: &'a House,
    headers: &HeaderMap,
    body: Body,
    kind: &str,
    most: usize,
) -> Result<Taken<'a>, Trouble> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split(';').next()).unwrap_or_default();
    // Nothing is unpacked: a small body could become a large one.
    let packed = headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    if packed || !given.trim().eq_ignore_ascii_case(kind) {
        return Err(Trouble::UnsupportedMedia);
    }
    let length = body.size_hint().upper().and_then(|length| usize::try_from(length).ok());
    let room = house.room.take(length.unwrap_or(most).min(most)).ok_or(Trouble::Busy)?;
    let collected = timeout(house.limits.body, collect(body, most)).await;
    let text = collected.unwrap_or(Err(Trouble::BodyTooSlow))?;
    Ok(Taken { text, _room: room })
}

/// Reads a body and forgets it, as far as patience goes.
pub async fn throw_away(house: &House, body: Body) {
    // Too large, too slow or cut: whoever sends it is told the same.
    let _ = timeout(house.limits.body, collect(body, 0)).await;
}

/// What is too large is read on for a while and thrown away: a sender that is still sending would
/// not hear the answer.
async fn collect(body: Body, most: usize) -> Result<Bytes, Trouble> {
    let mut body = pin!(body);
    let (mut text, mut seen) = (Vec::new(), 0usize);
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        // A body that is cut: nobody may be there to hear it.
        let frame = frame.map_err(|_| Trouble::Malformed)?;
        let Ok(data) = frame.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        if seen <= most {
            text.extend_from_slice(&data);
        } else if most.saturating_add(THROWN_AWAY_MAX) < seen {
            break;
        }
    }
    if most < seen { Err(Trouble::BodyTooLarge) } else { Ok(text.into()) }
}

/// The answer to a message that was done.
fn done(
    house: &House,
    caller: Organiser,
    message: &Request,
    receipt: Receipt,
) -> Result<Answer, store::Fault> {
    let id = message.id();
    let created = StatusCode::CREATED;
    Ok(match message {
        Request::Stake(_) => json(created, &StakeAccepted { id, receipt, bet: id }),
        Request::HoldConfirmation(message) => {
            json(created, &StakeAccepted { id, receipt, bet: message.hold })
        }
        Request::Hold(_) => {
            let rulebook = receipt.rulebook;
            let stands = house.copy.read(|state| {
                let rules = state.rulebooks.iter().find(|rules| rules.number == rulebook);
                rules.map_or(0, |rules| rules.terms.hold_ns)
            });
            let expires_at = Time(receipt.at.0.plus(stands));
            json(created, &HoldPlaced { id, receipt, hold: id, expires_at })
        }
        Request::HoldRelease(message) => {
            json(created, &HoldReleased { id, receipt, hold: message.hold })
        }
        Request::Settlement(_)
        | Request::Resettlement(_)
        | Request::Void(_)
        | Request::DeskStake(_)
        | Request::DeskPayout(_)
        | Request::ClaimSettlement(_)
        | Request::Championship(_)
        | Request::Event(_)
        | Request::EventChange(_)
        | Request::Market(_)
        | Request::MarketChange(_)
        | Request::MarketResult(_) => {
            // Only who reads the journal gives the worker away: a stake does not.
            let look = || house.lookup.entries(terms::Seq(receipt.seq), 2);
            let entries = tokio::task::block_in_place(look)?;
            recorded(caller, id, receipt, &entries)
        }
    })
}

/// The answer that the record of a message tells.
fn recorded(caller: Organiser, id: Id, receipt: Receipt, entries: &[Entry]) -> Answer {
    let created = StatusCode::CREATED;
    let listed = Listed {
        id,
        receipt: receipt.clone(),
        championship: None,
        event: None,
        market: None,
        outcomes: None,
    };
    match entries.first().map(|entry| &entry.fact) {
        Some(Fact::BetSettled(fact)) => {
            let paid = entries.get(1).is_some_and(|entry| {
                matches!(&entry.fact, Fact::PayoutPosted(payout)
                    if (payout.organiser, payout.bet) == (caller, fact.bet))
            });
            json(created, &settled(id, receipt, fact, paid))
        }
        Some(Fact::StakeReported(fact)) => {
            let (late, breaches) = (fact.late, codes(&fact.breaches));
            json(created, &Reported { id, receipt, bet: id, late, breaches })
        }
        Some(Fact::PayoutReported(fact)) => {
            let (bet, late, breaches) = (bet(fact.bet), fact.late, codes(&fact.breaches));
            json(created, &Reported { id, receipt, bet, late, breaches })
        }
        Some(Fact::ClaimSettled(fact)) => {
            let (bet, late) = (bet(fact.bet), false);
            json(created, &Reported { id, receipt, bet, late, breaches: Vec::new() })
        }
        Some(Fact::ChampionshipListed(fact)) => {
            let championship = Some(wire::ChampionshipNo(fact.championship));
            json(created, &Listed { championship, ..listed })
        }
        Some(Fact::EventListed(fact)) => {
            json(created, &Listed { event: Some(wire::EventNo(fact.event)), ..listed })
        }
        Some(Fact::MarketListed(fact)) => {
            let outcomes = (0..fact.outcomes.len())
                .filter_map(|place| terms::Outcome::of(fact.market, place))
                .map(wire::OutcomeNo)
                .collect();
            let market = Some(wire::MarketNo(fact.market));
            json(created, &Listed { market, outcomes: Some(outcomes), ..listed })
        }
        Some(Fact::ResultPublished(fact)) => {
            json(created, &Changed { id, receipt, breaches: codes(&fact.breaches) })
        }
        _ => json(created, &Changed { id, receipt, breaches: Vec::new() }),
    }
}

fn settled(id: Id, receipt: Receipt, fact: &journal::fact::BetSettled, paid: bool) -> Settled {
    let payout = match (fact.waits.is_some(), paid, fact.net_due.is_zero()) {
        (true, _, _) => Payout::WaitingFunds,
        (false, true, _) => Payout::Posted,
        (false, false, true) => Payout::None,
        (false, false, false) => Payout::DueAtDesk,
    };
    Settled {
        id,
        receipt,
        bet: bet(fact.bet),
        result: result(fact.outcome),
        currency: Currency::Kzt,
        computed_gross_tiyn: sum(fact.gross_computed),
        gross_return_tiyn: sum(fact.gross),
        of_which_stake_tiyn: sum(fact.of_which_stake),
        refund_tiyn: sum(fact.refund),
        tax_withheld_tiyn: sum(fact.tax),
        net_due_tiyn: sum(fact.net_due),
        payout,
        breaches: codes(&fact.breaches),
    }
}

/// A result on the wire.
pub fn result(outcome: register::BetOutcome) -> wire::BetResult {
    match outcome {
        register::BetOutcome::Win => wire::BetResult::Win,
        register::BetOutcome::Loss => wire::BetResult::Loss,
        register::BetOutcome::Refund => wire::BetResult::Refund,
    }
}

/// A bet's id on the wire.
pub fn bet(bet: terms::BetId) -> Id {
    Id(terms::MessageId(bet.0))
}

/// A sum on the wire.
pub fn sum(sum: Tiyn) -> Sum {
    Sum(sum.get().unsigned_abs())
}

/// Outer codes of breaches, each once: two lists are one code (domain 3).
pub fn codes(breaches: &[Reason]) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for reason in breaches {
        let code = reason.outer().name();
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    codes
}
