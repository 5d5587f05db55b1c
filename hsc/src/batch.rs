//! Batches: many messages in one request, with a verdict for each.

use wire::{LineVerdict, Request};

use crate::client::{Ask, Client};
use crate::error::Error;
use crate::messages::write_line;

/// Messages of a batch.
pub const BATCH_LINES_MAX: usize = 8_000;
/// Bytes of a batch.
pub const BATCH_BYTES_MAX: usize = 8 << 20;

impl Client {
    /// Sends messages as one batch; gives a verdict for each, in the same order.
    ///
    /// A verdict's `code` is `accepted`, the code of a refusal, or one of these, after which
    /// nothing was decided: `deferred` (what it refers to is not there yet: the same message
    /// again, later), `malformed`, `refusals_exceeded` (later) and `stopping` (not known: again).
    /// Sending a whole batch again does no harm; messages that were decided are `repeated`.
    pub async fn batch(&self, messages: &[Request]) -> Result<Vec<LineVerdict>, Error> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        if BATCH_LINES_MAX < messages.len() {
            return Err(Error::TooLarge("lines"));
        }
        let mut text = Vec::new();
        for message in messages {
            write_line(message, &mut text)?;
        }
        if BATCH_BYTES_MAX < text.len() {
            return Err(Error::TooLarge("bytes"));
        }
        let ask = Ask { kind: "application/x-ndjson", ..Ask::post("/batches", text) };
        let heard = self.ask(ask).await?;
        let verdict = |line: &str| serde_json::from_str::<LineVerdict>(line);
        let verdicts: Result<Vec<_>, _> = heard.text()?.lines().map(verdict).collect();
        let strange = |what: String| Error::Strange { status: heard.status, what };
        let verdicts = verdicts.map_err(|error| strange(error.to_string()))?;
        let right = verdicts.len() == messages.len()
            && (1..).zip(&verdicts).all(|(line, verdict)| verdict.line == line);
        if right { Ok(verdicts) } else { Err(strange("verdicts that fit no lines".to_owned())) }
    }
}
