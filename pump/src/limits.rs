//! Every limit of the pump, with its reason.

use std::time::Duration;

use terms::{Instant, limits};

use crate::lanes::Class;

/// What an operator may set; no value has a meaning by default, so [`Options::standard`] is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Commands of one frame.
    pub commands_per_frame_max: usize,
    /// Bytes of facts of one frame, by estimate; one command more may pass it.
    pub frame_bytes_max: usize,
    /// Messages that wait in one lane: a sender's messages of one class.
    pub lanes: LaneLimits,
    /// A snapshot is due after so many entries …
    pub snapshot_every_entries: u64,
    /// … or after so much time, if there was an entry.
    pub snapshot_every_ns: i64,
    /// The index on disk is written whenever the journal passes a multiple of this.
    pub run_entries: u64,
    /// Ids held exactly in memory, in each of two generations.
    pub ids_per_generation: usize,
}

/// Messages that may wait in one lane, by class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneLimits {
    /// Blocks, lists, timers.
    pub control: usize,
    /// Orders and stakes.
    pub live: usize,
    /// Results and settlements.
    pub settlement: usize,
    /// Backlogs.
    pub bulk: usize,
}

impl LaneLimits {
    pub(crate) fn of(&self, class: Class) -> usize {
        match class {
            Class::Control => self.control,
            Class::Live => self.live,
            Class::Settlement => self.settlement,
            Class::Bulk => self.bulk,
        }
    }
}

impl Options {
    /// The values that the figures were measured with.
    pub fn standard() -> Options {
        Options {
            commands_per_frame_max: limits::COMMANDS_PER_FRAME_MAX,
            frame_bytes_max: limits::FRAME_BYTES_MAX,
            // Live: what waits longer than the two seconds that these take at the design load is
            // of no use to a bettor. Settlement and bulk come in batches of thousands.
            lanes: LaneLimits { control: 65_536, live: 16_384, settlement: 32_768, bulk: 32_768 },
            // Core 17: replaying five million entries takes a few seconds.
            snapshot_every_entries: 5_000_000,
            snapshot_every_ns: 300 * Instant::SECOND,
            // About 20 MiB of rows until they are written, and less than one generation of ids.
            run_entries: 500_000,
            ids_per_generation: limits::RECENT_IDS_PER_GENERATION,
        }
    }
}

/// Messages of one request: a full frame, so that no request holds up more than one.
pub const MESSAGES_PER_REQUEST_MAX: usize = limits::COMMANDS_PER_FRAME_MAX;

/// Messages in all lanes but those of control: about 100 MiB. What is left in memory above it is
/// the reserved space of control (core 12).
pub const QUEUED_MAX: usize = 262_144;

/// Senders that a class knows at a time: twenty organisers are licensed today.
pub const SENDERS_MAX: usize = 4_096;

/// Messages that the decider takes at once: it looks at the clock, at the committer and at what
/// has come in between, every quarter of a millisecond.
pub const TAKE_MAX: usize = 256;

/// Messages that a sender may have in its turn while others of its class wait.
pub const QUANTUM: usize = 64;

/// Frames that are being committed or wait for it while the next one is decided. Two: the committer
/// finds the next one there when it has finished one. More would only wait.
pub const FRAMES_IN_FLIGHT_MAX: usize = 2;

/// Commands that are worth a frame while more are waiting: half a millisecond of decisions, several
/// times what it costs to append a frame without a sync.
pub const FRAME_WORTH: usize = 2 * TAKE_MAX;

/// How often the decider lets others run before it closes a frame that is smaller than the number
/// of callers that have just heard an answer and are about to ask again. No timer: it costs at
/// most a few switches of thread, and with callers that wait for each answer it halves the syncs.
pub const YIELDS_MAX: usize = 8;

/// Facts between the committer and the read copy, about 32 MiB: what comes in while a snapshot is
/// written. When they are reached, the committer waits.
pub const BACKLOG_FACTS_MAX: usize = 65_536;

/// Facts of recent frames that are kept to answer repeats without the journal: senders repeat
/// within seconds.
pub const RECENT_FACTS: usize = 16_384;

/// Rooms for entries of a frame that lie ready: as many as frames are usually kept for repeats.
pub const SPARES_MAX: usize = 64;

/// Requests whose repeats wait to be looked up in the journal; then the committer waits, so that
/// nobody can pile up work by repeating old messages.
pub const LOOKUPS_MAX: usize = 1_024;

/// Frames of the journal that the look-up of receipts keeps opened: repeats come in rows.
pub const LOOKUP_FRAMES: usize = 4;

/// Facts that are applied to the read copy under one lock: a reader waits some microseconds.
pub const FACTS_PER_LOCK: usize = 16;

/// How long the store may fail to give an entry until the pump ends: a database server that was
/// killed is there again by then.
pub const READ_PATIENCE: Duration = Duration::from_secs(15);

/// Between two tries to read an entry.
pub const READ_PAUSE: Duration = Duration::from_millis(100);

/// Frames that a subscriber may lag behind before it has to read the journal itself.
pub const FEED_FRAMES: usize = 64;

/// Subscribers of one pump: projections and feeds, a few of each.
pub const SUBSCRIBERS_MAX: usize = 64;

/// Records of one bet that are read when it has left the hot state, each with its frame: half a
/// second of the deciding thread at worst. A bet is settled once or twice; one that was changed
/// more often than this before it left is not changed any more.
pub const RECORDS_PER_BET_MAX: usize = 512;

/// Look-ups outside the hot state for one message: its id, its bet or own id, and the event of each
/// leg or each event with which its result is compared.
pub const GATHERS_PER_MESSAGE_MAX: usize = 2 + if limits::LEGS_MAX < limits::EVENTS_PER_CENTRAL_MAX
{
    limits::EVENTS_PER_CENTRAL_MAX
} else {
    limits::LEGS_MAX
};

/// Senders and reasons of suppressed refusals in one second, each of which becomes one fact. What
/// comes beyond is refused without a count.
pub const SUPPRESSED_MAX: usize = 1_024;

/// Nanoseconds between two ticks: holds expire to the tenth of a second.
pub const TICK_EVERY_NS: i64 = Instant::SECOND / 10;

/// A jump of the wall clock against the monotonic one, or a lag behind the journal, from which no
/// instant is given any more (core 6).
pub const CLOCK_JUMP_NS: i64 = 5 * Instant::SECOND;

/// Attempts to claim a journal to which another still appends: one is enough where the other has
/// stopped, and more than these mean that it has not.
pub const CLAIMS_MAX: usize = 8;

/// Frames that are read at once when a journal is replayed; the store bounds their bytes.
pub const REPLAY_FRAMES: usize = 64;

/// Bounds of the advice when to try again, in milliseconds.
pub const RETRY_MS: (u64, u64) = (50, 30_000);

/// How long ids are kept on disk beyond the age at which none is accepted as new: a day, in which
/// a repeat still hears its first receipt.
pub const FORGET_SLACK_NS: i64 = Instant::DAY;

/// How much journal time passes before old ids are looked for again.
pub const FORGET_EVERY_NS: i64 = 3_600 * Instant::SECOND;
