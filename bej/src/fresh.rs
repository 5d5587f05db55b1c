//! Ids of messages that the operator's own commands carry.

use pump::{Entropy as _, Stream};
use terms::id::uuid_v7;
use terms::{Instant, MessageId};

/// An id of this moment.
pub fn message_id(now: Instant, entropy: &mut Stream) -> MessageId {
    let mut random = [0; 10];
    random[..8].copy_from_slice(&entropy.draw());
    random[8..].copy_from_slice(&entropy.draw()[..2]);
    MessageId(uuid_v7(now.ms(), random))
}
