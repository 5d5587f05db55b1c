//! What one version of a set has that another has not.
//!
//! Beginnings whose serials are the same bytes are passed over, so that a change of ten thousand
//! among four million costs a comparison of 8 MB.

use terms::Iin;

use super::{BEGINNINGS, Numbers, number};

/// The difference of two versions; both sides can be walked as often as wanted.
#[derive(Clone, Copy, Debug)]
pub struct Difference<'a> {
    pub(super) old: &'a Numbers,
    pub(super) new: &'a Numbers,
}

impl<'a> Difference<'a> {
    /// Numbers of the new version that the old one has not.
    pub fn added(self) -> impl Iterator<Item = Iin> + 'a {
        only_in(self.new, self.old)
    }

    /// Numbers of the old version that the new one has no longer.
    pub fn removed(self) -> impl Iterator<Item = Iin> + 'a {
        only_in(self.old, self.new)
    }
}

fn only_in<'a>(these: &'a Numbers, those: &'a Numbers) -> impl Iterator<Item = Iin> + 'a {
    (0..BEGINNINGS)
        .map(|at| (at, these.of_beginning(at), those.of_beginning(at)))
        .filter(|(_, ours, theirs)| ours != theirs)
        .flat_map(|(at, ours, theirs)| {
            ours.iter()
                .filter(|serial| theirs.binary_search(serial).is_err())
                .map(move |serial| number(at, *serial))
        })
}
