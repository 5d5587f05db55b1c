//! The limits of the port, with their reasons.

/// Bytes of one piece of a snapshot: small enough to check and to buffer without notice, large
/// enough that 36 bytes of checksum and length are nothing (core 17).
pub const PIECE_BYTES_MAX: usize = 1 << 20;

/// Snapshots that are kept: the newest, and one to fall back on (core 17).
pub const SNAPSHOTS_KEPT: usize = 2;

/// Bytes of frames that one call of `frames` gives at most, before its last frame: what a reader
/// has to hold in memory.
pub const READ_BYTES_MAX: usize = 64 << 20;

/// Rows of one cold batch, and keys of one question: eight full frames, so that one transaction
/// stays well below a second.
pub const COLD_ROWS_MAX: usize = 65_536;
