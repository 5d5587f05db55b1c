//! Views of many bets, made from facts without a desk and a journal: what is measured is the fold,
//! the projection, and the questions to what they leave.

use std::path::Path;
use std::time::{Duration, Instant as Moment};

use anyhow::{Context as _, Result, bail, ensure};
use journal::fact::Entry;
use reports::query::{Condition, Direction, Field, Operator, SortField};
use reports::{BetQuery, Fold, Partition};
use serde_json::{Map, Value, json};
use store::ViewStore;
use store::projector::{ENTRIES_PER_STEP, Folding};
use store::suite::views::world::{EventPlace, World};
use store::views::{Found, Work};
use store_sqlite::{PART_LIMIT_BYTES, Sqlite, Synchronous};
use terms::rulebook::Rulebook;
use terms::{Day, Instant};

use crate::latency::Latency;
use crate::rss::{Busy, Files};
use crate::workload::Numbers;

/// Organisers of the register.
pub const ORGANISERS: u32 = 10;
/// Bettors, each with an account at every organiser.
pub const BETTORS: u32 = 100_000;
/// Events of each organiser.
const EVENTS: u32 = 100;
/// A bet is settled when so many have followed it: it has left the fold's memory.
const SETTLED_AFTER: usize = 200_000;
/// Stakes whose facts are made at once.
const ROUND: u64 = 20_000;
/// Days that the stakes spread over.
const DAYS: u64 = 100;
/// The first day.
const BEGAN: Instant = Instant(1_767_596_400 * Instant::SECOND);

/// What filling the register took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filled {
    /// Facts that were folded and projected.
    pub facts: u64,
    /// Bets.
    pub bets: u64,
    /// Time within fold, projection and upkeep.
    pub took: Duration,
    /// The longest step with its upkeep.
    pub longest: Duration,
    /// Bytes of all files.
    pub bytes: u64,
}

/// A register and the world that it tells of.
pub struct Register {
    /// The world that it tells of.
    pub world: World,
    folding: Folding,
    numbers: Numbers,
}

impl Register {
    /// A register without bets.
    pub fn open(dir: &Path, seed: u64, segment_rows: u64) -> Result<Register> {
        let options = store_sqlite::Options {
            synchronous: Synchronous::Full,
            part_limit_bytes: PART_LIMIT_BYTES,
            create: true,
        };
        let store = Sqlite::open(dir.join("bench.db"), options).context("open the store")?;
        let views = store.views().context("open the views")?;
        Register::of(Box::new(views.with_segments_of(segment_rows)), seed)
    }

    fn of(views: Box<dyn ViewStore>, seed: u64) -> Result<Register> {
        let places: Vec<EventPlace> = (0..ORGANISERS * EVENTS)
            .map(|event| {
                let organiser = event / EVENTS;
                EventPlace { organiser, championship: organiser, sport: organiser % 3 }
            })
            .collect();
        let world = World::new(BEGAN, ORGANISERS, BETTORS, &places);
        let folding = Folding::new(Fold::new(1), views).context("open the views to look up")?;
        Ok(Register { folding, world, numbers: Numbers(seed) })
    }

    /// Brings in so many bets, each settled when many others have followed; half of them win and
    /// are paid.
    pub fn fill(&mut self, bets: u64, dir: &Path) -> Result<Filled> {
        let set_up = self.world.take();
        self.follow(&set_up, &mut Filled::default())?;
        let mut filled = Filled::default();
        let pause = DAYS * Instant::DAY as u64 / bets.max(1);
        while filled.bets < bets {
            for _ in 0..ROUND.min(bets - filled.bets) {
                self.world.at = self.world.at.plus(pause as i64);
                self.stake();
                filled.bets += 1;
            }
            let settled = self.world.bets.len().saturating_sub(SETTLED_AFTER);
            for index in 0..settled {
                self.settle(index);
            }
            self.world.bets.drain(..settled);
            let entries = self.world.take();
            self.follow(&entries, &mut filled)?;
        }
        let began = Moment::now();
        while self.views().upkeep()? == Work::More {}
        filled.took += began.elapsed();
        filled.bytes = Files::below(dir).other_bytes;
        Ok(filled)
    }

    fn stake(&mut self) {
        let bettor = self.numbers.below(u64::from(BETTORS)) as u32;
        let organiser = self.numbers.below(u64::from(ORGANISERS)) as u32;
        let event = organiser * EVENTS + self.numbers.below(u64::from(EVENTS)) as u32;
        let tiyn = 1_000 * (1 + self.numbers.below(1_000) as i64);
        self.world.stake(organiser, bettor, &[event], tiyn);
    }

    fn settle(&mut self, index: usize) {
        let tiyn = self.world.bets[index].tiyn;
        let gross = if self.numbers.below(2) == 0 { 0 } else { tiyn * 37 / 20 };
        self.world.settle(index, gross, 0);
        self.world.pay(index);
    }

    /// The world that the views tell of; they are closed.
    pub fn into_world(self) -> World {
        self.world
    }

    /// The views.
    pub fn views(&mut self) -> &mut dyn ViewStore {
        self.folding.views()
    }

    fn follow(&mut self, entries: &[Entry], filled: &mut Filled) -> Result<()> {
        let mut pieces = entries.chunks(ENTRIES_PER_STEP);
        loop {
            let began = Moment::now();
            let turned = self.folding.turn(|| Ok(pieces.next().unwrap_or_default().to_vec()));
            let done = turned.context("project")?.is_none();
            let took = began.elapsed();
            filled.took += took;
            filled.longest = filled.longest.max(took);
            if done {
                break;
            }
        }
        filled.facts += entries.len() as u64;
        Ok(())
    }
}

/// Questions of each kind.
const QUESTIONS: u32 = 500;

/// Fills a register and puts questions to it.
pub fn measure(dir: &Path, bets: u64, segment_rows: u64, seed: u64) -> Result<Value> {
    ask(Register::open(dir, seed, segment_rows)?, dir, bets)
}

/// The same on a server of PostgreSQL.
pub fn measure_on_postgres(dir: &Path, bets: u64, seed: u64) -> Result<Value> {
    let cluster = crate::postgres::server()?;
    let store = crate::postgres::store(&cluster, dir)?;
    let asked = ask(Register::of(store.views()?, seed)?, dir, bets);
    drop((store, cluster));
    asked
}

fn ask(mut register: Register, dir: &Path, bets: u64) -> Result<Value> {
    let busy = Busy::read()?;
    let filled = register.fill(bets, dir)?;
    let filling_others = busy.others_since()?;
    let busy = Busy::read()?;
    let mut asked = Map::new();
    let mut searches = Latency::new();
    for (name, ask) in QUESTIONS_BY_NAME {
        let mut latency = Latency::new();
        for _ in 0..QUESTIONS {
            let organiser = register.numbers.below(u64::from(ORGANISERS)) as u32;
            let bettor = register.numbers.below(u64::from(BETTORS)) as u32;
            let began = Moment::now();
            ask(&mut register, organiser, bettor).with_context(|| format!("ask for {name}"))?;
            latency.record(began.elapsed());
        }
        if name.starts_with("search") {
            searches.absorb(&latency);
        }
        let of = |share| json!(latency.quantile_ms(share));
        asked.insert(format!("{name}_ms"), of(0.5));
        asked.insert(format!("{name}_p99_ms"), of(0.99));
        asked.insert(format!("{name}_max_ms"), json!(latency.max_ms()));
    }
    asked.insert("search_p99_ms".to_owned(), json!(searches.quantile_ms(0.99)));
    let seconds = filled.took.as_secs_f64();
    let mut object = json!({
        "bets": filled.bets,
        "facts": filled.facts,
        "facts_per_second": filled.facts as f64 / seconds,
        "bets_per_second": filled.bets as f64 / seconds,
        "longest_step_ms": filled.longest.as_secs_f64() * 1e3,
        "bytes_per_stake": filled.bytes as f64 / filled.bets as f64,
        "filling_others_cores": filling_others,
        "asking_others_cores": busy.others_since()?,
    });
    if let Some(object) = object.as_object_mut() {
        object.append(&mut asked);
    }
    Ok(object)
}

type Ask = fn(&mut Register, u32, u32) -> Result<()>;

const QUESTIONS_BY_NAME: [(&str, Ask); 5] = [
    ("overview", |register, _, _| {
        let last = Rulebook::sample().day(register.world.at);
        let days = Day(last.0 - 6)..Day(last.0 + 1);
        let rows = register.views().overviews(Partition::Recorded, days, None)?;
        ensure!(!rows.is_empty(), "the overview is empty");
        Ok(())
    }),
    ("statement", |register, _, bettor| {
        let wallet = register.world.bettor_wallet(bettor);
        let rows = register.views().postings(wallet, None, 50)?;
        ensure!(!rows.is_empty(), "the statement is empty");
        Ok(())
    }),
    ("search_account", |register, organiser, bettor| {
        let account = i64::from(register.world.account(organiser, bettor).0);
        let account = Condition::number(Field::Account, Operator::Is, account);
        register.search(vec![account], SortField::At)
    }),
    ("search_event", |register, organiser, bettor| {
        let event = i64::from(organiser * EVENTS + bettor % EVENTS);
        let event = Condition::number(Field::Event, Operator::Is, event);
        register.search(vec![event], SortField::At)
    }),
    ("search_amount", |register, organiser, _| {
        let organiser = Condition::number(Field::Organiser, Operator::Is, i64::from(organiser));
        register.search(vec![organiser], SortField::Amount)
    }),
];

impl Register {
    fn search(&mut self, conditions: Vec<Condition>, sort: SortField) -> Result<()> {
        let query = BetQuery::new(conditions, (sort, Direction::Descending), None, 50)
            .map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
        match self.views().bets(&query)? {
            Found::Page(_) => Ok(()),
            Found::Narrow => bail!("the register asks to narrow the search"),
        }
    }
}
