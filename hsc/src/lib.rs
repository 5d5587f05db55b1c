//! The organiser's side of БЕЖ: a client of its API.
//!
//! Owns the connection, the retries and the typed calls. What a message means is told by [`wire`],
//! whose types are used as they are, and by `docs/api.md`; every code that an answer may carry is
//! under `/v1/reasons`. Knows nothing of the centre's insides.
//!
//! ```no_run
//! use hsc::wire::{Currency, PriceRule, Selection, Shape, Stake, Sum, Time};
//! use hsc::{Client, Error, Patience, Settings};
//!
//! # async fn place(
//! #     order: wire::Id, account: wire::AccountNo, desk: wire::Desk,
//! #     outcome: wire::OutcomeNo, odds_e4: wire::OddsE4,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Settings {
//!     bases: vec!["https://localhost:8443".into()],
//!     authority: std::fs::read("try/tls/ca.crt")?,
//!     certificate: std::fs::read("try/tls/organiser-0.crt")?,
//!     key: std::fs::read("try/tls/organiser-0.key")?,
//!     patience: Patience::standard(),
//! })?;
//! client.synchronise().await?;
//! let stake = Stake {
//!     // Made once and kept with the bet: whatever happens, the same message has the same id.
//!     id: client.new_id(),
//!     account,
//!     desk,
//!     amount_tiyn: Sum(100_000),
//!     currency: Currency::Kzt,
//!     made_at: Time(client.now()),
//!     shape: Shape::Single,
//!     price_rule: PriceRule::Exact,
//!     selections: vec![Selection { outcome, odds_e4, offered_odds_e4: None }],
//!     order: Some(order),
//!     system: None,
//!     total_odds_e4: None,
//! };
//! match client.stake(&stake).await {
//!     Ok(accepted) => println!("entry {} of the journal", accepted.answer.receipt.seq),
//!     Err(Error::Refused(problem)) => println!("{}: {}", problem.code, problem.what_to_do),
//!     // Not known: keep the message and send it again later, as it is.
//!     Err(error @ Error::Unanswered { .. }) => println!("{error}"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What a call does
//!
//! * Connections are kept: requests go over HTTP/1.1 within TLS 1.3 with the organiser's
//!   certificate, at most [`Patience::in_flight`] at a time; further calls wait for their turn.
//! * An attempt that has no answer in time or is cut, and an answer of 408, 429 or 503, is followed
//!   by another with the same content and so the same id, until [`Patience::whole`] has passed.
//!   The centre answers a repeat with the receipt of then, so nothing happens twice.
//! * Between attempts it pauses for a random part of a time that doubles, and never for less than
//!   `Retry-After` says.
//! * Any other answer ends the call: [`Error::Refused`] was decided and is on record,
//!   [`Error::Rejected`] was not decided, each with its problem document (RFC 9457).
//! * A call that ends as [`Error::Unanswered`] tells whether it may have been decided. The message
//!   is to be kept and sent again; [`Client::fate`] tells what became of it without sending it.
//!
//! [`book`] is a bookmaker made with it, which keeps an outbox so that it may be killed at any
//! moment; the program `bookmaker` runs it.

pub mod book;

mod batch;
mod client;
mod clock;
mod connect;
mod error;
mod feed;
mod messages;
mod nodes;
mod pause;
mod questions;
mod trace;

pub use batch::{BATCH_BYTES_MAX, BATCH_LINES_MAX};
pub use client::{Client, Decided};
pub use connect::{Patience, Settings, SetupError};
pub use error::{Attempt, Error};
pub use feed::Feed;
pub use wire;
