//! What bounds both ends, each with its reason.

use std::time::Duration;

/// Version of the form on the wire; a peer of another one is left.
pub const VERSION: u32 = 1;

/// Bytes of one frame: a request of as many messages as the pump takes at once, each of which is
/// some hundred bytes, with much to spare.
pub const FRAME_BYTES_MAX: usize = 16 << 20;

/// Requests of one connection whose answers are awaited, signs of life not counted: what the
/// connections of an API put at once, with some to spare.
pub const UNDER_WAY_MAX: usize = 4_096;

/// Connections of one door: every process of every group has one.
pub const CONNECTIONS_MAX: usize = 256;

/// For the handshake and the hello.
pub const GREETING_MAX: Duration = Duration::from_secs(2);

/// Between two signs of life.
pub const SIGN: Duration = Duration::from_millis(500);

/// After so long without a byte a peer counts as gone: as long as a lease lasts, so that whoever
/// waits for a node that stands still looks for its successor when there may be one.
pub const SILENCE_MAX: Duration = Duration::from_secs(3);

/// For answers that are under way when a node no longer decides; what is not answered by then is
/// not known, and is asked of the next one.
pub const LEAVE_MAX: Duration = Duration::from_millis(500);

/// Between two rounds of looking for the node that decides.
pub const PAUSE: Duration = Duration::from_millis(100);

/// Answers that are gathered for one write, bytes.
pub const WRITE_BYTES: usize = 64 << 10;
