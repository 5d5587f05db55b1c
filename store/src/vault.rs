//! What is kept of persons: rows of opaque bytes under a reference that says nothing.
//!
//! The room `vault` encrypts and reads what is in them; here nothing has a meaning but keys,
//! states and numbers. Guarantees of every adapter:
//!
//! - A call that returns is durable, whole, or left no trace; several handles, threads and
//!   processes may use one store at once, and no change is lost: what is changed names the version
//!   that it was made from.
//! - Whatever writes key rows names the version of [`Epochs`] that it knows, so that nobody writes
//!   under an epoch that has been left meanwhile.
//! - An index row is there exactly while a key row of its epoch has it as an entry. Only what
//!   [`VaultStore::add_index`] brings late can be astray, until [`VaultStore::settle_index`].
//! - What is destroyed is overwritten where the engine can, and never comes back: a number that was
//!   destroyed stays so, whoever confirms it later.
//!
//! Cost: admission is one transaction with one sync; a page of rows one statement.

pub use terms;
use terms::{Instant, Person, Seq};

use crate::Fault;
use crate::limits::{
    VAULT_ENTRIES_MAX, VAULT_ITEM_BYTES_MAX, VAULT_ITEMS_MAX, VAULT_PAGE_MAX, VAULT_SEALED_MAX,
};

/// What joins the rows of a person: random, drawn by the vault, in no fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(pub [u8; 16]);

impl Reference {
    /// The reference of a number whose person this store never held: what an order of erasure
    /// leaves behind, so that the number stays destroyed. A drawn one never begins with zeros.
    pub fn of_absent(number: Person) -> Reference {
        let mut bytes = [0; 16];
        bytes[12..].copy_from_slice(&number.0.to_be_bytes());
        Reference(bytes)
    }
}

/// How a row of a person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonState {
    /// Its fact is not known to be durable yet.
    Pending,
    /// The journal knows the person under the row's number.
    Live,
    /// Keys, items, index rows and looks are gone; the row says so.
    Destroyed,
}

impl PersonState {
    /// Its permanent code.
    pub fn code(self) -> u8 {
        match self {
            PersonState::Pending => 1,
            PersonState::Live => 2,
            PersonState::Destroyed => 3,
        }
    }

    /// The state with this code.
    pub fn from_code(code: u8) -> Option<PersonState> {
        match code {
            1 => Some(PersonState::Pending),
            2 => Some(PersonState::Live),
            3 => Some(PersonState::Destroyed),
            _ => None,
        }
    }
}

/// A person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Of whom.
    pub reference: Reference,
    /// How it stands.
    pub state: PersonState,
    /// The journal's number; none while it is pending.
    pub number: Option<Person>,
    /// When it was admitted.
    pub made_at: Instant,
    /// The position of the order by which it was destroyed.
    pub ordered: Option<Seq>,
}

/// A person's key, sealed under the key of an epoch, and what the index has of him.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// The epoch.
    pub epoch: u32,
    /// Whose.
    pub reference: Reference,
    /// The sealed key.
    pub sealed: Vec<u8>,
    /// The index rows of this person in this epoch, without one twice.
    pub entries: Vec<Entry>,
}

impl std::fmt::Debug for KeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRow(epoch {}, {:?})", self.epoch, self.reference)
    }
}

/// One entry of the index: the keyed hash of a value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The code of the field.
    pub field: u8,
    /// The keyed hash.
    pub hash: [u8; 32],
}

/// Bytes of an entry where entries are stored in one value.
const ENTRY_BYTES: usize = 33;

/// Entries as one value, for adapters.
pub fn pack_entries(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.len() * ENTRY_BYTES);
    for entry in entries {
        bytes.push(entry.field);
        bytes.extend_from_slice(&entry.hash);
    }
    bytes
}

/// Entries out of one value; none if it is no such value.
pub fn unpack_entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    if !bytes.len().is_multiple_of(ENTRY_BYTES) {
        return None;
    }
    let entry = |bytes: &[u8]| Some(Entry { field: bytes[0], hash: bytes[1..].try_into().ok()? });
    bytes.chunks_exact(ENTRY_BYTES).map(entry).collect()
}

/// One sealed item of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// Whose.
    pub reference: Reference,
    /// Which of his.
    pub item: u16,
    /// The code of its kind.
    pub kind: u8,
    /// How often it was written, from 1.
    pub version: u32,
    /// The epoch in which it was sealed.
    pub epoch: u32,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for ItemRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ItemRow { reference, item, kind, version, sealed, .. } = self;
        let bytes = sealed.len();
        write!(f, "ItemRow({reference:?}, {item}, kind {kind}, version {version}, {bytes} bytes)")
    }
}

/// What is known of an item without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemHead {
    /// Which.
    pub item: u16,
    /// The code of its kind.
    pub kind: u8,
    /// How often it was written.
    pub version: u32,
}

/// A line of a person's own log of looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookRow {
    /// Whose data were looked at.
    pub reference: Reference,
    /// The position of the durable audit fact.
    pub seq: Seq,
    /// Who and why, sealed under the person's key.
    pub sealed: Vec<u8>,
}

/// An epoch of the keys.
#[derive(Clone, PartialEq, Eq)]
pub struct EpochRow {
    /// Its number, from 1.
    pub epoch: u32,
    /// The code of its phase.
    pub phase: u8,
    /// Its keys, sealed by whoever keeps the key-encryption key.
    pub sealed: Vec<u8>,
    /// How far the work of its phase has come.
    pub cursor: Vec<u8>,
}

impl std::fmt::Debug for EpochRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EpochRow({}, phase {})", self.epoch, self.phase)
    }
}

/// All epochs, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Epochs {
    /// How often they were changed; 0 in a new store.
    pub version: u64,
    /// The rows.
    pub rows: Vec<EpochRow>,
}

/// What became of a change that names a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// It is durable.
    Done,
    /// The version is another one; nothing was changed.
    Moved,
}

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The row is live under this number, now or before.
    Done,
    /// The number was ordered to be destroyed: so is the row.
    Destroyed,
    /// The row has another number, or the number another row; nothing was changed.
    Taken,
    /// There is no such row.
    Absent,
}

/// What became of a change of a person's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amended {
    /// It is durable.
    Done,
    /// The epochs, or an item, have another version; nothing was changed.
    Moved,
    /// There is no such row, or it is destroyed.
    Absent,
}

/// A change of a person's items.
#[derive(Clone, Debug)]
pub struct Amendment<'a> {
    /// Whose.
    pub reference: Reference,
    /// His key rows, one for each epoch that is written; none if keys and entries stay.
    pub keys: &'a [KeyRow],
    /// Items as they shall be; each has one version more than the one that is there, or 1.
    pub put: &'a [ItemRow],
    /// Items to remove, with the version that is there.
    pub remove: &'a [(u16, u32)],
}

/// What an order of destruction found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destroyed {
    /// Keys, items, index rows and looks: they are gone.
    Now,
    /// Nothing: it was destroyed before.
    Before,
    /// No such number: it will stay destroyed.
    Absent,
}

/// A row of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexRow {
    /// The keyed hash.
    pub hash: [u8; 32],
    /// Whose.
    pub reference: Reference,
}

/// A row of a copy of the store. Index rows are left out: key rows have them as entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultRow {
    /// All epochs; comes first.
    Epochs(Epochs),
    /// A person.
    Person(PersonRow),
    /// A key.
    Key(KeyRow),
    /// An item.
    Item(ItemRow),
    /// A look.
    Look(LookRow),
}

/// Takes the rows of a copy.
pub type TakeVaultRow<'a> = &'a mut dyn FnMut(VaultRow) -> Result<(), Fault>;

/// The port. Pages are in ascending order of what they are keyed by, behind `after`, and have at
/// most [`VAULT_PAGE_MAX`] rows.
pub trait VaultStore: Send {
    /// One more handle to the same store, for another thread.
    fn another(&self) -> Result<Box<dyn VaultStore>, Fault>;

    /// The epochs.
    fn epochs(&mut self) -> Result<Epochs, Fault>;

    /// Replaces the rows of epochs, if their version is `expected`.
    fn set_epochs(&mut self, expected: u64, rows: &[EpochRow]) -> Result<Guarded, Fault>;

    /// Adds a pending person with key rows and items.
    fn admit(
        &mut self,
        version: u64,
        person: &PersonRow,
        keys: &[KeyRow],
        items: &[ItemRow],
    ) -> Result<Guarded, Fault>;

    /// Makes a pending person live.
    fn confirm(&mut self, reference: Reference, number: Person) -> Result<Confirmed, Fault>;

    /// Removes a pending person made before an instant; false if there is none.
    fn drop_pending(&mut self, reference: Reference, made_before: Instant) -> Result<bool, Fault>;

    /// The person of a reference.
    fn person(&mut self, reference: Reference) -> Result<Option<PersonRow>, Fault>;

    /// The person of a number.
    fn person_of(&mut self, number: Person) -> Result<Option<PersonRow>, Fault>;

    /// Pending persons made before an instant.
    fn pending(
        &mut self,
        made_before: Instant,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<PersonRow>, Fault>;

    /// All persons.
    fn persons(&mut self, after: Option<Reference>, limit: usize) -> Result<Vec<PersonRow>, Fault>;

    /// A person's key of an epoch.
    fn key(&mut self, epoch: u32, reference: Reference) -> Result<Option<KeyRow>, Fault>;

    /// The keys of an epoch.
    fn keys(
        &mut self,
        epoch: u32,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, Fault>;

    /// An item.
    fn item(&mut self, reference: Reference, item: u16) -> Result<Option<ItemRow>, Fault>;

    /// What items a person has; at most [`VAULT_ITEMS_MAX`].
    fn items(&mut self, reference: Reference) -> Result<Vec<ItemHead>, Fault>;

    /// Changes a person's items, keys and entries together.
    fn amend(&mut self, version: u64, change: &Amendment<'_>) -> Result<Amended, Fault>;

    /// Who has a value of a field.
    fn found(&mut self, epoch: u32, entry: Entry, limit: usize) -> Result<Vec<Reference>, Fault>;

    /// The index of a field.
    fn index(
        &mut self,
        epoch: u32,
        field: u8,
        after: Option<IndexRow>,
        limit: usize,
    ) -> Result<Vec<IndexRow>, Fault>;

    /// Notes a look at a person that is not destroyed; false if there is none. The same again
    /// changes nothing.
    fn look(&mut self, look: &LookRow) -> Result<bool, Fault>;

    /// Looks at a person before a position, newest first.
    fn looks(
        &mut self,
        reference: Reference,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<LookRow>, Fault>;

    /// Destroys persons by number, each by the order at a position, all in one transaction; what
    /// each order found. The same again changes nothing.
    fn destroy(&mut self, orders: &[(Person, Seq)]) -> Result<Vec<Destroyed>, Fault>;

    /// Adds key rows of a newer epoch for persons who still have one of the epoch `from` and none
    /// of the newer; leaves the index alone.
    fn carry(&mut self, version: u64, from: u32, rows: &[KeyRow]) -> Result<Guarded, Fault>;

    /// Adds rows to the index of a field, in ascending order; those that are there stay.
    fn add_index(
        &mut self,
        version: u64,
        epoch: u32,
        field: u8,
        rows: &[IndexRow],
    ) -> Result<Guarded, Fault>;

    /// Removes from the index up to `limit` rows that lost their entries while there were two
    /// epochs, and came late; how many it looked at. 0: nothing is astray.
    fn settle_index(&mut self, limit: usize) -> Result<usize, Fault>;

    /// Removes up to `limit` key rows, and as many index rows, of an epoch; how many. 0: none is
    /// left.
    fn forget(&mut self, epoch: u32, limit: usize) -> Result<usize, Fault>;

    /// Gives all rows as of one moment.
    fn dump(&mut self, take: TakeVaultRow<'_>) -> Result<(), Fault>;

    /// Adds rows of a copy, all or none; key rows without their index rows. A row that is there is
    /// a fault.
    fn load(&mut self, rows: &[VaultRow]) -> Result<(), Fault>;

    /// Moves what is in a log to its place, so that what was overwritten is gone from there.
    fn upkeep(&mut self) -> Result<(), Fault>;
}

/// Refuses rows that no store has to hold.
pub fn check(keys: &[KeyRow], items: &[ItemRow]) -> Result<(), Fault> {
    for key in keys {
        if VAULT_SEALED_MAX < key.sealed.len() {
            let what = format!("a sealed key of {} bytes", key.sealed.len());
            return Err(Fault::refused(format!("{what}, the most is {VAULT_SEALED_MAX}")));
        }
        let mut entries = key.entries.clone();
        entries.sort_unstable();
        entries.dedup();
        if VAULT_ENTRIES_MAX < entries.len() || entries.len() != key.entries.len() {
            let what = format!("a key row has up to {VAULT_ENTRIES_MAX} entries, none twice");
            return Err(Fault::refused(what));
        }
    }
    if VAULT_ITEMS_MAX < items.len() {
        return Err(Fault::refused(format!("a person has at most {VAULT_ITEMS_MAX} items")));
    }
    for item in items {
        check_sealed(&item.sealed)?;
    }
    Ok(())
}

/// The same of the bytes of an item.
pub fn check_sealed(sealed: &[u8]) -> Result<(), Fault> {
    if VAULT_ITEM_BYTES_MAX < sealed.len() {
        let what = format!("an item of {} bytes", sealed.len());
        return Err(Fault::refused(format!("{what}, the most is {VAULT_ITEM_BYTES_MAX}")));
    }
    Ok(())
}

/// How many rows of a page a caller gets.
pub fn page(limit: usize) -> usize {
    limit.min(VAULT_PAGE_MAX)
}
