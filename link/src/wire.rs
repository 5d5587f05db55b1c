//! Frames of both directions: a length and so many bytes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use crate::limits::{FRAME_BYTES_MAX, SILENCE_MAX};

/// Appends a frame whose body `body` appends.
pub(crate) fn put(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    body(out);
    let length = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

/// A frame of these bytes.
pub(crate) fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 4);
    put(&mut out, |out| out.extend_from_slice(bytes));
    out
}

/// Reads the next frame. An error also where nothing comes for too long.
pub(crate) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = heard(from.read_u32()).await? as usize;
    if FRAME_BYTES_MAX < length {
        return Err(io::Error::other("a frame is too long"));
    }
    let mut bytes = Vec::new();
    let mut rest = from.take(length as u64);
    while bytes.len() < length {
        // Room is made as bytes come, not as a length promises them.
        bytes.reserve((length - bytes.len()).min(64 << 10));
        if heard(rest.read_buf(&mut bytes)).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(bytes)
}

async fn heard<T>(reading: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(SILENCE_MAX, reading).await {
        Ok(done) => done,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
