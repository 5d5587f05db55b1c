//! The recomputation itself.

use std::collections::BTreeMap;
use std::sync::mpsc;

use desk::State;
use indicatif::ProgressBar;
use journal::fact::Entry;
use journal::frame::{FrameError, follow};
use journal::tree::Frontier;
use reports::audit::{Auditor, Violation};
use sha2::{Digest as _, Sha256};
use store::{Frame, Head};
use store_sqlite::Reader;
use terms::Hash;

use super::projection::Projection;
use super::report::{Bad, Report};
use crate::reading::{self, Go, Snapshot};

/// Frames that are decoded ahead.
const FRAMES_AHEAD: usize = 16;

/// A frame whose bytes are all as they should be.
struct Sound {
    head: Head,
    entries: Vec<Entry>,
}

/// What stands beside the journal and must agree with it at some position.
pub struct Beside {
    /// The newest snapshot.
    pub snapshot: Option<Snapshot>,
    /// The views.
    pub views: Option<Projection>,
}

/// Recomputes everything up to the head.
pub fn journal(
    reader: &mut Reader,
    head: &Head,
    beside: Beside,
    report: &mut Report,
) -> anyhow::Result<()> {
    let bar = reading::bar("verifying", head.next_seq);
    let mut books = Books::new(beside, bar.clone());
    let found = std::thread::scope(|scope| {
        let (sender, frames) = mpsc::sync_channel(FRAMES_AHEAD);
        let follower = scope.spawn(move || follow_all(reader, head.frame, &sender));
        let mut bad = None;
        for sound in frames {
            if let Err(found) = books.enter(&sound) {
                bad = Some(found);
                break;
            }
        }
        // Closing the channel ends the other threads, should a record be bad.
        (bad, follower.join())
    });
    bar.finish_and_clear();
    let (bad, follower) = found;
    let followed = follower.map_err(|_| anyhow::anyhow!("the reading thread has failed"))?;
    report.head = Some(books.head);
    if let Some(bad) = bad {
        report.find(bad);
    } else if let Some(bad) = followed? {
        report.find(bad);
    } else if report.bad.is_none() && books.head != *head {
        report.find(Bad {
            frame: Some(books.head.frame),
            what: format!("the journal ends with frame {} and not with this one", head.frame),
            ..Bad::default()
        });
    }
    let whole = report.bad.is_none();
    books.end(whole, report);
    Ok(())
}

/// Follows the chain: frames, tree, and the one byte form of each fact.
fn follow_all(
    reader: &mut Reader,
    until: u64,
    sender: &mpsc::SyncSender<Sound>,
) -> anyhow::Result<Option<Bad>> {
    let (mut head, mut frontier) = (Head::empty(), Frontier::new());
    let mut bad = None;
    let done = reading::each_frame(reader, 0, until, |frame| {
        match sound(&mut head, &mut frontier, &frame) {
            Ok(sound) => Ok(if sender.send(sound).is_ok() { Go::On } else { Go::Enough }),
            Err(found) => {
                bad = Some(found);
                Ok(Go::Enough)
            }
        }
    });
    let Err(error) = done else { return Ok(bad) };
    match error.downcast_ref::<store::Fault>() {
        Some(fault) if fault.is_damage() => {
            let mut found = Bad::of_fault(fault);
            // The record is not readable; the first entry that is lost with it is known.
            found.seq = Some(head.next_seq).filter(|_| found.frame == Some(head.frame + 1));
            Ok(Some(found))
        }
        _ => Err(error),
    }
}

fn sound(head: &mut Head, frontier: &mut Frontier, frame: &Frame) -> Result<Sound, Bad> {
    let bad = |seq: Option<u64>, invariant: &str, what: String| Bad {
        frame: Some(frame.number),
        seq,
        invariant: Some(invariant.to_owned()),
        what,
        ..Bad::default()
    };
    let (next, _) = follow(head, frontier, frame).map_err(|error| {
        let invariant = if matches!(error, FrameError::Root { .. }) { "J2" } else { "J1" };
        bad(Some(frame.first_seq), invariant, error.to_string())
    })?;
    *head = next;
    let mut entries = Vec::with_capacity(frame.count as usize);
    let mut again = Vec::new();
    for fact in frame.facts() {
        let (seq, bytes) = fact.map_err(|error| bad(None, "J1", error.to_string()))?;
        let entry = Entry::from_bytes(bytes)
            .map_err(|error| bad(Some(seq), "J1", format!("the fact cannot be read: {error}")))?;
        again.clear();
        entry.put(&mut again);
        if again != bytes {
            let what = "the fact is not in its one byte form".to_owned();
            return Err(bad(Some(seq), "J1", what));
        }
        if entry.seq.0 != seq {
            let what = format!("the fact states position {}", entry.seq);
            return Err(bad(Some(seq), "J1", what));
        }
        entries.push(entry);
    }
    if let Some(last) = entries.last()
        && last.at != frame.at
    {
        let what = "the frame states another instant than its last fact".to_owned();
        return Err(bad(Some(last.seq.0), "J4", what));
    }
    Ok(Sound { head: *head, entries })
}

/// What the facts are entered in: the state, and the auditor's books.
struct Books {
    head: Head,
    state: State,
    auditor: Auditor,
    beside: Beside,
    compared: Vec<String>,
    applied: u64,
    bar: ProgressBar,
}

impl Books {
    fn new(beside: Beside, bar: ProgressBar) -> Books {
        Books {
            head: Head::empty(),
            state: State::follower(0),
            auditor: Auditor::new(),
            beside,
            compared: Vec::new(),
            applied: 0,
            bar,
        }
    }

    fn enter(&mut self, sound: &Sound) -> Result<(), Bad> {
        let frame = Some(sound.head.frame);
        for entry in &sound.entries {
            self.compare(frame)?;
            let Entry { seq, at, rulebook, fact } = entry;
            self.auditor.entry(entry).map_err(|violation| of_violation(frame, violation))?;
            self.state.apply(*seq, *at, *rulebook, fact).map_err(|wrong| Bad {
                frame,
                seq: Some(seq.0),
                invariant: Some("J3".into()),
                what: format!("the fact cannot follow in the state: {wrong}"),
                ..Bad::default()
            })?;
            self.applied += 1;
        }
        self.head = sound.head;
        self.bar.set_position(sound.head.next_seq);
        Ok(())
    }

    /// Compares the state with what is said of this position beside the journal.
    fn compare(&mut self, frame: Option<u64>) -> Result<(), Bad> {
        let here = |views: &mut Projection| views.cursor == self.state.next;
        if let Some(views) = self.beside.views.take_if(here) {
            self.compared.push(views.compare(&self.state, frame)?);
        }
        let here = |snapshot: &mut Snapshot| snapshot.seq == self.state.next.0;
        let Some(snapshot) = self.beside.snapshot.take_if(here) else { return Ok(()) };
        let bad = |what: &str| Bad {
            frame,
            seq: Some(snapshot.seq),
            invariant: Some("J3".into()),
            what: format!("the snapshot of entry {}: {what}", snapshot.seq),
            ..Bad::default()
        };
        if Hash(Sha256::digest(&snapshot.state).into()) != snapshot.hash {
            return Err(bad("its bytes have another hash than it states"));
        }
        if self.state.hash() != snapshot.hash {
            return Err(bad("it is not the state that the journal gives"));
        }
        self.compared.push(format!("snapshot of entry {}: the same state", snapshot.seq));
        Ok(())
    }

    /// What can be told at the end only.
    fn end(mut self, whole: bool, report: &mut Report) {
        let frame = Some(self.head.frame);
        if whole {
            if let Err(bad) = self.compare(frame) {
                report.find(bad);
            }
            if let Err(violation) = self.auditor.end() {
                report.find(of_violation(frame, violation));
            }
            if !self.state.ledger.balanced() {
                report.find(Bad {
                    frame,
                    invariant: Some("L3".into()),
                    what: "the state's accounts do not add up".into(),
                    ..Bad::default()
                });
            }
            if let Some(snapshot) = &self.beside.snapshot {
                // Snapshots are written only after their frames are durable.
                report.find_beside(Bad {
                    seq: Some(snapshot.seq),
                    what: format!(
                        "there is a snapshot of entry {}, and the journal ends before it with \
                         entry {}",
                        snapshot.seq, self.head.next_seq
                    ),
                    ..Bad::default()
                });
            }
            if let Some(views) = &self.beside.views {
                report.find_beside(views.ahead(self.head.next_seq));
            }
            report.state_hash = Some(self.state.hash());
        }
        let counts: BTreeMap<_, _> = self.auditor.counts().iter().collect();
        for (invariant, checks) in counts {
            report.count(invariant.name(), checks);
        }
        report.count("J1", self.applied);
        report.count("J2", self.head.frame);
        report.count("J3", self.applied);
        report.count("P1", u64::from(self.compared.iter().any(|line| line.starts_with("views"))));
        report.compared.append(&mut self.compared);
    }
}

fn of_violation(frame: Option<u64>, violation: Violation) -> Bad {
    Bad {
        frame,
        seq: Some(violation.seq.0),
        invariant: Some(violation.invariant.name().into()),
        what: violation.detail,
        ..Bad::default()
    }
}
