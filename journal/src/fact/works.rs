//! Facts about planned works at the centre.

use register::works::WorksWindow;
use terms::record;

use super::Cause;

record! {
    /// Works are planned and every organiser is told (R4-12.1.2.1b).
    pub struct WorksAnnounced {
        /// What caused it.
        pub cause: Cause,
        /// The window.
        pub window: WorksWindow,
    }
}

record! {
    /// Works begin or end at another time than was told before.
    pub struct WorksChanged {
        /// What caused it.
        pub cause: Cause,
        /// The window as it is now.
        pub window: WorksWindow,
    }
}

record! {
    /// Works are not done, or end before their time.
    pub struct WorksCancelled {
        /// What caused it.
        pub cause: Cause,
        /// The window as it was planned.
        pub window: WorksWindow,
    }
}
