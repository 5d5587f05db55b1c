//! The centre's nodes: which one is asked, and which one next.
//!
//! Calls share what they learn. A node that cannot be reached is left for the next one of the
//! settings; one that does not decide says who does, and that one is asked, also if the settings do
//! not name it: it is believed no more than any other, by its certificate.

use std::sync::{Arc, Mutex, PoisonError};

use hyper::Uri;

use crate::connect::SetupError;

/// The nodes of a client.
pub(crate) struct Nodes {
    bases: Vec<String>,
    current: Mutex<Current>,
}

struct Current {
    base: Arc<str>,
    /// Which of the settings is asked next.
    next: usize,
}

impl Nodes {
    pub(crate) fn of(bases: &[String]) -> Result<Nodes, SetupError> {
        let bases: Vec<String> =
            bases.iter().map(|base| base.trim_end_matches('/').to_owned()).collect();
        if let Some(wrong) = bases.iter().find(|base| !is_whole(base)) {
            return Err(SetupError::Base(wrong.clone()));
        }
        let base: Arc<str> = bases.first().ok_or(SetupError::Nowhere)?.as_str().into();
        Ok(Nodes { bases, current: Mutex::new(Current { base, next: 1 }) })
    }

    /// How many the settings name.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.bases.len()).unwrap_or(u32::MAX)
    }

    /// The node to ask.
    pub(crate) fn current(&self) -> Arc<str> {
        self.lock().base.clone()
    }

    /// The node asked says that another one decides; whether it is known which.
    pub(crate) fn lead(&self, asked: &str, active: Option<&str>) -> bool {
        let base = active.map(|active| format!("https://{active}"));
        let Some(base) = base.filter(|base| is_whole(base) && base != asked) else {
            self.leave(asked);
            return false;
        };
        let mut current = self.lock();
        // Another call may have learnt more meanwhile.
        if *current.base == *asked {
            current.base = base.into();
        }
        true
    }

    /// The node asked does not answer, or knows nobody who decides: another one is asked.
    pub(crate) fn leave(&self, asked: &str) {
        let mut current = self.lock();
        if *current.base == *asked {
            let next = current.next % self.bases.len();
            current.base = self.bases[next].as_str().into();
            current.next = next + 1;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Current> {
        // A panic elsewhere leaves whole values behind: each change is an assignment.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_whole(base: &str) -> bool {
    let uri: Option<Uri> = base.parse().ok();
    uri.is_some_and(|uri| {
        uri.scheme_str() == Some("https") && uri.host().is_some() && uri.path() == "/"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_asked_in_turn_and_by_what_they_say() {
        let bases = ["https://a:1/".to_owned(), "https://b:1".to_owned()];
        let nodes = Nodes::of(&bases).unwrap();
        let check = |base: &str| assert_eq!(&*nodes.current(), base);
        check("https://a:1");
        nodes.leave("https://a:1");
        check("https://b:1");
        // Whoever comes late with the same news changes nothing.
        nodes.leave("https://a:1");
        check("https://b:1");
        assert!(nodes.lead("https://b:1", Some("c:2")));
        check("https://c:2");
        nodes.leave("https://c:2");
        check("https://a:1");
        for strange in [None, Some(""), Some("b:1/path")] {
            assert!(!nodes.lead(&nodes.current(), strange), "{strange:?}");
        }
        check("https://b:1");
        assert!(!nodes.lead("https://b:1", Some("b:1")), "in a circle");
        check("https://a:1");
        assert!(matches!(Nodes::of(&[]), Err(SetupError::Nowhere)));
    }
}
