//! Questions: they change nothing and are answered from the read copy, the journal and the views.
//!
//! Everything is the caller's own. What belongs to another organiser answers like what does not
//! exist, in status and text.

use axum::extract::Request as HttpRequest;
use axum::http::{HeaderMap, StatusCode};
use desk::command::Manner;
use desk::decide::Need;
use desk::{Answer as Decided, Gathered, Message, Moment, decide, eligibility, life};
use journal::fact::{Entry, Fact};
use register::ContractKind;
use register::bet::BetState;
use terms::number::parse_account_number;
use terms::{BetId, Organiser, Reason, Sender, Seq, Tiyn};
use wire::{
    AccountNo, BetStory, Currency, Desk, Eligibilities, Eligibility, EligibilityCheck, EventNo,
    Fate, Form, MessageFate, OddsE4, OutcomeNo, PriceRule, Receipt, Record, Request,
    SelectionState, SettlementState, Shape, Time, TimeNow, Validation, WalletCode, WalletState,
};

use crate::budget::Budget;
use crate::commands::{result, sum, take};
use crate::house::{House, Shared};
use crate::limits::{BODY_MAX, ELIGIBILITY_VALID_S};
use crate::problem::{Answer, Teller, Trouble, body, json};
use crate::translate;

/// The time at the centre.
pub fn time(house: &House) -> Answer {
    let now = house.now();
    let (day, ahead, age) = house.copy.read(|state| {
        let rules = state.rulebook(now);
        let terms = rules.map(|rules| (rules.terms.id_ahead_ns, rules.terms.id_age_ns));
        let (ahead, age) = terms.unwrap_or_default();
        (rules.map(|rules| rules.day(now).to_string()), ahead, age)
    });
    let whole = |nanoseconds: i64, unit: i64| u32::try_from(nanoseconds / unit).unwrap_or(0);
    json(
        StatusCode::OK,
        &TimeNow {
            now: Time(now),
            day: day.unwrap_or_default(),
            last_entry_at: Time(house.copy.head().at),
            id_ahead_s: whole(ahead, terms::Instant::SECOND),
            id_age_days: whole(age, terms::Instant::DAY),
        },
    )
}

/// The organiser's own wallet.
pub fn wallet(house: &House, caller: Organiser, headers: &HeaderMap) -> Answer {
    let now = house.now();
    let found = house.copy.read(|state| {
        let organiser = state.organisers.get(caller)?;
        let day = state.rulebook(now).map(|rules| rules.day(now));
        let contract = day.and_then(|day| organiser.contract_on(ContractKind::Settlement, day));
        let wallet = organiser.wallet?;
        let row = state.ledger.get(wallet)?;
        Some(WalletState {
            wallet: WalletCode(wallet),
            currency: Currency::Kzt,
            balance_tiyn: sum(row.sum()),
            held_tiyn: sum(row.held),
            available_tiyn: sum(row.available()),
            waiting_payouts_tiyn: sum(organiser.waiting_sum),
            floor_tiyn: sum(contract.map_or(Tiyn::ZERO, |row| row.floor)),
            as_of_seq: state.next.0,
        })
    });
    match found {
        Some(found) => json(StatusCode::OK, &found),
        None => Teller::new(&house.phrases, headers).trouble(Trouble::NotFound),
    }
}

/// Whether one account may stake.
pub fn eligible(house: &House, caller: Organiser, account: &str, headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    let Some(number) = parse_account_number(account) else {
        return tell.trouble(Trouble::NotFound);
    };
    if spent(house, caller, 0) {
        return tell.trouble(Trouble::RefusalsExceeded);
    }
    match judged(house, caller, &[AccountNo(number)]).pop() {
        Some(found) => json(StatusCode::OK, &found),
        None => tell.trouble(Trouble::NotFound),
    }
}

/// Whether many accounts may stake.
pub async fn eligible_many(house: Shared, caller: Organiser, request: HttpRequest) -> Answer {
    let (parts, content) = request.into_parts();
    let tell = Teller::new(&house.phrases, &parts.headers);
    let taken = match take(&house, &parts.headers, content, "application/json", BODY_MAX).await {
        Ok(taken) => taken,
        Err(trouble) => return tell.trouble(trouble),
    };
    let check = match wire::read::<EligibilityCheck>(&taken.text) {
        Ok(check) => check,
        Err(faults) => return tell.malformed(faults),
    };
    if spent(&house, caller, check.accounts.len() - 1) {
        return tell.trouble(Trouble::RefusalsExceeded);
    }
    json(StatusCode::OK, &Eligibilities { answers: judged(&house, caller, &check.accounts) })
}

/// Whether the caller has drawn all the negative answers of this second. The route has taken one
/// check from its budget; `more` are taken here.
fn spent(house: &House, caller: Organiser, more: usize) -> bool {
    let now = house.now();
    house.budgets.note(caller, Budget::Checks, now, u32::try_from(more).unwrap_or(u32::MAX));
    house.budgets.left(caller, Budget::Refusals, now) == 0
}

/// One definite answer for each account; the negative ones are counted as refusals (domain 3).
fn judged(house: &House, caller: Organiser, accounts: &[AccountNo]) -> Vec<Eligibility> {
    let at = house.now();
    let answers: Vec<Eligibility> = house.copy.read(|state| {
        let judge = |number: &AccountNo| {
            let account = translate::account(caller, *number);
            let ground = eligibility::ground(state, caller, account, at).map(Reason::outer);
            Eligibility {
                account: *number,
                admitted: ground.is_none(),
                code: ground.map_or("admitted", Reason::name).to_owned(),
                as_of_seq: state.next.0,
                at: Time(at),
                valid_s: ELIGIBILITY_VALID_S,
            }
        };
        accounts.iter().map(judge).collect()
    });
    let negative = answers.iter().filter(|answer| !answer.admitted).count();
    house.budgets.note(caller, Budget::Refusals, at, u32::try_from(negative).unwrap_or(u32::MAX));
    answers
}

/// What would become of a message: every check, no effect. Its id is not looked at.
pub async fn validate(house: Shared, caller: Organiser, request: HttpRequest) -> Answer {
    let (parts, content) = request.into_parts();
    let tell = Teller::new(&house.phrases, &parts.headers);
    let taken = match take(&house, &parts.headers, content, "application/json", BODY_MAX).await {
        Ok(taken) => taken,
        Err(trouble) => return tell.trouble(trouble),
    };
    if spent(&house, caller, 0) {
        return tell.trouble(Trouble::RefusalsExceeded);
    }
    let as_of_seq = house.copy.seq().0;
    let message = match Request::read_line(&taken.text) {
        Ok(message) => message,
        Err(faults) => return tell.malformed(faults),
    };
    let judged = tokio::task::block_in_place(|| judge(&house, caller, &message));
    let reason = match judged {
        Ok(reason) => reason.map(Reason::outer),
        Err(fault) => {
            tracing::error!("a message could not be validated: {fault}");
            return tell.trouble(Trouble::Behind);
        }
    };
    house.budgets.note(caller, Budget::Refusals, house.now(), u32::from(reason.is_some()));
    let code = reason.map_or("accepted", Reason::name).to_owned();
    let would_accept = reason.is_none();
    json(StatusCode::OK, &Validation { would_accept, code, as_of_seq })
}

/// The desk's own decision on the read copy, whose facts are thrown away.
fn judge(
    house: &House,
    caller: Organiser,
    request: &Request,
) -> Result<Option<Reason>, store::Fault> {
    let command = translate::command(caller, request);
    let sender = Sender::Organiser(caller);
    let message = Message::new(sender, request.id().0, Manner::Single, command);
    let mut gathered = Gathered { id: Some(None), ..Gathered::default() };
    // The id, the bet and the event of each selection are asked once each.
    for _ in 0..2 + terms::limits::LEGS_MAX + 1 {
        let decided = house.copy.read(|state| {
            let at = house.clock_at(state.at);
            let moment = Moment { at, nonce: [0; 8], indexed: Seq(0) };
            decide(state, &message, moment, &gathered, &mut Vec::new())
        });
        match decided {
            Decided::Done | Decided::Idle | Decided::Repeat(_) => return Ok(None),
            Decided::Refused(reason) | Decided::Deferred(reason) => return Ok(Some(reason)),
            Decided::Conflict(_) => return Ok(Some(Reason::IdReused)),
            Decided::Gather(need) => gather(house, need, &mut gathered)?,
        }
    }
    Ok(Some(Reason::EventUnknown))
}

fn gather(house: &House, need: Need, gathered: &mut Gathered) -> Result<(), store::Fault> {
    match need {
        Need::Id(..) => gathered.id = Some(None),
        Need::Bet(organiser, id) => {
            let records = house.lookup.bet(organiser, id, None)?;
            gathered.bet = Some(life::from_records(&records).map(Box::new));
        }
        Need::Event(event) => {
            gathered.events.extend(house.lookup.event(life::event_key(event))?);
        }
        Need::EventNamed(organiser, own) => {
            gathered.named = Some(house.lookup.event((organiser.0, own.0))?.map(|row| row.event));
        }
    }
    Ok(())
}

/// What became of a message, by its sender's id.
pub fn message(house: &House, caller: Organiser, id: &str, headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    let Some(id) = wire::Id::parse(id) else { return tell.trouble(Trouble::NotFound) };
    let as_of_seq = house.copy.head().next_seq;
    match tokio::task::block_in_place(|| house.lookup.message(Sender::Organiser(caller), id.0)) {
        Err(fault) => unreadable(&tell, &fault),
        Ok(None) => {
            let state = Fate::Absent;
            json(StatusCode::OK, &MessageFate { id, state, as_of_seq, receipt: None })
        }
        Ok(Some(entry)) => {
            let receipt = receipt_of(&entry);
            let state = if receipt.code == "accepted" { Fate::Accepted } else { Fate::Refused };
            let receipt = Some(receipt);
            json(StatusCode::OK, &MessageFate { id, state, as_of_seq, receipt })
        }
    }
}

/// The proof of a message's record: its bytes, its path in the tree, a signed checkpoint.
pub fn proof(house: &House, caller: Organiser, id: &str, headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    let (Some(id), Some(prove)) = (wire::Id::parse(id), &house.prover) else {
        return tell.trouble(Trouble::NotFound);
    };
    let found =
        tokio::task::block_in_place(|| house.lookup.message(Sender::Organiser(caller), id.0));
    match found {
        Err(fault) => unreadable(&tell, &fault),
        Ok(None) => tell.trouble(Trouble::NotFound),
        // A refusal's bytes hold the inner reason, which is not for its sender (domain 3).
        Ok(Some(entry)) if secret(&entry) => tell.trouble(Trouble::NotFound),
        Ok(Some(entry)) => match tokio::task::block_in_place(|| prove(entry.seq.0)) {
            Ok(text) => body(StatusCode::OK, "text/plain; charset=utf-8", text),
            Err(why) => {
                tracing::error!("an entry could not be proven: {why}");
                tell.trouble(Trouble::Behind)
            }
        },
    }
}

/// Whether the bytes of a record tell more than its sender may know.
fn secret(entry: &Entry) -> bool {
    let inner = |reason: &Reason| reason.outer() != *reason;
    match &entry.fact {
        Fact::Refused(fact) => inner(&fact.reason),
        Fact::StakeReported(fact) => fact.breaches.iter().any(inner),
        Fact::BetSettled(fact) => fact.breaches.iter().any(inner),
        Fact::PayoutReported(fact) => fact.breaches.iter().any(inner),
        _ => false,
    }
}

/// The receipt that a record gives.
fn receipt_of(entry: &Entry) -> Receipt {
    let code = match &entry.fact {
        Fact::Refused(fact) => fact.reason.outer().name(),
        _ => "accepted",
    };
    let mut bytes = Vec::new();
    entry.put(&mut bytes);
    Receipt {
        code: code.to_owned(),
        seq: entry.seq.0,
        leaf: journal::tree::leaf_hash(&bytes).to_string(),
        at: Time(entry.at),
        rulebook: entry.rulebook,
    }
}

fn unreadable(tell: &Teller<'_>, fault: &store::Fault) -> Answer {
    tracing::error!("the journal could not be read: {fault}");
    tell.trouble(Trouble::Behind)
}

/// A bet with its whole story.
pub fn story(house: &House, caller: Organiser, id: &str, headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    let Some(id) = wire::Id::parse(id) else { return tell.trouble(Trouble::NotFound) };
    let bet = BetId(id.0.0);
    let (hot, as_of_seq) = house.copy.read(|state| (state.bet(caller, bet).cloned(), state.next.0));
    let last = hot.as_ref().map(|bet| bet.last);
    match tokio::task::block_in_place(|| house.lookup.bet(caller, bet, last)) {
        Err(fault) => unreadable(&tell, &fault),
        Ok(records) => match told(caller, id, hot, &records, as_of_seq) {
            Some(story) => json(StatusCode::OK, &story),
            None => tell.trouble(Trouble::NotFound),
        },
    }
}

fn told(
    caller: Organiser,
    id: wire::Id,
    hot: Option<register::Bet>,
    records: &[Entry],
    as_of_seq: u64,
) -> Option<BetStory> {
    let released = records.iter().any(|entry| matches!(entry.fact, Fact::HoldReleased(_)));
    let first = records.first()?;
    let held = match &first.fact {
        Fact::HoldPlaced(fact) => life::held(fact, first.seq, first.at),
        _ => None,
    };
    // A hold that became a stake: the stake is the first record that the bet is made of.
    let skip = usize::from(held.is_some());
    let found = hot.or_else(|| life::from_records(&records[skip..])).or(held)?;
    let state = match found.state {
        _ if released => wire::BetState::Released,
        BetState::Held => wire::BetState::Held,
        BetState::Open => wire::BetState::Open,
        BetState::Settled => wire::BetState::Settled,
    };
    let (price_rule, shape) = (price_rule(&found), shape(&found));
    Some(BetStory {
        bet: id,
        state,
        account: AccountNo((caller, found.account)),
        desk: Desk(found.desk),
        form: form(found.form),
        currency: Currency::Kzt,
        amount_tiyn: sum(found.amount),
        commission_tiyn: sum(found.commission),
        shape,
        price_rule,
        selections: found.legs.0.iter().map(selection).collect(),
        made_at: Time(found.made_at),
        at: Time(found.at),
        records: records.iter().map(record).collect(),
        as_of_seq,
        expires_at: found.hold.as_ref().map(|hold| Time(hold.expires)),
        settlement: found.settlement.as_deref().map(settlement),
    })
}

fn record(entry: &Entry) -> Record {
    Record {
        seq: entry.seq.0,
        at: Time(entry.at),
        record: entry.fact.name().to_owned(),
        id: entry.fact.cause().map(|cause| wire::Id(cause.id)),
    }
}

fn selection(leg: &register::bet::Leg) -> SelectionState {
    SelectionState {
        outcome: OutcomeNo(leg.outcome),
        event: EventNo(leg.outcome.event()),
        odds_e4: OddsE4(leg.odds.get()),
        live: leg.live,
        offered_odds_e4: leg.requested.map(|odds| OddsE4(odds.get())),
    }
}

fn settlement(settlement: &register::Settlement) -> SettlementState {
    SettlementState {
        seq: settlement.seq.0,
        result: result(settlement.outcome),
        gross_return_tiyn: sum(settlement.gross),
        refund_tiyn: sum(settlement.refund),
        net_due_tiyn: sum(settlement.net_due),
        paid_tiyn: sum(settlement.paid),
        outstanding_tiyn: sum(settlement.outstanding()),
        claim_tiyn: sum(settlement.claim()),
        waiting_funds: settlement.waiting,
    }
}

fn form(form: register::Form) -> Form {
    match form {
        register::Form::Cash => Form::Cash,
        register::Form::NonCash => Form::NonCash,
        register::Form::EMoney => Form::EMoney,
    }
}

fn shape(bet: &register::Bet) -> Shape {
    match bet.shape {
        register::Shape::Single => Shape::Single,
        register::Shape::Accumulator => Shape::Accumulator,
        register::Shape::System { .. } => Shape::System,
    }
}

fn price_rule(bet: &register::Bet) -> PriceRule {
    match bet.price {
        register::PriceRule::Exact => PriceRule::Exact,
        register::PriceRule::StepFloor => PriceRule::StepFloor,
        register::PriceRule::Given(_) => PriceRule::Given,
    }
}
