//! The cabinet: the bettor's own pages, for a phone first, in Kazakh, Russian and English
//! (R4-11.1, R0-10, R0-11, R0-12, S-59).
//!
//! Knows what it needs of the house as [`ports`]: who asks, his registration, his money, his
//! orders, what is known of him. It keeps nothing, decides nothing, and sees personal data only to
//! show them to the person they are about.

pub mod limits;
pub mod ports;
