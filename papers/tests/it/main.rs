//! Files for people: the same rows in both forms and three languages.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

mod sheets;
