//! What an organiser is told of what it has not asked for: payouts, ended holds, accounts that may
//! stake or may not any more, planned works. A dense number for each organiser, from 1, without
//! gaps, and the same for ever.
//!
//! The feed is a function of the journal and of one secret, so that it can be made again: each
//! entry is looked at once, in order. A change of an account is told after a delay that is drawn
//! from the secret and the entry's position (domain 3): it takes its number when the journal, or
//! the clock with a margin, has passed the delayed instant. Everything that decides about a number
//! comes from facts alone.
//!
//! ```text
//! DIR/feed/secret          32 random bytes, mode 0600; with the journal it gives the feed
//! DIR/feed/<organiser>     rows of 32 bytes, in the order of their numbers
//! DIR/feed/cursor          how far all of this is; written after the rows are durable
//! ```
//!
//! What a clock alone changes, such as an identification that runs out, is no entry and not told.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map};
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use admission::PersonRow;
use desk::State;
use desk::grounds::{Grounds as _, Lowest};
use journal::fact::{Entry, Fact, ReleaseGround};
use journal::kinds::Block;
use parking_lot::Mutex;
use pump::ReadCopy;
use sha2::{Digest as _, Sha256};
use terms::{Account, Field as _, Instant, Organiser, Person, Reason, Seq, record};
use wire::Happening;

use crate::limits::{DELAY_NS, SETTLED_NS};

/// Bytes of a row.
const ROW: usize = 32;

/// Entries between two savings of the cursor: what a start after a kill has to look at again.
const SAVE_EVERY: u64 = 200_000;

record! {
    /// A notice that has not taken its number yet.
    pub struct Pending {
        pub release: Instant,
        pub seq: Seq,
        pub organiser: Organiser,
        pub account: Account,
        pub code: u16,
    }
}

record! {
    /// How far the feed is.
    pub struct Cursor {
        pub next: u64,
        pub rows: Vec<u64>,
        pub pending: Vec<Pending>,
        /// By account: its wallet.
        pub wallets: Vec<u32>,
        /// By account: its person.
        pub people: Vec<u32>,
        /// By account: the code that it was told to have last; 0 is admitted.
        pub told: Vec<u16>,
        /// By person: the code of the person's own grounds; 0 is none.
        pub grounds: Vec<u16>,
        pub blocked: Vec<u32>,
        pub closed: Vec<u32>,
        /// How many organisers there are: works are told to each of them.
        pub organisers: u32,
    }
}

/// A row of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What happened.
    pub event: Happening,
    /// When it is told.
    pub at: Instant,
    /// The entry behind it.
    pub seq: Seq,
    /// The account, of a change of one.
    pub account: Account,
    /// Its code, of a change of one; 0 is admitted.
    pub code: u16,
}

/// The feeds of all organisers.
#[derive(Debug)]
pub struct Feeds {
    home: PathBuf,
    secret: [u8; 32],
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    next: u64,
    saved: u64,
    files: HashMap<Organiser, File>,
    rows: Vec<u64>,
    pending: BTreeMap<(Instant, Seq, Account), Pending>,
    wallets: Vec<u32>,
    people: Vec<u32>,
    told: Vec<u16>,
    grounds: Vec<u16>,
    blocked: BTreeSet<u32>,
    closed: BTreeSet<u32>,
    organisers: u32,
}

impl Feeds {
    /// The feeds of a data directory, as far as they are.
    pub fn open(data: &Path) -> std::io::Result<Feeds> {
        let home = data.join("feed");
        fs::create_dir_all(&home)?;
        let secret = secret(&home.join("secret"))?;
        let cursor = match fs::read(home.join("cursor")) {
            Ok(bytes) => Cursor::from_bytes(&bytes).ok(),
            Err(_) => None,
        };
        // A cursor that cannot be read costs time and nothing else: the journal says it all.
        let cursor = cursor.unwrap_or_else(Cursor::start);
        let rows = cursor.rows.clone();
        let feeds = Feeds { home, secret, inner: Mutex::new(Inner::of(cursor)) };
        feeds.cut(&rows)?;
        Ok(feeds)
    }

    /// Cuts off what came after the cursor was written, also of organisers that it does not know
    /// yet: it is made again, and would stand there twice.
    fn cut(&self, rows: &[u64]) -> std::io::Result<()> {
        for entry in fs::read_dir(&self.home)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(organiser) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let kept = rows.get(Organiser(organiser).index()).copied().unwrap_or(0);
            let file = OpenOptions::new().write(true).open(entry.path())?;
            file.set_len(kept * ROW as u64)?;
        }
        Ok(())
    }

    /// The position that is to be looked at next.
    pub fn next(&self) -> u64 {
        self.inner.lock().next
    }

    /// Looks at an entry; those that were looked at are passed over.
    pub fn note(&self, entry: &Entry, copy: &ReadCopy) -> std::io::Result<()> {
        let mut inner = self.inner.lock();
        if entry.seq.0 < inner.next {
            return Ok(());
        }
        self.release(&mut inner, entry.at)?;
        inner.next = entry.seq.0 + 1;
        let row = |event| Row { event, at: entry.at, seq: entry.seq, account: Account(0), code: 0 };
        if let Some((organiser, event)) = own_notice(&entry.fact) {
            self.append(&mut inner, organiser, row(event))?;
        }
        if let Some(event) = notice_to_all(&entry.fact) {
            for organiser in (0..inner.organisers).map(Organiser) {
                self.append(&mut inner, organiser, row(event))?;
            }
        }
        self.changed(&mut inner, entry, copy);
        if let Fact::AccountOpened(fact) = &entry.fact {
            let code = inner.told.get(fact.account.index()).copied().unwrap_or(0);
            let (event, account) = (Happening::AccountOpened, fact.account);
            self.append(&mut inner, fact.organiser, Row { account, code, ..row(event) })?;
        }
        if inner.saved + SAVE_EVERY <= inner.next {
            self.save(&mut inner)?;
        }
        Ok(())
    }

    /// Nothing has come for a while: lets go what the clock has passed by more than anything can
    /// still be on its way.
    pub fn idle(&self, now: Instant) -> std::io::Result<()> {
        let mut inner = self.inner.lock();
        self.release(&mut inner, now.plus(-SETTLED_NS))
    }

    /// Makes what is there durable.
    pub fn close(&self) -> std::io::Result<()> {
        self.save(&mut self.inner.lock())
    }

    /// Rows of an organiser behind a number, and whether there are more.
    pub fn page(
        &self,
        organiser: Organiser,
        after: u64,
        limit: usize,
    ) -> std::io::Result<(Vec<Row>, bool)> {
        let rows = self.inner.lock().rows.get(organiser.index()).copied().unwrap_or(0);
        let count = rows.saturating_sub(after).min(limit as u64);
        let mut bytes = vec![0; count as usize * ROW];
        if 0 < count {
            File::open(self.path(organiser))?.read_exact_at(&mut bytes, after * ROW as u64)?;
        }
        let page: Option<Vec<Row>> = bytes.chunks_exact(ROW).map(Row::read).collect();
        let page = page.ok_or_else(|| std::io::Error::other("a row of a feed cannot be read"))?;
        Ok((page, after + count < rows))
    }

    fn path(&self, organiser: Organiser) -> PathBuf {
        self.home.join(organiser.to_string())
    }

    fn file(&self, organiser: Organiser) -> std::io::Result<File> {
        OpenOptions::new().create(true).append(true).open(self.path(organiser))
    }

    fn append(&self, inner: &mut Inner, organiser: Organiser, row: Row) -> std::io::Result<()> {
        if inner.rows.len() <= organiser.index() {
            inner.rows.resize(organiser.index() + 1, 0);
        }
        let file = match inner.files.entry(organiser) {
            hash_map::Entry::Occupied(place) => place.into_mut(),
            hash_map::Entry::Vacant(place) => place.insert(self.file(organiser)?),
        };
        file.write_all(&row.bytes())?;
        inner.rows[organiser.index()] += 1;
        Ok(())
    }

    fn release(&self, inner: &mut Inner, until: Instant) -> std::io::Result<()> {
        while let Some(first) = inner.pending.first_entry() {
            if until < first.key().0 {
                break;
            }
            let Pending { release, seq, organiser, account, code, .. } = first.remove();
            let event = Happening::AccountStateChanged;
            self.append(inner, organiser, Row { event, at: release, seq, account, code })?;
        }
        Ok(())
    }

    /// Notes what an entry makes of accounts, and who is to be told.
    fn changed(&self, inner: &mut Inner, entry: &Entry, copy: &ReadCopy) {
        match &entry.fact {
            Fact::OrganiserRegistered(_) => inner.organisers += 1,
            Fact::AccountOpened(fact) => {
                put(&mut inner.wallets, fact.account.index(), fact.wallet.0);
                put(&mut inner.people, fact.account.index(), fact.person.0);
                let code = inner.code(fact.account);
                put(&mut inner.told, fact.account.index(), code);
            }
            Fact::AccountRebound(fact) => {
                put(&mut inner.wallets, fact.account.index(), fact.wallet.0);
                self.tell(inner, entry, &[fact.account], copy);
            }
            Fact::AccountClosed(fact) => {
                inner.closed.insert(fact.account.0);
                self.tell(inner, entry, &[fact.account], copy);
            }
            Fact::PersonRegistered(fact) => {
                let unknown = Reason::NotIdentified.code();
                put(&mut inner.grounds, fact.person.index(), unknown);
            }
            Fact::AdmissionChanged(fact) => self.persons(inner, entry, &[fact.person], copy),
            Fact::IdentificationRecorded(fact) => self.persons(inner, entry, &[fact.person], copy),
            Fact::ListingsChanged(fact) => {
                self.persons(inner, entry, &fact.listed, copy);
                self.persons(inner, entry, &fact.cleared, copy);
            }
            Fact::AgesChanged(fact) => {
                self.persons(inner, entry, &fact.reached, copy);
                self.persons(inner, entry, &fact.not_reached, copy);
            }
            Fact::RelationshipEnded(fact) => {
                inner.closed.extend(fact.accounts.iter().map(|account| account.0));
                self.tell(inner, entry, &fact.accounts, copy);
            }
            Fact::PersonsMerged(fact) => {
                inner.closed.extend(fact.closed.iter().map(|account| account.0));
                for account in &fact.moved {
                    put(&mut inner.people, account.index(), fact.kept.0);
                }
                self.persons(inner, entry, &[fact.kept], copy);
                self.tell(inner, entry, &fact.moved, copy);
                self.tell(inner, entry, &fact.closed, copy);
            }
            Fact::WalletBlockChanged(fact) => {
                match fact.block {
                    Block::Open => inner.blocked.remove(&fact.wallet.0),
                    Block::Blocked | Block::Frozen => inner.blocked.insert(fact.wallet.0),
                };
                let owner = copy.read(|state| state.ledger.get(fact.wallet).map(|row| row.owner));
                let mut accounts = inner.accounts(Person(owner.unwrap_or(u32::MAX)), copy);
                let bound =
                    |account: &Account| inner.wallets.get(account.index()) == Some(&fact.wallet.0);
                accounts.retain(bound);
                self.tell(inner, entry, &accounts, copy);
            }
            _ => {}
        }
    }

    /// Notes what is known of persons after an entry. The copy may be ahead of it, but remembers
    /// what held then.
    fn persons(&self, inner: &mut Inner, entry: &Entry, persons: &[Person], copy: &ReadCopy) {
        for person in persons {
            let code = copy.read(|state| {
                let then = state.people.person_at(*person, entry.at);
                then.map(|(row, _)| ground(state, entry, row))
            });
            let Some(code) = code else { continue };
            put(&mut inner.grounds, person.index(), code);
            let accounts = inner.accounts(*person, copy);
            self.tell(inner, entry, &accounts, copy);
        }
    }

    /// Sets a notice aside for each account whose code is another one now.
    fn tell(&self, inner: &mut Inner, entry: &Entry, accounts: &[Account], copy: &ReadCopy) {
        for account in accounts {
            let code = inner.code(*account);
            if inner.told.get(account.index()) == Some(&code) {
                continue;
            }
            put(&mut inner.told, account.index(), code);
            let organiser =
                copy.read(|state| state.people.account(*account).map(|row| row.organiser));
            let Some(organiser) = organiser else { continue };
            let release = entry.at.plus(self.delay(entry.seq));
            let (seq, account) = (entry.seq, *account);
            let pending = Pending { release, seq, organiser, account, code };
            inner.pending.insert((release, seq, account), pending);
        }
    }

    /// Less than [`DELAY_NS`], by the secret and the position: nobody can tell what it is, and it
    /// is the same again.
    fn delay(&self, seq: Seq) -> i64 {
        let mut hash = Sha256::new();
        hash.update(self.secret);
        hash.update(seq.0.to_be_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let mut high = [0; 8];
        high.copy_from_slice(&digest[..8]);
        (u64::from_be_bytes(high) % DELAY_NS.unsigned_abs()).cast_signed()
    }

    fn save(&self, inner: &mut Inner) -> std::io::Result<()> {
        for file in inner.files.values() {
            file.sync_all()?;
        }
        let mut bytes = Vec::new();
        inner.cursor().put(&mut bytes);
        store::files::replace(&self.home.join("cursor"), &bytes, 0o666)?;
        inner.saved = inner.next;
        Ok(())
    }
}

impl Cursor {
    fn start() -> Cursor {
        Cursor {
            next: 0,
            rows: Vec::new(),
            pending: Vec::new(),
            wallets: Vec::new(),
            people: Vec::new(),
            told: Vec::new(),
            grounds: Vec::new(),
            blocked: Vec::new(),
            closed: Vec::new(),
            organisers: 0,
        }
    }
}

impl Inner {
    fn of(cursor: Cursor) -> Inner {
        let Cursor { next, rows, pending, wallets, people, told, grounds, .. } = cursor;
        let key = |row: Pending| ((row.release, row.seq, row.account), row);
        Inner {
            next,
            saved: next,
            files: HashMap::new(),
            rows,
            pending: pending.into_iter().map(key).collect(),
            wallets,
            people,
            told,
            grounds,
            blocked: cursor.blocked.into_iter().collect(),
            closed: cursor.closed.into_iter().collect(),
            organisers: cursor.organisers,
        }
    }

    /// The accounts of a person that are opened by now: the copy may be ahead.
    fn accounts(&self, person: Person, copy: &ReadCopy) -> Vec<Account> {
        let accounts: Vec<Account> = copy.read(|state| {
            let organisers = (0..state.organisers.next_organiser().0).map(Organiser);
            organisers.filter_map(|of| state.account_of_pair(person, of)).collect()
        });
        accounts.into_iter().filter(|account| account.index() < self.people.len()).collect()
    }

    /// Why an account may not stake, by what was told of it until now; 0 if it may.
    fn code(&self, account: Account) -> u16 {
        let number = |table: &[u32]| table.get(account.index()).copied().unwrap_or(u32::MAX);
        if self.closed.contains(&account.0) {
            return Reason::AccountClosed.code();
        }
        if self.blocked.contains(&number(&self.wallets)) {
            return Reason::NotAdmitted.code();
        }
        let person = Person(number(&self.people));
        self.grounds.get(person.index()).copied().unwrap_or(Reason::NotIdentified.code())
    }

    fn cursor(&self) -> Cursor {
        Cursor {
            next: self.next,
            rows: self.rows.clone(),
            pending: self.pending.values().cloned().collect(),
            wallets: self.wallets.clone(),
            people: self.people.clone(),
            told: self.told.clone(),
            grounds: self.grounds.clone(),
            blocked: self.blocked.iter().copied().collect(),
            closed: self.closed.iter().copied().collect(),
            organisers: self.organisers,
        }
    }
}

impl Row {
    fn bytes(&self) -> [u8; ROW] {
        let mut bytes = [0; ROW];
        bytes[..8].copy_from_slice(&self.at.0.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.seq.0.to_be_bytes());
        bytes[16..20].copy_from_slice(&self.account.0.to_be_bytes());
        bytes[20..22].copy_from_slice(&self.code.to_be_bytes());
        bytes[22] = match self.event {
            Happening::PayoutPosted => 1,
            Happening::PayoutWaiting => 2,
            Happening::HoldExpired => 3,
            Happening::AccountStateChanged => 4,
            Happening::WorksAnnounced => 5,
            Happening::WorksChanged => 6,
            Happening::WorksCancelled => 7,
            Happening::AccountOpened => 8,
        };
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Row> {
        let part = |from: usize| bytes.get(from..from + 8)?.try_into().ok();
        let event = match bytes.get(22)? {
            1 => Happening::PayoutPosted,
            2 => Happening::PayoutWaiting,
            3 => Happening::HoldExpired,
            4 => Happening::AccountStateChanged,
            5 => Happening::WorksAnnounced,
            6 => Happening::WorksChanged,
            7 => Happening::WorksCancelled,
            8 => Happening::AccountOpened,
            _ => return None,
        };
        Some(Row {
            event,
            at: Instant(i64::from_be_bytes(part(0)?)),
            seq: Seq(u64::from_be_bytes(part(8)?)),
            account: Account(u32::from_be_bytes(bytes.get(16..20)?.try_into().ok()?)),
            code: u16::from_be_bytes(bytes.get(20..22)?.try_into().ok()?),
        })
    }
}

/// What an entry tells by itself, and to whom.
fn own_notice(fact: &Fact) -> Option<(Organiser, Happening)> {
    match fact {
        Fact::PayoutPosted(fact) => Some((fact.organiser, Happening::PayoutPosted)),
        Fact::BetSettled(fact) if fact.waits.is_some() => {
            let organiser = desk::life::organiser_of(fact.cause.sender)?;
            Some((organiser, Happening::PayoutWaiting))
        }
        Fact::HoldReleased(fact) if fact.ground == ReleaseGround::Expired => {
            Some((fact.organiser, Happening::HoldExpired))
        }
        _ => None,
    }
}

/// What an entry tells to every organiser (R4-12.1.2.1b).
fn notice_to_all(fact: &Fact) -> Option<Happening> {
    match fact {
        Fact::WorksAnnounced(_) => Some(Happening::WorksAnnounced),
        Fact::WorksChanged(_) => Some(Happening::WorksChanged),
        Fact::WorksCancelled(_) => Some(Happening::WorksCancelled),
        _ => None,
    }
}

/// The outer code of the ground that the rulebook of an entry puts first; 0 if there is none.
fn ground(state: &State, entry: &Entry, row: &PersonRow) -> u16 {
    let rules = state.rulebooks.iter().find(|rules| rules.number == entry.rulebook);
    let Some(rules) = rules else { return Reason::RulebookInvalid.code() };
    let mut lowest = Lowest::new(rules);
    row.grounds(entry.at, rules.switches.full_identification, |reason| lowest.note(reason));
    lowest.reason().map_or(0, |reason| reason.outer().code())
}

fn put<T: Clone + Default>(table: &mut Vec<T>, index: usize, value: T) {
    if table.len() <= index {
        table.resize(index + 1, T::default());
    }
    table[index] = value;
}

fn secret(path: &Path) -> std::io::Result<[u8; 32]> {
    let mut secret = [0; 32];
    match File::open(path) {
        Ok(mut file) => file.read_exact(&mut secret)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            File::open("/dev/urandom")?.read_exact(&mut secret)?;
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(&secret)?;
            file.sync_all()?;
        }
        Err(error) => return Err(error),
    }
    Ok(secret)
}
