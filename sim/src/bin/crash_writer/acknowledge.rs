//! What was heard to be durable, told at once to whoever watches.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd as _;

use desk::Message;
use pump::{Outcome, Verdict};
use terms::codec::hex;

/// Bytes up to which a write to a pipe is whole or not at all (`PIPE_BUF` on Linux).
const LINE_BYTES_MAX: usize = 4_096;

/// Standard output without a buffer.
pub struct Acknowledge(File);

impl Acknowledge {
    /// Of this process.
    pub fn new() -> Result<Acknowledge, String> {
        let output = std::io::stdout().as_fd().try_clone_to_owned();
        let output = output.map_err(|error| format!("no standard output: {error}"))?;
        Ok(Acknowledge(File::from(output)))
    }

    /// Tells of a verdict whose fact is durable; the others leave nothing to be found again.
    pub fn tell(&self, message: &Message, verdict: &Verdict) -> Result<(), String> {
        let (Outcome::Done | Outcome::Refused(_), Some(receipt)) =
            (verdict.outcome, verdict.receipt)
        else {
            return Ok(());
        };
        let start = format!(
            "{} {} {} {} ",
            message.id,
            receipt.seq.0,
            receipt.leaf,
            message.sender.number()
        );
        let command = hex(&message.command.to_bytes());
        let fits = start.len() + command.len() < LINE_BYTES_MAX;
        let line = format!("{start}{}\n", if fits { command.as_str() } else { "-" });
        (&self.0)
            .write_all(line.as_bytes())
            .map_err(|error| format!("nobody listens to the acknowledgements: {error}"))
    }
}
