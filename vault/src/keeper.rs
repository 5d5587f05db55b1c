//! Who keeps the key-encryption keys, apart from the vault: one for each epoch.
//!
//! A key-encryption key never leaves its keeper. It seals the two keys of its epoch, which the
//! vault keeps sealed; whoever destroys it makes every copy of what was written in its epoch
//! unreadable, wherever that copy is.

mod file;
mod pkcs11;

pub use file::FileKeeper;
pub use pkcs11::Pkcs11Keeper;

use zeroize::Zeroizing;

/// Keeps key-encryption keys by epoch. Several processes may use one keeper at once.
pub trait KeyKeeper: Send + Sync {
    /// The epochs whose keys are here, ascending.
    fn epochs(&self) -> Result<Vec<u32>, KeeperFault>;

    /// Sees that there is a key for an epoch, durably; makes it if there is none.
    fn ensure(&self, epoch: u32) -> Result<(), KeeperFault>;

    /// Seals a secret of an epoch; `context` is bound to it.
    fn seal(&self, epoch: u32, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeeperFault>;

    /// The secret, if it was sealed by the key of this epoch with this context.
    fn open(
        &self,
        epoch: u32,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeeperFault>;

    /// Destroys the key of an epoch, durably; nothing if it is gone.
    fn destroy(&self, epoch: u32) -> Result<(), KeeperFault>;

    /// What it is, for reports.
    fn name(&self) -> String;
}

/// A failure of a keeper.
#[derive(Debug, thiserror::Error)]
pub enum KeeperFault {
    /// There is no key of this epoch: it was destroyed, or this is the wrong keeper.
    #[error("{keeper} has no key of epoch {epoch}")]
    Unknown {
        /// Which keeper.
        keeper: String,
        /// Which epoch.
        epoch: u32,
    },
    /// What was to be opened was not sealed by this key.
    #[error("{keeper} has another key of epoch {epoch} than the one that sealed the vault's keys")]
    Wrong {
        /// Which keeper.
        keeper: String,
        /// Which epoch.
        epoch: u32,
    },
    /// The keeper cannot be used as it is.
    #[error("{keeper}: {what}")]
    Unfit {
        /// Which keeper.
        keeper: String,
        /// What is wrong.
        what: String,
    },
    /// The medium or the device failed.
    #[error("{keeper} could not {doing}")]
    Failed {
        /// Which keeper.
        keeper: String,
        /// What was being done.
        doing: String,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
