//! What all pages stand on: the forms of the web, one formatter of numbers, sums and times for
//! three languages (R0-24.1, S-59), templates with their files, and tokens.
//!
//! Knows no page, no role and no record. Everything that leaves through [`web::respond`] carries
//! the same strict policy: nothing but what comes from here, no script within a page, no frame.

pub mod private;
pub mod routes;
pub mod secret;
pub mod show;
pub mod templates;
pub mod upload;
pub mod web;
