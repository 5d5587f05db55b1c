//! The kinds of messages: what each is called in a batch, and under which route it comes alone.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::fault::{Faults, child};
use crate::request::{
    Championship, ClaimSettlement, DeskPayout, DeskStake, Event, EventChange, HoldConfirmation,
    HoldRelease, Market, MarketChange, MarketResult, Resettlement, Settlement, Stake, Void,
};
use crate::shape::{Definitions, Wire, named, object, read};
use crate::tree::Node;
use crate::value::{Id, words};

macro_rules! kinds {
    ($( $variant:ident($type:ty) $name:literal $path:literal; )*) => {
        words! {
            /// The kind of a message.
            pub enum Kind { $( #[doc = concat!("Sent alone to `", $path, "`.")] $variant $name, )* }
        }

        impl Kind {
            /// The route under the prefix by which it comes alone.
            pub const fn path(self) -> &'static str {
                match self { $( Kind::$variant => $path ),* }
            }

            /// The schema of the message.
            pub fn schema_of(self, definitions: &mut Definitions) -> Value {
                match self { $( Kind::$variant => <$type>::schema(definitions) ),* }
            }
        }

        /// A message of an organiser.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is the message of its kind")]
        pub enum Request { $( $variant(Box<$type>), )* }

        impl Request {
            /// Reads a message of a kind, or tells everything that is wrong with it.
            pub fn read(kind: Kind, text: &[u8]) -> Result<Request, Faults> {
                match kind {
                    $( Kind::$variant => read::<$type>(text).map(|message| {
                        Request::$variant(Box::new(message))
                    }), )*
                }
            }

            /// Its JSON.
            pub fn to_json(&self) -> serde_json::Result<String> {
                match self { $( Request::$variant(message) => serde_json::to_string(message), )* }
            }

            /// Its kind.
            pub const fn kind(&self) -> Kind {
                match self { $( Request::$variant(_) => Kind::$variant, )* }
            }

            /// The id that its sender made.
            pub const fn id(&self) -> Id {
                match self { $( Request::$variant(message) => message.id, )* }
            }
        }
    };
}

kinds! {
    Stake(Stake) "stake" "/stakes";
    Hold(Stake) "hold" "/holds";
    HoldConfirmation(HoldConfirmation) "hold_confirmation" "/hold-confirmations";
    HoldRelease(HoldRelease) "hold_release" "/hold-releases";
    Settlement(Settlement) "settlement" "/settlements";
    Resettlement(Resettlement) "resettlement" "/resettlements";
    Void(Void) "void" "/voids";
    DeskStake(DeskStake) "desk_stake" "/desk-stakes";
    DeskPayout(DeskPayout) "desk_payout" "/desk-payouts";
    ClaimSettlement(ClaimSettlement) "claim_settlement" "/claim-settlements";
    Championship(Championship) "championship" "/catalogue/championships";
    Event(Event) "event" "/catalogue/events";
    EventChange(EventChange) "event_change" "/catalogue/event-changes";
    Market(Market) "market" "/catalogue/markets";
    MarketChange(MarketChange) "market_change" "/catalogue/market-changes";
    MarketResult(MarketResult) "market_result" "/catalogue/results";
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    kind: Kind,
    #[serde(borrow)]
    message: &'a RawValue,
}

impl Request {
    /// Reads a line of a batch: `{"kind": …, "message": {…}}`. Pointers begin at the line.
    pub fn read_line(text: &[u8]) -> Result<Request, Faults> {
        if let Ok(line) = serde_json::from_slice::<Line<'_>>(text) {
            return Request::read(line.kind, line.message.get().as_bytes()).map_err(|faults| {
                let within = |mut fault: crate::fault::Fault| {
                    fault.pointer = format!("/message{}", fault.pointer);
                    fault
                };
                Faults(faults.0.into_iter().map(within).collect())
            });
        }
        let mut faults = Faults::default();
        match serde_json::from_slice::<Node>(text) {
            Err(_) => faults.rule("", "json"),
            Ok(node) => line_faults(&node, &mut faults),
        }
        if faults.0.is_empty() {
            faults.rule("", "form");
        }
        Err(faults)
    }

    /// The schema of a line.
    pub fn line_schema(definitions: &mut Definitions) -> Value {
        named(definitions, "Line", |definitions| {
            let line = |kind: &Kind| {
                let message = kind.schema_of(definitions);
                json!({
                    "type": "object",
                    "properties": { "kind": { "const": kind.name() }, "message": message },
                    "required": ["kind", "message"],
                    "additionalProperties": false,
                })
            };
            let kinds: Vec<Value> = Kind::ALL.iter().map(line).collect();
            json!({ "description": "A message with its kind.", "oneOf": kinds })
        })
    }
}

/// What is wrong with a line that does not even name its kind.
fn line_faults(node: &Node, faults: &mut Faults) {
    let any: fn(&Node, &str, &mut Faults) = |node, at, faults| {
        if !matches!(node, Node::Object(_)) {
            faults.kind(&child("", at.trim_start_matches('/')), "object", node.kind());
        }
    };
    let parts = [
        crate::shape::Part { name: "kind", required: true, faults: Kind::faults },
        crate::shape::Part { name: "message", required: true, faults: any },
    ];
    object(node, "", &parts, faults);
}
