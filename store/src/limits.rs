//! The limits of the port, with their reasons.

/// Bytes of one piece of a snapshot: small enough to check and to buffer without notice, large
/// enough that 36 bytes of checksum and length are nothing (core 17).
pub const PIECE_BYTES_MAX: usize = 1 << 20;

/// Snapshots that are kept: the newest, and one to fall back on (core 17).
pub const SNAPSHOTS_KEPT: usize = 2;

/// Bytes of frames that one call of `frames` gives at most, before its last frame: what a reader
/// has to hold in memory.
pub const READ_BYTES_MAX: usize = 64 << 20;

/// Keys of one question to the cold index: eight full frames.
pub const COLD_KEYS_MAX: usize = 65_536;

/// Rows, of both kinds, from which a run of the cold index is no longer merged with newer ones:
/// a second of the greatest load, so that at that load each row is written once.
pub const COLD_RUN_ROWS: usize = 1_000_000;

/// Rows, of both kinds, of one cold batch: what a writer holds in memory while it sorts them, 32
/// bytes each, as much again for a run that it merges.
pub const COLD_BATCH_ROWS_MAX: usize = 4_000_000;

/// Bytes of the name of a mark.
pub const MARK_NAME_MAX: usize = 32;

/// Bytes of a mark: a few hundred lines of text at most.
pub const MARK_BYTES_MAX: usize = 64 << 10;

/// How long a lease is somebody's after he took or renewed it last. Renewed every second, it
/// outlives two renewals that fail; with what a takeover costs it ends within five seconds.
pub const LEASE_MS: u64 = 3_000;

/// Bytes of a name or an address of the holder of a lease.
pub const HOLDER_WORD_MAX: usize = 255;
