//! What an organiser's complex and a bettor's session send. Every message carries the id that its
//! sender made: with the sender it is the idempotency key, for ever.

use serde_json::{Value, json};
use terms::limits::{LEGS_MAX, OUTCOMES_PER_MARKET_MAX};

use crate::fault::Faults;
use crate::shape::message;
use crate::value::{
    Accept, AccountNo, Basis, ChampionshipNo, Count, Currency, Desk, EventClass, EventNo,
    EventState, Form, Id, MarketNo, MarketState, Name, OddsE4, OrganiserNo, OutcomeNo,
    OutcomeResult, Place, PriceRule, Shape, Sum, Time, TotalE4, VoidBasis,
};

message! {
    /// One selection as offered and accepted.
    pub struct Selection {
        /// What it is on.
        outcome: OutcomeNo,
        /// The odds at which the organiser accepts.
        odds_e4: OddsE4,
        optional {
            /// The odds that the bettor saw, where they differ.
            offered_odds_e4: OddsE4,
        }
    }
}

message! {
    /// The lines of a system bet.
    pub struct System {
        /// Sizes of the lines that are played, beside the bankers; each once.
        sizes: Vec<Count>,
        optional {
            /// So many first selections stand in every line.
            bankers: Place,
        }
    }
    shaped |schema| each_once(items(schema, "sizes", LEGS_MAX), "sizes"),
}

message! {
    /// Asks for a stake by e-money, in one call or as a hold.
    pub struct Stake {
        /// The message's id; the bet has the same.
        id: Id,
        /// The bettor's account.
        account: AccountNo,
        /// The electronic desk.
        desk: Desk,
        /// The stake.
        amount_tiyn: Sum,
        /// The currency of all sums.
        currency: Currency,
        /// When the bet was made at the organiser.
        made_at: Time,
        /// How the selections hang together.
        shape: Shape,
        /// How the total odds arise.
        price_rule: PriceRule,
        /// The selections, 1 to 20.
        selections: Vec<Selection>,
        optional {
            /// The bettor's order; without it the stake is refused.
            order: Id,
            /// The lines of a system bet.
            system: System,
            /// The total odds of a given price.
            total_odds_e4: TotalE4,
        }
    }
    shaped |schema| bet(items(schema, "selections", LEGS_MAX)),
    across |bet, faults| {
        let system = bet.system.as_ref();
        selections(&bet.selections, bet.shape, system, bet.price_rule, bet.total_odds_e4, faults);
    }
}

message! {
    /// Turns a hold into a stake.
    pub struct HoldConfirmation {
        /// The message's id.
        id: Id,
        /// The id of the hold.
        hold: Id,
        /// The accepted odds of each selection, in order.
        odds_e4: Vec<OddsE4>,
    }
    shaped |schema| items(schema, "odds_e4", LEGS_MAX),
    across |message, faults| list("/odds_e4", message.odds_e4.len(), LEGS_MAX, faults)
}

message! {
    /// Ends a hold.
    pub struct HoldRelease {
        /// The message's id.
        id: Id,
        /// The id of the hold.
        hold: Id,
    }
}

message! {
    /// Settles a bet.
    pub struct Settlement {
        /// The message's id.
        id: Id,
        /// The bet.
        bet: Id,
        /// The basis.
        basis: Basis,
        /// When the organiser computed it.
        settled_at: Time,
        optional {
            /// What comes back by the organiser's own reckoning; the currency must stand beside it.
            gross_return_tiyn: Sum,
            /// The currency of all sums.
            currency: Currency,
            /// Places of selections that are void, or deemed won in an early payout.
            legs: Vec<Place>,
            /// The organiser's reason.
            reason: Name<128>,
        }
    }
    shaped |schema| each_once(sum_with_currency(schema), "legs"),
    across |message, faults| {
        if message.gross_return_tiyn.is_some() && message.currency.is_none() {
            faults.rule("/currency", "required");
        }
        places(message.legs.as_deref().unwrap_or_default(), faults);
    }
}

message! {
    /// Settles a bet anew, because the settlement before was wrong.
    pub struct Resettlement {
        /// The message's id.
        id: Id,
        /// The bet.
        bet: Id,
        /// The basis.
        basis: Basis,
        /// When the organiser computed it.
        settled_at: Time,
        /// Why the settlement before was wrong.
        reason: Name<128>,
        optional {
            /// What comes back by the organiser's own reckoning; the currency must stand beside it.
            gross_return_tiyn: Sum,
            /// The currency of all sums.
            currency: Currency,
            /// Places of selections that are void, or deemed won in an early payout.
            legs: Vec<Place>,
        }
    }
    shaped |schema| each_once(sum_with_currency(schema), "legs"),
    across |message, faults| {
        if message.gross_return_tiyn.is_some() && message.currency.is_none() {
            faults.rule("/currency", "required");
        }
        places(message.legs.as_deref().unwrap_or_default(), faults);
    }
}

message! {
    /// Settles a bet as void, whole or in single selections.
    pub struct Void {
        /// The message's id.
        id: Id,
        /// The bet.
        bet: Id,
        /// The basis.
        basis: VoidBasis,
        /// When the organiser decided it.
        voided_at: Time,
        optional {
            /// Places of the selections that do not stand; with `leg_void`.
            legs: Vec<Place>,
            /// The organiser's reason.
            reason: Name<128>,
        }
    }
    shaped |schema| each_once(legs_if_void(schema), "legs"),
    across |message, faults| {
        if message.basis == VoidBasis::Leg && message.legs.is_none() {
            faults.rule("/legs", "required");
        }
        places(message.legs.as_deref().unwrap_or_default(), faults);
    }
}

message! {
    /// Reports a stake that a desk has taken in cash or non-cash.
    pub struct DeskStake {
        /// The message's id; the bet has the same.
        id: Id,
        /// The bettor's account.
        account: AccountNo,
        /// The desk.
        desk: Desk,
        /// The stake.
        amount_tiyn: Sum,
        /// The currency of all sums.
        currency: Currency,
        /// Cash or non-cash.
        form: Form,
        /// When the desk took it.
        accepted_at: Time,
        /// How the selections hang together.
        shape: Shape,
        /// How the total odds arise.
        price_rule: PriceRule,
        /// The selections, 1 to 20.
        selections: Vec<Selection>,
        optional {
            /// The lines of a system bet.
            system: System,
            /// The total odds of a given price.
            total_odds_e4: TotalE4,
            /// An earlier message that could not be used and that this one replaces.
            resends: Id,
        }
    }
    shaped |schema| bet(items(schema, "selections", LEGS_MAX)),
    across |bet, faults| {
        let system = bet.system.as_ref();
        selections(&bet.selections, bet.shape, system, bet.price_rule, bet.total_odds_e4, faults);
    }
}

message! {
    /// Reports a payout at a desk.
    pub struct DeskPayout {
        /// The message's id.
        id: Id,
        /// The bet.
        bet: Id,
        /// What was paid.
        amount_tiyn: Sum,
        /// The currency of all sums.
        currency: Currency,
        /// How it was paid.
        form: Form,
        /// At which desk.
        desk: Desk,
        /// When.
        paid_at: Time,
    }
}

message! {
    /// Reports that a bettor has given back what was paid too much.
    pub struct ClaimSettlement {
        /// The message's id.
        id: Id,
        /// The bet.
        bet: Id,
        /// What was given back.
        amount_tiyn: Sum,
        /// The currency of all sums.
        currency: Currency,
    }
}

message! {
    /// Lists a championship.
    pub struct Championship {
        /// The message's id.
        id: Id,
        /// The organiser's own id of it.
        own: Name<64>,
        /// Kind of sport.
        sport: Name<64>,
        /// Its name.
        name: Name<128>,
    }
}

message! {
    /// Lists an event.
    pub struct Event {
        /// The message's id.
        id: Id,
        /// Its championship.
        championship: ChampionshipNo,
        /// The organiser's own id of it.
        own: Name<64>,
        /// Its name.
        name: Name<256>,
        /// What kind of event.
        class: EventClass,
        /// When it is to begin.
        scheduled_start: Time,
    }
}

message! {
    /// Changes an event's state, or corrects its start.
    pub struct EventChange {
        /// The message's id.
        id: Id,
        /// Which.
        event: EventNo,
        /// Its new state.
        state: EventState,
        optional {
            /// The new time of a rescheduled event, or the actual start of a started one.
            time: Time,
        }
    }
}

message! {
    /// An outcome of a market.
    pub struct OutcomeText {
        /// The organiser's own id of it.
        own: Name<64>,
        /// Its name.
        name: Name<128>,
    }
}

message! {
    /// Lists a market with its outcomes; it is open from then on.
    pub struct Market {
        /// The message's id.
        id: Id,
        /// Its event.
        event: EventNo,
        /// The organiser's own id of it.
        own: Name<64>,
        /// Its name.
        name: Name<128>,
        /// Whether it takes stakes after the event has begun.
        in_play: bool,
        /// Its outcomes, 1 to 512.
        outcomes: Vec<OutcomeText>,
    }
    shaped |schema| items(schema, "outcomes", OUTCOMES_PER_MARKET_MAX),
    across |message, faults| {
        list("/outcomes", message.outcomes.len(), OUTCOMES_PER_MARKET_MAX, faults);
    }
}

message! {
    /// Changes a market.
    pub struct MarketChange {
        /// The message's id.
        id: Id,
        /// Which.
        market: MarketNo,
        /// Its new state.
        state: MarketState,
        /// Whether it takes stakes after the event has begun.
        in_play: bool,
    }
}

message! {
    /// How one outcome ended.
    pub struct OutcomeEnd {
        /// Which; of the market that is named, in the order in which it was listed.
        outcome: OutcomeNo,
        /// How.
        result: OutcomeResult,
    }
}

message! {
    /// Publishes the result of a market, or corrects it.
    pub struct MarketResult {
        /// The message's id.
        id: Id,
        /// Which.
        market: MarketNo,
        /// One result for each outcome, in the order in which they were listed.
        outcomes: Vec<OutcomeEnd>,
        optional {
            /// Why an earlier result is corrected.
            reason: Name<128>,
        }
    }
    shaped |schema| items(schema, "outcomes", OUTCOMES_PER_MARKET_MAX),
    across |message, faults| {
        list("/outcomes", message.outcomes.len(), OUTCOMES_PER_MARKET_MAX, faults);
        for (index, end) in message.outcomes.iter().enumerate() {
            if terms::Outcome::of(message.market.0, index) != Some(end.outcome.0) {
                faults.rule(&format!("/outcomes/{index}/outcome"), "order");
            }
        }
    }
}

message! {
    /// The bettor's order to debit his wallet in favour of one organiser.
    pub struct Order {
        /// The message's id; the order has the same.
        id: Id,
        /// The organiser.
        organiser: OrganiserNo,
        /// The bettor's account there.
        account: AccountNo,
        /// The most that may be debited, commission included.
        ceiling_tiyn: Sum,
        /// The currency of all sums.
        currency: Currency,
        /// Which odds the bettor accepts in place of those that he saw.
        accept: Accept,
        /// From when it holds no more.
        expires_at: Time,
    }
}

message! {
    /// Invites somebody to register at БЕЖ and to open an account with the caller.
    pub struct Registration {
        /// The message's id; how far the person is can be asked under it.
        id: Id,
    }
}

message! {
    /// Asks a bettor for an order, which he gives or declines at БЕЖ.
    pub struct OrderRequest {
        /// The message's id; where the order stands can be asked under it.
        id: Id,
        /// The bettor's account with the caller.
        account: AccountNo,
        /// The most that would be debited, commission included.
        ceiling_tiyn: Sum,
        /// The currency of all sums.
        currency: Currency,
        /// Which odds the bettor would accept in place of those that he saw.
        accept: Accept,
        /// From when the order would hold no more.
        expires_at: Time,
    }
}

message! {
    /// Asks of many accounts whether they may stake.
    pub struct EligibilityCheck {
        /// The accounts, 1 to 1,000.
        accounts: Vec<AccountNo>,
    }
    shaped |schema| items(schema, "accounts", ACCOUNTS_MAX),
    across |message, faults| list("/accounts", message.accounts.len(), ACCOUNTS_MAX, faults)
}

/// Accounts of one question: the answer stays below 100 KiB.
pub const ACCOUNTS_MAX: usize = 1_000;

fn list(at: &str, length: usize, most: usize, faults: &mut Faults) {
    if length == 0 || most < length {
        faults.note(at, "items", Some(&format!("1 to {most}")), None);
    }
}

fn places(places: &[Place], faults: &mut Faults) {
    once("/legs", places, faults);
}

fn once<T: PartialEq>(at: &str, items: &[T], faults: &mut Faults) {
    for (index, item) in items.iter().enumerate() {
        if items[..index].contains(item) {
            faults.rule(&format!("{at}/{index}"), "repeated_item");
        }
    }
}

/// What must hold between the parts of a bet. Whether the law allows it is not asked here.
fn selections(
    selections: &[Selection],
    shape: Shape,
    system: Option<&System>,
    price: PriceRule,
    total: Option<TotalE4>,
    faults: &mut Faults,
) {
    list("/selections", selections.len(), LEGS_MAX, faults);
    match (shape, system) {
        (Shape::System, None) => faults.rule("/system", "required"),
        (Shape::Single | Shape::Accumulator, Some(_)) => faults.rule("/system", "not_with_shape"),
        (Shape::System, Some(system)) => {
            list("/system/sizes", system.sizes.len(), LEGS_MAX, faults);
            once("/system/sizes", &system.sizes, faults);
        }
        (Shape::Single | Shape::Accumulator, None) => {}
    }
    match (price, total) {
        (PriceRule::Given, None) => faults.rule("/total_odds_e4", "required"),
        (PriceRule::Exact | PriceRule::StepFloor, Some(_)) => {
            faults.rule("/total_odds_e4", "not_with_price_rule");
        }
        (PriceRule::Given, Some(_)) | (PriceRule::Exact | PriceRule::StepFloor, None) => {}
    }
}

/// A list of 1 to `most` items.
fn items(mut schema: Value, name: &str, most: usize) -> Value {
    schema["properties"][name]["minItems"] = 1.into();
    schema["properties"][name]["maxItems"] = most.into();
    schema
}

/// A list that holds each item once.
fn each_once(mut schema: Value, name: &str) -> Value {
    schema["properties"][name]["uniqueItems"] = true.into();
    schema
}

/// A system has its lines, and a given price its total; nothing else has them.
fn bet(mut schema: Value) -> Value {
    let pair = |name: &str, without: &[&str], with: &str, field: &str| {
        json!({ "anyOf": [
            { "properties": { name: { "enum": without }, field: false } },
            { "properties": { name: { "const": with } }, "required": [field] },
        ] })
    };
    let shape = pair("shape", &["single", "accumulator"], "system", "system");
    let price = pair("price_rule", &["exact", "step_floor"], "given", "total_odds_e4");
    schema["allOf"] = json!([shape, price]);
    schema
}

/// A sum has a currency.
fn sum_with_currency(mut schema: Value) -> Value {
    schema["dependentRequired"] = json!({ "gross_return_tiyn": ["currency"] });
    schema
}

/// Selections that do not stand are named.
fn legs_if_void(mut schema: Value) -> Value {
    let leg = VoidBasis::Leg.name();
    let others: Vec<&str> =
        VoidBasis::ALL.iter().map(|basis| basis.name()).filter(|name| *name != leg).collect();
    schema["anyOf"] =
        json!([{ "properties": { "basis": { "enum": others } } }, { "required": ["legs"] }]);
    schema
}
