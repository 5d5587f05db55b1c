//! Reading a journal from the command line: opening it, going through its frames with a bar that
//! shows how far, and the state at its end.
//!
//! Nothing here writes, and no lock is taken: all of it works beside a running writer. Frames are
//! read and checked on a thread of their own, at most [`BATCHES`] batches ahead.

use std::path::Path;
use std::sync::mpsc;

use anyhow::{Context as _, bail, ensure};
use desk::State;
use desk::ids::Recent;
use indicatif::{ProgressBar, ProgressStyle};
use journal::fact::Entry;
use store::{
    Fault, Frame, Head, Home, JournalReader, MarkFiles, MarkStore, SnapshotFiles, SnapshotStore,
    ViewReader,
};
use terms::Hash;

use crate::store_url::{StoreUrl, keeps_nothing};

/// Frames of one batch; the reader ends a batch earlier when it has 64 MiB.
const BATCH_FRAMES: usize = 64;

/// Batches that are read ahead: enough that neither side waits for the other.
const BATCHES: usize = 2;

/// Opens the journal of a store, to read it.
pub fn open(url: &StoreUrl) -> anyhow::Result<Reader> {
    open_by(url, store_postgres::Reader::open)
}

/// The same where it is newest, for what is compared with the marks of the store.
pub fn open_newest(url: &StoreUrl) -> anyhow::Result<Reader> {
    open_by(url, store_postgres::Reader::open_newest)
}

fn open_by(
    url: &StoreUrl,
    by: impl FnOnce(&store_postgres::Address) -> Result<store_postgres::Reader, Fault>,
) -> anyhow::Result<Reader> {
    let opened = match url {
        StoreUrl::Memory => bail!("{}", keeps_nothing()),
        StoreUrl::Sqlite(path) => store_sqlite::Reader::open(path).map(Reader::sqlite),
        StoreUrl::Postgres(address) => by(address).map(Reader::postgres),
    };
    opened.with_context(|| format!("{url} cannot be opened"))
}

/// A reader of a journal, with what lies beside it.
pub struct Reader {
    engine: Engine,
    home: Home,
}

enum Engine {
    Sqlite(Box<store_sqlite::Reader>),
    Postgres(Box<store_postgres::Reader>),
}

/// Views to read, and where they are.
pub type PlacedViews = (Box<dyn ViewReader>, String);

impl Reader {
    /// Of a journal in SQLite.
    pub fn sqlite(reader: store_sqlite::Reader) -> Reader {
        let home = reader.layout().home();
        Reader { engine: Engine::Sqlite(Box::new(reader)), home }
    }

    /// Of a journal in PostgreSQL.
    pub fn postgres(reader: store_postgres::Reader) -> Reader {
        let home = Home::at(reader.address().directory());
        Reader { engine: Engine::Postgres(Box::new(reader)), home }
    }

    /// What lies beside the journal.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The marks of the store.
    pub fn marks(&self) -> Box<dyn MarkStore> {
        match &self.engine {
            Engine::Sqlite(reader) => Box::new(MarkFiles::new(reader.layout().home().marks())),
            Engine::Postgres(reader) => Box::new(store_postgres::Marks::at(reader.address())),
        }
    }

    /// The journal's URL.
    pub fn url(&self) -> StoreUrl {
        match &self.engine {
            Engine::Sqlite(reader) => StoreUrl::Sqlite(reader.layout().part(0)),
            Engine::Postgres(reader) => StoreUrl::Postgres(reader.address().clone()),
        }
    }

    /// A reader of the views and where they are; none if there are none yet.
    pub fn views(&self) -> Result<Option<PlacedViews>, Fault> {
        match &self.engine {
            Engine::Sqlite(reader) => {
                let path = reader.layout().home().views();
                if !path.exists() {
                    return Ok(None);
                }
                Ok(Some((store_sqlite::Views::read(&path)?, path.display().to_string())))
            }
            Engine::Postgres(reader) => {
                let found = store_postgres::Views::read(reader.address())?;
                let place = format!("{}, schema bej_views", reader.address());
                Ok(found.map(|views| (Box::new(views) as Box<dyn ViewReader>, place)))
            }
        }
    }

    /// The snapshots, and where they are.
    pub fn snapshots(&self) -> (Box<dyn SnapshotStore>, String) {
        match &self.engine {
            Engine::Sqlite(reader) => {
                let path = reader.layout().home().snapshots();
                let place = path.display().to_string();
                (Box::new(SnapshotFiles::new(path)), place)
            }
            Engine::Postgres(reader) => {
                let address = reader.address();
                (Box::new(store_postgres::Snapshots::at(address)), address.to_string())
            }
        }
    }

    /// Where a frame is, or would be.
    pub fn place_of(&mut self, frame: u64) -> Result<String, Fault> {
        match &mut self.engine {
            Engine::Sqlite(reader) => reader.place_of(frame),
            Engine::Postgres(reader) => Ok(reader.address().to_string()),
        }
    }

    /// Lets an engine that can check its pages do so, on a connection of its own.
    pub fn page_check(&self) -> impl FnOnce() -> Result<(), Fault> + Send + use<> {
        let first = match &self.engine {
            Engine::Sqlite(reader) => Some(reader.layout().part(0)),
            // The server checks the pages that it reads, and every frame is read.
            Engine::Postgres(_) => None,
        };
        move || match first {
            Some(first) => store_sqlite::Reader::open(first)?.check_pages(),
            None => Ok(()),
        }
    }

    /// Copies the journal up to its present head, which is given, to a new file of SQLite and its
    /// parts. When this returns, the copy is durable.
    pub fn copy_to_file(&mut self, target: &Path) -> anyhow::Result<Head> {
        if let Engine::Sqlite(reader) = &mut self.engine {
            return Ok(reader.copy_journal(target)?);
        }
        let head = self.head()?;
        frames_to_file(self, &head, target)?;
        Ok(head)
    }

    fn journal(&mut self) -> &mut dyn JournalReader {
        match &mut self.engine {
            Engine::Sqlite(reader) => &mut **reader,
            Engine::Postgres(reader) => &mut **reader,
        }
    }
}

impl JournalReader for Reader {
    fn head(&mut self) -> Result<Head, Fault> {
        self.journal().head()
    }

    fn frames(&mut self, after: u64, limit: usize) -> Result<Vec<Frame>, Fault> {
        self.journal().frames(after, limit)
    }

    fn frame_of(&mut self, seq: u64) -> Result<Option<Frame>, Fault> {
        self.journal().frame_of(seq)
    }
}

/// Copies the frames up to a head to a new file of SQLite and its parts. When this returns, the
/// copy is durable.
pub fn frames_to_file(
    source: &mut dyn JournalReader,
    end: &Head,
    target: &Path,
) -> anyhow::Result<()> {
    let file = StoreUrl::Sqlite(target.to_owned()).lasting()?;
    let mut parts = file.parts()?;
    crate::copy::frames(source, &Head::empty(), end, &mut *parts.journal)?;
    drop((parts, file));
    // Only the journal is wanted: what was made beside it is empty.
    let beside = store_sqlite::Layout::of(target)?.directory();
    std::fs::remove_dir_all(&beside)
        .with_context(|| format!("{} cannot be removed", beside.display()))?;
    let copied = store_sqlite::Reader::open(target)?.head()?;
    ensure!(copied == *end, "the copy ends elsewhere than the journal");
    Ok(())
}

/// A bar on standard error that counts entries; nothing where that is no terminal.
pub fn bar(what: &'static str, entries: u64) -> ProgressBar {
    let bar = ProgressBar::new(entries);
    let style = ProgressStyle::with_template(
        "{msg} {wide_bar} {human_pos}/{human_len} entries, {per_sec}, {eta} left",
    );
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// With the next frame.
    On,
    /// No further.
    Enough,
}

/// Hands the frames behind `after` up to and with `until` to `take`, in order. Each has been opened
/// and follows the one before.
pub fn each_frame(
    reader: &mut dyn JournalReader,
    after: u64,
    until: u64,
    mut take: impl FnMut(Frame) -> anyhow::Result<Go>,
) -> anyhow::Result<()> {
    std::thread::scope(|scope| {
        let (sender, batches) = mpsc::sync_channel(BATCHES);
        scope.spawn(move || read_ahead(reader, after, until, &sender));
        for batch in batches {
            for frame in batch? {
                if take(frame)? == Go::Enough {
                    // Dropping the receiver ends the reading thread.
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}

fn read_ahead(
    reader: &mut dyn JournalReader,
    mut after: u64,
    until: u64,
    sender: &mpsc::SyncSender<Result<Vec<Frame>, Fault>>,
) {
    let mut most = BATCH_FRAMES;
    while after < until {
        let left = usize::try_from(until - after).unwrap_or(usize::MAX);
        let batch = reader.frames(after, left.min(most)).and_then(|frames| {
            let missing = || Fault::damaged("the journal", after + 1, "this frame is missing");
            frames.last().map(|last| last.number).ok_or_else(missing).map(|last| (frames, last))
        });
        let sent = match batch {
            Ok((frames, last)) => {
                after = last;
                sender.send(Ok(frames))
            }
            // One by one, so that everything before the damage is still handed over.
            Err(_) if 1 < most => {
                most = 1;
                continue;
            }
            Err(fault) => {
                after = until;
                sender.send(Err(fault))
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The entry of a fact.
pub fn entry(reader: &mut dyn JournalReader, seq: u64) -> anyhow::Result<Option<Entry>> {
    let Some(bytes) = reader.fact(seq)? else { return Ok(None) };
    decode(seq, &bytes).map(Some)
}

/// Reads the canonical bytes of an entry.
pub fn decode(seq: u64, bytes: &[u8]) -> anyhow::Result<Entry> {
    Entry::from_bytes(bytes)
        .with_context(|| format!("entry {seq} cannot be read; `bej verify` tells more"))
}

/// The newest snapshot: its position, the state's bytes and their hash.
pub struct Snapshot {
    /// The first fact that is not in it.
    pub seq: u64,
    /// The canonical bytes of the state.
    pub state: Vec<u8>,
    /// The hash that it states of them.
    pub hash: Hash,
}

/// The newest snapshot that is whole, and what was found wrong with others.
pub fn snapshot(reader: &Reader) -> Result<(Option<Snapshot>, Vec<Fault>), Fault> {
    let (mut snapshots, place) = reader.snapshots();
    let latest = snapshots.latest()?;
    let mut damaged = latest.damaged;
    let Some(mut pieces) = latest.reader else { return Ok((None, damaged)) };
    let seq = pieces.seq();
    // The first piece is the pump's: head and tree. The last one is the hash of those between.
    pieces.piece()?;
    let mut state = Vec::new();
    while let Some(piece) = pieces.piece()? {
        state.extend_from_slice(&piece);
    }
    let hash = state.len().checked_sub(32).and_then(|end| state.split_off(end).try_into().ok());
    match hash {
        Some(hash) => Ok((Some(Snapshot { seq, state, hash: Hash(hash) }), damaged)),
        None => {
            damaged.push(Fault::damaged(place, None, format!("snapshot {seq} has no state")));
            Ok((None, damaged))
        }
    }
}

/// The state at the end of the journal: the newest snapshot and what came after it.
pub fn state(reader: &mut Reader) -> anyhow::Result<(State, Head)> {
    let head = reader.head()?;
    // A snapshot that cannot be used costs time and nothing else: the journal says it all.
    let found = snapshot(reader).ok().and_then(|(found, _)| found);
    let kept = found.filter(|found| found.seq <= head.next_seq).and_then(|found| {
        State::read(&found.state, 0, Recent::none()).ok().filter(|state| state.next.0 == found.seq)
    });
    let mut state = kept.unwrap_or_else(|| State::follower(0));
    let bar = bar("reading", head.next_seq - state.next.0);
    let after = match state.next.0.checked_sub(1) {
        // The frame with the last fact of the snapshot; what is known of it is passed over.
        Some(last) => reader.frame_of(last)?.map_or(0, |frame| frame.number - 1),
        None => 0,
    };
    each_frame(reader, after, head.frame, |frame| {
        for fact in frame.facts() {
            let (seq, bytes) = fact?;
            if seq < state.next.0 {
                continue;
            }
            let entry = decode(seq, bytes)?;
            state
                .apply(entry.seq, entry.at, entry.rulebook, &entry.fact)
                .with_context(|| format!("entry {seq} cannot follow; `bej verify` tells more"))?;
            bar.inc(1);
        }
        Ok(Go::On)
    })?;
    bar.finish_and_clear();
    Ok((state, head))
}
