//! Facts about planned works at the centre.

use journal::fact::{WorksAnnounced, WorksCancelled, WorksChanged};
use terms::{Instant, Works};

use super::{Done, Lookup, Turn};
use crate::card::{Card, CardKey, CardKind, WorksCard};

impl<L: Lookup + ?Sized> Turn<'_, L> {
    pub(super) fn works_announced(&mut self, fact: &WorksAnnounced) -> Done<L> {
        self.put(Card::Works(WorksCard {
            window: fact.window.clone(),
            seq: self.seq(),
            announced: self.at(),
            changed: None,
            cancelled: None,
        }))
    }

    pub(super) fn works_changed(&mut self, fact: &WorksChanged) -> Done<L> {
        self.change_works(fact.window.works, |card, at| {
            card.window = fact.window.clone();
            card.changed = Some(at);
        })
    }

    pub(super) fn works_cancelled(&mut self, fact: &WorksCancelled) -> Done<L> {
        self.change_works(fact.window.works, |card, at| card.cancelled = Some(at))
    }

    fn change_works(
        &mut self,
        works: Works,
        change: impl FnOnce(&mut WorksCard, Instant),
    ) -> Done<L> {
        let key = CardKey { kind: CardKind::Works, number: 0, version: u64::from(works.0) };
        match self.find_at(key)? {
            Card::Works(mut card) => {
                change(&mut card, self.at());
                self.put(Card::Works(card))
            }
            _ => self.known(None, "planned works"),
        }
    }
}
