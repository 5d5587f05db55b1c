//! Screening: who is on a list.
//!
//! Owns three things and no decision about anybody.
//!
//! * [`numbers`]: sets of millions of individual identification numbers with exact answers in under
//!   a microsecond, their differences, their form in a file: [`Numbers`].
//! * [`import`]: the lists of financial monitoring, of the United Nations, of debtors and
//!   restricted persons, read whole or refused whole with line and reason; [`versions`] says
//!   whether a new version may follow the old one, and what differs.
//! * [`names`]: matching of names in Kazakh, Russian and Latin spelling with an explained score:
//!   [`Names`].
//!
//! ```text
//! import::afm(reader, AfmList, Limits)        -> Result<Parsed, ImportError>
//! import::un(reader, Limits)                  -> Result<Parsed, ImportError>
//! import::numbers(reader, NumberForm, Limits) -> Result<NumberList, ImportError>
//! versions::verdict(last, next, permille)     -> Follows | Same | Older | Shrunk
//! versions::difference(old, new)              -> added, removed, changed
//! Numbers::build(iins), .contains(&iin), .difference(&older).added() / .removed()
//! numbers::write_file(&set, path), numbers::read_file(path)
//! Names::build(&[List { id, entries }]), .query(&Subject, limit) -> Vec<Hit>
//! ```
//!
//! Contract: everything built here is immutable and may be shared between threads; a new version of
//! a list is a new value, put in place of the old one by whoever holds it, so that no reader sees
//! two versions mixed. No name, number or birth is in any error, remark or `Debug`. No clock, no
//! randomness, no floating point; files are touched by `numbers::file` alone.
//!
//! Limits stand in [`limits`]. [`evaluation`] measures the matching on labelled sets; figures and
//! what they were tuned on are in `docs/screening.md`.

pub mod entry;
pub mod evaluation;
pub mod import;
pub mod limits;
pub mod names;
pub mod numbers;
pub mod versions;

pub use entry::{Birth, Entry, EntryKey, Kind, ListedName, Quality};
pub use import::{ImportError, ImportReason, Limits, Parsed};
pub use names::{Hit, List, Names, Reason, ReasonCode, Subject};
pub use numbers::Numbers;
pub use versions::{Changes, Verdict, Version, difference, verdict};
