//! From a message on the wire to a command of the desk. Whatever is right in form has a command:
//! what is not allowed is for the desk to say, so that the refusal is on record.

use admission::Accept;
use desk::Command;
use desk::command::{
    Bid, ChangeEvent, ChangeMarket, ConfirmHold, GiveOrder, LegBid, ListChampionship, ListEvent,
    ListMarket, PlaceHold, PlaceStake, PublishResult, ReleaseHold, ReportPayout, ReportStake,
    SettleBet, SettleClaim,
};
use journal::fact::OutcomeText;
use pump::Class;
use register::catalogue::{EventClass, EventState, MarketState};
use register::{Basis, Form, LegResult, PriceRule, Shape};
use terms::{Account, Instant, Odds, Organiser, Text, Tiyn};
use wire::{AccountNo, Id, Kind, OddsE4, Place, Request, Selection, Sum, System, TotalE4};

/// The lane of a message that comes alone.
pub fn class(kind: Kind) -> Class {
    match kind {
        Kind::Stake
        | Kind::Hold
        | Kind::HoldConfirmation
        | Kind::HoldRelease
        | Kind::EventChange
        | Kind::MarketChange => Class::Live,
        Kind::Settlement
        | Kind::Resettlement
        | Kind::Void
        | Kind::DeskStake
        | Kind::DeskPayout
        | Kind::ClaimSettlement
        | Kind::Championship
        | Kind::Event
        | Kind::Market
        | Kind::MarketResult => Class::Settlement,
    }
}

/// The command of an organiser's message.
pub fn command(organiser: Organiser, request: &Request) -> Command {
    match request {
        Request::Stake(stake) => {
            PlaceStake { bid: bid(organiser, stake), order: stake.order.map(order) }.into()
        }
        Request::Hold(stake) => {
            PlaceHold { bid: bid(organiser, stake), order: stake.order.map(order) }.into()
        }
        Request::HoldConfirmation(message) => ConfirmHold {
            bet: message.hold.0.into(),
            odds: message.odds_e4.iter().map(|odds| price(*odds)).collect(),
        }
        .into(),
        Request::HoldRelease(message) => ReleaseHold { bet: message.hold.0.into() }.into(),
        Request::Settlement(message) => settle(
            message.bet,
            basis(message.basis),
            message.legs.as_deref(),
            message.gross_return_tiyn,
            message.reason.as_ref().map(|reason| reason.0.clone()),
            message.settled_at.0,
        ),
        Request::Resettlement(message) => settle(
            message.bet,
            basis(message.basis),
            message.legs.as_deref(),
            message.gross_return_tiyn,
            Some(message.reason.0.clone()),
            message.settled_at.0,
        ),
        Request::Void(message) => settle(
            message.bet,
            void_basis(message.basis),
            message.legs.as_deref(),
            None,
            message.reason.as_ref().map(|reason| reason.0.clone()),
            message.voided_at.0,
        ),
        Request::DeskStake(report) => ReportStake {
            bid: Bid {
                account: account(organiser, report.account),
                desk: report.desk.0,
                made_at: report.accepted_at.0,
                amount: sum(report.amount_tiyn),
                shape: shape(report.shape, report.system.as_ref()),
                price: price_rule(report.price_rule, report.total_odds_e4),
                legs: legs(&report.selections),
            },
            form: form(report.form),
            resends: report.resends.map(|id| id.0),
        }
        .into(),
        Request::DeskPayout(report) => ReportPayout {
            bet: report.bet.0.into(),
            amount: sum(report.amount_tiyn),
            form: form(report.form),
            desk: report.desk.0,
            paid_at: report.paid_at.0,
        }
        .into(),
        Request::ClaimSettlement(report) => {
            SettleClaim { bet: report.bet.0.into(), amount: sum(report.amount_tiyn) }.into()
        }
        Request::Championship(_)
        | Request::Event(_)
        | Request::EventChange(_)
        | Request::Market(_)
        | Request::MarketChange(_)
        | Request::MarketResult(_) => catalogue(request),
    }
}

fn catalogue(request: &Request) -> Command {
    match request {
        Request::Championship(message) => ListChampionship {
            own: message.own.0.clone(),
            sport: message.sport.0.clone(),
            name: message.name.0.clone(),
        }
        .into(),
        Request::Event(message) => ListEvent {
            championship: message.championship.0,
            own: message.own.0.clone(),
            name: message.name.0.clone(),
            class: event_class(message.class),
            scheduled: message.scheduled_start.0,
            confirmed: true,
        }
        .into(),
        Request::EventChange(message) => ChangeEvent {
            event: message.event.0,
            state: event_state(message.state),
            time: message.time.map(|time| time.0),
        }
        .into(),
        Request::Market(message) => ListMarket {
            event: message.event.0,
            own: message.own.0.clone(),
            name: message.name.0.clone(),
            in_play: message.in_play,
            outcomes: message
                .outcomes
                .iter()
                .map(|text| OutcomeText { own: text.own.0.clone(), name: text.name.0.clone() })
                .collect(),
        }
        .into(),
        Request::MarketChange(message) => ChangeMarket {
            market: message.market.0,
            state: market_state(message.state),
            in_play: message.in_play,
        }
        .into(),
        Request::MarketResult(message) => PublishResult {
            market: message.market.0,
            results: message.outcomes.iter().map(|end| leg_result(end.result)).collect(),
            reason: message.reason.as_ref().map(|reason| reason.0.clone()),
        }
        .into(),
        Request::Stake(_)
        | Request::Hold(_)
        | Request::HoldConfirmation(_)
        | Request::HoldRelease(_)
        | Request::Settlement(_)
        | Request::Resettlement(_)
        | Request::Void(_)
        | Request::DeskStake(_)
        | Request::DeskPayout(_)
        | Request::ClaimSettlement(_) => unreachable!("not a message of the catalogue"),
    }
}

/// The command of a bettor's order. The nonce is of the session, so that a repeat is the same.
pub fn give_order(
    message: &wire::Order,
    proved: Instant,
    method: admission::Method,
    nonce: [u8; 8],
) -> Command {
    GiveOrder {
        organiser: message.organiser.0,
        account: account(message.organiser.0, message.account),
        ceiling: sum(message.ceiling_tiyn),
        expires: message.expires_at.0,
        session_at: proved,
        method,
        accept: match message.accept {
            wire::Accept::Exact => Accept::Exact,
            wire::Accept::Better => Accept::Better,
            wire::Accept::Any => Accept::Any,
        },
        nonce,
    }
    .into()
}

/// An account that the organiser names. A number that is printed for another organiser names no
/// account of this one: the largest number, which no journal reaches, so that the desk refuses it
/// as it refuses any other that it does not know.
pub fn account(organiser: Organiser, number: AccountNo) -> Account {
    let (of, account) = number.0;
    if of == organiser { account } else { Account(u32::MAX) }
}

fn order(id: Id) -> terms::OrderId {
    id.0.into()
}

/// Sums of the wire are below 2^53.
fn sum(sum: Sum) -> Tiyn {
    i64::try_from(sum.0).ok().and_then(Tiyn::new).unwrap_or(Tiyn::MAX)
}

fn price(odds: OddsE4) -> Odds {
    // Cannot fail: the wire takes the same range and no other.
    Odds::new(odds.0).expect("odds of the wire are odds")
}

fn legs(selections: &[Selection]) -> Vec<LegBid> {
    let leg = |selection: &Selection| LegBid {
        outcome: selection.outcome.0,
        odds: price(selection.odds_e4),
        requested: selection.offered_odds_e4.map(price),
    };
    selections.iter().map(leg).collect()
}

fn bid(organiser: Organiser, stake: &wire::Stake) -> Bid {
    Bid {
        account: account(organiser, stake.account),
        desk: stake.desk.0,
        made_at: stake.made_at.0,
        amount: sum(stake.amount_tiyn),
        shape: shape(stake.shape, stake.system.as_ref()),
        price: price_rule(stake.price_rule, stake.total_odds_e4),
        legs: legs(&stake.selections),
    }
}

fn shape(shape: wire::Shape, system: Option<&System>) -> Shape {
    match (shape, system) {
        (wire::Shape::Single, _) => Shape::Single,
        (wire::Shape::Accumulator, _) => Shape::Accumulator,
        (wire::Shape::System, system) => {
            let sizes = system.map_or(&[][..], |system| &system.sizes);
            Shape::System {
                sizes: sizes.iter().fold(0, |bits, size| bits | 1 << (size.0 - 1)),
                bankers: system.and_then(|system| system.bankers).map_or(0, |bankers| bankers.0),
            }
        }
    }
}

fn price_rule(rule: wire::PriceRule, total: Option<TotalE4>) -> PriceRule {
    match rule {
        wire::PriceRule::Exact => PriceRule::Exact,
        wire::PriceRule::StepFloor => PriceRule::StepFloor,
        wire::PriceRule::Given => PriceRule::Given(total.map_or(0, |total| total.0)),
    }
}

fn settle(
    bet: Id,
    basis: Basis,
    legs: Option<&[Place]>,
    stated: Option<Sum>,
    reason: Option<Text<128>>,
    computed_at: Instant,
) -> Command {
    let legs = legs.unwrap_or_default();
    SettleBet {
        bet: bet.0.into(),
        basis,
        legs: legs.iter().fold(0, |bits, place| bits | 1 << place.0),
        stated: stated.map(sum),
        reason,
        computed_at,
    }
    .into()
}

fn basis(basis: wire::Basis) -> Basis {
    match basis {
        wire::Basis::Result => Basis::Result,
        wire::Basis::EventVoid => Basis::EventVoid,
        wire::Basis::MarketVoid => Basis::MarketVoid,
        wire::Basis::LegVoid => Basis::LegVoid,
        wire::Basis::EarlyPayout => Basis::EarlyPayout,
        wire::Basis::OrganiserError => Basis::OrganiserError,
        wire::Basis::Correction => Basis::Correction,
    }
}

fn void_basis(basis: wire::VoidBasis) -> Basis {
    match basis {
        wire::VoidBasis::Event => Basis::EventVoid,
        wire::VoidBasis::Market => Basis::MarketVoid,
        wire::VoidBasis::Leg => Basis::LegVoid,
        wire::VoidBasis::OrganiserError => Basis::OrganiserError,
    }
}

fn form(form: wire::Form) -> Form {
    match form {
        wire::Form::Cash => Form::Cash,
        wire::Form::NonCash => Form::NonCash,
        wire::Form::EMoney => Form::EMoney,
    }
}

fn event_class(class: wire::EventClass) -> EventClass {
    match class {
        wire::EventClass::Sport => EventClass::Sport,
        wire::EventClass::ESport => EventClass::ESport,
        wire::EventClass::Virtual => EventClass::Virtual,
        wire::EventClass::Other => EventClass::Other,
    }
}

fn event_state(state: wire::EventState) -> EventState {
    match state {
        wire::EventState::Scheduled => EventState::Scheduled,
        wire::EventState::Rescheduled => EventState::Rescheduled,
        wire::EventState::Started => EventState::Started,
        wire::EventState::Suspended => EventState::Suspended,
        wire::EventState::Abandoned => EventState::Abandoned,
        wire::EventState::Cancelled => EventState::Cancelled,
        wire::EventState::Finished => EventState::Finished,
        wire::EventState::Walkover => EventState::Walkover,
    }
}

fn market_state(state: wire::MarketState) -> MarketState {
    match state {
        wire::MarketState::Open => MarketState::Open,
        wire::MarketState::Suspended => MarketState::Suspended,
        wire::MarketState::Closed => MarketState::Closed,
        wire::MarketState::Void => MarketState::Void,
    }
}

fn leg_result(result: wire::OutcomeResult) -> LegResult {
    match result {
        wire::OutcomeResult::Won => LegResult::Won,
        wire::OutcomeResult::Lost => LegResult::Lost,
        wire::OutcomeResult::Void => LegResult::Void,
        wire::OutcomeResult::HalfWon => LegResult::HalfWon,
        wire::OutcomeResult::HalfLost => LegResult::HalfLost,
    }
}
