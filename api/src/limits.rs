//! Every limit of the API, with its reason. Those that depend on the machine and on who connects
//! are chosen by the operator ([`Limits`]); the others are part of what organisers are told, or
//! follow from the law, and stand here.

use std::time::Duration;

/// What an operator chooses. Bounds and reasons are those of the configuration
/// (`docs/configuration.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time.
    pub connections_max: usize,
    /// Connections at a time that show the same certificate.
    pub connections_per_caller_max: usize,
    /// Requests of one organiser in the lane of live messages that are under way at a time; what is
    /// beyond is told to come again.
    pub live_under_way_max: usize,
    /// The same in the lane of settlements.
    pub settlements_under_way_max: usize,
    /// Batches of one organiser that are under way at a time.
    pub batches_per_caller_max: usize,
    /// Batches that are held at a time, of all organisers.
    pub batches_max: usize,
    /// Negative answers a second that an organiser may draw from validation and eligibility
    /// together, refusals of its messages counted (domain 3).
    pub negatives_per_second: u32,
    /// Time to send the head of a request; it also ends connections that lie idle between two.
    pub idle: Duration,
    /// Time that requests under way have when the server stops.
    pub stop: Duration,
    /// Time to shake hands, and to hear why one may not come in: a slow peer costs a socket.
    pub handshake: Duration,
    /// Time to send a body.
    pub body: Duration,
    /// How long a connection lives at most: a certificate that runs out is noticed at the next.
    pub connection: Duration,
    /// Questions a second of one organiser about what has become of its messages, bets and feed:
    /// storms of such questions have felled national systems, so they have a budget of their own.
    pub status_per_second: u32,
    /// Accounts and messages a second that one organiser may have checked without effect.
    pub checks_per_second: u32,
}

impl Limits {
    /// The values that stand if nobody chooses others.
    pub const fn standard() -> Limits {
        Limits {
            // Twenty organisers with all of theirs, and some that have shown no certificate yet.
            connections_max: 2_048,
            // 32 reach full speed.
            connections_per_caller_max: 64,
            // Several frames are full of them; ten organisers' wait for a fifth of a second at full
            // speed, of which a bettor notices nothing.
            live_under_way_max: 512,
            settlements_under_way_max: 512,
            // Four keep the pump busy; one organiser leaves room for the others.
            batches_per_caller_max: 8,
            // 8 MiB and its messages each, so that memory stays below a gigabyte.
            batches_max: 16,
            // What is beyond would be an oracle; the budget of refusals in the sample rulebook.
            negatives_per_second: 100,
            idle: Duration::from_secs(120),
            stop: Duration::from_secs(10),
            handshake: Duration::from_secs(5),
            body: Duration::from_secs(30),
            connection: Duration::from_secs(3_600),
            // One question for each stake in the busiest second of one of twenty organisers.
            status_per_second: 500,
            // Two full questions about a thousand accounts each.
            checks_per_second: 2_000,
        }
    }
}

/// Bytes of a message: twenty selections are about 3 KiB, a market of 512 outcomes about 60 KiB.
pub const BODY_MAX: usize = 128 << 10;

/// Bytes beyond a limit that are read and thrown away, so that whoever sends them hears why.
pub const THROWN_AWAY_MAX: usize = 1 << 20;

/// Bytes of a line of a batch, for the same reason.
pub const LINE_MAX: usize = 128 << 10;

/// Bytes of a batch: it is held whole until its verdicts are there.
pub const BATCH_BYTES_MAX: usize = 8 << 20;

/// Lines of a batch: its verdicts are about 1.5 MiB.
pub const BATCH_LINES_MAX: usize = 8_000;

/// Connections at a time of the plain listener: probes and one collector of metrics.
pub const PLAIN_CONNECTIONS_MAX: usize = 64;

/// Connections of one lane that are called when there is room, and not when time is over only: all
/// that twenty organisers may have.
pub const RESTING_MAX: usize = 2_048;

/// Requests that a connection is called for which has rested: about as many as are in a piece.
pub const TURN_MAX: usize = 16;

/// Bytes that are read at once of a connection which has rested and is called: some sixteen stakes
/// with their heads.
pub const PIECE_BYTES: usize = 8 << 10;

/// The same where nobody has called it: two stakes, which are likely to be turned away.
pub const PIECE_BYTES_LEAST: usize = 1 << 10;

/// Requests under way on one connection.
pub const STREAMS_MAX: u32 = 100;

/// Bytes of the head of a request: no honest one has more than a few KiB.
pub const HEAD_BYTES_MAX: usize = 16 << 10;

/// Bytes of a head that are still read, so that whoever sends them hears what is wrong; beyond
/// them a bare 431 is the answer.
pub const HEAD_READ_MAX: usize = 64 << 10;

/// Header fields of a request.
pub const HEADERS_MAX: usize = 64;

/// Header fields that are still read, for the same reason.
pub const HEADERS_READ_MAX: usize = 256;

/// Mebibytes of bodies that are held at a time, of all organisers: many connections with many
/// streams would otherwise add up to more than the machine has.
pub const BODIES_MIB_MAX: usize = 512;

/// Connections that are told why they may not come in, at a time. What is beyond is closed without
/// a word: nobody who may come in waits for it.
pub const STRANGERS_MAX: usize = 64;

/// Time that a reader waits for an entry that was answered already.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Daily files that are sent at a time: each takes a thread for work that blocks, of 512.
pub const DOWNLOADS_MAX: usize = 64;

/// Bytes of a daily file that are read at once; a download holds two or three of them.
pub const CHUNK_BYTES: usize = 64 << 10;

/// Bytes of a manifest of daily files or of its signature: about 6 KiB.
pub const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// Days of a page of daily files: a manifest each, about 6 KiB.
pub const DAYS_MAX: usize = 100;

/// Rows of a page at most.
pub const PAGE_MAX: usize = 1_000;
/// Rows of a page if nobody says.
pub const PAGE: usize = 100;

/// Records of a bet that are told: it is settled once or twice.
pub const RECORDS_MAX: usize = 4_096;

/// Seconds for which an answer about eligibility is worth something.
pub const ELIGIBILITY_VALID_S: u32 = 5;

/// Readers of the journal that are kept open; more are opened as they are needed.
pub const READERS_KEPT: usize = 16;

/// Days for which the development authority's certificates are good.
pub const CERTIFICATE_DAYS: i32 = 398;

/// Days for which the development authority itself is good.
pub const AUTHORITY_DAYS: i32 = 3_650;

/// Certificates in the table: two for each of twenty organisers, and as many again that are to be
/// removed.
pub const CERTIFICATES_MAX: usize = 1_000;

/// Nanoseconds by which a notice of a changed account may be late, drawn for each (domain 3).
pub const DELAY_NS: i64 = 45 * terms::Instant::SECOND;

/// Nanoseconds after which nothing earlier can still be on its way to the journal's end: with the
/// delay less than a minute.
pub const SETTLED_NS: i64 = 10 * terms::Instant::SECOND;
