//! Cases of the views: what every adapter must answer, from facts of a small world.

mod lives;
mod search;
mod signals;
mod sums;
pub mod world;

use ::journal::fact::{Entry, ReleaseGround};
use ::reports::{
    BetQuery, Card, CardKind, Fold, FoldError, Partition, Quarter, Record, SignalKind, Standing,
    Step, Table,
};
use terms::{Day, Instant, Organiser, Reason, Seq};

use self::world::{EventPlace, World, market};
use super::noise;
use crate::Fault;
use crate::views::{self, Found, Listing, ViewReader, ViewStore, Work, scan_key};

/// Fresh views, and a way to open them once more after the last handle is gone.
pub trait ViewBed {
    /// Opens the views to write them. Segments are to be of a few dozen rows.
    fn views(&self) -> Result<Box<dyn ViewStore>, Fault>;

    /// The same, but at most so many hits are sorted without an index.
    fn views_with_hits_of(&self, hits_max: usize) -> Result<Box<dyn ViewStore>, Fault>;
}

/// A case.
pub type Case = fn(&dyn ViewBed) -> Result<(), Fault>;

/// All cases by name.
pub const CASES: &[(&str, Case)] = &[
    ("empty views", empty),
    ("however facts are cut into steps, the rows are the same", step_sizes),
    ("a step can be folded while the one before is projected", overlapping),
    ("a fold that starts again goes on as one that never stopped", start_again),
    ("a step that does not begin at the cursor is refused", other_steps),
    ("a step that cannot be projected leaves nothing behind", half_a_step),
    ("a fact that does not fit is an error", does_not_fit),
    ("a hold has a row, and its stake another", holds),
    ("settlements, payouts and claims of a bet", settlements),
    ("cards keep names and versions", cards),
    ("exports have a cell for each column", cells),
    ("a reader sees whole steps", reader),
    ("a statement goes back through all movements", search::statements),
    ("listings have pages", search::listings),
    ("a search finds what a look at everything finds", search::searches),
    ("too many hits for a sort are to be narrowed", search::narrow),
    ("roll-ups are what the rows add up to", sums::rollups),
    ("totals are what the rows add up to", sums::totals),
    ("quarterly statistics match the golden file", sums::golden_quarters),
    ("refusals and breaches are counted by day", sums::counts),
    ("what is due and not paid", sums::unpaid),
    ("signals are the rare facts that boards list", signals::signals),
    ("signals have pages", signals::pages),
    ("accounts of a person, and twins of an event, are found by their cards", signals::cards),
    ("cases of a person are found by the person", lives::of_a_person),
    ("so are consents and identifications", lives::consents_and_identifications),
    ("accounts and wallets of two who are one", lives::two_who_are_one),
    ("hours tell forms and kinds of desks apart", signals::hours),
];

/// Runs every case, each on views of its own. Panics at the first that fails, with its name.
pub fn run_all(make: &dyn Fn() -> Box<dyn ViewBed>) {
    for (name, case) in CASES {
        let bed = make();
        if let Err(fault) = case(&*bed) {
            panic!("{name}: {}", fault.chain());
        }
    }
}

/// Noon of 5 January 2026 in Almaty.
const NOON: Instant = Instant(1_767_596_400 * Instant::SECOND);

/// Two organisers with three championships of two sports.
const PLACES: [EventPlace; 6] = [
    EventPlace { organiser: 0, championship: 0, sport: 0 },
    EventPlace { organiser: 0, championship: 0, sport: 0 },
    EventPlace { organiser: 0, championship: 1, sport: 1 },
    EventPlace { organiser: 1, championship: 2, sport: 1 },
    EventPlace { organiser: 1, championship: 2, sport: 1 },
    EventPlace { organiser: 1, championship: 2, sport: 1 },
];

/// Turns the error of a fold into a fault.
fn folded(step: Result<Step, FoldError<Fault>>) -> Result<Step, Fault> {
    step.map_err(|error| Fault::failed("fold", error))
}

/// Folds and projects facts in steps of a size, with upkeep after each.
fn follow(
    views: &mut dyn ViewStore,
    fold: &mut Fold,
    entries: &[Entry],
    size: usize,
) -> Result<(), Fault> {
    for entries in entries.chunks(size) {
        let step = folded(fold.step(entries, &mut *views as &mut dyn ViewReader))?;
        views.project(&step)?;
        while views.upkeep()? == Work::More {}
    }
    Ok(())
}

/// Views that have followed a world from its beginning.
fn projected(bed: &dyn ViewBed, world: &mut World) -> Result<Box<dyn ViewStore>, Fault> {
    let mut views = bed.views()?;
    follow(&mut *views, &mut Fold::new(1), &world.take(), 100)?;
    Ok(views)
}

/// A number below a bound that looks random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 += 1;
        let bytes = noise(self.0, 8);
        bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte)) % bound
    }
}

/// A world in which much has happened over some weeks.
fn busy(seed: u64, acts: usize) -> World {
    let mut world = World::new(NOON, 2, 12, &PLACES);
    let mut dice = Dice(seed << 32);
    for _ in 0..acts {
        world.at = world.at.plus(dice.below(3_600) as i64 * Instant::SECOND);
        act(&mut world, &mut dice);
    }
    world
}

fn act(world: &mut World, dice: &mut Dice) {
    let organiser = dice.below(2) as u32;
    let bettor = dice.below(u64::from(world.bettors())) as u32;
    let tiyn = 100 * (1 + dice.below(40) as i64);
    let known = world.bets.len() as u64;
    let choice = if known == 0 { dice.below(5) } else { dice.below(13) };
    let events: Vec<u32> = {
        let first = organiser * 3;
        let count = 1 + dice.below(3).min(dice.below(3)) as u32;
        (first..first + count).collect()
    };
    match choice {
        0..3 => {
            world.stake(organiser, bettor, &events, tiyn);
        }
        3 => {
            world.hold(organiser, bettor, &events, tiyn);
        }
        4 => {
            let made_at = world.at.plus(-(dice.below(200_000) as i64) * Instant::SECOND);
            let breaches = [Reason::ListedDebtor, Reason::DeskClosed];
            let breaches = &breaches[..dice.below(3) as usize];
            world.report(made_at, (organiser, bettor), &events, tiyn, breaches);
        }
        5..9 => {
            let index = dice.below(known) as usize;
            let tiyn = world.bets[index].tiyn;
            if world.bets[index].stands {
                let returns = [(0, 0), (2 * tiyn, 0), (tiyn, tiyn), (tiyn + 50, 50)];
                let (gross, refund) = returns[dice.below(4) as usize];
                world.settle(index, gross, refund);
                if 0 < dice.below(4) {
                    world.pay(index);
                }
            } else if world.bets[index].held {
                match dice.below(3) {
                    0 => world.release(index, ReleaseGround::Expired),
                    1 => world.release(index, ReleaseGround::Organiser),
                    _ => world.confirm(index),
                }
            }
        }
        9 => {
            let index = dice.below(known) as usize;
            let bet = &world.bets[index];
            let due = bet.settled.map_or(bet.paid_tiyn, |(_, due)| due);
            match bet.paid_tiyn - due {
                claim if 0 < claim => world.settle_claim(index, 1 + claim / 2),
                _ => world.pay(index),
            }
        }
        10 => world.refuse(organiser, Reason::MarketNotOpen),
        11 => world.breach(dice.below(known) as usize, Reason::EventBegun),
        _ => world.redeem(bettor, tiyn),
    }
}

/// Everything that views answer, as text.
fn everything(views: &mut dyn ViewReader) -> Result<Vec<String>, Fault> {
    let mut all = vec![format!("{:?} {:?}", views.cursor()?, views.totals()?)];
    for table in Table::ALL {
        let rows = scan_all(views, table)?;
        all.extend(rows.iter().map(|row| format!("{} {row:?}", table.name())));
        if let Some(Record::Bet(row)) = rows.last() {
            all.push(format!("{:?}", views.bet_at(row.seq)?));
        }
    }
    let listing = Listing::newest(views::ROWS_MAX);
    all.push(format!("{:?}", views.payouts(&listing)?));
    all.push(format!("{:?}", views.refusals(&listing)?));
    all.push(format!("{:?}", views.breaches(&listing)?));
    for kind in SignalKind::ALL {
        all.push(format!("{:?}", views.signals(*kind, &listing)?));
    }
    let days = Day(0)..Day(40_000);
    for partition in [Partition::Recorded, Partition::Made] {
        all.push(format!("{:?}", views.overviews(partition, days.clone(), None)?));
        let rollups = views.rollups(partition, days.clone(), None)?;
        all.extend(rollups.iter().map(|row| format!("{row:?}")));
    }
    all.push(format!("{:?}", views.refusal_counts(days.clone())?));
    all.push(format!("{:?}", views.breach_counts(days.clone())?));
    all.push(format!("{:?}", views.hours(days.clone(), None)?));
    all.push(format!("{:?}", views.desk_days(days, None)?));
    for quarter in 1..5 {
        let quarter = Quarter::new(2026, quarter).unwrap_or(Quarter::from_number(0));
        all.push(format!("{:?}", views.quarter(quarter)?));
    }
    all.push(format!("{:?}", views.unpaid()?));
    views.each_card(&mut |card| all.push(format!("{card:?}")))?;
    Ok(all)
}

/// All rows of a table.
fn scan_all(views: &mut dyn ViewReader, table: Table) -> Result<Vec<Record>, Fault> {
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let rows = views.scan(table, from, 70)?;
        let Some(last) = rows.last() else { return Ok(all) };
        from = scan_key(last) + 1;
        all.extend(rows);
    }
}

fn assert_same(left: &[String], right: &[String], what: &str) {
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right, "{what}");
    }
    assert_eq!(left.len(), right.len(), "{what}");
}

fn empty(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut views = bed.views()?;
    assert_eq!(views.cursor()?, Seq(0));
    assert_eq!(views.totals()?, ::reports::Totals::ZERO);
    let Found::Page(page) = views.bets(&BetQuery::newest())? else { panic!("nothing is wide") };
    assert!(page.rows.is_empty() && page.next.is_none());
    assert_eq!(views.upkeep()?, Work::Done);
    assert!(views.scan(Table::Stakes, 0, 1)?.is_empty());
    Ok(())
}

fn step_sizes(bed: &dyn ViewBed) -> Result<(), Fault> {
    let entries = busy(1, 600).take();
    let mut views = bed.views()?;
    follow(&mut *views, &mut Fold::new(1), &entries, 37)?;
    let found = everything(&mut *views)?;
    for size in [1, 250, entries.len()] {
        let mut other = crate::MemoryViews::new();
        // The key of the fold influences nothing.
        follow(&mut other, &mut Fold::new(size as u64), &entries, size)?;
        assert_same(&found, &everything(&mut other)?, &format!("steps of {size}"));
    }
    Ok(())
}

/// One step is always folded before the one before it is projected.
fn overlapping(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut world = busy(12, 400);
    let mut entries = world.take();
    for event in 0..6 {
        world.begin(event);
        world.rename(1, &format!("Name {event}"));
        world.begin(event);
    }
    entries.extend(world.take());
    let mut views = bed.views()?;
    let (mut fold, mut last) = (Fold::new(1), None);
    for piece in entries.chunks(2) {
        let step = folded(fold.step(piece, &mut *views as &mut dyn ViewReader))?;
        if let Some(last) = last.replace(step) {
            views.project(&last)?;
        }
    }
    last.map_or(Ok(()), |last| views.project(&last))?;
    let mut other = crate::MemoryViews::new();
    follow(&mut other, &mut Fold::new(1), &entries, 50)?;
    assert_same(&everything(&mut *views)?, &everything(&mut other)?, "overlapping steps");
    Ok(())
}

fn start_again(bed: &dyn ViewBed) -> Result<(), Fault> {
    let entries = busy(2, 300).take();
    for piece in entries.chunks(100) {
        // Every handle is dropped between the pieces, and nothing is closed in order.
        let mut views = bed.views()?;
        let mut fold = views::resume(&mut *views, 3)?;
        assert_eq!(fold.next(), piece[0].seq);
        follow(&mut *views, &mut fold, piece, 9)?;
        // The next step is folded and never projected.
        let ahead = piece.last().map_or(0, |entry| entry.seq.0 as usize + 1);
        let ahead = &entries[ahead..entries.len().min(ahead + 5)];
        folded(fold.step(ahead, &mut *views as &mut dyn ViewReader))?;
    }
    let mut other = crate::MemoryViews::new();
    follow(&mut other, &mut Fold::new(1), &entries, 50)?;
    let found = everything(&mut *bed.views()?)?;
    assert_same(&found, &everything(&mut other)?, "after starting again");
    Ok(())
}

fn other_steps(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut world = busy(3, 50);
    let entries = world.take();
    let mut views = bed.views()?;
    let mut fold = Fold::new(1);
    let (first, second) = entries.split_at(40);
    let first = folded(fold.step(first, &mut *views as &mut dyn ViewReader))?;
    views.project(&first)?;
    let second = folded(fold.step(second, &mut *views as &mut dyn ViewReader))?;
    let before = everything(&mut *views)?;
    let gap = Step { from: Seq(41), ..second.clone() };
    let back = Step { to: Seq(3), ..second.clone() };
    for (step, what) in [(&first, "again"), (&gap, "with a gap"), (&back, "backwards")] {
        let refused = views.project(step);
        assert!(matches!(refused, Err(Fault::Refused { .. })), "{what}: {refused:?}");
        assert_same(&before, &everything(&mut *views)?, what);
    }
    views.project(&second)?;
    assert_eq!(views.cursor()?, Seq(entries.len() as u64));
    Ok(())
}

fn half_a_step(bed: &dyn ViewBed) -> Result<(), Fault> {
    let entries = busy(4, 80).take();
    let mut views = bed.views()?;
    let mut fold = Fold::new(1);
    let (first, second) = entries.split_at(70);
    follow(&mut *views, &mut fold, first, 70)?;
    let step = folded(fold.step(second, &mut *views as &mut dyn ViewReader))?;
    let before = everything(&mut *views)?;
    let mut broken = step.clone();
    let again = broken.bets.last().cloned();
    broken.bets.extend(again);
    assert!(views.project(&broken).is_err(), "a row twice");
    drop(views);
    let mut views = bed.views()?;
    assert_same(&before, &everything(&mut *views)?, "half a step");
    views.project(&step)?;
    assert_eq!(views.cursor()?, Seq(entries.len() as u64));
    Ok(())
}

fn does_not_fit(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut views = bed.views()?;
    let mut world = World::new(NOON, 1, 1, &PLACES[..1]);
    let index = world.stake(0, 0, &[0], 100);
    let entries = world.take();
    follow(&mut *views, &mut Fold::new(1), &entries, 100)?;
    world.bets[index].id = terms::BetId([5; 16]);
    world.settle(index, 0, 0);
    let settle = world.take();
    let mut fold = views::resume(&mut *views, 1)?;
    let error = fold.step(&settle, &mut *views as &mut dyn ViewReader);
    let seq = settle[0].seq;
    assert!(matches!(error, Err(FoldError::Unknown { seq: found, .. }) if found == seq));
    let error = fold.step(&settle, &mut *views as &mut dyn ViewReader);
    assert!(matches!(error, Err(FoldError::Spent)), "{error:?}");
    let mut fold = views::resume(&mut *views, 1)?;
    let error = fold.step(&entries, &mut *views as &mut dyn ViewReader);
    assert!(matches!(error, Err(FoldError::Order { .. })), "{error:?}");
    Ok(())
}

fn holds(bed: &dyn ViewBed) -> Result<(), Fault> {
    // S-34
    let mut world = World::new(NOON, 1, 1, &PLACES[..1]);
    let holds: Vec<usize> = (0..3).map(|n| world.hold(0, 0, &[0], 100 * (n + 1))).collect();
    world.confirm(holds[0]);
    world.release(holds[1], ReleaseGround::Organiser);
    world.release(holds[2], ReleaseGround::Expired);
    let mut views = projected(bed, &mut world)?;
    let rows = scan_all(&mut *views, Table::Bets)?;
    let standings: Vec<Standing> = rows
        .iter()
        .map(|row| match row {
            Record::Bet(row) => row.standing,
            Record::Posting(_) | Record::Payout(_) => panic!("a row of another table"),
        })
        .collect();
    use Standing::{Confirmed, Expired, Open, Released};
    assert_eq!(standings, [Confirmed, Released, Expired, Open]);
    let stake = views.bet(Organiser(0), world.bets[0].id)?;
    let stake = stake.ok_or_else(|| Fault::refused("the stake is missing"))?;
    assert_eq!((stake.standing, stake.seq), (Open, Seq(scan_key(&rows[3]))));
    assert_eq!(stake.hold, Some(Seq(scan_key(&rows[0]))));
    // Many at once are those that are asked for one by one, and none is made up.
    let ids: Vec<_> = world.bets.iter().map(|bet| (Organiser(0), bet.id)).collect();
    let mut asked: Vec<_> = ids.iter().copied().chain([(Organiser(7), ids[0].1)]).collect();
    asked.sort_unstable_by_key(|(organiser, bet)| (*bet, *organiser));
    asked.dedup();
    let mut found = views.newest_bets(&asked)?;
    found.sort_unstable_by_key(|row| row.seq);
    let mut each = Vec::new();
    for (organiser, bet) in &asked {
        each.extend(views.bet(*organiser, *bet)?);
    }
    each.sort_unstable_by_key(|row| row.seq);
    assert!(1 < found.len());
    assert_eq!(found, each);
    assert_eq!(views.newest_bets(&[])?, Vec::new());
    let totals = views.totals()?;
    assert_eq!((totals.held, totals.open, totals.open_tiyn), (0, 1, 100));
    Ok(())
}

fn settlements(bed: &dyn ViewBed) -> Result<(), Fault> {
    // R0-16.3f–j, R0-16.5
    let mut world = World::new(NOON, 1, 1, &PLACES[..1]);
    let bet = world.stake(0, 0, &[0], 1_000);
    world.settle(bet, 1_850, 0);
    world.pay(bet);
    world.settle(bet, 1_000, 1_000);
    let mut views = projected(bed, &mut world)?;
    let row = |views: &mut dyn ViewReader| {
        let found = views.bet(Organiser(0), world.bets[bet].id)?;
        found.ok_or_else(|| Fault::refused("the bet is missing"))
    };
    let found = row(&mut *views)?;
    let settled = found.settlement.as_deref().cloned();
    let settled = settled.ok_or_else(|| Fault::refused("it is settled"))?;
    assert_eq!((settled.refund.get(), settled.winnings().get()), (1_000, 0));
    assert_eq!((found.paid.get(), found.claim().get(), found.outstanding().get()), (1_850, 850, 0));
    let last = views.settlement_at(settled.seq)?;
    let last = last.ok_or_else(|| Fault::refused("the settlement is missing"))?;
    let first = last.corrects.map_or(Ok(None), |seq| views.settlement_at(seq))?;
    let first = first.ok_or_else(|| Fault::refused("the first settlement is missing"))?;
    assert_eq!((first.corrects, first.settled.winnings().get()), (None, 1_850));
    assert_eq!((first.bet_seq, last.bet_seq), (found.seq, found.seq));
    let payouts = views.payouts(&Listing::newest(5))?.rows;
    assert_eq!(payouts.len(), 1);
    assert_eq!((payouts[0].amount.get(), payouts[0].bet_seq), (1_850, found.seq));
    let mut later = world.clone();
    later.settle_claim(bet, 850);
    let mut fold = views::resume(&mut *views, 1)?;
    follow(&mut *views, &mut fold, &later.take(), 10)?;
    assert_eq!(row(&mut *views)?.claim().get(), 0);
    Ok(())
}

fn cards(bed: &dyn ViewBed) -> Result<(), Fault> {
    // P-08
    let mut world = World::new(NOON, 2, 2, &PLACES);
    world.rename(1, "Another name");
    world.begin(2);
    let mut views = projected(bed, &mut world)?;
    let versions = views.versions(CardKind::Organiser, 1)?;
    let names: Vec<String> = versions
        .iter()
        .map(|card| match card {
            Card::Organiser(card) => card.name.to_string(),
            other => panic!("a card of another kind: {other:?}"),
        })
        .collect();
    assert_eq!(names, ["Organiser 1", "Another name"]);
    assert_eq!(views.versions(CardKind::Licence, 0)?.len(), 1);
    let found = views::names(&mut *views, CardKind::Sport, &[1, 7, 0])?;
    let names: Vec<Option<String>> = found
        .into_iter()
        .map(|card| match card {
            Some(Card::Sport(card)) => Some(card.name.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(names, [Some("Sport 1".into()), None, Some("Sport 0".into())]);
    match &views.versions(CardKind::Event, 2)?[..] {
        [Card::Event(card)] => assert!(card.started.is_some()),
        other => panic!("one event is expected: {other:?}"),
    }
    match &views.versions(CardKind::Market, market(2).0)?[..] {
        [Card::Market(card)] => assert!(card.outcomes.iter().all(|o| o.result.is_some())),
        other => panic!("one market is expected: {other:?}"),
    }
    Ok(())
}

fn cells(bed: &dyn ViewBed) -> Result<(), Fault> {
    use ::reports::{Cell, ColumnKind};
    let mut views = projected(bed, &mut busy(5, 200))?;
    let mut cells = Vec::new();
    for table in Table::ALL {
        let mut rows = 0;
        for record in scan_all(&mut *views, table)? {
            if !table.cells(&record, &mut cells) {
                assert!(cells.is_empty());
                continue;
            }
            rows += 1;
            assert_eq!(cells.len(), table.columns().len(), "{}", table.name());
            for (column, cell) in table.columns().iter().zip(&cells) {
                let right = match cell {
                    Cell::Null => column.optional,
                    Cell::Int(_) => column.kind == ColumnKind::Int,
                    Cell::Text(_) => column.kind == ColumnKind::Text,
                    Cell::Time(_) => column.kind == ColumnKind::Time,
                    Cell::Bytes(_) => column.kind == ColumnKind::Bytes,
                };
                assert!(right, "{} {}: {cell:?}", table.name(), column.name);
            }
        }
        assert!(10 < rows, "{} has {rows} rows", table.name());
    }
    Ok(())
}

fn reader(bed: &dyn ViewBed) -> Result<(), Fault> {
    let entries = busy(6, 100).take();
    let mut views = bed.views()?;
    let mut reader = views.reader()?;
    let mut fold = Fold::new(1);
    for piece in entries.chunks(60) {
        follow(&mut *views, &mut fold, piece, 30)?;
        assert_same(&everything(&mut *reader)?, &everything(&mut *views)?, "the reader");
    }
    Ok(())
}
