//! Standard output, which whoever reads it may close: `bej export … | head` is no mistake.

use std::io::{self, Write as _};
use std::process::ExitCode;

/// The exit status of a program that was told by a signal that nobody reads any more.
const NOBODY_READS: u8 = 141;

/// How the standard library begins what it says when it cannot print.
const CANNOT_PRINT: &str = "failed printing to stdout: ";

/// Ends the process when it cannot print: without a word if nobody reads any more what it prints,
/// and with a line if the disk is full or the like.
pub fn end_when_closed() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |told| {
        let text = told.payload().downcast_ref::<String>();
        let Some(why) = text.and_then(|text| text.strip_prefix(CANNOT_PRINT)) else {
            return usual(told);
        };
        if why.starts_with("Broken pipe") {
            std::process::exit(NOBODY_READS.into());
        }
        let _ = writeln!(io::stderr(), "bej: what is printed cannot be written: {why}");
        std::process::exit(1);
    }));
}

/// The exit status of an error, and a line about it if it is one.
pub fn end(error: &anyhow::Error) -> ExitCode {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    if cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::from(NOBODY_READS);
    }
    // Where nobody reads this either there is nothing left to do.
    let _ = writeln!(io::stderr(), "bej: {error:#}");
    ExitCode::FAILURE
}

/// Prints a line of a program that goes on whether anybody reads it or not.
pub fn line(text: &str) {
    let mut to = io::stdout().lock();
    let _ = writeln!(to, "{text}").and_then(|()| to.flush());
}
