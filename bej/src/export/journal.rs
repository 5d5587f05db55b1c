//! The journal, entry by entry or frame by frame.

use std::io::Write;

use anyhow::Context as _;
use serde_json::json;
use store::JournalReader as _;

use super::json;
use crate::reading::{self, Go, Reader};

/// One object an entry: kind, seq, at, rulebook, fields.
pub fn ndjson(reader: &mut Reader, out: &mut dyn Write) -> anyhow::Result<()> {
    let head = reader.head()?;
    let bar = reading::bar("exporting", head.next_seq);
    reading::each_frame(reader, 0, head.frame, |frame| {
        for fact in frame.facts() {
            let (seq, bytes) = fact?;
            let entry = reading::decode(seq, bytes)?;
            let object = json!({
                "kind": entry.fact.name(),
                "seq": entry.seq.0,
                "at": entry.at.to_string(),
                "rulebook": entry.rulebook,
                "fields": json(&entry.fact.value()),
            });
            serde_json::to_writer(&mut *out, &object)?;
            out.write_all(b"\n")?;
        }
        bar.set_position(frame.head().next_seq);
        Ok(Go::On)
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// Each frame behind its length in four bytes, big-endian.
pub fn frames(reader: &mut Reader, out: &mut dyn Write) -> anyhow::Result<()> {
    let head = reader.head()?;
    let bar = reading::bar("exporting", head.next_seq);
    reading::each_frame(reader, 0, head.frame, |frame| {
        let length = u32::try_from(frame.bytes.len()).context("a frame beyond 4 GiB")?;
        out.write_all(&length.to_be_bytes())?;
        out.write_all(&frame.bytes)?;
        bar.set_position(frame.head().next_seq);
        Ok(Go::On)
    })?;
    bar.finish_and_clear();
    Ok(())
}
