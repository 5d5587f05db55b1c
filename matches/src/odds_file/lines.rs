//! Lines of a file, one at a time and of bounded length.

use std::io::{self, BufRead, BufReader, Read};

/// Bytes of one line. Real rows have about 150; a longer one is not a match.
pub(super) const LINE_BYTES_MAX: usize = 4_096;

/// One line without its end.
pub(super) enum Line {
    /// Its bytes, in the buffer of [`Lines`].
    Whole,
    /// It has more than [`LINE_BYTES_MAX`] bytes, and was passed over.
    Long,
}

/// Reads lines and counts them.
pub(super) struct Lines<R> {
    from: BufReader<R>,
    /// The bytes of the last line.
    pub(super) bytes: Vec<u8>,
    /// The number of the last line, from 1.
    pub(super) number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Lines { from: BufReader::new(from), bytes: Vec::new(), number: 0 }
    }

    /// The next line that is not blank; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            self.bytes.clear();
            let long = match self.read()? {
                None => return Ok(None),
                Some(long) => long,
            };
            self.number += 1;
            while let Some(b'\r' | b'\n') = self.bytes.last() {
                self.bytes.pop();
            }
            if long {
                return Ok(Some(Line::Long));
            }
            if !self.bytes.trim_ascii().is_empty() {
                return Ok(Some(Line::Whole));
            }
        }
    }

    /// Reads through the next line feed and keeps as many bytes as allowed. Says whether some were
    /// left out; `None` at the end.
    fn read(&mut self) -> io::Result<Option<bool>> {
        let mut long = false;
        let mut any = false;
        loop {
            let ready = match self.from.fill_buf() {
                Ok(ready) => ready,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if ready.is_empty() {
                return Ok(any.then(|| long || LINE_BYTES_MAX < self.text_length()));
            }
            any = true;
            let end = ready.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(ready.len(), |at| at + 1);
            let room = LINE_BYTES_MAX + 2 - self.bytes.len();
            self.bytes.extend_from_slice(&ready[..taken.min(room)]);
            long |= room < taken;
            self.from.consume(taken);
            if end.is_some() {
                return Ok(Some(long || LINE_BYTES_MAX < self.text_length()));
            }
        }
    }

    fn text_length(&self) -> usize {
        let end = self.bytes.iter().rev().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        self.bytes.len() - end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], want: &[(u64, usize, bool)]) {
        let mut lines = Lines::new(text);
        let mut got = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let long = matches!(line, Line::Long);
            got.push((lines.number, if long { 0 } else { lines.bytes.len() }, long));
        }
        assert_eq!(got, want, "{:?}", String::from_utf8_lossy(text));
    }

    #[test]
    fn lines_are_counted_and_bounded() {
        check(b"", &[]);
        check(b"\n\n", &[]);
        check(b"a\nbb", &[(1, 1, false), (2, 2, false)]);
        check(b"a\r\n\r\nbb\r\n", &[(1, 1, false), (3, 2, false)]);
        let full = vec![b'x'; LINE_BYTES_MAX];
        check(&full, &[(1, LINE_BYTES_MAX, false)]);
        check(&[&full[..], b"\r\n"].concat(), &[(1, LINE_BYTES_MAX, false)]);
        check(&[&full[..], b"x\nb"].concat(), &[(1, 0, true), (2, 1, false)]);
        check(&[&full[..], b"x"].concat(), &[(1, 0, true)]);
        let huge = vec![b'x'; 100_000];
        check(&[&huge[..], b"\nb\n"].concat(), &[(1, 0, true), (2, 1, false)]);
    }
}
