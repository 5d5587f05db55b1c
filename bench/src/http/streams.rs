//! The least of HTTP/2 that it takes to send many requests on one connection and to hear what
//! became of each. Requests are frames that were made before; only the number of the stream is
//! written into them. Answers are looked at as far as their status and `Retry-After`.
//!
//! Not here: a table of header fields (the server is told to keep none), pushes, priorities.

use anyhow::{Context as _, Result, bail};

/// What a connection begins with: the preface, the settings (no table of header fields, no pushes),
/// and room for all answers at once.
pub fn preface() -> Vec<u8> {
    let mut out = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let settings = [(1_u16, 0_u32), (2, 0), (4, 1 << 20)];
    frame(&mut out, SETTINGS, 0, 0, 6 * settings.len());
    for (name, value) in settings {
        out.extend(name.to_be_bytes());
        out.extend(value.to_be_bytes());
    }
    frame(&mut out, WINDOW_UPDATE, 0, 0, 4);
    out.extend((i32::MAX as u32 - WINDOW_AT_FIRST as u32).to_be_bytes());
    out
}

/// Bytes of bodies that may be sent before the first update.
pub const WINDOW_AT_FIRST: i64 = 65_535;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

const HEAD: usize = 9;

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, length: usize) {
    out.extend(&(length as u32).to_be_bytes()[1..]);
    out.extend([kind, flags]);
    out.extend(stream.to_be_bytes());
}

fn length(head: &[u8]) -> usize {
    u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize
}

/// The frames of a request, without the number of a stream.
pub fn post(path: &str, content: &str, body: &str) -> Vec<u8> {
    let mut block = vec![0x83, 0x87];
    let size = body.len().to_string();
    // Literal fields by the number of their name: path, authority, type and length.
    let fields: [(&[u8], &str); 4] =
        [(&[4], path), (&[1], "localhost"), (&[15, 16], content), (&[15, 13], &size)];
    for (name, value) in fields {
        block.extend(name);
        block.push(value.len() as u8);
        block.extend(value.as_bytes());
    }
    let mut out = Vec::with_capacity(2 * HEAD + block.len() + body.len());
    frame(&mut out, HEADERS, END_HEADERS, 0, block.len());
    out.extend(block);
    frame(&mut out, DATA, END_STREAM, 0, body.len());
    out.extend(body.as_bytes());
    out
}

/// Appends a request under the number of a stream; gives the bytes of its body.
pub fn put(out: &mut Vec<u8>, request: &[u8], stream: u32) -> usize {
    let from = out.len();
    out.extend_from_slice(request);
    let data = HEAD + length(request);
    for at in [from, from + data] {
        out[at + 5..at + HEAD].copy_from_slice(&stream.to_be_bytes());
    }
    request.len() - data - HEAD
}

/// What a server has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The head of an answer.
    Head { stream: u32, status: u16, retry_after_s: Option<u32> },
    /// An answer has ended, or the stream was closed after it.
    End { stream: u32 },
    /// More bytes of bodies may be sent.
    Room(i64),
}

/// Hears frames. What it has to say in return is in [`Ear::reply`].
#[derive(Debug, Default)]
pub struct Ear {
    heard: Vec<u8>,
    /// Frames that are to be sent.
    pub reply: Vec<u8>,
}

impl Ear {
    /// Where the next bytes are read to.
    pub fn room(&mut self) -> &mut Vec<u8> {
        &mut self.heard
    }

    /// Goes through all whole frames.
    pub fn hear(&mut self, mut event: impl FnMut(Event) -> Result<()>) -> Result<()> {
        let mut at = 0;
        while HEAD <= self.heard.len() - at {
            let head = &self.heard[at..at + HEAD];
            let (size, kind, flags) = (length(head), head[3], head[4]);
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            let Some(body) = self.heard.get(at + HEAD..at + HEAD + size) else { break };
            match kind {
                HEADERS => {
                    let (status, retry_after_s) = fields(body)?;
                    event(Event::Head { stream, status, retry_after_s })?;
                    if flags & END_STREAM != 0 {
                        event(Event::End { stream })?;
                    }
                }
                DATA if flags & END_STREAM != 0 => event(Event::End { stream })?,
                RST_STREAM => event(Event::End { stream })?,
                SETTINGS if flags & ACK == 0 => frame(&mut self.reply, SETTINGS, ACK, 0, 0),
                PING if flags & ACK == 0 => {
                    frame(&mut self.reply, PING, ACK, 0, size);
                    self.reply.extend_from_slice(body);
                }
                WINDOW_UPDATE if stream == 0 => {
                    let more = body.try_into().map(u32::from_be_bytes)?;
                    event(Event::Room(i64::from(more)))?;
                }
                GOAWAY => bail!("the server says good-bye: {body:?}"),
                _ => {}
            }
            at += HEAD + size;
        }
        self.heard.drain(..at);
        Ok(())
    }
}

/// The status and `Retry-After` of a block of fields without a table.
fn fields(mut block: &[u8]) -> Result<(u16, Option<u32>)> {
    let (mut status, mut wait) = (None, None);
    while let Some(first) = block.first().copied() {
        if 0x80 <= first {
            let index = number(&mut block, 7)?;
            status = match index {
                8 => Some(200),
                9..=14 => Some([204, 206, 304, 400, 404, 500][index - 9]),
                _ => status,
            };
            continue;
        }
        if first & 0xe0 == 0x20 {
            number(&mut block, 5)?;
            continue;
        }
        let name = number(&mut block, if first & 0x40 != 0 { 6 } else { 4 })?;
        if name == 0 {
            text(&mut block)?;
        }
        let (packed, value) = text(&mut block)?;
        match name {
            8..=14 => status = Some(u16::try_from(digits(packed, value)?)?),
            53 => wait = Some(digits(packed, value)?),
            _ => {}
        }
    }
    Ok((status.context("an answer without a status")?, wait))
}

fn next(block: &mut &[u8]) -> Result<u8> {
    let (first, rest) = block.split_first().context("a block of fields that is cut")?;
    *block = rest;
    Ok(*first)
}

/// A number that begins in the lowest bits of a byte (RFC 7541, 5.1).
fn number(block: &mut &[u8], bits: u32) -> Result<usize> {
    let most = (1_usize << bits) - 1;
    let mut value = usize::from(next(block)?) & most;
    if value < most {
        return Ok(value);
    }
    for shift in [0, 7, 14] {
        let byte = next(block)?;
        value += usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    bail!("a number that is too long")
}

fn text<'a>(block: &mut &'a [u8]) -> Result<(bool, &'a [u8])> {
    let packed = block.first().is_some_and(|first| 0x80 <= *first);
    let size = number(block, 7)?;
    let (value, rest) = block.split_at_checked(size).context("a field that is cut")?;
    *block = rest;
    Ok((packed, value))
}

/// A number in decimal digits, packed by the code of RFC 7541 or not.
fn digits(packed: bool, value: &[u8]) -> Result<u32> {
    if !packed {
        return Ok(std::str::from_utf8(value)?.parse()?);
    }
    let (mut found, mut bits, mut count) = (0_u32, 0_u64, 0_u32);
    for byte in value {
        bits = bits << 8 | u64::from(*byte);
        count += 8;
    }
    while 5 <= count {
        let five = (bits >> (count - 5)) & 0x1f;
        let digit = if five < 3 {
            count -= 5;
            five
        } else if 6 <= count {
            let six = (bits >> (count - 6)) & 0x3f;
            count -= 6;
            match six {
                0x19..=0x1f => six - 0x19 + 3,
                0x3f => break,
                _ => bail!("a field that is no number"),
            }
        } else {
            break;
        };
        found = found * 10 + u32::try_from(digit)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_gets_the_number_of_its_stream() {
        let request = post("/v1/stakes", "application/json", "{\"a\":1}");
        let mut out = vec![7; 3];
        assert_eq!(put(&mut out, &request, 0x0102_0305), 7);
        let head = length(&out[3..]);
        assert_eq!(out[3 + 5..3 + 9], [1, 2, 3, 5]);
        assert_eq!(out[3 + HEAD + head + 3], DATA);
        assert_eq!(out[3 + HEAD + head + 5..3 + HEAD + head + 9], [1, 2, 3, 5]);
        assert!(out.ends_with(b"{\"a\":1}"));
    }

    #[test]
    fn answers_are_heard_in_pieces() {
        // An update of the table's size, 503 and Retry-After: 15. Packed, "503" is 011011 00000
        // 011001 and seven ones, "15" is 00001 011011 and five.
        let mut block = vec![0x20, 0x08, 0x83, 0b0110_1100, 0b0000_1100, 0b1111_1111];
        block.extend([0x0f, 0x26, 0x82, 0b0000_1011, 0b0111_1111]);
        assert_eq!(fields(&block).unwrap(), (503, Some(15)));
        assert_eq!(fields(&[0x88]).unwrap(), (200, None));
        assert_eq!(fields(b"\x08\x03201\x00\x01a\x01b").unwrap(), (201, None));
        assert!(fields(b"\x08\x03").is_err());
        let mut bytes = Vec::new();
        frame(&mut bytes, HEADERS, END_HEADERS, 5, block.len());
        bytes.extend(&block);
        frame(&mut bytes, DATA, END_STREAM, 5, 2);
        bytes.extend(b"{}");
        frame(&mut bytes, SETTINGS, 0, 0, 0);
        frame(&mut bytes, WINDOW_UPDATE, 0, 0, 4);
        bytes.extend(9_u32.to_be_bytes());
        let (mut ear, mut events) = (Ear::default(), Vec::new());
        for byte in bytes {
            ear.room().push(byte);
            ear.hear(|event| {
                events.push(event);
                Ok(())
            })
            .unwrap();
        }
        let head = Event::Head { stream: 5, status: 503, retry_after_s: Some(15) };
        assert_eq!(events, [head, Event::End { stream: 5 }, Event::Room(9)]);
        assert_eq!(ear.reply, [0, 0, 0, SETTINGS, ACK, 0, 0, 0, 0]);
    }
}
