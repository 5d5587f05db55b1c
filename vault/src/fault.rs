//! What can go wrong with the vault. No text here names a person or any of his data; a reference is
//! random and says nothing.

use std::fmt;

use store::Fault;
use store::vault::Reference;
use terms::Seq;
use terms::codec::hex;

use crate::keeper::KeeperFault;

/// A sealed value, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The keys of an epoch.
    Epoch(u32),
    /// A person's key in an epoch.
    Key(Reference, u32),
    /// An item of a person.
    Item(Reference, u16),
    /// A line of a person's log of looks.
    Look(Reference, Seq),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Epoch(epoch) => write!(f, "the keys of epoch {epoch}"),
            Place::Key(reference, epoch) => {
                write!(f, "the key of {} in epoch {epoch}", hex(&reference.0))
            }
            Place::Item(reference, item) => write!(f, "item {item} of {}", hex(&reference.0)),
            Place::Look(reference, seq) => {
                write!(f, "the look at {} by entry {seq}", hex(&reference.0))
            }
        }
    }
}

/// A failure of the vault.
#[derive(Debug, thiserror::Error)]
pub enum VaultFault {
    /// The store below failed.
    #[error("the store of the vault failed")]
    Store(#[from] Fault),
    /// The keeper of the key-encryption keys failed.
    #[error("the keeper of the vault's keys failed")]
    Keeper(#[from] KeeperFault),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random(#[source] getrandom::Error),
    /// What is stored is not what was sealed for its place: changed, exchanged, or of another key.
    #[error("{0} is not what was sealed there")]
    Tampered(Place),
    /// What was sealed is there but does not read as what it should be.
    #[error("{0} opens, but this program cannot read it")]
    Unreadable(Place),
    /// A sealed value that has to be there is not.
    #[error("{0} is missing")]
    Missing(Place),
    /// Something is left of a person who was destroyed.
    #[error("{0} is left of a person who was destroyed")]
    Left(Place),
    /// Nobody has made this vault.
    #[error("there is no vault here yet")]
    Absent,
    /// The vault is new, and the keeper has keys of another one.
    #[error("the vault is new, but its keeper has keys of epochs up to {0}: of another vault?")]
    ForeignKeys(u32),
    /// No such person.
    #[error("the vault has no such person")]
    Unknown,
    /// The person's data were destroyed.
    #[error("the person's data were destroyed")]
    Destroyed,
    /// The number or the reference belongs to somebody else.
    #[error("the number or the reference belongs to somebody else")]
    Taken,
    /// Somebody has changed the record since it was read.
    #[error("the record was changed since it was read; read it again")]
    Overtaken,
    /// The epochs change again and again.
    #[error("the epochs of the keys change again and again; try once more")]
    Busy,
    /// A file of keys is not what it should be.
    #[error("{path}: {what}")]
    File {
        /// Which.
        path: String,
        /// What is wrong.
        what: String,
    },
}

impl VaultFault {
    /// The text with all its causes, for a log line or a terminal.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        text
    }
}
