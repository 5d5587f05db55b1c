//! The cabinet's own limits, each with its reason.

use terms::Instant;

/// The largest photograph: a phone's picture after its own compression.
pub const PHOTO_BYTES_MAX: usize = 4 << 20;
/// The largest video: ten seconds at a phone's lower settings.
pub const VIDEO_BYTES_MAX: usize = 12 << 20;
/// The largest form without a file: the data of a person with their address.
pub const FORM_BYTES_MAX: usize = 16 << 10;
/// What a form says around its file.
pub const FORM_ROOM: usize = 8 << 10;
/// Pages that are made at a time.
pub const PAGES_MAX: usize = 16;
/// Forms with files that are taken in at a time: with the largest video, 48 MiB of memory.
pub const UPLOADS_MAX: usize = 4;
/// Seconds that a page waits for its turn; then the phone is told to come again.
pub const PATIENCE_SECONDS: u64 = 5;
/// Seconds within which a file must be here: the largest at 400 kbit/s takes four minutes.
pub const UPLOAD_SECONDS: u64 = 300;

/// Forms that one address may send in a minute: a family behind one address, and no more.
pub const FORMS_A_MINUTE: u32 = 60;
/// Addresses that are counted at a time; past that the oldest counts are dropped.
pub const ADDRESSES_MAX: usize = 100_000;
/// The length of that minute.
pub const WINDOW_NS: i64 = 60 * Instant::SECOND;

/// Rows of a list on the first page.
pub const FEW: usize = 3;
/// Rows of a list on a page of its own.
pub const PAGE: usize = 20;
/// Accounts of one bettor that pages look at: some twenty organisers exist.
pub const ACCOUNTS_MAX: usize = 64;
/// Movements that are looked through for one month of one wallet.
pub const MOVEMENTS_MAX: usize = 5_000;
/// Facts of one bet's story.
pub const FACTS_MAX: usize = 100;
/// Seconds after which a waiting page asks again by itself.
pub const WAIT_SECONDS: u32 = 20;
