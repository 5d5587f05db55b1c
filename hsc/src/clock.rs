//! The centre's time, by which ids and times of messages are judged.

use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use terms::id::uuid_v7;
use terms::{Instant, MessageId};
use wire::{Id, TimeNow};

use crate::client::{Ask, Client};
use crate::error::Error;
use crate::pause::draw;

impl Client {
    /// Asks for the centre's time and keeps the difference to our clock, half of the way there and
    /// back taken off. To be called at the start and now and then.
    pub async fn synchronise(&self) -> Result<TimeNow, Error> {
        let sent = wall();
        let time: TimeNow = self.ask(Ask::get("/time")).await?.read()?;
        let received = wall();
        let middle = sent.plus(received.since(sent) / 2);
        self.inner.offset_ns.store(time.now.0.since(middle), Ordering::Relaxed);
        Ok(time)
    }

    /// The centre's clock minus ours, in nanoseconds, as it was last found; 0 before that.
    pub fn offset_ns(&self) -> i64 {
        self.inner.offset_ns.load(Ordering::Relaxed)
    }

    /// The time at the centre, as far as it is known.
    pub fn now(&self) -> Instant {
        wall().plus(self.offset_ns())
    }

    /// A new id for a message: a UUID of version 7 with the centre's time. It belongs to the
    /// message for ever; a message that is sent again keeps it.
    pub fn new_id(&self) -> Id {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&draw().to_be_bytes());
        random[8..].copy_from_slice(&draw().to_be_bytes()[..2]);
        Id(MessageId(uuid_v7(self.now().ms(), random)))
    }
}

/// The clock of the machine.
fn wall() -> Instant {
    // A clock before 1970 is as wrong as one of 1970; the centre says how far it is off.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
