//! The console as browsers see it: who may open what, in three languages, with hostile input.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

mod boards;
mod browser;
mod folk;
mod hostile;
mod matrix;
mod pages;
mod people;
mod readers;
mod sign_in;
mod web;
mod works;
mod world;
