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

/// Bytes of a sealed item of a person: a photograph of 5 MiB and what sealing adds.
pub const VAULT_ITEM_BYTES_MAX: usize = (5 << 20) + (1 << 10);

/// Items of a person: his record, and photographs of several identifications.
pub const VAULT_ITEMS_MAX: usize = 64;

/// Bytes of a sealed key, with what the next epoch's index needs: 32 bytes, and 33 for each entry.
pub const VAULT_SEALED_MAX: usize = 4 << 10;

/// Entries of a person in the index: a number, phones, documents, spellings of his name.
pub const VAULT_ENTRIES_MAX: usize = 64;

/// Rows of a page of the vault: some megabytes.
pub const VAULT_PAGE_MAX: usize = 16_384;

/// Bytes of a key of the edge: a word, and an id or a hash.
pub const EDGE_KEY_BYTES_MAX: usize = 128;

/// Bytes of a value of the edge: the compressed body of the largest request.
pub const EDGE_VALUE_BYTES_MAX: usize = 4 << 20;

/// Values of a page of the edge.
pub const EDGE_PAGE_MAX: usize = 1_000;

/// Bytes of a page of the edge, before its last value.
pub const EDGE_PAGE_BYTES_MAX: usize = 8 << 20;
