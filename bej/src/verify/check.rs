//! The recomputation itself.

use std::sync::{Arc, mpsc};

use desk::State;
use journal::fact::Entry;
use journal::frame::{FrameError, follow_noting};
use journal::tree::Frontier;
use reports::audit::{Auditor, Violation};
use sha2::{Digest as _, Sha256};
use store::{Frame, Head};
use terms::Hash;

use super::projection::Projection;
use super::report::{Bad, Report};
use super::tiles::TileCheck;
use crate::reading::Reader;
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
    /// The tiles.
    pub tiles: Option<TileCheck>,
}

/// Recomputes everything up to the head.
pub fn journal(
    reader: &mut Reader,
    head: &Head,
    mut beside: Beside,
    report: &mut Report,
) -> anyhow::Result<()> {
    let bar = reading::bar("verifying", head.next_seq);
    let mut tiles = beside.tiles.take();
    let comparing = &mut tiles;
    let mut replay = Replay::new(beside);
    let mut auditor = Auditor::new();
    let replaying = &mut replay;
    let (audited, replayed, followed) = std::thread::scope(|scope| {
        let (to_audit, for_audit) = mpsc::sync_channel(FRAMES_AHEAD);
        let (to_replay, for_replay) = mpsc::sync_channel(FRAMES_AHEAD);
        let senders = [to_audit, to_replay];
        let follower =
            scope.spawn(move || follow_all(reader, head.frame, comparing.as_mut(), &senders));
        let replayer = scope.spawn(move || each(for_replay, |sound| replaying.enter(sound)));
        let audited = each(for_audit, |sound| {
            bar.set_position(sound.head.next_seq);
            audit(&mut auditor, sound)
        });
        (audited, replayer.join(), follower.join())
    });
    bar.finish_and_clear();
    let failed = |_| anyhow::anyhow!("a thread has failed");
    let found = [audited, replayed.map_err(failed)?, followed.map_err(failed)??];
    found.into_iter().flatten().for_each(|bad| report.find(bad));
    report.head = Some(replay.head);
    if report.bad.is_none() && replay.head != *head {
        report.find(Bad {
            frame: Some(replay.head.frame),
            what: format!("the journal ends with frame {} and not with this one", head.frame),
            ..Bad::default()
        });
    }
    if report.is_whole() {
        if let Err(violation) = auditor.end() {
            report.find(of_violation(Some(replay.head.frame), violation));
        }
        replay.end(report);
        match tiles.map(|tiles| tiles.end(replay.head.next_seq)) {
            Some(Ok(compared)) => replay.compared.push(compared),
            Some(Err(bad)) => report.find_beside(bad),
            None => {}
        }
    }
    for (invariant, checks) in auditor.counts().iter() {
        report.count(invariant.name(), checks);
    }
    report.count("J1", replay.applied);
    report.count("J2", replay.head.frame);
    report.count("J3", replay.applied);
    report.count("P1", replay.projections);
    report.compared.append(&mut replay.compared);
    Ok(())
}

/// Takes frames until one is bad. Dropping the channel then ends whoever fills it.
fn each(
    frames: mpsc::Receiver<Arc<Sound>>,
    mut take: impl FnMut(&Sound) -> Result<(), Bad>,
) -> Option<Bad> {
    frames.into_iter().find_map(|sound| take(&sound).err())
}

fn audit(auditor: &mut Auditor, sound: &Sound) -> Result<(), Bad> {
    let bad = |violation| of_violation(Some(sound.head.frame), violation);
    sound.entries.iter().try_for_each(|entry| auditor.entry(entry).map_err(bad))
}

/// Follows the chain: frames, tree, and the one byte form of each fact.
fn follow_all(
    reader: &mut Reader,
    until: u64,
    tiles: Option<&mut TileCheck>,
    senders: &[mpsc::SyncSender<Arc<Sound>>],
) -> anyhow::Result<Option<Bad>> {
    let mut chain = Chain { head: Head::empty(), frontier: Frontier::new(), tiles };
    let mut bad = None;
    let done = reading::each_frame(reader, 0, until, |frame| match chain.sound(&frame) {
        Ok(sound) => {
            let sound = Arc::new(sound);
            let all = senders.iter().all(|sender| sender.send(sound.clone()).is_ok());
            Ok(if all { Go::On } else { Go::Enough })
        }
        Err(found) => {
            bad = Some(found);
            Ok(Go::Enough)
        }
    });
    let Err(error) = done else { return Ok(bad) };
    match error.downcast_ref::<store::Fault>() {
        Some(fault) if fault.is_damage() => {
            let mut found = Bad::of_fault(fault);
            // The record is not readable; the first entry that is lost with it is known.
            let head = chain.head;
            found.seq = Some(head.next_seq).filter(|_| found.frame == Some(head.frame + 1));
            Ok(Some(found))
        }
        _ => Err(error),
    }
}

/// Where the chain of frames has come to.
struct Chain<'a> {
    head: Head,
    frontier: Frontier,
    tiles: Option<&'a mut TileCheck>,
}

impl Chain<'_> {
    /// Follows one frame: its place, its root, and the one byte form of each fact.
    fn sound(&mut self, frame: &Frame) -> Result<Sound, Bad> {
        let bad = |seq: Option<u64>, invariant: &str, what: String| Bad {
            frame: Some(frame.number),
            seq,
            invariant: Some(invariant.to_owned()),
            what,
            ..Bad::default()
        };
        let mut complete = Vec::new();
        let followed = follow_noting(&self.head, &mut self.frontier, frame, |at, hash| {
            complete.push((at, hash));
        });
        let head = followed.map_err(|error| {
            let invariant = if matches!(error, FrameError::Root { .. }) { "J2" } else { "J1" };
            bad(Some(frame.first_seq), invariant, error.to_string())
        })?;
        self.head = head;
        if let Some(tiles) = &mut self.tiles {
            let facts = frame.facts().filter_map(|fact| Some(fact.ok()?.1));
            tiles.frame(frame.first_seq, facts, &frame.leaves, &complete);
        }
        let entries = entries(frame, &bad)?;
        if let Some(last) = entries.last()
            && last.at != frame.at
        {
            let what = "the frame states another instant than its last fact".to_owned();
            return Err(bad(Some(last.seq.0), "J4", what));
        }
        Ok(Sound { head, entries })
    }
}

/// The entries of a frame, each in its one byte form and at its place.
fn entries(
    frame: &Frame,
    bad: &impl Fn(Option<u64>, &str, String) -> Bad,
) -> Result<Vec<Entry>, Bad> {
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
    Ok(entries)
}

/// The state that the facts give, and what it is compared with on the way.
struct Replay {
    head: Head,
    state: State,
    beside: Beside,
    compared: Vec<String>,
    applied: u64,
    projections: u64,
}

impl Replay {
    fn new(beside: Beside) -> Replay {
        Replay {
            head: Head::empty(),
            state: State::follower(0),
            beside,
            compared: Vec::new(),
            applied: 0,
            projections: 0,
        }
    }

    fn enter(&mut self, sound: &Sound) -> Result<(), Bad> {
        let frame = Some(sound.head.frame);
        for entry in &sound.entries {
            self.compare(frame)?;
            let Entry { seq, at, rulebook, fact } = entry;
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
        Ok(())
    }

    /// Compares the state with what is said of this position beside the journal.
    fn compare(&mut self, frame: Option<u64>) -> Result<(), Bad> {
        let here = |views: &mut Projection| views.cursor == self.state.next;
        if let Some(views) = self.beside.views.take_if(here) {
            self.compared.push(views.compare(&self.state, frame)?);
            self.projections += 1;
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

    /// What can be told at the end of a whole journal only.
    fn end(&mut self, report: &mut Report) {
        let frame = Some(self.head.frame);
        if let Err(bad) = self.compare(frame) {
            report.find(bad);
        }
        if !self.state.ledger.balanced() {
            report.find(Bad {
                frame,
                invariant: Some("L3".into()),
                what: "the state's accounts do not add up".into(),
                ..Bad::default()
            });
        }
        let entries = self.head.next_seq;
        if let Some(snapshot) = &self.beside.snapshot {
            // Snapshots are written only after their frames are durable.
            report.find_beside(Bad {
                seq: Some(snapshot.seq),
                what: format!(
                    "there is a snapshot of entry {}, and the journal ends before it with \
                     {entries} entries",
                    snapshot.seq
                ),
                ..Bad::default()
            });
        }
        if let Some(views) = &self.beside.views {
            report.find_beside(views.ahead(entries));
        }
        report.state_hash = Some(self.state.hash());
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
