//! Bytes of a file as they come: counted, hashed, bounded.

use std::io::{self, BufRead, Read};

use sha2::{Digest as _, Sha256};

use super::{ImportError, ImportReason};

/// A reader that knows the line it is at, and stops at a limit.
pub struct Source<R> {
    inner: R,
    line: u64,
    left: u64,
    over: bool,
    hash: Sha256,
}

impl<R: BufRead> Source<R> {
    /// Reads at most so many bytes.
    pub fn new(inner: R, bytes_max: u64) -> Source<R> {
        Source { inner, line: 1, left: bytes_max, over: false, hash: Sha256::new() }
    }

    /// The line at which the next byte stands, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether the limit was met.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// SHA-256 of what was read.
    pub fn digest(self) -> [u8; 32] {
        self.hash.finalize().into()
    }

    /// The error that a failed read is.
    pub fn failure(&self, error: io::Error) -> ImportError {
        if self.over {
            return ImportError::new(self.line, ImportReason::TooLong);
        }
        ImportError { line: self.line, reason: ImportReason::Unreadable, source: Some(error) }
    }
}

impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let here = self.fill_buf()?;
        let count = here.len().min(out.len());
        out[..count].copy_from_slice(&here[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let here = self.inner.fill_buf()?;
        if self.left == 0 && !here.is_empty() {
            self.over = true;
            return Err(io::Error::other("longer than the limit"));
        }
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(here.len());
        Ok(&here[..count])
    }

    fn consume(&mut self, count: usize) {
        // What was filled is still there; a failure here would have been one of `fill_buf`.
        if let Ok(here) = self.inner.fill_buf() {
            let here = &here[..count.min(here.len())];
            self.line += here.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.hash.update(here);
        }
        self.inner.consume(count);
        self.left = self.left.saturating_sub(count as u64);
    }
}
