//! The types of the API on the wire, and nothing else.
//!
//! Owns the messages that an organiser's complex sends and the answers it gets, as they stand in
//! JSON. Knows nothing of how they are decided. A type is declared once, by `message!` or
//! `answer!`, and that declaration gives three things that therefore cannot disagree: the Rust
//! type with its serde form, the JSON Schema of the OpenAPI document, and the list of everything
//! that is wrong with a text.
//!
//! Contract of reading ([`read`]): unknown and repeated fields, `null`, numbers as strings,
//! fractions where integers stand, times without a zone and values out of range are faults. All of
//! them are told at once, each with a JSON pointer, and never with the value, which may be personal
//! data. A text without faults costs one pass of serde; only a text with faults is read twice.

mod answer;
mod daily;
mod fault;
mod kind;
mod person;
mod request;
mod shape;
mod tree;
mod value;
mod works;

pub use answer::*;
pub use daily::*;
pub use fault::{FAULTS_MAX, Fault, Faults};
pub use kind::{Kind, Request};
pub use person::*;
pub use request::*;
pub use shape::{Definitions, Wire, present, read};
pub use value::*;
pub use works::*;

/// The version of the schema; it stands in every answer as `Bej-Schema`.
pub const SCHEMA: &str = "1.3";

/// The route prefix of this version.
pub const PREFIX: &str = "/v1";
