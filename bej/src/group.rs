//! Groups: parts of the system that stand on machines of their own (R0-20.3).
//!
//! ```text
//! organisers ─► api ──┐                     every group ─► database
//! browsers ─► console ┼─ link ─► pump: one decides, others follow and take over
//!               feeds ┘
//! ```
//!
//! Every group follows the journal with a read copy of its own. What `api` and
//! `console` do not decide themselves goes over the inner network to the node of `pump` that
//! decides. Of each group there is one process more than is needed (R0-20.3d).

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

    /// Whether messages go elsewhere to be decided.
    pub fn sends(self) -> bool {
        matches!(self, Group::Api | Group::Console)
    }
}
