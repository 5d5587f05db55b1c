//! The cabinet's own limits, each with its reason.

/// The largest photograph: what a phone's camera makes at its usual settings.
pub const PHOTO_BYTES_MAX: usize = 6 * 1024 * 1024;
/// The largest video: ten seconds at a phone's lower settings.
pub const VIDEO_BYTES_MAX: usize = 12 * 1024 * 1024;
