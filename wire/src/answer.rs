//! What the API answers. Sums are tiyn; whoever reads answers ignores fields that he does not know.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fault::{Fault, Faults};
use crate::shape::{Definitions, Wire, answer, named};
use crate::tree::Node;
use crate::value::{
    AccountNo, ChampionshipNo, Currency, Desk, EventClass, EventNo, EventState, Form, Id, MarketNo,
    OddsE4, OrganiserNo, OutcomeNo, OutcomeResult, PriceRule, Shape, Sum, Time, WalletCode, words,
};
use crate::works::PlannedWorks;

answer! {
    /// Proof that a message was decided: where its record stands in the journal.
    pub struct Receipt {
        /// `accepted`, or the code of the refusal.
        code: String,
        /// The position in the journal.
        seq: u64,
        /// The leaf hash of the record, in hexadecimal digits.
        leaf: String,
        /// When it was decided.
        at: Time,
        /// The rulebook by which.
        rulebook: u32,
    }
}

answer! {
    /// A stake was accepted.
    pub struct StakeAccepted {
        /// The message's id.
        id: Id,
        /// The receipt.
        receipt: Receipt,
        /// The bet.
        bet: Id,
    }
}

answer! {
    /// A stake's sum is set aside.
    pub struct HoldPlaced {
        /// The message's id.
        id: Id,
        /// The receipt.
        receipt: Receipt,
        /// The hold; its bet has the same id.
        hold: Id,
        /// From when it can no longer be confirmed.
        expires_at: Time,
    }
}

answer! {
    /// A hold has ended; its sum is at the bettor's disposal again.
    pub struct HoldReleased {
        /// The message's id.
        id: Id,
        /// The receipt.
        receipt: Receipt,
        /// The hold.
        hold: Id,
    }
}

words! {
    /// Where the payout of a settlement stands.
    pub enum Payout {
        /// It was posted to the bettor's wallet with the settlement.
        Posted "posted",
        /// It waits for money in the organiser's wallet.
        WaitingFunds "waiting_funds",
        /// It is to be paid at a desk.
        DueAtDesk "due_at_desk",
        /// Nothing is due.
        None "none",
    }

    /// The result of a bet.
    pub enum BetResult {
        /// Something was won.
        Win "win",
        /// Nothing comes back.
        Loss "loss",
        /// The stake, or part of it, comes back and nothing was won.
        Refund "refund",
    }

    /// Where a bet stands.
    pub enum BetState {
        /// Its sum is set aside.
        Held "held",
        /// Accepted.
        Open "open",
        /// Settled.
        Settled "settled",
        /// Its hold ended without a stake.
        Released "released",
    }

    /// What became of a message.
    pub enum Fate {
        /// No record of it: send it.
        Absent "absent",
        /// It was done.
        Accepted "accepted",
        /// It was refused.
        Refused "refused",
    }

    /// States of a market.
    pub enum MarketStanding {
        /// Takes stakes.
        Open "open",
        /// Takes none for the moment.
        Suspended "suspended",
        /// Takes none any more.
        Closed "closed",
        /// Has a result.
        Resulted "resulted",
        /// Does not stand.
        Void "void",
    }

    /// What a caller may do with a message that was not done.
    pub enum Retry {
        /// Correct it and send it again with the same id.
        Corrected "corrected",
        /// Send the same again, with the same id.
        SameId "same_id",
        /// A new message with a new id, when the circumstances have changed.
        NewId "new_id",
        /// Nothing.
        No "no",
    }
}

answer! {
    /// A bet was settled.
    pub struct Settled {
        /// The message's id.
        id: Id,
        /// The receipt.
        receipt: Receipt,
        /// The bet.
        bet: Id,
        /// Win, loss or refund.
        result: BetResult,
        /// The currency of all sums.
        currency: Currency,
        /// What comes back by our reckoning.
        computed_gross_tiyn: Sum,
        /// What comes back.
        gross_return_tiyn: Sum,
        /// Of that, the stake of lines that won.
        of_which_stake_tiyn: Sum,
        /// Of that, the return of stake that did not stand.
        refund_tiyn: Sum,
        /// Tax withheld.
        tax_withheld_tiyn: Sum,
        /// What is due to the bettor.
        net_due_tiyn: Sum,
        /// Where the payout stands.
        payout: Payout,
        /// Rules that a land desk's settlement breaks.
        breaches: Vec<String>,
    }
}

answer! {
    /// A report was recorded.
    pub struct Reported {
        /// The message's id.
        id: Id,
        /// The receipt.
        receipt: Receipt,
        /// The bet.
        bet: Id,
        /// Whether it came later than the rulebook allows.
        late: bool,
        /// Rules that it breaks.
        breaches: Vec<String>,
    }
}

answer! {
    /// Something was listed in the catalogue, and has a number now.
    pub struct Listed {
        /// The message's id.
        id: Id,
        /// The receipt.
        receipt: Receipt,
        optional {
            /// The number of the championship.
            championship: ChampionshipNo,
            /// The number of the event.
            event: EventNo,
            /// The number of the market.
            market: MarketNo,
            /// The numbers of the outcomes, in the order of the message.
            outcomes: Vec<OutcomeNo>,
        }
    }
}

answer! {
    /// Something in the catalogue was changed, or a report about it recorded.
    pub struct Changed {
        /// The message's id.
        id: Id,
        /// The receipt.
        receipt: Receipt,
        /// Rules that a report breaks.
        breaches: Vec<String>,
    }
}

answer! {
    /// A bettor's order is recorded.
    pub struct OrderGiven {
        /// The message's id.
        id: Id,
        /// The receipt.
        receipt: Receipt,
        /// The order, as stakes carry it.
        order: Id,
    }
}

answer! {
    /// What became of one line of a batch.
    pub struct LineVerdict {
        /// The line, from 1.
        line: u32,
        /// `accepted`, `deferred`, `malformed`, `busy`, or the code of the refusal.
        code: String,
        optional {
            /// The message's id, where it could be read.
            id: Id,
            /// The position in the journal.
            seq: u64,
            /// The leaf hash of the record.
            leaf: String,
            /// When it was decided.
            at: Time,
            /// The rulebook by which.
            rulebook: u32,
            /// Whether it was decided before.
            repeated: bool,
            /// What a deferred line waits for.
            waits_for: String,
            /// What is wrong with a malformed line.
            errors: Vec<Fault>,
        }
    }
}

answer! {
    /// What became of a message, by its sender's id.
    pub struct MessageFate {
        /// The message's id.
        id: Id,
        /// What became of it.
        state: Fate,
        /// The answer is as of this position of the journal.
        as_of_seq: u64,
        optional {
            /// The receipt.
            receipt: Receipt,
        }
    }
}

answer! {
    /// Whether an account may stake now. The stake itself is checked again at its own instant.
    pub struct Eligibility {
        /// The account.
        account: AccountNo,
        /// Whether it may.
        admitted: bool,
        /// `admitted`, or why not.
        code: String,
        /// The answer is as of this position of the journal.
        as_of_seq: u64,
        /// When it was given.
        at: Time,
        /// Seconds for which it is worth something.
        valid_s: u32,
    }
}

answer! {
    /// The answer for many accounts, in the order asked.
    pub struct Eligibilities {
        /// One for each account.
        answers: Vec<Eligibility>,
    }
}

answer! {
    /// An organiser's own wallet.
    pub struct WalletState {
        /// Its code.
        wallet: WalletCode,
        /// The currency of all sums.
        currency: Currency,
        /// What it holds.
        balance_tiyn: Sum,
        /// Of that, what is set aside.
        held_tiyn: Sum,
        /// What it may dispose of.
        available_tiyn: Sum,
        /// What payouts wait for.
        waiting_payouts_tiyn: Sum,
        /// The floor of its contract.
        floor_tiyn: Sum,
        /// The answer is as of this position of the journal.
        as_of_seq: u64,
    }
}

answer! {
    /// The time at the centre.
    pub struct TimeNow {
        /// The wall clock.
        now: Time,
        /// The day at Almaty.
        day: String,
        /// The last entry of the journal.
        last_entry_at: Time,
        /// So many seconds may an id be ahead of the clock.
        id_ahead_s: u32,
        /// So many days old may an id be.
        id_age_days: u32,
    }
}

answer! {
    /// A text in the three languages.
    pub struct Texts {
        /// Kazakh.
        kk: String,
        /// Russian.
        ru: String,
        /// English.
        en: String,
    }
}

answer! {
    /// A code that an answer may carry.
    pub struct ReasonPage {
        /// The permanent name.
        code: String,
        /// The HTTP status that it comes with.
        http: u16,
        /// Whether the same wish may succeed later.
        retryable: bool,
        /// What a machine may do.
        retry: Retry,
        /// What it is called.
        title: Texts,
        /// What is wrong.
        text: Texts,
        /// What to do.
        what_to_do: Texts,
        optional {
            /// The requirement that demands it, where that may be told.
            clause: String,
        }
    }
}

answer! {
    /// All codes.
    pub struct ReasonPages {
        /// By code.
        reasons: Vec<ReasonPage>,
    }
}

answer! {
    /// What would become of a message if it were sent now.
    pub struct Validation {
        /// Whether it would be accepted.
        would_accept: bool,
        /// `accepted`, or why not.
        code: String,
        /// The answer is as of this position of the journal.
        as_of_seq: u64,
    }
}

answer! {
    /// A selection of a bet on record.
    pub struct SelectionState {
        /// What it is on.
        outcome: OutcomeNo,
        /// The event of that outcome.
        event: EventNo,
        /// The odds at which it was accepted.
        odds_e4: OddsE4,
        /// Whether the event was under way.
        live: bool,
        optional {
            /// The odds that the bettor saw, where they differ.
            offered_odds_e4: OddsE4,
        }
    }
}

answer! {
    /// The effective settlement of a bet.
    pub struct SettlementState {
        /// The position of its record.
        seq: u64,
        /// Win, loss or refund.
        result: BetResult,
        /// Everything that comes back.
        gross_return_tiyn: Sum,
        /// Of that, the return of stake that did not stand.
        refund_tiyn: Sum,
        /// What is due after tax.
        net_due_tiyn: Sum,
        /// What was paid so far.
        paid_tiyn: Sum,
        /// What is still to be paid.
        outstanding_tiyn: Sum,
        /// What was paid beyond what is due.
        claim_tiyn: Sum,
        /// Whether a payout waits for funds.
        waiting_funds: bool,
    }
}

answer! {
    /// A record in the life of a bet.
    pub struct Record {
        /// Its position in the journal.
        seq: u64,
        /// When it was decided.
        at: Time,
        /// What kind of record.
        record: String,
        optional {
            /// The message that caused it.
            id: Id,
        }
    }
}

answer! {
    /// A bet with its whole story.
    pub struct BetStory {
        /// Its id.
        bet: Id,
        /// Where it stands.
        state: BetState,
        /// The bettor's account.
        account: AccountNo,
        /// The desk that took the stake.
        desk: Desk,
        /// How the stake was given.
        form: Form,
        /// The currency of all sums.
        currency: Currency,
        /// The stake.
        amount_tiyn: Sum,
        /// The commission on it.
        commission_tiyn: Sum,
        /// How the selections hang together.
        shape: Shape,
        /// How the total odds arise.
        price_rule: PriceRule,
        /// The selections.
        selections: Vec<SelectionState>,
        /// When the organiser says that it was made.
        made_at: Time,
        /// When it was held or accepted.
        at: Time,
        /// Its records, oldest first.
        records: Vec<Record>,
        /// The answer is as of this position of the journal.
        as_of_seq: u64,
        optional {
            /// From when its hold can no longer be confirmed.
            expires_at: Time,
            /// Its effective settlement.
            settlement: SettlementState,
        }
    }
}

answer! {
    /// An outcome on record.
    pub struct OutcomeCard {
        /// Its number.
        outcome: OutcomeNo,
        optional {
            /// The organiser's own id of it.
            own: String,
            /// Its name.
            name: String,
            /// How it ended.
            result: OutcomeResult,
        }
    }
}

answer! {
    /// A market on record.
    pub struct MarketCard {
        /// Its number.
        market: MarketNo,
        /// Its state.
        state: MarketStanding,
        /// Whether it takes stakes after the event has begun.
        in_play: bool,
        /// Its outcomes.
        outcomes: Vec<OutcomeCard>,
        optional {
            /// The organiser's own id of it.
            own: String,
            /// Its name.
            name: String,
            /// The position of its result.
            result_seq: u64,
        }
    }
}

answer! {
    /// An event on record.
    pub struct EventCard {
        /// Its number.
        event: EventNo,
        /// Its championship.
        championship: ChampionshipNo,
        /// What kind of event.
        class: EventClass,
        /// Its state.
        state: EventState,
        /// When it is to begin.
        scheduled_start: Time,
        /// Its markets; left out in lists.
        markets: Vec<MarketCard>,
        optional {
            /// The organiser's own id of it.
            own: String,
            /// Its name.
            name: String,
            /// When it began.
            started_at: Time,
        }
    }
}

answer! {
    /// A page of events, by number.
    pub struct EventCards {
        /// The events.
        events: Vec<EventCard>,
        /// Ask for the next page after this number.
        next_after: EventNo,
        /// Whether there are more.
        more: bool,
        /// The answer is as of this position of the journal.
        as_of_seq: u64,
    }
}

answer! {
    /// A championship on record.
    pub struct ChampionshipCard {
        /// Its number.
        championship: ChampionshipNo,
        /// The organiser's own id of it.
        own: String,
        /// Kind of sport.
        sport: String,
        /// Its name.
        name: String,
    }
}

answer! {
    /// An organiser's championships, by number, with the sports that they belong to.
    pub struct ChampionshipCards {
        /// The championships.
        championships: Vec<ChampionshipCard>,
        /// Kinds of sport, each once.
        sports: Vec<String>,
        /// The answer is as of this position of the journal.
        as_of_seq: u64,
    }
}

words! {
    /// What happened, in the feed of an organiser.
    pub enum Happening {
        /// The payout of an e-money stake was posted.
        PayoutPosted "payout.posted",
        /// A payout waits for money in the organiser's wallet.
        PayoutWaiting "payout.waiting",
        /// Nobody confirmed a hold in time.
        HoldExpired "hold.expired",
        /// An account was opened, with this number.
        AccountOpened "account.opened",
        /// An account may stake now, or may no longer.
        AccountStateChanged "account.state_changed",
        /// Works at the centre are planned.
        WorksAnnounced "planned_works.announced",
        /// Planned works begin or end at another time than was told before.
        WorksChanged "planned_works.changed",
        /// Planned works are not done, or end before their time.
        WorksCancelled "planned_works.cancelled",
    }
}

answer! {
    /// One event of an organiser's feed.
    pub struct Notice {
        /// Its number in this feed: dense, from 1.
        number: u64,
        /// What happened.
        event: Happening,
        /// When it was told.
        at: Time,
        optional {
            /// The position of its record; not told for a change of an account.
            seq: u64,
            /// The bet.
            bet: Id,
            /// The account.
            account: AccountNo,
            /// The sum in tiyn.
            amount_tiyn: Sum,
            /// What the account is now: `admitted`, or why it may not stake.
            code: String,
            /// The works, as they are planned now or were when they were called off.
            planned_works: PlannedWorks,
        }
    }
}

answer! {
    /// A page of an organiser's feed, oldest first.
    pub struct Notices {
        /// The events.
        events: Vec<Notice>,
        /// Ask for the next page after this number.
        next_after: u64,
        /// Whether there are more now.
        more: bool,
    }
}

answer! {
    /// What a version of the schema brought.
    pub struct Change {
        /// The version.
        version: String,
        /// The day from which it is spoken.
        since: String,
        /// Whether something that worked before does not any more.
        breaking: bool,
        /// Addresses and fields that came, changed or went.
        touches: Vec<String>,
    }
}

answer! {
    /// The versions of the schema, the newest first.
    pub struct Changes {
        /// The version that is spoken.
        schema: String,
        /// All of them.
        changes: Vec<Change>,
    }
}

answer! {
    /// Who is calling, by the certificate.
    pub struct Caller {
        /// The organiser.
        organiser: OrganiserNo,
    }
}

impl Wire for Fault {
    fn schema(definitions: &mut Definitions) -> Value {
        named(definitions, "Fault", |_| {
            json!({
                "type": "object",
                "description": "One thing that is wrong with a message.",
                "properties": {
                    "pointer": { "type": "string", "description": "JSON pointer to the place." },
                    "rule": { "type": "string", "description": "The rule that is broken." },
                    "expected": { "type": "string" },
                    "found": { "type": "string" },
                },
                "required": ["pointer", "rule"],
            })
        })
    }

    fn faults(node: &Node, at: &str, faults: &mut Faults) {
        if !matches!(node, Node::Object(_)) {
            faults.kind(at, "object", node.kind());
        }
    }
}

/// A problem document (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is wrong, in the caller's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The code.
    pub code: String,
    /// Whether the same wish may succeed later.
    pub retryable: bool,
    /// What a machine may do.
    pub retry: Retry,
    /// What to do, in the caller's language.
    pub what_to_do: String,
    /// The request, as the header `Request-Id` and the centre's log name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The message's id, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Id>,
    /// The receipt of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// `host:port` of the node that decides, where this one does not and knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
    /// Everything that is wrong with the form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

impl Wire for Problem {
    fn schema(definitions: &mut Definitions) -> Value {
        named(definitions, "Problem", |definitions| {
            json!({
                "type": "object",
                "description": "A problem document (RFC 9457).",
                "properties": {
                    "type": { "type": "string", "description": "`/problems/<code>`." },
                    "title": { "type": "string" },
                    "status": { "type": "integer" },
                    "code": { "type": "string" },
                    "retryable": { "type": "boolean" },
                    "retry": Retry::schema(definitions),
                    "what_to_do": { "type": "string" },
                    "instance": { "type": "string", "description": "The request that failed." },
                    "id": Id::schema(definitions),
                    "receipt": Receipt::schema(definitions),
                    "active": {
                        "type": "string",
                        "description": "`host:port` of the node that decides.",
                    },
                    "errors": Vec::<Fault>::schema(definitions),
                },
                "required":
                    ["type", "title", "status", "code", "retryable", "retry", "what_to_do"],
            })
        })
    }

    fn faults(node: &Node, at: &str, faults: &mut Faults) {
        if !matches!(node, Node::Object(_)) {
            faults.kind(at, "object", node.kind());
        }
    }
}
