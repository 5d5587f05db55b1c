//! The feed of what an organiser is told without having asked: payouts, expired holds, accounts
//! that may stake or may not any more.

use std::time::Duration;

use tokio::time::sleep;
use wire::{Notice, Notices};

use crate::client::Client;
use crate::error::Error;

/// Notices of a page.
const PAGE: usize = 1_000;

/// The feed behind a cursor. The numbers are dense from 1 and the same for ever, so that whoever
/// keeps the cursor with what he has made of the notices misses none and takes none twice.
#[derive(Clone, Debug)]
pub struct Feed {
    client: Client,
    after: u64,
}

impl Client {
    /// The feed behind a number; 0 for all of it.
    pub fn feed(&self, after: u64) -> Feed {
        Feed { client: self.clone(), after }
    }
}

impl Feed {
    /// The number of the last notice that was given; to be kept.
    pub fn cursor(&self) -> u64 {
        self.after
    }

    /// The next notices, none if there are none now.
    pub async fn next(&mut self) -> Result<Vec<Notice>, Error> {
        let path = format!("/events?after={}&limit={PAGE}", self.after);
        let page: Notices = self.client.question(&path).await?;
        let dense = (self.after + 1..).zip(&page.events).all(|(next, row)| row.number == next);
        if !dense {
            return Err(Error::Strange { status: 200, what: "a gap in the feed".to_owned() });
        }
        self.after = page.next_after.max(self.after);
        Ok(page.events)
    }

    /// The next notices, at least one: asks again after each pause until there is one.
    pub async fn wait(&mut self, pause: Duration) -> Result<Vec<Notice>, Error> {
        loop {
            let notices = self.next().await?;
            if !notices.is_empty() {
                return Ok(notices);
            }
            sleep(pause).await;
        }
    }
}
