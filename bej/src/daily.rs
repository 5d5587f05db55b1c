//! `bej daily`: the daily files of each organiser, signed, and new versions of what was late.
//!
//! ```text
//! DIR/organiser-N/YYYY-MM-DD/stakes.v1.csv, .ndjson   settlements, payouts, refunds, balance
//! DIR/organiser-N/YYYY-MM-DD/manifest.v1.json, .sig   what they are, and the signature
//! ```
//!
//! A day of Almaty is closed when the journal has an entry of a later one. What comes to light on
//! a later day about one that is closed, such as a desk's late report, makes its next version when
//! that later day is closed, and of the days between as well where their openings move; a version
//! that was made never changes. The files follow from the journal alone, so that whoever removes
//! them has the same ones made again; what was closed, and where the books stand, is read from the
//! manifests. `docs/daily-files.md` is the page for those who fetch them.
//!
//! Cost: one reading of a day's entries and their rows; memory is bounded by [`drafts`].

mod book;
pub mod check;
mod drafts;
mod shelf;
pub mod worker;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail, ensure};
use reports::daily::{DailyFile, Movements, Standing};
use reports::{Card, CardKind, Table};
use store::{JournalReader as _, Tiles, ViewReader};
use terms::{Day, Organiser, Tiyn};
use wire::{DailyManifest, OrganiserNo};

use self::book::Books;
use self::drafts::Drafts;
use self::shelf::Shelf;
use crate::archive::{self, Closed};
use crate::export::rows::{FOLD_ENTRIES_MAX, Rows};
use crate::key::SigningKey;
use crate::proof;
use crate::reading::{self, Go, Reader};
use crate::store_url::StoreUrl;

/// What the form of a manifest is called.
pub const FORM: &str = "bej-daily/1";

/// Write the daily files of each organiser for every day that is over, signed.
///
/// Days that are there are left alone, so that a run each night adds what is new: the files of the
/// day that is over, and new versions of days about which something came late. `bej serve` does
/// the same by itself. The key is the one that signs checkpoints.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The data directory: its store, and its daily/ for the files.
    #[arg(long, value_name = "DIR", required_unless_present = "store")]
    data: Option<PathBuf>,
    /// The store. Of a large one bring the views up first (`bej views`).
    #[arg(long, value_name = "URL")]
    store: Option<StoreUrl>,
    /// Where the files go.
    #[arg(long, value_name = "DIR", required_unless_present = "data")]
    to: Option<PathBuf>,
    /// The key file; PATH.d/checkpoint.key if it is not given.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let data = args.data.as_deref().unwrap_or(Path::new(""));
    let store = args.store.clone().unwrap_or_else(|| StoreUrl::Sqlite(data.join("bej.db")));
    let to = args.to.clone().unwrap_or_else(|| directory(data));
    let mut reader = reading::open(&store)?;
    let head = reader.head()?;
    let mut views = Rows::of(&mut reader, Table::Stakes, FOLD_ENTRIES_MAX)?.into_views();
    let (key, tiles) = proof::signer(&store, args.key.as_deref())?;
    let stop = AtomicBool::new(false);
    let end = head.next_seq;
    let (views, stop) = (&mut *views, &stop);
    let made = Maker { reader: &mut reader, views, key, tiles, home: &to, end, stop }.bring_up()?;
    println!(
        "{} days are over as of entry {end}: {} versions of daily files written to {}",
        made.days,
        made.versions,
        to.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Where a data directory has its daily files.
pub fn directory(data: &Path) -> PathBuf {
    data.join("daily")
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Days that are over.
    pub days: usize,
    /// Versions that were written.
    pub versions: usize,
}

/// Makes what is missing.
pub struct Maker<'a> {
    /// The journal.
    pub reader: &'a mut Reader,
    /// Views that have come as far as `end`.
    pub views: &'a mut dyn ViewReader,
    /// The key in force.
    pub key: SigningKey,
    /// The tree as far as `end`.
    pub tiles: Tiles,
    /// Where the files go.
    pub home: &'a Path,
    /// The entries that are looked at.
    pub end: u64,
    /// Whether to break off.
    pub stop: &'a AtomicBool,
}

/// A day that is over, with the position after its last entry; a day without entries has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Closing {
    day: Day,
    first: u64,
    next: u64,
}

impl Closing {
    /// Whether the journal has nothing of that day: its files are their manifest alone.
    fn is_empty(&self) -> bool {
        self.first == self.next
    }
}

/// An organiser, and how far its files have come.
struct Account {
    shelf: Shelf,
    /// The position of its registration.
    since: u64,
    /// The day of that, where its books begin.
    first_day: Day,
    /// The entries that its files speak of, and the last day that is closed.
    done: Option<(u64, Day)>,
}

/// What the entries of a closing brought to one organiser.
#[derive(Default)]
struct Booked {
    days: BTreeMap<Day, Movements>,
    /// What the wallet held after the last entry that moved it.
    wallet: Option<Tiyn>,
}

impl Maker<'_> {
    /// Writes every version that is missing, day by day.
    pub fn bring_up(mut self) -> anyhow::Result<Made> {
        let _lock = lock(self.home)?;
        let mut books = Books::default();
        let mut accounts = self.accounts(&mut books)?;
        let Some(from) = accounts.values().map(Account::next).min() else {
            return Ok(Made::default());
        };
        let closings = self.closings(from, &mut books)?;
        let mut made = Made { days: closings.len(), versions: 0 };
        for closing in closings {
            made.versions += self.close(&closing, &mut accounts, &mut books)?;
        }
        Ok(made)
    }

    /// Every organiser of the register.
    fn accounts(&mut self, books: &mut Books) -> anyhow::Result<BTreeMap<Organiser, Account>> {
        let mut accounts = BTreeMap::new();
        for number in 0.. {
            let cards = self.views.versions(CardKind::Organiser, u64::from(number))?;
            let Some(Card::Organiser(card)) = cards.first() else { break };
            if self.end <= card.seq.0 {
                break;
            }
            let entry = reading::entry(self.reader, card.seq.0)?.context("an entry is missing")?;
            let first_day = books.day(self.views, &entry)?;
            let organiser = Organiser(number);
            let shelf = Shelf::of(self.home, organiser);
            let done = shelf.done()?;
            let since = card.seq.0;
            accounts.insert(organiser, Account { shelf, since, first_day, done });
        }
        Ok(accounts)
    }

    /// The days that are over and of which some organiser lacks files, with those between that
    /// have no entries.
    fn closings(
        &mut self,
        (from, first_day): (u64, Day),
        books: &mut Books,
    ) -> anyhow::Result<Vec<Closing>> {
        let views = &mut *self.views;
        let mut day = |entry: &_| books.day(views, entry);
        let closed = archive::closed(self.reader, from, self.end, &mut day)?;
        let (mut closings, mut expected) = (Vec::new(), first_day.0);
        for Closed { day, first, last } in closed {
            let empty = |day| Closing { day: Day(day), first, next: first };
            closings.extend((expected..day.0).map(empty));
            closings.push(Closing { day, first, next: last + 1 });
            expected = day.0 + 1;
        }
        Ok(closings)
    }

    /// Closes a day for every organiser for which that was not done; gives how many versions were
    /// written.
    fn close(
        &mut self,
        closing: &Closing,
        accounts: &mut BTreeMap<Organiser, Account>,
        books: &mut Books,
    ) -> anyhow::Result<usize> {
        let mut drafts = Drafts::default();
        let booked = self.book(closing, accounts, books, &mut drafts)?;
        let root = self.tiles.root(closing.next)?.to_string();
        let mut versions = 0;
        for (organiser, account) in accounts.iter_mut() {
            if account.wants(closing) {
                let mut work = Work {
                    maker: self,
                    account,
                    organiser: *organiser,
                    closing,
                    root: &root,
                    drafts: &mut drafts,
                };
                let nothing = Booked::default();
                versions += work.settle(booked.get(organiser).unwrap_or(&nothing))?;
                account.done = Some((closing.next, closing.day));
            }
        }
        Ok(versions)
    }

    /// Books the entries of a closing, and drafts the rows.
    fn book(
        &mut self,
        closing: &Closing,
        accounts: &BTreeMap<Organiser, Account>,
        books: &mut Books,
        drafts: &mut Drafts,
    ) -> anyhow::Result<BTreeMap<Organiser, Booked>> {
        let mut all = BTreeMap::<Organiser, Booked>::new();
        if closing.is_empty() {
            return Ok(all);
        }
        let head = self.reader.head()?;
        let first = self.reader.frame_of(closing.first)?.context("a frame is missing")?;
        let (views, stop) = (&mut *self.views, self.stop);
        reading::each_frame(self.reader, first.number - 1, head.frame, |frame| {
            ensure!(!stop.load(Ordering::Relaxed), "broken off");
            for fact in frame.facts() {
                let (seq, bytes) = fact?;
                if seq < closing.first {
                    continue;
                }
                if closing.next <= seq {
                    return Ok(Go::Enough);
                }
                let entry = reading::decode(seq, bytes)?;
                let Some((booking, wallet)) = books.book(views, &entry)? else { continue };
                let account = accounts.get(&booking.organiser);
                let Some(account) = account.filter(|account| account.wants(closing)) else {
                    continue;
                };
                let day = booking.day.max(account.first_day);
                let booked = all.entry(booking.organiser).or_default();
                booked.wallet = wallet.or(booked.wallet);
                let sums = booked.days.entry(day).or_default();
                sums.join(&booking.movements).context("sums beyond what a number holds")?;
                for (file, cells) in &booking.rows {
                    drafts.take(&account.shelf, day, *file, cells, closing.next)?;
                }
            }
            Ok(Go::On)
        })?;
        Ok(all)
    }
}

/// Files have one writer; the lock ends with the process that holds it.
fn lock(home: &Path) -> anyhow::Result<File> {
    let path = home.join(".lock");
    let making = || format!("{} cannot be made", path.display());
    fs::create_dir_all(home).with_context(making)?;
    let file = File::create(&path).with_context(making)?;
    file.try_lock().with_context(|| format!("somebody else writes to {}", home.display()))?;
    Ok(file)
}

impl Account {
    /// The first entry that its files do not speak of, and the first day that is not closed.
    fn next(&self) -> (u64, Day) {
        self.done.map_or((self.since, self.first_day), |(next, day)| (next, Day(day.0 + 1)))
    }

    /// Whether a day is still to be closed.
    fn wants(&self, closing: &Closing) -> bool {
        self.first_day <= closing.day && self.done.is_none_or(|(_, last)| last < closing.day)
    }
}

/// One organiser's part of a closing.
struct Work<'a, 'm> {
    maker: &'a mut Maker<'m>,
    account: &'a Account,
    organiser: Organiser,
    closing: &'a Closing,
    root: &'a str,
    drafts: &'a mut Drafts,
}

impl Work<'_, '_> {
    /// Writes the day, and new versions of days before it; gives how many.
    fn settle(&mut self, booked: &Booked) -> anyhow::Result<usize> {
        let (account, closing) = (self.account, self.closing);
        let earliest = booked.days.keys().next().map_or(closing.day, |day| closing.day.min(*day));
        let mut standing = match account.shelf.newest(Day(earliest.0 - 1))? {
            Some(before) if account.first_day < earliest => closing_of(&before)?,
            None if account.first_day == earliest => Standing::default(),
            _ => bail!(
                "{} has not the day before {earliest}; remove it, and it is made again",
                account.shelf.home().display()
            ),
        };
        let mut versions = 0;
        for day in (earliest.0..=closing.day.0).map(Day) {
            let before = account.shelf.before(day, closing.next)?;
            let fresh = booked.days.get(&day);
            let (opening, mut sums) = match &before {
                Some(before) => books_of(before)?,
                None => (standing, Movements::default()),
            };
            if before.is_none() || fresh.is_some() || opening != standing {
                sums.join(fresh.unwrap_or(&Movements::default()))
                    .context("sums beyond what a number holds")?;
                self.write(day, before.as_ref(), &standing, &sums)?;
                versions += 1;
            }
            standing = standing.after(&sums).context("sums beyond what a number holds")?;
        }
        if let Some(wallet) = booked.wallet {
            ensure!(
                standing.wallet_tiyn == wallet.get(),
                "the wallet of organiser {} holds {} tiyn after entry {}, and its daily files \
                 come to {}; `bej verify` tells more",
                self.organiser.0,
                wallet.get(),
                closing.next - 1,
                standing.wallet_tiyn
            );
        }
        Ok(versions)
    }

    fn write(
        &mut self,
        day: Day,
        before: Option<&DailyManifest>,
        opening: &Standing,
        sums: &Movements,
    ) -> anyhow::Result<()> {
        let version = before.map_or(1, |before| before.version + 1);
        let shelf = &self.account.shelf;
        let rows = reports::daily::balance(opening, sums);
        let rows = rows.context("sums beyond what a number holds")?;
        let silent = before.is_none() && self.closing.is_empty();
        let files = if silent {
            Vec::new()
        } else {
            for row in &rows {
                self.drafts.take_new(shelf, day, DailyFile::Balance, &row.cells())?;
            }
            self.drafts.publish(shelf, day, version, before)?
        };
        let manifest = DailyManifest {
            form: FORM.to_owned(),
            journal: self.maker.key.origin.to_string(),
            organiser: OrganiserNo(self.organiser),
            day: day.to_string(),
            version,
            entries: self.closing.next,
            root: self.root.to_owned(),
            balance: rows.iter().map(shelf::line).collect(),
            files,
        };
        shelf.put(day, &manifest, &self.maker.key)
    }
}

/// The opening and the movements of a manifest.
fn books_of(manifest: &DailyManifest) -> anyhow::Result<(Standing, Movements)> {
    shelf::balance_of(manifest).with_context(|| {
        format!("the books of {}, version {}, do not add up", manifest.day, manifest.version)
    })
}

fn closing_of(manifest: &DailyManifest) -> anyhow::Result<Standing> {
    let (opening, sums) = books_of(manifest)?;
    opening.after(&sums).context("sums beyond what a number holds")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use reports::ColumnKind;

    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/daily-files.md");
    const BEGIN: &str = "<!-- columns: begin -->\n";
    const END: &str = "<!-- columns: end -->\n";

    #[test]
    fn the_page_has_the_columns_of_every_file() {
        let mut table = String::from("| file | columns |\n|---|---|\n");
        for file in DailyFile::ALL {
            let names = file.columns().iter().map(|column| {
                let kind = match column.kind {
                    ColumnKind::Int => "number",
                    ColumnKind::Text => "text",
                    ColumnKind::Time => "time",
                    ColumnKind::Bytes => "id",
                };
                let absent = if column.optional { " or nothing" } else { "" };
                format!("`{}` ({kind}{absent})", column.name)
            });
            let names: Vec<String> = names.collect();
            let _ = writeln!(table, "| `{}` | {} |", file.name(), names.join(", "));
        }
        let page = std::fs::read_to_string(PAGE).unwrap();
        let (before, rest) = page.split_once(BEGIN).unwrap();
        let (kept, after) = rest.split_once(END).unwrap();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(PAGE, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        } else {
            assert_eq!(kept, table, "run this test with BLESS=1 and read the difference");
        }
    }
}
