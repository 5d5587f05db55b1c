//! Looking whether everything that is stored opens, is in its place and is found.

use store::VaultStore;
use store::limits::VAULT_PAGE_MAX;
use store::vault::{PersonRow, PersonState};

use terms::{Person, Seq};

use crate::fault::{Place, VaultFault};
use crate::limits::LOOKS_MAX;
use crate::photo::Photo;
use crate::read::read_look;
use crate::record::from_bytes;
use crate::rotation::Phase;
use crate::seal::{Opened, open_item};
use crate::search::tags_of;
use crate::vault::{PHOTO_KIND, Vault};

/// An epoch and its phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochState {
    /// Its number.
    pub epoch: u32,
    /// Its phase; none that this program knows.
    pub phase: Option<Phase>,
}

/// What is in the vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Epochs, oldest first.
    pub epochs: Vec<EpochState>,
    /// Persons whose facts are not known yet.
    pub pending: u64,
    /// Persons who can be read.
    pub live: u64,
    /// Persons who were destroyed.
    pub destroyed: u64,
}

/// What was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Persons.
    pub persons: u64,
    /// Items.
    pub items: u64,
    /// Looks.
    pub looks: u64,
    /// Entries that were found in the index.
    pub entries: u64,
}

/// Gives the number of each person who was destroyed, and the position of the order. Needs no key.
pub fn destroyed(
    store: &mut dyn VaultStore,
    take: &mut dyn FnMut(Person, Seq),
) -> Result<(), VaultFault> {
    let mut after = None;
    loop {
        let rows = store.persons(after, VAULT_PAGE_MAX)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.reference);
        for row in rows.iter().filter(|row| row.state == PersonState::Destroyed) {
            if let (Some(number), Some(ordered)) = (row.number, row.ordered) {
                take(number, ordered);
            }
        }
    }
}

impl Vault {
    /// Epochs and numbers of persons: one pass over the rows of persons.
    pub fn status(&mut self) -> Result<Status, VaultFault> {
        self.refresh()?;
        let state = |row: &store::vault::EpochRow| EpochState {
            epoch: row.epoch,
            phase: Phase::from_code(row.phase),
        };
        let mut status =
            Status { epochs: self.known.rows.iter().map(state).collect(), ..Default::default() };
        self.each_person(&mut |_, row| {
            match row.state {
                PersonState::Pending => status.pending += 1,
                PersonState::Live => status.live += 1,
                PersonState::Destroyed => status.destroyed += 1,
            }
            Ok(())
        })?;
        Ok(status)
    }

    /// Opens every key, item and look, and looks for every entry; the first that is not as it was
    /// sealed is the fault. Shows nothing and so needs no audit fact.
    pub fn check(&mut self, tell: &mut dyn FnMut(u64)) -> Result<Checked, VaultFault> {
        let mut checked = Checked::default();
        self.refresh()?;
        self.each_person(&mut |vault, row| {
            match row.state {
                PersonState::Destroyed => vault.check_nothing(row)?,
                PersonState::Pending | PersonState::Live => vault.check_one(row, &mut checked)?,
            }
            checked.persons += 1;
            tell(checked.persons);
            Ok(())
        })?;
        Ok(checked)
    }

    fn each_person(
        &mut self,
        take: &mut dyn FnMut(&mut Vault, &PersonRow) -> Result<(), VaultFault>,
    ) -> Result<(), VaultFault> {
        let mut after = None;
        loop {
            let rows = self.store.persons(after, VAULT_PAGE_MAX)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.reference);
            rows.iter().try_for_each(|row| take(self, row))?;
        }
    }

    fn check_one(&mut self, row: &PersonRow, checked: &mut Checked) -> Result<(), VaultFault> {
        let reference = row.reference;
        let opened = match self.person_key(reference) {
            Ok(opened) => opened,
            // Destroyed or dropped since the page was read.
            Err(VaultFault::Destroyed | VaultFault::Unknown) => return Ok(()),
            Err(fault) => return Err(fault),
        };
        let key = opened.seal_key();
        let (record, _) = self.record(&key, reference)?;
        for head in self.store.items(reference)? {
            let place = Place::Item(reference, head.item);
            let Some(item) = self.store.item(reference, head.item)? else { continue };
            let text = open_item(&key, &item)?;
            if item.kind == PHOTO_KIND {
                from_bytes::<Photo>(&text).map_err(|_| VaultFault::Unreadable(place))?;
            }
            checked.items += 1;
        }
        let mut before = None;
        loop {
            let looks = self.store.looks(reference, before, LOOKS_MAX)?;
            let Some(last) = looks.last() else { break };
            before = Some(last.seq);
            looks.iter().try_for_each(|row| read_look(&key, row).map(drop))?;
            checked.looks += looks.len() as u64;
        }
        self.check_entries(row, &opened, &tags_of(&record), checked)
    }

    /// The record's values, the tags of the key and the index say the same.
    fn check_entries(
        &mut self,
        row: &PersonRow,
        opened: &Opened,
        tags: &[(u8, [u8; 32])],
        checked: &mut Checked,
    ) -> Result<(), VaultFault> {
        let epoch = self.current()?;
        let place = Place::Key(row.reference, epoch);
        let Some(key) = self.store.key(epoch, row.reference)? else { return Ok(()) };
        let mut own = opened.tags.clone();
        own.sort_unstable();
        if own != tags || key.entries.len() != tags.len() {
            return Err(VaultFault::Tampered(place));
        }
        for entry in &key.entries {
            let found = self.store.found(epoch, *entry, VAULT_PAGE_MAX)?;
            let hashed = self.epoch_keys(epoch)?;
            let known = tags
                .iter()
                .any(|(field, tag)| *field == entry.field && hashed.hash(tag) == entry.hash);
            if !known || !found.contains(&row.reference) {
                return Err(VaultFault::Tampered(place));
            }
            checked.entries += 1;
        }
        Ok(())
    }

    /// Nothing is left of somebody who was destroyed.
    fn check_nothing(&mut self, row: &PersonRow) -> Result<(), VaultFault> {
        let epochs: Vec<u32> = self.known.rows.iter().map(|row| row.epoch).collect();
        for epoch in epochs {
            if self.store.key(epoch, row.reference)?.is_some() {
                return Err(VaultFault::Left(Place::Key(row.reference, epoch)));
            }
        }
        if let Some(head) = self.store.items(row.reference)?.first() {
            return Err(VaultFault::Left(Place::Item(row.reference, head.item)));
        }
        match self.store.looks(row.reference, None, 1)?.first() {
            Some(look) => Err(VaultFault::Left(Place::Look(row.reference, look.seq))),
            None => Ok(()),
        }
    }
}
