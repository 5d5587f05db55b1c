//! Facts about organisers' catalogues and results.

use register::LegResult;
use register::catalogue::{EventClass, EventRow, EventState, MarketState};
use terms::{Championship, Event, Instant, Market, Organiser, Reason, Seq, Text, record};

use super::{Cause, Nonce};

record! {
    /// A championship in an organiser's catalogue.
    pub struct ChampionshipListed {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub championship: Championship,
        /// Whose catalogue.
        pub organiser: Organiser,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Kind of sport.
        pub sport: Text<64>,
        /// Its name.
        pub name: Text<128>,
    }
}

record! {
    /// An event in an organiser's catalogue.
    pub struct EventListed {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub event: Event,
        /// Its championship.
        pub championship: Championship,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<256>,
        /// What kind of event.
        pub class: EventClass,
        /// When it is to begin.
        pub scheduled: Instant,
        /// Whether the organiser listed it, or a report named it first (domain 1).
        pub confirmed: bool,
    }
}

record! {
    /// The organiser lists an event that a report had named before it: from now on it is as listed
    /// here (domain 1). Bets recorded before keep the championship and the breach that they have.
    pub struct EventConfirmed {
        /// What caused it.
        pub cause: Cause,
        /// Which; the organiser's own id stays.
        pub event: Event,
        /// Its championship.
        pub championship: Championship,
        /// Its name.
        pub name: Text<256>,
        /// What kind of event.
        pub class: EventClass,
        /// The time at which it was to begin until now.
        pub scheduled_before: Instant,
        /// The time at which it is to begin.
        pub scheduled: Instant,
        /// The event, if it had left the hot state.
        pub thawed: Option<Box<EventRow>>,
    }
}

record! {
    /// An organiser's event is a central one (domain 5). Nothing is accepted or refused by it.
    pub struct EventMapped {
        /// What caused it.
        pub cause: Cause,
        /// The organiser's event.
        pub event: Event,
        /// Whose it is.
        pub organiser: Organiser,
        /// The id of the central event.
        pub central: Text<64>,
    }
}

record! {
    /// A market of a mapped event is compared with the markets of other organisers that have the
    /// same code.
    pub struct MarketMapped {
        /// What caused it.
        pub cause: Cause,
        /// The market.
        pub market: Market,
        /// How many outcomes it has.
        pub outcomes: u32,
        /// The code.
        pub code: Text<32>,
    }
}

record! {
    /// Two organisers have different results of one central event: a flag, by which nothing is
    /// decided (S-68, domain 7).
    pub struct ResultsDiffer {
        /// Random bytes.
        pub nonce: Nonce,
        /// The id of the central event.
        pub central: Text<64>,
        /// The code of the market.
        pub code: Text<32>,
        /// The market of the one.
        pub market: Market,
        /// Its result.
        pub result: Seq,
        /// The market of the other.
        pub other: Market,
        /// Its result.
        pub other_result: Seq,
    }
}

record! {
    /// An event changes its state; times are those of the event, not of the message.
    pub struct EventChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub event: Event,
        /// Its new state.
        pub state: EventState,
        /// The time at which it was to begin until now.
        pub scheduled_before: Instant,
        /// The time at which it is to begin.
        pub scheduled: Instant,
        /// The actual start that was known until now.
        pub started_before: Option<Instant>,
        /// The actual start.
        pub started: Option<Instant>,
        /// The event, if it had left the hot state.
        pub thawed: Option<Box<EventRow>>,
    }
}

record! {
    /// An outcome variant of a market as listed.
    pub struct OutcomeText {
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<128>,
    }
}

record! {
    /// A market of an event, open from now on.
    pub struct MarketListed {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub market: Market,
        /// Its event.
        pub event: Event,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<128>,
        /// Whether it takes stakes after the event has begun.
        pub in_play: bool,
        /// Its outcomes; their numbers are the market's and their place here.
        pub outcomes: Vec<OutcomeText>,
        /// The event, if it had left the hot state.
        pub thawed: Option<Box<EventRow>>,
    }
}

record! {
    /// A market changes.
    pub struct MarketChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub market: Market,
        /// Its state.
        pub state: MarketState,
        /// Whether it takes stakes after the event has begun.
        pub in_play: bool,
        /// The event, if it had left the hot state.
        pub thawed: Option<Box<EventRow>>,
    }
}

record! {
    /// How the outcomes of a market ended, or a correction of that (domain 7).
    pub struct ResultPublished {
        /// What caused it.
        pub cause: Cause,
        /// Which market.
        pub market: Market,
        /// One result for each outcome, in order.
        pub results: Vec<LegResult>,
        /// The earlier result that this one corrects.
        pub corrects: Option<Seq>,
        /// Why it is corrected.
        pub reason: Option<Text<128>>,
        /// Every rule that the report breaks (A2).
        pub breaches: Vec<Reason>,
        /// The event, if it had left the hot state.
        pub thawed: Option<Box<EventRow>>,
    }
}

record! {
    /// The whole of an event as it stands, before it leaves the hot state: whoever needs it
    /// afterwards reads this one fact (core 16).
    pub struct EventKept {
        /// Random bytes.
        pub nonce: Nonce,
        /// The event with its markets.
        pub row: Box<EventRow>,
    }
}

record! {
    /// The events that were kept first leave the hot state (core 16).
    pub struct EventsLeft {
        /// Random bytes.
        pub nonce: Nonce,
        /// So many entries of the queue of kept events.
        pub count: u32,
    }
}
