//! Tests of the links against a server that answers whatever a test likes.

mod attacks;
mod forms;
mod independent;
mod secure;
mod server;
mod tokens;
mod ways;
