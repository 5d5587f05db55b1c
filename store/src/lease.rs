//! The lease: which node of a store is to decide.
//!
//! Guarantees of every adapter: of nodes that take it at once one gets it; who got it keeps it for
//! [`LEASE_MS`] by the store's own clock after he took or renewed it last, unless he gives it back.
//! No clock of a node is ever asked, so that clocks that differ take the lease from nobody.
//!
//! A lease says who tries; that there is one history does not rest on it, but on the head that each
//! append expects. So a lease may be lost with the last moments of a database without harm, and
//! need not be durable: whoever takes over makes it so with the frame that claims the journal.
//!
//! A store of one machine has none: the lock on its file, which the operating system gives back the
//! moment a process ends, says the same without waiting.

use crate::Fault;
use crate::limits::HOLDER_WORD_MAX;

pub use crate::limits::LEASE_MS;

/// A node that may decide, and where others find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The node's name.
    pub node: String,
    /// Where organisers reach it: `host:port`.
    pub api: String,
    /// Where the staff reaches its pages: a URL.
    pub console: String,
}

/// A lease that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// One more each time it is taken.
    pub term: u64,
    /// By whom.
    pub holder: Holder,
    /// For how long it still is his, by the store's clock; 0 if it has lapsed or was given back.
    pub left_ms: u64,
}

/// Where the lease is.
pub trait LeaseStore: Send {
    /// The lease as it is; none if nobody ever took it.
    fn look(&mut self) -> Result<Option<Lease>, Fault>;

    /// Takes it if it is nobody's: the term, or none.
    fn take(&mut self, holder: &Holder) -> Result<Option<u64>, Fault>;

    /// Prolongs what was taken in a term, also if it had lapsed and nobody took it since. False if
    /// somebody has.
    fn renew(&mut self, term: u64) -> Result<bool, Fault>;

    /// Gives it back; nothing if somebody else has it.
    fn release(&mut self, term: u64) -> Result<(), Fault>;
}

/// Refuses words that no store has to hold.
pub fn check(holder: &Holder) -> Result<(), Fault> {
    let Holder { node, api, console } = holder;
    for word in [node, api, console] {
        if HOLDER_WORD_MAX < word.len() || word.chars().any(char::is_control) {
            return Err(Fault::refused(format!("{word:?} is no word of the holder of a lease")));
        }
    }
    if node.is_empty() || api.is_empty() {
        return Err(Fault::refused("the holder of a lease has a name and an address"));
    }
    Ok(())
}
