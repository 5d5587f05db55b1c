//! The pump: the one writer of the journal.
//!
//! Owns the deciding state, the lanes in front of it, the frame that is being filled, the commit
//! and the read copy behind it. Knows no HTTP, no language and no rule.
//!
//! Contract:
//! - nobody hears an answer before the frame that holds it is durable (design 4), and nobody hears
//!   an answer whose durability is unknown: the pump then ends, and [`PumpError::Stopped`] is all
//!   that is heard;
//! - the same messages with the same instants and the same entropy give the same facts, however
//!   they are divided into batches and whatever store is below ([`Time::Brought`]);
//! - an accepted request hears exactly one reply, also when the pump ends or panics.
//!
//! Threads, each in the module of its name, joined by channels that are bounded in [`limits`]:
//!
//! ```text
//! Handle ─► lanes ─► decider ─► committer ─► follower ─► indexer, feeds, snapshots
//!                        ▲           ├─► waiters         │
//!                        │           └─► receipts        ▼
//!                        └───── how far the index on disk reaches
//! ```
//!
//! A [`Standby`] follows the journal of another pump, on the same machine or another one, and can
//! claim it. A pump is a standby that has claimed a journal, also where it is the only one.
//!
//! Cost per frame: two wake-ups and one append. Cost per command: one decision, two applications
//! (the deciding state and the read copy), one encoding and about four hashed nodes.

mod backlog;
mod budget;
mod clock;
mod committer;
mod copy;
mod decider;
mod draft;
mod entropy;
mod fault;
mod feed;
mod follower;
mod gather;
mod inbox;
mod indexer;
mod lanes;
pub mod limits;
mod receipts;
mod recover;
mod reply;
mod snapshots;
mod standby;
mod start;
mod verdict;
mod weight;

pub use clock::{Clock, SystemClock, Time};
pub use copy::ReadCopy;
pub use draft::Durable;
pub use entropy::{Entropy, Stream};
pub use fault::{Busy, Fault, PumpError, StartError};
pub use feed::{Ended, Feed, Subscription};
pub use inbox::LaneView;
pub use lanes::Class;
pub use limits::{LaneLimits, Options};
pub use reply::Reply;
pub use standby::Standby;
pub use start::{Claim, Handle, Intake, Pump, Status, Stopped};
pub use verdict::{Outcome, Receipt, Verdict};
