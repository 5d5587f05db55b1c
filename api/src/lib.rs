//! The API of organisers: `/v1` over mutual TLS 1.3.
//!
//! Owns the routes, the strict reading of messages, the answers and the listeners. Decides
//! nothing: a message becomes a command, the pump has it decided, and the verdict becomes an
//! answer. Knows no SQL.
//!
//! Contract:
//! - an organiser is told outer codes only, in the same text, status and time (domain 3);
//! - whoever hears 201 or 422 has a record in the journal, which a repeat finds again; 400, 413,
//!   421, 429 and 503 say that nothing was decided, but `stopping`, which says that it is not
//!   known;
//! - memory is bounded by [`limits`], whatever callers send.
//!
//! Cost of a stake: one pass of serde over its text, one digest, one turn in the pump.

mod authority;
mod away;
mod batch;
mod brake;
mod budget;
mod callers;
mod catalogue;
mod changes;
mod commands;
mod daily;
mod edge;
mod feed;
mod follower;
mod house;
pub mod limits;
mod listen;
mod lookup;
mod metrics;
mod notices;
mod openapi;
mod persons;
mod problem;
mod qr;
mod query;
mod reads;
mod reasons;
mod register;
mod routes;
mod seat;
mod trace;
pub mod translate;
mod turnstile;

pub use authority::{Authority, AuthorityError, Identity};
pub use budget::{Budget, Budgets};
pub use callers::{Callers, CallersError, fingerprint, printed};
pub use daily::DailyFiles;
pub use edge::{Edge, Peer, mutual_tls};
pub use feed::Feeds;
pub use follower::Follower;
pub use house::{Health, House, Prover, Room, Shared};
pub use limits::Limits;
pub use listen::{bind_loopback, serve_plain, serve_tls};
pub use lookup::{Lookup, OpenReader};
pub use metrics::Metrics;
pub use openapi::document;
pub use persons::{Bettor, Link, OrderAsked, OrderProgress, Persons, Progress, Session, Unhelped};
pub use problem::{Trouble, language};
pub use routes::{Node, Route, Who, api, plain, routes};
pub use seat::{Place, Seat};
pub use trace::{Sampling, Sink, Step, Traced, Tracer};
