//! What facts make of a bet. The same functions serve the hot state and a bet that is put together
//! again from its facts after it has left (core 16).

use journal::fact::{
    BetSettled, BetTerms, ClaimSettled, Entry, Fact, HoldPlaced, PayoutPosted, PayoutReported,
    StakeAccepted, StakeReported,
};
use register::bet::Hold;
use register::catalogue::EventRow;
use register::{Bet, BetOutcome, BetState, Form, Settlement};
use terms::{BetId, Event, Instant, Organiser, Sender, Seq, Tiyn};

/// The organiser behind a sender.
pub fn organiser_of(sender: Sender) -> Option<Organiser> {
    match sender {
        Sender::Organiser(organiser) => Some(organiser),
        Sender::Operator | Sender::System | Sender::Bettor => None,
    }
}

fn open(terms: &BetTerms, organiser: Organiser, id: BetId, seq: Seq, at: Instant) -> Bet {
    Bet {
        id,
        organiser,
        account: terms.account,
        desk: terms.desk,
        form: Form::EMoney,
        state: BetState::Open,
        amount: terms.amount,
        commission: Tiyn::ZERO,
        order: None,
        hold: None,
        shape: terms.shape,
        price: terms.price,
        legs: terms.legs.clone(),
        made_at: terms.made_at,
        seq,
        at,
        last: seq,
        settlement: None,
    }
}

/// The bet of an accepted stake.
pub fn accepted(fact: &StakeAccepted, seq: Seq, at: Instant) -> Option<Bet> {
    let organiser = organiser_of(fact.cause.sender)?;
    let bet = open(&fact.bet, organiser, fact.bet_id(), seq, at);
    Some(Bet { commission: fact.commission, order: fact.order, ..bet })
}

/// The bet of a reported stake.
pub fn reported(fact: &StakeReported, seq: Seq, at: Instant) -> Option<Bet> {
    let organiser = organiser_of(fact.cause.sender)?;
    let bet = open(&fact.bet, organiser, BetId::from(fact.cause.id), seq, at);
    Some(Bet { form: fact.form, ..bet })
}

/// The bet of a hold.
pub fn held(fact: &HoldPlaced, seq: Seq, at: Instant) -> Option<Bet> {
    let organiser = organiser_of(fact.cause.sender)?;
    let bet = open(&fact.bet, organiser, BetId::from(fact.cause.id), seq, at);
    Some(Bet {
        state: BetState::Held,
        commission: fact.commission,
        order: fact.order,
        hold: Some(Box::new(Hold {
            expires: fact.expires,
            wallet: fact.bettor_wallet,
            order: fact.order_id,
        })),
        ..bet
    })
}

fn unsettled(seq: Seq, at: Instant) -> Settlement {
    Settlement {
        seq,
        outcome: BetOutcome::Loss,
        gross: Tiyn::ZERO,
        refund: Tiyn::ZERO,
        net_due: Tiyn::ZERO,
        paid: Tiyn::ZERO,
        refund_paid: Tiyn::ZERO,
        repaid: Tiyn::ZERO,
        waiting: false,
        changed: at,
    }
}

/// The settlement replaces the one before; what was paid stays.
pub fn settle(bet: &mut Bet, fact: &BetSettled, seq: Seq, at: Instant) {
    let before = bet.settlement.take().map_or_else(|| unsettled(seq, at), |state| *state);
    bet.settlement = Some(Box::new(Settlement {
        seq,
        outcome: fact.outcome,
        gross: fact.gross,
        refund: fact.refund,
        net_due: fact.net_due,
        waiting: fact.waits.is_some(),
        changed: at,
        ..before
    }));
    bet.state = BetState::Settled;
    bet.last = seq;
}

/// A posted payout. `None` if the bet is not settled or a sum does not fit.
pub fn pay(bet: &mut Bet, fact: &PayoutPosted, seq: Seq, at: Instant) -> Option<()> {
    let state = bet.settlement.as_mut()?;
    let sum = fact.winning.checked_add(fact.refund)?;
    state.paid = state.paid.checked_add(sum)?;
    state.refund_paid = state.refund_paid.checked_add(fact.refund)?;
    state.waiting = false;
    state.changed = at;
    bet.last = seq;
    Some(())
}

/// A payout that a land desk reports; it may come before the settlement, as a breach.
pub fn paid_at_desk(bet: &mut Bet, fact: &PayoutReported, seq: Seq, at: Instant) -> Option<()> {
    let state = bet.settlement.get_or_insert_with(|| Box::new(unsettled(seq, at)));
    state.paid = state.paid.checked_add(fact.amount)?;
    state.refund_paid = state.refund_paid.checked_add(fact.refund)?;
    state.changed = at;
    bet.last = seq;
    Some(())
}

/// An overpayment that was given back.
pub fn claim_settled(bet: &mut Bet, fact: &ClaimSettled, seq: Seq, at: Instant) -> Option<()> {
    let state = bet.settlement.as_mut()?;
    state.repaid = state.repaid.checked_add(fact.amount)?;
    state.changed = at;
    bet.last = seq;
    Some(())
}

/// Where the index on disk knows an event by its number: a number that no organiser has.
pub fn event_key(event: Event) -> (u32, [u8; 16]) {
    (u32::MAX, u128::from(event.0).to_be_bytes())
}

/// Where it knows an event by the organiser's own id.
pub fn own_key(row: &EventRow) -> (u32, [u8; 16]) {
    (row.organiser.0, row.own.0)
}

/// The record of a bet before this one, if the entry is a record of a bet and not its first.
pub fn previous(entry: &Entry) -> Option<Seq> {
    match &entry.fact {
        Fact::BetSettled(fact) => Some(fact.bet_previous),
        Fact::PayoutPosted(fact) => Some(fact.bet_previous),
        Fact::PayoutReported(fact) => Some(fact.bet_previous),
        Fact::ClaimSettled(fact) => Some(fact.bet_previous),
        _ => None,
    }
}

/// The whole of a bet as it stood before this record, if the record brought it back.
pub fn whole_before(entry: &Entry) -> Option<&Bet> {
    match &entry.fact {
        Fact::BetSettled(fact) => fact.thawed.as_deref(),
        Fact::PayoutReported(fact) => fact.thawed.as_deref(),
        Fact::ClaimSettled(fact) => fact.thawed.as_deref(),
        _ => None,
    }
}

/// Puts a bet together from its records, oldest first: from its first one, or from one that holds
/// the whole of what was before it.
pub fn from_records(entries: &[Entry]) -> Option<Bet> {
    let (first, rest) = entries.split_first()?;
    let (mut bet, rest) = match (&first.fact, whole_before(first)) {
        (_, Some(before)) => (before.clone(), entries),
        (Fact::StakeAccepted(fact), None) => (accepted(fact, first.seq, first.at)?, rest),
        (Fact::StakeReported(fact), None) => (reported(fact, first.seq, first.at)?, rest),
        _ => return None,
    };
    for Entry { seq, at, fact, .. } in rest {
        match fact {
            Fact::BetSettled(fact) => settle(&mut bet, fact, *seq, *at),
            Fact::PayoutPosted(fact) => pay(&mut bet, fact, *seq, *at)?,
            Fact::PayoutReported(fact) => paid_at_desk(&mut bet, fact, *seq, *at)?,
            Fact::ClaimSettled(fact) => claim_settled(&mut bet, fact, *seq, *at)?,
            _ => return None,
        }
    }
    Some(bet)
}
