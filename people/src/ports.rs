//! What this room needs of its shell.

use std::sync::Arc;

use desk::Message;
use pump::{Class, Verdict};
use store::{Fault, JournalReader};
use terms::Instant;

/// Puts messages to whoever decides.
pub trait Decides: Send + Sync {
    /// Puts a message and returns when its verdict is durable. An error says that nothing is known
    /// of it: the same message under the same id may be put again.
    fn ask(&self, class: Class, message: Message) -> Result<Verdict, String>;
}

/// Opens readers of the journal.
pub type OpenJournal = Box<dyn Fn() -> Result<Box<dyn JournalReader>, Fault> + Send + Sync>;

/// The time of day.
pub type Now = Arc<dyn Fn() -> Instant + Send + Sync>;
