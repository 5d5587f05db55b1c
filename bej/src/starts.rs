//! Whoever runs the views asks for bets that have left when a start is corrected (domain 6).
//!
//! The desk looks at the bets in its memory by itself. For those that have left, this thread reads
//! corrections after the views, finds the event's bets in the register, and has the desk look at
//! each that was taken when the event had begun already. The id of a question is made of the
//! correction and the bet, so that asking again after a restart, or on another node, tells nothing
//! twice; where it goes on is a mark of the store, `starts`, which is set now and then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Stopwatch};

use anyhow::{Context as _, bail};
use desk::Message;
use desk::command::{CheckStart, Manner};
use journal::fact::{Entry, EventChanged, Fact};
use pump::{Class, Handle, PumpError};
use register::Form;
use reports::query::{Condition, Direction, Field, Operator, SortField};
use reports::{BetQuery, BetRow};
use sha2::{Digest as _, Sha256};
use store::views::Found;
use store::{Fault, JournalReader, MarkStore, ViewReader};
use terms::id::uuid_v7;
use terms::{Instant, MessageId, Reason, Sender, Seq};

/// The name of the mark.
const MARK: &str = "starts";

/// Between two settings of the mark: what is looked at once more after a takeover.
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// Between two looks at the journal.
const PAUSE: Duration = Duration::from_secs(1);

/// The kind of fact that corrects a start.
const EVENT_CHANGED: u8 = 32;

/// Frames that are read at a time.
const FRAMES: usize = 64;

/// Bets that are asked for together: a page of the register.
const PAGE: usize = 50;

/// Corrections of so long ago were asked for when they were made: their ids would be too old.
const AGE_MAX: i64 = 30 * Instant::DAY;

/// A start that turned out to be earlier than it was thought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    seq: Seq,
    at: Instant,
    event: terms::Event,
    started: Instant,
    until: Instant,
}

impl Correction {
    /// What an entry corrects.
    fn of(entry: &Entry) -> Option<Correction> {
        let Fact::EventChanged(fact) = &entry.fact else { return None };
        let EventChanged { event, started, started_before, scheduled_before, .. } = *fact;
        let until = started_before.unwrap_or(scheduled_before);
        // Before a start that is said when it comes, or ahead of it, nobody took a bet too late.
        let started = started.filter(|started| *started < until && *started < entry.at)?;
        Some(Correction { seq: entry.seq, at: entry.at, event, started, until })
    }

    /// Whether a bet is to be looked at: taken within the span, and without that breach.
    fn concerns(&self, row: &BetRow) -> bool {
        let taken = if row.form == Form::EMoney { row.at } else { row.made_at.min(row.at) };
        self.started <= taken && taken < self.until && !row.breaches.contains(&Reason::EventBegun)
    }

    /// The question for a bet.
    fn question(&self, row: &BetRow) -> Message {
        let mut hash = Sha256::new();
        hash.update(self.seq.0.to_be_bytes());
        hash.update(row.organiser.0.to_be_bytes());
        hash.update(row.bet.0);
        let mut random = [0; 10];
        random.copy_from_slice(&hash.finalize()[..10]);
        let id = MessageId(uuid_v7(self.at.ms(), random));
        let command = CheckStart {
            organiser: row.organiser,
            bet: row.bet,
            event: self.event,
            started: self.started,
            until: self.until,
        };
        Message::new(Sender::System, id, Manner::Single, command.into())
    }

    /// Questions for all bets of the event that it concerns, a page at a time. None was accepted
    /// before the event began, and those accepted since the correction were judged by it; so most
    /// corrections, which come seconds after the start, look at next to nothing.
    fn questions(
        &self,
        views: &mut dyn ViewReader,
        mut ask: impl FnMut(Vec<Message>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let event = i64::from(self.event.0);
        let mut after = None;
        loop {
            let conditions = vec![
                Condition::number(Field::Event, Operator::Is, event),
                Condition::number(Field::At, Operator::From, self.started.0),
                Condition::number(Field::At, Operator::Before, self.at.0),
            ];
            let order = (SortField::At, Direction::Ascending);
            let query = BetQuery::new(conditions, order, after, PAGE);
            let query = query.map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
            let Found::Page(page) = views.bets(&query)? else {
                bail!("the register cannot list the bets of event {event}")
            };
            let concerned = page.rows.iter().filter(|row| self.concerns(row));
            let messages: Vec<Message> = concerned.map(|row| self.question(row)).collect();
            if !messages.is_empty() {
                ask(messages)?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

/// Reads the journal for corrections, up to where the views are.
pub struct Search {
    journal: Box<dyn JournalReader>,
    /// The last frame that was read.
    frame: u64,
}

impl Search {
    /// Goes on after a frame.
    pub fn new(journal: Box<dyn JournalReader>, frame: u64) -> Search {
        Search { journal, frame }
    }

    /// The next corrections, and whether there may be more. `views_at` is the position up to which
    /// the views are (exclusive).
    pub fn next(&mut self, views_at: u64) -> anyhow::Result<(Vec<Correction>, bool)> {
        let mut found = Vec::new();
        for frame in self.journal.frames(self.frame, FRAMES)? {
            if views_at < frame.head().next_seq {
                return Ok((found, false));
            }
            for fact in frame.facts() {
                let (seq, bytes) = fact?;
                if bytes.first() == Some(&EVENT_CHANGED) {
                    let entry = Entry::from_bytes(bytes);
                    let entry = entry.with_context(|| format!("entry {seq} cannot be read"))?;
                    found.extend(Correction::of(&entry));
                }
            }
            self.frame = frame.number;
            // What was found is asked for before the place is kept.
            if !found.is_empty() {
                return Ok((found, true));
            }
        }
        Ok((found, self.frame < self.journal.head()?.frame))
    }
}

/// The thread that asks.
pub struct Starts {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// What the thread works with.
pub struct Tools {
    /// The journal.
    pub journal: Box<dyn JournalReader>,
    /// The register.
    pub views: Box<dyn ViewReader>,
    /// The position up to which the views are; `u64::MAX` when they have failed.
    pub views_at: Arc<AtomicU64>,
    /// Where it goes on.
    pub place: Kept,
    /// The pump.
    pub handle: Handle,
    /// The time of day.
    pub now: fn() -> Instant,
}

impl Starts {
    /// Begins to ask.
    pub fn start(tools: Tools) -> anyhow::Result<Starts> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let Tools { journal, mut views, views_at, mut place, handle, now } = tools;
        let mut search = Search::new(journal, place.read()?);
        let run = move || {
            let mut told = None;
            let mut kept = Stopwatch::now();
            while !stopped.load(Ordering::Acquire) {
                let at = views_at.load(Ordering::Relaxed);
                let done = look(&mut search, &mut *views, at, &handle, now);
                let done = done.and_then(|more| {
                    if KEEP_EVERY <= kept.elapsed() && !more {
                        place.keep(search.frame)?;
                        kept = Stopwatch::now();
                    }
                    Ok(more)
                });
                match done {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => {
                        let what = format!("{error:#}");
                        if told.as_ref() != Some(&what) {
                            tracing::warn!("bets of a corrected start were not asked for: {what}");
                            told = Some(what);
                        }
                    }
                }
                std::thread::park_timeout(PAUSE);
            }
            // What is not kept is looked at once more.
            let _ = place.keep(search.frame);
        };
        let thread = std::thread::Builder::new().name("starts".into()).spawn(run)?;
        Ok(Starts { stop, thread })
    }

    /// Ends it; what was not asked for is asked for after the next start.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        // A panic is in the log already.
        let _ = self.thread.join();
    }
}

/// One look; whether there may be more. After an error the same frames are read again.
fn look(
    search: &mut Search,
    views: &mut dyn ViewReader,
    views_at: u64,
    handle: &Handle,
    now: fn() -> Instant,
) -> anyhow::Result<bool> {
    if views_at == u64::MAX {
        return Ok(false);
    }
    let before = search.frame;
    let asked = search.next(views_at).and_then(|(found, more)| {
        for correction in found {
            if now().since(correction.at) < AGE_MAX {
                correction.questions(views, |messages| ask(handle, messages))?;
            }
        }
        Ok(more)
    });
    if asked.is_err() {
        search.frame = before;
    }
    asked
}

/// Puts questions to the pump and waits until they are answered.
fn ask(handle: &Handle, messages: Vec<Message>) -> anyhow::Result<()> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let reply = pump::Reply::new(move |verdicts| {
        // Whoever waits is there; an error only means that the system stops.
        let _ = sender.send(verdicts.map(drop));
    });
    handle.submit(Class::Bulk, messages, reply)?;
    let answered: Result<(), PumpError> = receiver.recv().context("the pump has ended")?;
    Ok(answered?)
}

/// Where it goes on, as a mark of the store.
pub struct Kept {
    marks: Box<dyn MarkStore>,
    frame: u64,
}

impl Kept {
    /// Among these marks.
    pub fn in_marks(marks: Box<dyn MarkStore>) -> Kept {
        Kept { marks, frame: 0 }
    }

    fn read(&mut self) -> Result<u64, Fault> {
        let mark = self.marks.mark(MARK)?;
        let text = mark.and_then(|mark| String::from_utf8(mark.bytes).ok());
        // What cannot be read is the beginning: what was asked tells nothing twice.
        self.frame = text.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(self.frame)
    }

    fn keep(&mut self, frame: u64) -> Result<(), Fault> {
        if frame == self.frame {
            return Ok(());
        }
        let version = self.marks.mark(MARK)?.map_or(0, |mark| mark.version);
        // Another node's place will do as well.
        self.marks.set_mark(MARK, version, frame.to_string().as_bytes())?;
        self.frame = frame;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use desk::Command;
    use journal::frame::{FactBuffer, Sealer};
    use journal::tree::Frontier;
    use sim::scenario;
    use store::{Appended, Head, JournalStore as _, Memory, MemoryViews, Progress, Projector};

    use super::*;

    const SCRIPT: &str = "
        at 2026-01-05 12:00:00
        world
        match E2 M2 C1 +2h
        stake B1 A1 100.00 M2.1@1.85
        +10m
        stake B2 A1 200.00 M2.1@1.85
        report B3 A1 300.00 cash M2.X@2.10
        +2h
        change E2 started
        result M2 won lost lost
        settle B1
        settle B2
        +20m
        tick
        tick
    ";

    /// A journal of a script in memory, its views, and the entries.
    fn world(script: &str) -> (Memory, MemoryViews, Vec<Entry>) {
        let entries = match scenario::run(script) {
            Ok(run) => run.entries,
            Err(failure) => panic!("{failure}"),
        };
        let memory = Memory::new();
        let mut journal = memory.journal();
        let mut sealer = Sealer::new(Head::empty(), Frontier::new());
        let mut facts = FactBuffer::new();
        for entries in entries.chunks(7) {
            facts.clear();
            for entry in entries {
                facts.push_with(|out| entry.put(out));
            }
            let before = sealer.head();
            let sealed = sealer.seal(1, entries[entries.len() - 1].at, &facts);
            assert!(matches!(journal.append(&before, &sealed), Appended::Appended(_)));
        }
        let views = MemoryViews::default();
        let reader = memory.journal().reader().unwrap();
        let mut projector = Projector::new(reader, Box::new(views.clone()), 1).unwrap();
        while let Progress::Projected(_) = projector.step().unwrap() {}
        (memory, views, entries)
    }

    /// The bets that are asked for, as one look after the other finds them.
    fn asked(script: &str) -> Vec<(CheckStart, MessageId)> {
        let (memory, mut views, entries) = world(script);
        let mut search = Search::new(memory.journal().reader().unwrap(), 0);
        let mut all = Vec::new();
        loop {
            let (found, more) = search.next(entries.len() as u64).unwrap();
            for correction in found {
                let note = |messages: Vec<Message>| {
                    for message in messages {
                        let Command::CheckStart(check) = message.command else {
                            panic!("{message:?}")
                        };
                        all.push((check, message.id));
                    }
                    Ok(())
                };
                correction.questions(&mut views, note).unwrap();
            }
            if !more {
                return all;
            }
        }
    }

    #[test]
    fn bets_that_were_taken_after_the_true_start_are_asked_for() {
        // domain 6
        assert_eq!(asked(SCRIPT), [], "nobody corrected anything");
        let corrected = format!("{SCRIPT}\n change E2 started -145m");
        let found = asked(&corrected);
        let bets: std::collections::BTreeSet<_> =
            found.iter().map(|(check, _)| check.bet).collect();
        assert_eq!(bets.len(), 2, "B2 and B3, but not B1: {found:?}");
        for (check, _) in &found {
            assert!(check.started < check.until);
        }
        // One that is told at its moment, before it was scheduled, corrects nothing either.
        let early = "at 2026-01-05 12:00:00\nworld\nmatch E2 M2 C1 +2h\nchange E2 started";
        assert_eq!(asked(early), []);
        // Asking again asks the same.
        assert_eq!(asked(&corrected), found);
    }

    #[test]
    fn the_search_waits_for_the_views() {
        let corrected = format!("{SCRIPT}\n change E2 started -145m");
        let (memory, _, entries) = world(&corrected);
        let mut search = Search::new(memory.journal().reader().unwrap(), 0);
        assert_eq!(search.next(3).unwrap(), (Vec::new(), false));
        assert_eq!(search.frame, 0);
        let mut found = Vec::new();
        loop {
            let (more_found, more) = search.next(entries.len() as u64).unwrap();
            found.extend(more_found);
            if !more {
                break;
            }
        }
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn the_place_is_kept() {
        let memory = Memory::new();
        let kept = || Kept::in_marks(Box::new(memory.marks()));
        assert_eq!(kept().read().unwrap(), 0);
        kept().keep(17).unwrap();
        assert_eq!(kept().read().unwrap(), 17);
        memory.marks().set_mark(MARK, 1, b"x").unwrap();
        assert_eq!(kept().read().unwrap(), 0);
    }
}
