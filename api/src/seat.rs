//! Who decides: this node, for a while, or another one, and where that is.

use std::time::Instant;

use parking_lot::RwLock;
use pump::Handle;

/// Where the node that decides is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `host:port` of its API.
    pub api: String,
    /// The URL of its console; empty if it has none.
    pub console: String,
}

/// Who decides now. Changed by the shell.
#[derive(Debug, Default)]
pub struct Seat(RwLock<Held>);

#[derive(Debug, Default)]
enum Held {
    /// Nobody that is known.
    #[default]
    Nobody,
    /// This node, until then by its own steady clock; none for as long as it lives.
    Here(Handle, Option<Instant>),
    /// Another one.
    There(Place),
}

impl Seat {
    /// This node decides, and nobody else ever does.
    pub fn alone(handle: Handle) -> Seat {
        Seat(RwLock::new(Held::Here(handle, None)))
    }

    /// This node decides until then.
    pub fn here(&self, handle: Handle, until: Option<Instant>) {
        *self.0.write() = Held::Here(handle, until);
    }

    /// This node may go on until then, if it decides at all.
    pub fn prolong(&self, to: Instant) {
        if let Held::Here(_, Some(until)) = &mut *self.0.write() {
            *until = to;
        }
    }

    /// Another node decides, or nobody that is known.
    pub fn there(&self, place: Option<Place>) {
        *self.0.write() = place.map_or(Held::Nobody, Held::There);
    }

    /// The pump, if this node decides; else where the one is that does, if that is known. A node
    /// that was paused for longer than it may decide finds here that it does not any more.
    pub fn handle(&self) -> Result<Handle, Option<Place>> {
        match &*self.0.read() {
            Held::Here(handle, until) if until.is_none_or(|until| Instant::now() < until) => {
                Ok(handle.clone())
            }
            Held::Here(..) | Held::Nobody => Err(None),
            Held::There(place) => Err(Some(place.clone())),
        }
    }
}
