//! People: the one room that sees both a name and a number (docs/decisions/0022-people.md).
//!
//! Owns sign-in and sessions ([`entrance`]), registration and identification ([`joining`],
//! [`drive`], [`at_desk`]), the lists and the screening of everybody ([`lists`]), invitations and
//! orders ([`invitations`]), the relationship with a person ([`relation`]), and what officers see
//! and decide of people ([`officers`], [`compared`], [`proposals`]). It gathers from the vault,
//! the lists and the outside systems, and puts commands to whoever decides; it has no pages, no SQL
//! and no rule: what follows from what is decided by the desk.
//!
//! Contract: every call blocks until what it promises is durable, and may be made from many threads
//! and processes at once. What is changed at the edge names the version that was read; commands
//! carry ids that make a repeat of them harmless; nothing of a person is shown before the look at
//! it is a fact. Nothing here prints, logs or keeps at the edge what was typed in.
//!
//! Limits are in [`limits`]. Cost: a sign-in is one Argon2 hash (20 ms, 19 MiB) and some ten small
//! values; a registration some fifteen facts.

pub mod at_desk;
pub mod compared;
pub mod countries;
pub mod drive;
pub mod duties;
pub mod entrance;
pub mod erasure;
pub mod form;
pub mod house;
pub mod invitations;
pub mod joining;
pub mod kept;
pub mod limits;
pub mod lists;
mod no;
pub mod officers;
pub mod person_record;
pub mod ports;
pub mod proposals;
pub mod relation;
pub mod secret;
pub mod state_service;
mod text;

pub use house::{Outside, Parts, People, Settings, Who};
pub use no::{No, Outcome};
pub use secret::Token;
pub use text::Notice;
