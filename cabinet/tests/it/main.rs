//! The cabinet as a phone sees it: every page in three languages, who may ask, and what is sent.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

mod browser;
mod deeds;
mod matrix;
mod pages;
mod town;
mod ways;
mod world;
