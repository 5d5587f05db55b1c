//! The connectors of `links` against the simulators, over HTTP: every documented outcome.

mod binary;
mod consents;
mod faults;
mod files;
mod identities;
mod registers;
mod world;
