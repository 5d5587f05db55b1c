//! The vault: what is known of persons, sealed under one random key each, found by keyed hashes,
//! and destroyed for good by destroying the key.
//!
//! Owns personal data at rest: [`PersonRecord`], [`Photo`]s, the index by [`Field`]s, each person's
//! own log of looks, and the keys. Knows no bets, no money and no fact but by position.
//!
//! # How it is used
//!
//! - **A new person** is two commits (core 20): [`Vault::admit`] makes the row durable as pending
//!   and gives the reference; the caller puts `RegisterPerson { reference }` to the pump, and then
//!   calls [`Vault::confirm`] with the number that the verdict gave. At the start, and now and
//!   then, [`Vault::pending`] tells who still waits: the caller sends the same command under the
//!   same id again and confirms; [`Vault::drop_pending`] removes one after 24 hours without a fact.
//! - **A look** needs its audit fact to be durable first: [`Vault::read`] and
//!   [`Vault::read_photo`] take it as [`Seen`], and leave a line in the person's own log, which
//!   [`Vault::looks`] shows him.
//! - **A change** is [`Vault::amend`] with what was read; if somebody was faster it is
//!   [`VaultFault::Overtaken`]. [`Vault::add_photo`] adds an image.
//! - **A question who has a value** is [`Vault::find`] with a [`Query`]; it shows numbers alone.
//!   The screening of everybody is [`Vault::members`], or [`Vault::for_each_index`].
//! - **Destruction** follows the orders of the journal by its cursor: [`Vault::destroy`],
//!   [`Vault::destroy_all`], and [`Vault::after_restore`] before anything is served from a restored
//!   store. [`Vault::rotate`] then makes every older copy of the keys unreadable.
//!
//! One handle serves one thread; [`Vault::another`] makes more. Several processes may use one
//! vault.
//!
//! # Keys
//!
//! A [`KeyKeeper`] keeps one key-encryption key for each epoch, apart from the store. It seals two
//! random keys of the epoch, one that wraps the persons' keys and one that makes the index's
//! hashes. Everything is sealed with XChaCha20-Poly1305 for its own place: a value that was
//! changed, or stands elsewhere, does not open, and the fault names where.
//!
//! # Contract
//!
//! What returns is durable. Nothing here ever shows a value in `Debug`, in a fault or in a log.
//! Limits are in [`limits`]. Cost of an admission: one transaction; of a look: three reads and one
//! transaction; of a rotation: every key once.

pub mod copy;
pub mod limits;
pub mod suite;

mod check;
mod erase;
mod fault;
mod keeper;
mod key_copy;
mod members;
mod photo;
mod private;
mod read;
mod record;
mod rotation;
mod seal;
mod search;
mod vault;

pub use check::{Checked, EpochState, Status, destroyed};
pub use erase::Erased;
pub use fault::{Place, VaultFault};
pub use keeper::{FileKeeper, KeeperFault, KeyKeeper, Pkcs11Keeper};
pub use key_copy::KeyCopy;
pub use members::Hash;
pub use photo::{MediaType, Photo, PhotoError, PhotoKind};
pub use private::{BirthDate, Country, PersonNumber, Phone, Private, PrivateError};
pub use read::{Found, Held, Look, LookReason, Looker, Seen};
pub use record::{
    Address, AddressKind, Document, DocumentKind, Name, NameForm, NamePart, NoNumber, Numbered,
    PersonRecord, Residency, Sex, Source, Sourced, StateSystem,
};
pub use rotation::{Phase, Rotated, Step, Tell};
pub use search::{Field, Query, spelt_name, spelt_number};
pub use store::vault::{Destroyed, Reference};
pub use vault::{Pending, Vault, Whom};
