//! The embedded books, and the pages of `docs/reasons` that are made from them.

mod books;
mod pages;
