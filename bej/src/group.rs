//! Groups: parts of the system that stand on machines of their own (R0-20.3).
//!
//! ```text
//! organisers ─► api ──┐                     every group ─► database
//! browsers ─► console ┼─ link ─► pump: one decides, others follow and take over
//! bettors ─► vault ───┘
//! ```
//!
//! Every group follows the journal with a read copy of its own. What `api`, `console` and `vault`
//! do not decide themselves goes over the inner network to the node of `pump` that decides. Of each
//! group there is one process more than is needed (R0-20.3d).

/// Which part of the system a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Group {
    /// Everything in one process: for development, and where one machine is enough.
    All,
    /// Decides, or follows and takes over; signs. Nobody outside speaks with it.
    Pump,
    /// Answers organisers.
    Api,
    /// Has the pages.
    Console,
    /// Projects the views.
    Feeds,
    /// Serves people: the vault, the lists, the bettors' pages.
    Vault,
}

impl Group {
    /// Whether it may decide.
    pub fn decides(self) -> bool {
        matches!(self, Group::All | Group::Pump)
    }

    /// Whether organisers connect to it.
    pub fn answers(self) -> bool {
        matches!(self, Group::All | Group::Api)
    }

    /// Whether it has pages.
    pub fn shows(self) -> bool {
        matches!(self, Group::All | Group::Console)
    }

    /// Whether it projects the views.
    pub fn projects(self) -> bool {
        matches!(self, Group::All | Group::Feeds)
    }

    /// Whether bettors come to it, and what is done for people by itself is done here.
    pub fn serves_people(self) -> bool {
        matches!(self, Group::All | Group::Vault)
    }

    /// Whether it speaks with the vault and the edge: bettors and organisers come to it.
    pub fn meets_people(self) -> bool {
        matches!(self, Group::All | Group::Api | Group::Vault)
    }

    /// Whether messages go elsewhere to be decided.
    pub fn sends(self) -> bool {
        matches!(self, Group::Api | Group::Console | Group::Vault)
    }
}
