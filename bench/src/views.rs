//! The views while stakes pass through: how far they lag, and how fast they answer.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant as Moment};

use anyhow::{Context as _, Result, bail, ensure};
use pump::Class;
use reports::query::{Condition, Direction, Field, Operator, SortField};
use reports::{BetQuery, Partition};
use store::views::Found;
use store::{Progress, Projector, ViewReader, ViewStore as _};
use store_sqlite::Sqlite;
use terms::Day;

use crate::latency::Latency;
use crate::measure::{Measured, Meter, Plan};
use crate::rig::{BEHIND_NS, Rig, Wait, now};
use crate::workload::Numbers;
use crate::world::{ORGANISERS, wallet_of};

/// Stakes a second that the views have to keep up with.
const PACE_PER_SECOND: u64 = 50_000;

/// How often the pace is kept: so many requests a second.
const REQUESTS_PER_SECOND: u64 = 50;

/// Questions of each kind.
const QUESTIONS: usize = 200;

/// Follows the journal until told that it is over and nothing is left.
pub fn follow(store: &Sqlite, over: &AtomicBool, position: &AtomicU64) -> Result<()> {
    let journal = store.reader().context("open the journal for the views")?;
    let views = store.views().context("open the views")?;
    let mut projector = Projector::new(Box::new(journal), Box::new(views), 1)?;
    loop {
        let ending = over.load(Ordering::Acquire);
        let progress = projector.step()?;
        position.store(projector.next().0, Ordering::Release);
        match progress {
            Progress::UpToDate if ending => return Ok(()),
            Progress::UpToDate => std::thread::sleep(Duration::from_millis(2)),
            Progress::Projected(_) => {}
        }
    }
}

/// Measures the lag, from the verdict of a request to its rows, at a steady pace.
pub fn lag(plan: &Plan, dir: &Path) -> Result<Measured> {
    let mut rig = Rig::set_up(plan, dir)?;
    let (over, position) = (AtomicBool::new(false), AtomicU64::new(0));
    let store = rig.store.clone();
    std::thread::scope(|scope| -> Result<Measured> {
        let views = scope.spawn(|| follow(&store, &over, &position));
        let copy = rig.pump.read_copy();
        while position.load(Ordering::Acquire) < copy.seq().0 {
            ensure!(!views.is_finished(), "the views have stopped");
            std::thread::sleep(Duration::from_millis(20));
        }
        let measured = paced(&mut rig, plan, dir, &position);
        over.store(true, Ordering::Release);
        views.join().map_err(|_| anyhow::anyhow!("the thread of the views panicked"))??;
        measured
    })
}

/// One request every fiftieth of a second; lags are looked at in between.
fn paced(rig: &mut Rig, plan: &Plan, dir: &Path, position: &AtomicU64) -> Result<Measured> {
    let handle = rig.pump.handle();
    let copy = rig.pump.read_copy();
    let stakes_each = PACE_PER_SECOND / REQUESTS_PER_SECOND;
    let mut meter = Meter::start(plan, dir)?;
    let (mut latency, mut stakes) = (Latency::new(), 0);
    let mut waiting: std::collections::VecDeque<(u64, Moment)> = Default::default();
    let (began, mut turn) = (Moment::now(), 0);
    while meter.is_running() || !waiting.is_empty() {
        let due = Duration::from_micros(turn * 1_000_000 / REQUESTS_PER_SECOND);
        if meter.is_running() && due <= began.elapsed() {
            rig.world.set_clock(now().plus(-BEHIND_NS));
            let request = rig.world.request(turn as u32 % ORGANISERS, stakes_each);
            Wait::once(&handle, Class::Live, request.orders)?.done()?;
            Wait::once(&handle, Class::Live, request.stakes)?.done()?;
            waiting.push_back((copy.head().next_seq, Moment::now()));
            stakes += stakes_each;
            turn += 1;
        }
        let seen = position.load(Ordering::Acquire);
        while let Some((_, since)) = waiting.pop_front_if(|(seq, _)| *seq <= seen) {
            latency.record(since.elapsed());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    meter.absorb(stakes, &latency);
    meter.finish()
}

/// A kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The roll-up that an overview reads: a week of all organisers.
    Overview,
    /// The last fifty movements of a bettor's wallet.
    Statement,
    /// A page of the register: the bets of an account, newest first.
    Search,
}

/// Measures one kind of question over a register of so many bets.
pub fn ask(question: Question, bets: u64, plan: &Plan, dir: &Path) -> Result<Measured> {
    let mut rig = Rig::set_up(plan, dir)?;
    crate::recovery::stake_until(&mut rig, plan, bets)?;
    let over = AtomicBool::new(true);
    follow(&rig.store, &over, &AtomicU64::new(0))?;
    let mut views = rig.store.views()?;
    while views.upkeep()? == store::views::Work::More {}
    let mut reader = views.reader()?;
    let mut numbers = Numbers(plan.seed);
    let mut meter = Meter::start(plan, dir)?;
    for _ in 0..QUESTIONS {
        let bettor = numbers.below(plan.accounts) as u32;
        meter.step(1, || put(&mut *reader, question, bettor))?;
    }
    let measured = meter.finish_steps()?;
    rig.pump.stop()?;
    Ok(measured)
}

fn put(reader: &mut dyn ViewReader, question: Question, bettor: u32) -> Result<()> {
    match question {
        Question::Overview => {
            let today = (now().0 / terms::Instant::DAY) as i32;
            let days = Day(today - 6)..Day(today + 2);
            let rows = reader.overviews(Partition::Recorded, days, None)?;
            ensure!(!rows.is_empty(), "the overview is empty");
        }
        Question::Statement => {
            let rows = reader.postings(wallet_of(bettor), None, 50)?;
            ensure!(!rows.is_empty(), "the statement is empty");
        }
        Question::Search => {
            let account = Condition::number(Field::Account, Operator::Is, i64::from(bettor));
            let query =
                BetQuery::new(vec![account], (SortField::At, Direction::Descending), None, 50)
                    .map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
            match reader.bets(&query)? {
                Found::Page(_) => {}
                Found::Narrow => bail!("the register asks to narrow the search"),
            }
        }
    }
    Ok(())
}
