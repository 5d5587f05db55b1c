//! The limits of the vault, with their reasons.

/// Bytes of a photograph: more than a telephone's camera makes of a document at full size.
pub const PHOTO_BYTES_MAX: usize = 5 << 20;

/// How long a pending person waits for his fact: a day covers every repair of a journal (core 20).
pub const PENDING_HOURS: i64 = 24;

/// Persons with one value of a field that are told: more have a mistake in common.
pub const FOUND_MAX: usize = 100;

/// Lines of the log of looks that are told at once.
pub const LOOKS_MAX: usize = 100;

/// Orders of destruction in one transaction: its one sync is shared, and others wait a few
/// milliseconds.
pub const DESTROY_BATCH: usize = 256;

/// Persons of one step of a rotation: others wait some ten milliseconds for it.
pub const CARRY_BATCH: usize = 2_048;

/// Index rows that are sorted in memory at once: 192 MiB.
pub const INDEX_SORT_MAX: u64 = 4_000_000;

/// Persons whose records are opened from the copy of the keys before old keys are destroyed.
pub const SAMPLE: u64 = 64;

/// Tries of a change that meets a rotation: each try fails only if the epochs changed meanwhile.
pub const TRIES_MAX: u32 = 100;

/// Rows of a copy that are written at once …
pub const COPY_ROWS: usize = 1_024;

/// … and their bytes, before the last row.
pub const COPY_BYTES: usize = 16 << 20;
