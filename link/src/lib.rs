//! The inner door: messages pass from a group of the system to the node that decides, over mutual
//! TLS 1.3, wherever both stand (R0-20.3).
//!
//! Owns the form on this wire, the door of a node ([`serve`]) and the way to it ([`Link`]), which
//! others hold as a [`pump::Handle`], as if the pump were in their own process. Knows no rule, no
//! HTTP and no store.
//!
//! Contract:
//! - the contract of [`pump::Handle`] holds across the wire: a request that was taken in hears
//!   exactly one reply. Where the connection breaks on the way, it hears
//!   [`pump::PumpError::Stopped`]: what became of it is not known, and whoever sends it again with
//!   the same ids learns it;
//! - requests of one connection are put to the pump in the order in which they were sent;
//! - a node that does not decide says so at once and is left; a peer that is silent for
//!   [`limits::SILENCE_MAX`] is left too, so that a machine that stands still holds up nobody;
//! - only certificates of the inner authority open the door, and the door is never on an address
//!   that the outside can reach ([`is_inner`]).
//!
//! ```text
//! u32 length, big-endian   then the canonical form of docs/journal-format.md:
//!   hello    door → link   version, whether this node decides
//!   request  link → door   number, class, messages; without messages it asks for a sign of life
//!   answer   door → link   number, verdicts or why there are none
//! ```
//!
//! Cost per request: one encoding and one decoding of its messages on each side; answers that are
//! ready together go in one write.

mod client;
mod form;
mod inner;
pub mod limits;
mod server;
mod tls;
mod wire;

pub use client::{Link, Target};
pub use inner::is_inner;
pub use server::{Leader, serve};
pub use tls::{Certificate, DoorTls, Identity, TlsError, WayTls, door, way};
