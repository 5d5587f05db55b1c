//! `bej copy`: moves a journal from one store to another, of whatever engine.
//!
//! Frames are copied as they are, so head and root are those of the original. A copy that was
//! broken off goes on where it ended: what is there must be the beginning of the same journal, to
//! the byte. At the end both are compared, and the whole copy is verified like any other store.
//! What is derived is made again by the copy's first start; the checkpoint key is not copied.

use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use store::{Appended, Head, JournalReader, JournalStore};

use crate::key::Signed;
use crate::reading::{self, Go, Reader};
use crate::store_url::{Lasting, StoreUrl};
use crate::verify::verify;

/// Copy a store to another place or engine, and prove that the copy is the same.
///
/// Broken off, the same command goes on where it ended. Refuses a place where another journal is.
/// The store that is copied may be in use; run the command again until nothing is left, and stop
/// the writer before the last time. The exit status is 1 if the copy is not the same.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The store that is copied.
    #[arg(long, value_name = "URL")]
    from: StoreUrl,
    /// The new store.
    #[arg(long, value_name = "URL")]
    to: StoreUrl,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Args { from, to, json } = args;
    ensure!(from != to, "both are the same store; name another place to copy to");
    let mut source = reading::open_newest(from)?;
    let signed = Signed::of(source.marks()).last()?;
    let end = source.head()?;
    let target = to.lasting()?;
    let begun = copy(&mut source, &end, &target)?;
    let mut copied = target.reader()?;
    let head = copied.head()?;
    ensure!(head == end, "the copy ends at entry {}, not at {}", head.next_seq, end.next_seq);
    if let Some((size, root)) = signed {
        Signed::of(target.marks()).raise(size, root)?;
    }
    let report = verify(&mut copied)?;
    if let Some(bad) = &report.bad {
        bail!("the copy does not verify: {bad}");
    }
    if *json {
        println!(
            "{}",
            json!({ "from": from.to_string(), "to": to.to_string(),
            "frames_copied": head.frame - begun, "entries": head.next_seq,
            "root": head.root.to_string() })
        );
    } else {
        println!(
            "copied    {} frames to {to}; it has {} entries",
            head.frame - begun,
            head.next_seq
        );
        println!("root      {}, the same on both sides", head.root);
        println!("verified  every invariant");
        println!("next      copy the checkpoint key to {}", target.home().directory().display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Appends what the target lacks; gives the number of the frame at which it began.
fn copy(source: &mut Reader, end: &Head, target: &Lasting) -> anyhow::Result<u64> {
    let mut journal: Box<dyn JournalStore> = match target {
        Lasting::Sqlite(store) => Box::new(store.journal()?),
        Lasting::Postgres(store) => Box::new(store.journal()?),
    };
    let begun = journal.head()?;
    check_beginning(source, &begun)?;
    frames(source, &begun, end, &mut *journal)?;
    Ok(begun.frame)
}

/// Refuses a target that is not the beginning of what is copied.
fn check_beginning(source: &mut Reader, there: &Head) -> anyhow::Result<()> {
    let Some(before) = there.frame.checked_sub(1) else { return Ok(()) };
    let same = source.frames(before, 1)?.first().map(|frame| frame.head());
    ensure!(
        same.as_ref() == Some(there),
        "there is another journal already, with {} entries; name an empty place",
        there.next_seq
    );
    Ok(())
}

/// Appends the frames behind a head, up to another.
pub fn frames(
    source: &mut dyn JournalReader,
    begun: &Head,
    end: &Head,
    journal: &mut dyn JournalStore,
) -> anyhow::Result<()> {
    let bar = reading::bar("copying", end.next_seq);
    let mut head = *begun;
    bar.set_position(head.next_seq);
    reading::each_frame(source, begun.frame, end.frame, |frame| {
        match journal.append(&head, &frame) {
            Appended::Appended(now) => head = now,
            Appended::HeadMoved(_) => bail!("somebody else writes to the copy; stop that first"),
            Appended::NotWritten(fault) => return Err(fault).context("the copy stopped"),
            Appended::Unknown(fault) if fault.is_failed_sync() => {
                return Err(fault).context("the copy stopped");
            }
            Appended::Unknown(_) => {
                // Whether it is there is found out as a pump finds it out.
                let now = journal.head().context("the copy stopped")?;
                if now == head {
                    bail!("the connection was lost; run the command again, it goes on here");
                }
                ensure!(now == frame.head(), "somebody else writes to the copy; stop that first");
                head = now;
            }
        }
        journal.upkeep()?;
        bar.set_position(head.next_seq);
        Ok(Go::On)
    })?;
    bar.finish_and_clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use store::Memory;
    use store::suite::Chain;

    use super::*;

    #[test]
    fn frames_go_on_where_they_ended() {
        let (from, to) = (Memory::new(), Memory::new());
        let mut chain = Chain::new();
        let mut heads = vec![chain.head()];
        for count in [2, 0, 5, 1] {
            let expected = chain.head();
            let frame = chain.fill(count, 9);
            assert!(matches!(from.journal().append(&expected, &frame), Appended::Appended(_)));
            heads.push(chain.head());
        }
        let mut reader = JournalStore::reader(&from.journal()).unwrap();
        for (begun, end) in [(0, 2), (2, 2), (2, 4)] {
            frames(&mut *reader, &heads[begun], &heads[end], &mut to.journal()).unwrap();
            assert_eq!(JournalStore::head(&mut to.journal()).unwrap(), heads[end]);
        }
        let twice = frames(&mut *reader, &heads[2], &heads[3], &mut to.journal());
        assert!(twice.unwrap_err().to_string().contains("somebody else"));
    }
}
