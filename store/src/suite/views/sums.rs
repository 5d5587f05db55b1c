//! Cases of sums: compared with what the rows add up to, and with a golden file that a program of
//! another language made from the same plain scenario.

use std::collections::BTreeMap;

use ::reports::{
    Partition, Quarter, Record, RollupKey, RollupSums, Standing, Subject, Table, Totals, Unpaid,
};
use terms::{Day, Instant, Organiser, Reason, Wallet};

use super::search::bets_of;
use super::world::{EventPlace, World};
use super::{NOON, PLACES, ViewBed, busy, projected, scan_all};
use crate::Fault;
use crate::views::{Listing, ViewReader};

const ALL_DAYS: core::ops::Range<Day> = Day(0)..Day(40_000);

/// The roll-up under the day of the stake, from the rows as they stand.
fn made(views: &mut dyn ViewReader) -> Result<BTreeMap<RollupKey, RollupSums>, Fault> {
    let mut sums: BTreeMap<RollupKey, RollupSums> = BTreeMap::new();
    let key = |row: &::reports::BetRow| RollupKey {
        partition: Partition::Made,
        day: row.made_day,
        organiser: row.organiser,
        desk_kind: row.desk_kind,
        form: row.form,
        sport: row.sport,
        championship: row.championship,
        shape: row.shape.into(),
    };
    let rows = bets_of(views)?;
    for row in rows.iter().filter(|row| row.standing.is_stake()) {
        let sums = sums.entry(key(row)).or_default();
        let tiyn = row.amount.get();
        let combined = i64::from(1 < row.legs.len());
        sums.stakes += 1;
        sums.staked_tiyn += tiyn;
        sums.combined += combined;
        sums.combined_tiyn += combined * tiyn;
        sums.live += i64::from(row.legs.iter().any(|leg| leg.live));
        sums.late += i64::from(row.late);
        sums.commission_tiyn += row.commission.get();
        if let Some(settled) = &row.settlement {
            sums.settled += 1;
            sums.won += i64::from(settled.refund < settled.gross);
            sums.winnings_tiyn += settled.gross.get() - settled.refund.get();
            sums.refunded += i64::from(!settled.refund.is_zero());
            sums.refund_tiyn += settled.refund.get();
            let mut seq = settled.seq;
            while let Some(before) = views.settlement_at(seq)?.and_then(|row| row.corrects) {
                (seq, sums.corrections) = (before, sums.corrections + 1);
            }
        }
    }
    for payout in views.payouts(&Listing::newest(crate::views::ROWS_MAX))?.rows {
        let row = views.bet_at(payout.bet_seq)?;
        let row = row.ok_or_else(|| Fault::refused("a payout without its bet"))?;
        let sums = sums.entry(key(&row)).or_default();
        sums.payouts += 1;
        sums.paid_tiyn += payout.amount.get();
    }
    Ok(sums)
}

pub(super) fn rollups(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut views = projected(bed, &mut busy(10, 600))?;
    let expected = made(&mut *views)?;
    let found: BTreeMap<_, _> =
        views.rollups(Partition::Made, ALL_DAYS, None)?.into_iter().collect();
    assert_eq!(found, expected);
    assert!(20 < found.len());
    for partition in [Partition::Recorded, Partition::Made] {
        let mut overviews = BTreeMap::new();
        for (key, sums) in views.rollups(partition, ALL_DAYS, None)? {
            let row: &mut RollupSums = overviews.entry(key.overview()).or_default();
            let pairs = row.values().into_iter().zip(sums.values());
            let added: Vec<i64> = pairs.map(|(left, right)| left + right).collect();
            let added = added.try_into().map_err(|_| Fault::refused("sixteen sums"))?;
            *row = RollupSums::from_values(added);
        }
        let found: BTreeMap<_, _> =
            views.overviews(partition, ALL_DAYS, None)?.into_iter().collect();
        assert_eq!(found, overviews);
    }
    // Under the day on which БЕЖ recorded it: stakes, and payouts of any stake.
    let recorded = views.overviews(Partition::Recorded, ALL_DAYS, Some(Organiser(1)))?;
    let mut days: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
    for row in bets_of(&mut *views)?.iter().filter(|row| row.standing.is_stake()) {
        if row.organiser == Organiser(1) {
            days.entry(row.day).or_default().0 += 1;
        }
    }
    for payout in views.payouts(&Listing::newest(crate::views::ROWS_MAX))?.rows {
        if payout.organiser == Organiser(1) {
            days.entry(payout.day).or_default().1 += payout.amount.get();
        }
    }
    let mut found: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
    for (key, sums) in recorded {
        let day = found.entry(key.day).or_default();
        *day = (day.0 + sums.stakes, day.1 + sums.paid_tiyn);
    }
    found.retain(|_, sums| *sums != (0, 0));
    assert_eq!(found, days);
    Ok(())
}

pub(super) fn totals(bed: &dyn ViewBed) -> Result<(), Fault> {
    // P1
    let mut world = busy(11, 400);
    let mut views = projected(bed, &mut world)?;
    let rows = bets_of(&mut *views)?;
    let stand = |standing: Standing| {
        let rows = rows.iter().filter(|row| row.standing == standing);
        rows.fold((0, 0), |sums, row| (sums.0 + 1, sums.1 + row.amount.get()))
    };
    let sum = |value: fn(&::reports::BetRow) -> i64| {
        let values = rows.iter().map(value).filter(|value| 0 < *value);
        values.fold((0, 0), |sums, value| (sums.0 + 1, sums.1 + value))
    };
    let mut balances: BTreeMap<Wallet, i64> = BTreeMap::new();
    for record in scan_all(&mut *views, Table::Postings)? {
        let Record::Posting(row) = record else { panic!("a row of another table") };
        balances.insert(row.debit, row.debit_balance_tiyn);
        balances.insert(row.credit, row.credit_balance_tiyn);
    }
    let held = |wallets: core::ops::Range<u32>| -> i64 {
        wallets.filter_map(|wallet| balances.get(&Wallet(wallet))).sum()
    };
    let found = views.totals()?;
    let expected = Totals {
        bettors_tiyn: held(6..6 + world.bettors()),
        organisers_tiyn: held(4..6),
        commission_tiyn: held(1..2),
        others_tiyn: held(2..4),
        held: stand(Standing::Held).0,
        held_tiyn: stand(Standing::Held).1,
        open: stand(Standing::Open).0,
        open_tiyn: stand(Standing::Open).1,
        settled: stand(Standing::Settled).0,
        settled_tiyn: stand(Standing::Settled).1,
        unpaid: sum(|row| row.outstanding().get()).0,
        unpaid_tiyn: sum(|row| row.outstanding().get()).1,
        waiting: sum(|row| row.outstanding().get() * i64::from(row.waiting)).0,
        waiting_tiyn: sum(|row| row.outstanding().get() * i64::from(row.waiting)).1,
        claims: sum(|row| row.claim().get()).0,
        claims_tiyn: sum(|row| row.claim().get()).1,
        ..found.clone()
    };
    assert_eq!(found, expected);
    assert!(found.differences(&expected).is_empty());
    // L3: what was issued and not redeemed is what the wallets hold.
    let circulating: i64 = held(1..6 + world.bettors());
    assert_eq!(found.issued_tiyn - found.redeemed_tiyn, circulating);
    assert_eq!(held(0..1), -circulating);
    let other = Totals { open: found.open + 1, ..found.clone() };
    assert_eq!(found.differences(&other), [("open", found.open, found.open + 1)]);
    Ok(())
}

fn instant(text: &str) -> Instant {
    let (day, time) = text.split_once('T').unwrap_or((text, "00:00:00"));
    let mut seconds = 0;
    for part in time.split(':') {
        seconds = seconds * 60 + number(part);
    }
    let day = Day::parse(day).map_or(0, |day| i64::from(day.0));
    Instant(day * Instant::DAY + seconds * Instant::SECOND)
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("not a number: {text}"))
}

/// Reads the scenario that the golden file was computed from.
fn scenario(text: &str) -> World {
    let lines = || {
        let lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        lines.filter(|words| !words[0].starts_with('#'))
    };
    let places: Vec<EventPlace> = lines()
        .filter(|words| words[0] == "event")
        .map(|words| EventPlace {
            organiser: number(words[2]) as u32,
            championship: number(words[3]) as u32,
            sport: number(words[4]) as u32,
        })
        .collect();
    let mut world = World::new(instant("2026-01-01T00:00:00"), 2, 1, &places);
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for words in lines() {
        match words[0] {
            "stake" => {
                world.at = instant(words[3]);
                let events: Vec<u32> =
                    words[6].split(',').map(|event| number(event) as u32).collect();
                let (organiser, tiyn) = (number(words[4]) as u32, number(words[5]));
                let made_at = instant(words[2]);
                let index = world.stake_made(made_at, organiser, 0, &events, tiyn);
                names.insert(words[1], index);
            }
            "settle" => {
                world.at = instant(words[2]);
                world.settle(names[words[1]], number(words[3]), number(words[4]));
            }
            _ => {}
        }
    }
    world
}

pub(super) fn golden_quarters(bed: &dyn ViewBed) -> Result<(), Fault> {
    // S-27, R0-16.3k, R0-16.3l, R0-16.3m, R0-16.3n, R0-16.3o, R0-16.3p
    let mut world = scenario(include_str!("../../../testdata/quarters.scenario"));
    let mut views = projected(bed, &mut world)?;
    let mut lines = Vec::new();
    for quarter in 1..=4 {
        let quarter = Quarter::new(2026, quarter).unwrap_or(Quarter::from_number(0));
        let (year, number) = quarter.year_and_quarter();
        for (key, sums) in views.quarter(quarter)? {
            let difference = key.difference.map_or("-".into(), |day| day.to_string());
            let (kind, subject) = match key.subject {
                Subject::Total => ("total", 0),
                Subject::Event(event) => ("event", event.0),
                Subject::Championship(championship) => ("championship", championship.0),
                Subject::Sport(sport) => ("sport", sport.0),
            };
            let organiser = key.organiser;
            let sums: Vec<String> = sums.values().iter().map(ToString::to_string).collect();
            let sums = sums.join(" ");
            lines.push(format!("{year} {number} {difference} {organiser} {kind} {subject} {sums}"));
        }
    }
    lines.sort();
    let golden = include_str!("../../../testdata/quarters.golden");
    assert_eq!(lines, golden.lines().collect::<Vec<_>>());
    Ok(())
}

pub(super) fn counts(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut world = World::new(NOON, 2, 1, &PLACES);
    let bet = world.stake(0, 0, &[0], 100);
    world.breach(bet, Reason::EventBegun);
    world.refuse(1, Reason::MarketNotOpen);
    world.refuse(1, Reason::MarketNotOpen);
    world.at = world.at.plus(Instant::DAY);
    world.refuse(1, Reason::MarketNotOpen);
    world.suppress(Reason::IdTooOld, 40);
    world.breach(bet, Reason::EventBegun);
    let mut views = projected(bed, &mut world)?;
    let first = views.rollups(Partition::Recorded, ALL_DAYS, None)?[0].0.day;
    let second = Day(first.0 + 1);
    let found: Vec<_> = views
        .refusal_counts(ALL_DAYS)?
        .into_iter()
        .map(|(key, sums)| (key.day, key.organiser, key.reason, sums.count))
        .collect();
    let organiser = Some(Organiser(1));
    assert_eq!(
        found,
        [
            (first, organiser, Reason::MarketNotOpen, 2),
            (second, None, Reason::IdTooOld, 40),
            (second, organiser, Reason::MarketNotOpen, 1),
        ]
    );
    assert_eq!(views.refusal_counts(first..second)?.len(), 1);
    let found: Vec<_> = views
        .breach_counts(ALL_DAYS)?
        .into_iter()
        .map(|(key, sums)| (key.day, key.reason, sums.count))
        .collect();
    assert_eq!(found, [(first, Reason::EventBegun, 1), (second, Reason::EventBegun, 1)]);
    // NOON of the script is so many hours of Almaty.
    let hours: Vec<_> = views
        .hours(ALL_DAYS, None)?
        .into_iter()
        .map(|(key, sums)| (key.day, key.hour, key.organiser.0, sums.stakes, sums.refused))
        .collect();
    let hour = hours[0].1;
    assert_eq!(hours, [(first, hour, 0, 1, 0), (first, hour, 1, 0, 2), (second, hour, 1, 0, 1)]);
    assert_eq!(views.hours(first..second, Some(Organiser(1)))?.len(), 1);
    let desks: Vec<_> = views
        .desk_days(ALL_DAYS, None)?
        .into_iter()
        .map(|(key, sums)| (key.day, key.organiser.0, sums.stakes, sums.staked_tiyn))
        .collect();
    assert_eq!(desks, [(first, 0, 1, 100)]);
    assert!(views.desk_days(ALL_DAYS, Some(Organiser(1)))?.is_empty());
    let row = views.bet(Organiser(0), world.bets[bet].id)?;
    assert_eq!(row.map(|row| row.breaches), Some(vec![Reason::EventBegun]));
    Ok(())
}

pub(super) fn unpaid(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut world = World::new(NOON, 1, 1, &PLACES[..1]);
    let waits = world.stake(0, 0, &[0], 100);
    let claimed = world.report(NOON, (0, 0), &[0], 200, &[]);
    world.settle(waits, 300, 0);
    world.settle(claimed, 500, 0);
    let unpaid = |views: &mut dyn ViewReader| -> Result<Vec<(Unpaid, i64, i64)>, Fault> {
        let rows = views.unpaid()?.into_iter();
        Ok(rows.map(|(key, sums)| (key.unpaid, sums.bets, sums.sum_tiyn)).collect())
    };
    let mut views = projected(bed, &mut world)?;
    let both = [(Unpaid::WaitingFunds, 1, 300), (Unpaid::Unclaimed, 1, 500)];
    assert_eq!(unpaid(&mut *views)?, both);
    let mut fold = crate::views::resume(&mut *views, 1)?;
    world.at = world.at.plus(Instant::DAY);
    world.pay(waits);
    world.settle(claimed, 700, 0);
    super::follow(&mut *views, &mut fold, &world.take(), 1)?;
    assert_eq!(unpaid(&mut *views)?, [(Unpaid::Unclaimed, 1, 700)]);
    world.pay(claimed);
    super::follow(&mut *views, &mut fold, &world.take(), 1)?;
    assert_eq!(unpaid(&mut *views)?, []);
    Ok(())
}
