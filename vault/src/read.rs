//! Looking at a person's data, changing them, and finding who has a value.

use store::vault::{
    Amended, Amendment, Entry, ItemHead, ItemRow, KeyRow, LookRow, PersonRow, Reference,
};
use terms::{Instant, Person, Seq, choice, record};

use crate::fault::{Place, VaultFault};
use crate::limits::{FOUND_MAX, LOOKS_MAX, TRIES_MAX};
use crate::photo::Photo;
use crate::private::Private;
use crate::record::{PersonRecord, from_bytes, to_bytes};
use crate::seal::{Opened, SealKey, of_look, open_item, open_look};
use crate::search::{Query, tag_of, tags_of};
use crate::vault::{PHOTO_KIND, RECORD, RECORD_KIND, Vault, Whom, new_item};

choice! {
    /// Who looks at a person's data.
    pub enum Looker {
        /// The person himself.
        Himself = 1 "himself",
        /// Somebody of the operator's staff.
        Staff = 2 "staff",
        /// An organiser, at his own bettor.
        Organiser = 3 "organiser",
        /// A body of the state.
        Authority = 4 "authority",
        /// The system by itself.
        System = 5 "system",
    }
}

choice! {
    /// Why somebody looks at a person's data.
    pub enum LookReason {
        /// To see or change his own data.
        OwnRequest = 1 "own_request",
        /// To identify him.
        Identification = 2 "identification",
        /// To hold him against the lists.
        Screening = 3 "screening",
        /// To look at a possible hit.
        Hit = 4 "hit",
        /// To tell an organiser of his bettor (R0-11.1a).
        Disclosure = 5 "disclosure",
        /// To answer a request of a body of the state.
        Request = 6 "request",
        /// To help him on his call.
        Support = 7 "support",
        /// To join or part persons (S-37).
        Duplicate = 8 "duplicate",
        /// To decide or do a destruction.
        Erasure = 9 "erasure",
        /// To see that what is stored is whole.
        Check = 10 "check",
    }
}

/// The durable audit fact of a look: without it nothing is shown (core 21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The position of the fact.
    pub seq: Seq,
    /// When.
    pub at: Instant,
    /// Who looks.
    pub who: Looker,
    /// His name or number, where there is one.
    pub name: Option<Private<64>>,
    /// Why.
    pub why: LookReason,
}

record! {
    /// Who and why, as it lies sealed in a line of the log of looks.
    pub struct Looked {
        /// When, in nanoseconds since 1970.
        pub at_ns: i64,
        /// Who.
        pub who: Looker,
        /// His name or number, where there is one.
        pub name: Option<Private<64>>,
        /// Why.
        pub why: LookReason,
    }
}

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Of whom.
    pub reference: Reference,
    /// The journal's number; none while he is pending.
    pub number: Option<Person>,
    /// What is known.
    pub record: PersonRecord,
    /// How often the record was written.
    pub version: u32,
}

/// A line of a person's own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The position of the audit fact.
    pub seq: Seq,
    /// When.
    pub at: Instant,
    /// Who.
    pub who: Looker,
    /// His name or number, where there is one.
    pub name: Option<Private<64>>,
    /// Why.
    pub why: LookReason,
}

/// Somebody who has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// His reference.
    pub reference: Reference,
    /// The journal's number; none while he is pending.
    pub number: Option<Person>,
}

impl Vault {
    /// Shows a person's record, after a line of his own log says who looked and why. Several looks
    /// by one audit fact leave one line.
    pub fn read(&mut self, whom: impl Into<Whom>, seen: &Seen) -> Result<Held, VaultFault> {
        let (row, key) = self.look(whom.into(), seen)?;
        let (record, version) = self.record(&key.seal_key(), row.reference)?;
        Ok(Held { reference: row.reference, number: row.number, record, version })
    }

    /// Shows one of a person's photographs, after a line of his own log.
    pub fn read_photo(
        &mut self,
        whom: impl Into<Whom>,
        item: u16,
        seen: &Seen,
    ) -> Result<Photo, VaultFault> {
        let (row, key) = self.look(whom.into(), seen)?;
        let place = Place::Item(row.reference, item);
        let sealed = self.store.item(row.reference, item)?.ok_or(VaultFault::Missing(place))?;
        if sealed.kind != PHOTO_KIND {
            return Err(VaultFault::Missing(place));
        }
        let text = open_item(&key.seal_key(), &sealed)?;
        from_bytes(&text).map_err(|_| VaultFault::Unreadable(place))
    }

    /// The numbers of a person's photographs. Shows nothing of him.
    pub fn photos(&mut self, whom: impl Into<Whom>) -> Result<Vec<u16>, VaultFault> {
        let row = self.standing(whom.into())?;
        let heads = self.store.items(row.reference)?;
        let photo = |head: &ItemHead| (head.kind == PHOTO_KIND).then_some(head.item);
        Ok(heads.iter().filter_map(photo).collect())
    }

    /// Who looked at a person's data, newest first, before a position; at most [`LOOKS_MAX`].
    pub fn looks(
        &mut self,
        whom: impl Into<Whom>,
        before: Option<Seq>,
    ) -> Result<Vec<Look>, VaultFault> {
        let row = self.standing(whom.into())?;
        let key = self.person_key(row.reference)?.seal_key();
        let rows = self.store.looks(row.reference, before, LOOKS_MAX)?;
        rows.iter().map(|row| read_look(&key, row)).collect()
    }

    /// Writes the line of a look and gives the key.
    fn look(&mut self, whom: Whom, seen: &Seen) -> Result<(PersonRow, Opened), VaultFault> {
        let row = self.standing(whom)?;
        let reference = row.reference;
        let opened = self.person_key(reference)?;
        let Seen { seq, at, who, name, why } = seen.clone();
        let line = Looked { at_ns: at.0, who, name, why };
        let place = of_look(reference, seq);
        let sealed = opened.seal_key().seal(&mut self.random, &place, &to_bytes(&line))?;
        // False: destroyed since it was looked up.
        if !self.store.look(&LookRow { reference, seq, sealed })? {
            return Err(VaultFault::Destroyed);
        }
        Ok((row, opened))
    }

    /// The record and its version.
    pub(crate) fn record(
        &mut self,
        key: &SealKey,
        reference: Reference,
    ) -> Result<(PersonRecord, u32), VaultFault> {
        let place = Place::Item(reference, RECORD);
        let row = self.store.item(reference, RECORD)?.ok_or(VaultFault::Missing(place))?;
        let text = open_item(key, &row)?;
        if row.kind != RECORD_KIND {
            return Err(VaultFault::Unreadable(place));
        }
        let record = from_bytes(&text).map_err(|_| VaultFault::Unreadable(place))?;
        Ok((record, row.version))
    }

    /// Replaces the record that was read, and what the index has of it. Refused as
    /// [`VaultFault::Overtaken`] if somebody was faster.
    pub fn amend(&mut self, held: &Held, record: &PersonRecord) -> Result<(), VaultFault> {
        let mut opened = self.person_key(held.reference)?;
        opened.tags = tags_of(record);
        let mut row = new_item(held.reference, RECORD);
        row.version = held.version.checked_add(1).ok_or(VaultFault::Overtaken)?;
        self.change(&opened, held.reference, |vault, key| {
            let keys = vault.key_rows(&opened, held.reference)?;
            Ok((keys, vault.seal_item(key, row.clone(), &to_bytes(record))?))
        })
    }

    /// Adds a photograph: its number.
    pub fn add_photo(&mut self, whom: impl Into<Whom>, photo: &Photo) -> Result<u16, VaultFault> {
        let reference = self.standing(whom.into())?.reference;
        let opened = self.person_key(reference)?;
        for _ in 0..TRIES_MAX {
            let last = self.store.items(reference)?.last().map_or(RECORD, |head| head.item);
            if store::limits::VAULT_ITEMS_MAX <= usize::from(last) + 1 {
                let what = "the person has all the photographs that one may have";
                return Err(store::Fault::refused(what).into());
            }
            let row = new_item(reference, last + 1);
            let added = self.change(&opened, reference, |vault, key| {
                // The key's rows stay: somebody else may be changing what he is found by.
                Ok((Vec::new(), vault.seal_item(key, row.clone(), &to_bytes(photo))?))
            });
            match added {
                Ok(()) => return Ok(last + 1),
                // Somebody else has just added one.
                Err(VaultFault::Overtaken) => {}
                Err(fault) => return Err(fault),
            }
        }
        Err(VaultFault::Busy)
    }

    /// Writes an item, and key rows in every epoch that is written if they change.
    fn change(
        &mut self,
        opened: &Opened,
        reference: Reference,
        seal: impl Fn(&mut Vault, &SealKey) -> Result<(Vec<KeyRow>, ItemRow), VaultFault>,
    ) -> Result<(), VaultFault> {
        for _ in 0..TRIES_MAX {
            let version = self.known.version;
            let (keys, item) = seal(self, &opened.seal_key())?;
            let change = Amendment { reference, keys: &keys, put: &[item], remove: &[] };
            match self.store.amend(version, &change)? {
                Amended::Done => return Ok(()),
                Amended::Absent => return Err(VaultFault::Destroyed),
                Amended::Moved => {
                    self.refresh()?;
                    if self.known.version == version {
                        return Err(VaultFault::Overtaken);
                    }
                }
            }
        }
        Err(VaultFault::Busy)
    }

    /// Who has a value; at most [`FOUND_MAX`]. Shows nothing but that.
    pub fn find(&mut self, query: &Query<'_>) -> Result<Vec<Found>, VaultFault> {
        let (field, tag) = tag_of(query);
        for _ in 0..TRIES_MAX {
            let version = self.known.version;
            let epoch = self.current()?;
            let hash = self.epoch_keys(epoch)?.hash(&tag);
            let references = self.store.found(epoch, Entry { field, hash }, FOUND_MAX)?;
            // An answer under an epoch that was left meanwhile may lack those who came since.
            self.refresh()?;
            if self.known.version != version && self.current()? != epoch {
                continue;
            }
            let mut found = Vec::new();
            for reference in references {
                if let Some(row) = self.store.person(reference)? {
                    found.push(Found { reference, number: row.number });
                }
            }
            return Ok(found);
        }
        Err(VaultFault::Busy)
    }
}

pub(crate) fn read_look(key: &SealKey, row: &LookRow) -> Result<Look, VaultFault> {
    let text = open_look(key, row)?;
    let place = Place::Look(row.reference, row.seq);
    let line: Looked = from_bytes(&text).map_err(|_| VaultFault::Unreadable(place))?;
    let Looked { at_ns, who, name, why } = line;
    Ok(Look { seq: row.seq, at: Instant(at_ns), who, name, why })
}
