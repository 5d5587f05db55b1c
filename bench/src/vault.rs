//! The vault: admission, looks, the join of the index with a list, destruction, and a rotation of
//! all keys beside live stakes, whose times are taken with it and without.
//!
//! Persons are sealed in memory and put into the file in bulk, for admitting millions one by one
//! would measure nothing but the disk; admission and looks are then measured on top of them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use pump::Class;
use serde_json::{Value, json};
use store::vault::VaultRow;
use store::{MemoryVault, VaultStore as _};
use terms::{Day, Iin, Person, Seq};
use vault::{
    BirthDate, Country, Document, DocumentKind, FileKeeper, KeyKeeper, LookReason, Looker, Name,
    NameForm, Numbered, PersonNumber, PersonRecord, Phone, Private, Seen, Source, Sourced, Step,
    Vault,
};

use crate::latency::Latency;
use crate::measure::Plan;
use crate::probe::Probe;
use crate::rig::{BEHIND_NS, Rig, Wait, now};
use crate::world::World;

/// Persons that are sealed in memory at a time.
const CHUNK: u32 = 100_000;

/// Admissions, and looks, that are measured.
const SINGLE: u32 = 3_000;

/// Persons who are destroyed.
const DESTROYED: u32 = 20_000;

/// Stakes a second beside the rotation.
const STAKES_PER_SECOND: u32 = 500;

/// How long stakes run alone.
const ALONE: Duration = Duration::from_secs(15);

/// Measures in a directory, with so many persons and listed numbers.
pub fn measure(plan: &Plan, dir: &Path, people: u32, listed: u32) -> Result<Value> {
    let keeper: Arc<dyn KeyKeeper> = Arc::new(FileKeeper::at(dir.join("keys")));
    let file = dir.join("vault.db");
    let rows = || store_sqlite::Vault::open(&file);
    let mut vault = Vault::open_or_make(Box::new(rows()?), Arc::clone(&keeper))?;
    let filled = fill(&mut rows()?, &keeper, people)?;
    let mut probe = Probe::new(dir, 16 << 10);
    probe.turn()?;
    let (admitted, read) = single(&mut vault, people)?;
    probe.turn()?;
    let list = list(people, listed)?;
    let began = Instant::now();
    let met = vault.members(&list)?;
    let joined = began.elapsed();
    drop(list);
    let orders = (0..DESTROYED.min(people / 2)).map(|number| (Person(number), Seq(number.into())));
    let began = Instant::now();
    let erased = vault.destroy_all(orders)?;
    vault.upkeep()?;
    let destroyed = began.elapsed();
    let (rotated, stakes) = rotate(plan, dir, &mut vault)?;
    probe.turn()?;
    Ok(json!({
        "people": people,
        "fill_s": filled.as_secs_f64(),
        "file_bytes": std::fs::metadata(&file)?.len(),
        "sync_p50_ms": probe.latency().quantile_ms(0.5),
        "sync_p99_ms": probe.latency().quantile_ms(0.99),
        "admit": admitted,
        "read": read,
        "join": { "listed": listed, "met": met.len(), "s": joined.as_secs_f64() },
        "destroy": {
            "people": erased.now,
            "s": destroyed.as_secs_f64(),
            "per_s": erased.now as f64 / destroyed.as_secs_f64(),
        },
        "rotate": rotated,
        "stakes": stakes,
    }))
}

/// Seals persons in memory and puts them into the file; returns how long it took with the index.
fn fill(
    target: &mut store_sqlite::Vault,
    keeper: &Arc<dyn KeyKeeper>,
    people: u32,
) -> Result<Duration> {
    let began = Instant::now();
    let epochs = target.epochs()?;
    for first in (0..people).step_by(CHUNK as usize) {
        let mut memory = MemoryVault::new();
        memory.load(&[VaultRow::Epochs(epochs.clone())])?;
        let mut vault = Vault::open(Box::new(memory.clone()), Arc::clone(keeper))?;
        for number in first..people.min(first.saturating_add(CHUNK)) {
            let reference = vault.admit(&record(number)?, &[], now())?;
            vault.confirm(reference, Person(number))?;
        }
        let mut rows = Vec::new();
        memory.dump(&mut |row| {
            if !matches!(row, VaultRow::Epochs(_)) {
                rows.push(row);
            }
            Ok(())
        })?;
        target.load(&rows)?;
    }
    vault::copy::make_all_indexes(target)?;
    target.upkeep()?;
    Ok(began.elapsed())
}

/// A synthetic number; none where the check digit does not exist.
fn iin(number: u32) -> Option<Iin> {
    let (day, rest) = (number % 10_000, number / 10_000);
    let date = format!("{:02}{:02}{:02}", 50 + rest % 50, 1 + rest / 50 % 12, 1 + rest / 600 % 28);
    (0..10).find_map(|check| Iin::parse(&format!("{date}3{day:04}{check}")).ok())
}

fn said<T>(value: T) -> Sourced<T> {
    Sourced { value, source: Source::Operator, at: now() }
}

fn record(number: u32) -> Result<PersonRecord> {
    let text = |text: String| Private::new(&text);
    let name = Name {
        form: NameForm::Russian,
        surname: Private::new(&format!("Ахметов{}", letters(number)))?,
        given: Private::new("Данияр")?,
        patronymic: Some(Private::new("Серикович")?),
    };
    let day = Day::of(1950 + number as i32 % 50, 1 + number % 12, 1 + number % 28);
    let birth = BirthDate::from(day.context("a day")?);
    let document = Document {
        kind: DocumentKind::IdentityCard,
        number: Private::new(&format!("{number:09}"))?,
        issued: Some(birth.clone()),
        issuer: Some(text("МВД РК".to_owned())?),
        expires: None,
        country: Country::parse("KAZ")?,
    };
    Ok(PersonRecord {
        number: iin(number).map(|iin| said(Numbered::Iin(PersonNumber::from(iin)))),
        names: vec![said(name)],
        birth_date: Some(said(birth)),
        documents: vec![said(document)],
        phones: vec![said(Phone::parse(&format!("+77{number:09}"))?)],
        ..PersonRecord::empty()
    })
}

/// A number as letters, so that surnames differ.
fn letters(mut number: u32) -> String {
    let mut text = String::new();
    while 0 < number {
        text.extend(char::from_u32('а' as u32 + number % 32));
        number /= 32;
    }
    text
}

/// Listed numbers, of which one in a hundred is somebody's.
fn list(people: u32, listed: u32) -> Result<Vec<Iin>> {
    let number = |place: u32| match place % 100 {
        0 => (place / 100) % people,
        _ => people.saturating_add(place),
    };
    let list: Vec<Iin> = (0..listed).filter_map(|place| iin(number(place))).collect();
    ensure!(listed as usize / 2 < list.len(), "too few numbers have a check digit");
    Ok(list)
}

/// Admissions with their confirmations, and looks, one by one.
fn single(vault: &mut Vault, people: u32) -> Result<(Value, Value)> {
    let mut times = Latency::new();
    let began = Instant::now();
    for number in people..people + SINGLE {
        let at = Instant::now();
        let reference = vault.admit(&record(number)?, &[], now())?;
        vault.confirm(reference, Person(number))?;
        times.record(at.elapsed());
    }
    let admitted = figures(&times, SINGLE, began.elapsed());
    let mut times = Latency::new();
    let began = Instant::now();
    for place in 0..SINGLE {
        let at = Instant::now();
        let number = (u64::from(place) * 7_919 % u64::from(people)) as u32;
        let seen = Seen {
            seq: Seq(u64::from(place)),
            at: now(),
            who: Looker::System,
            name: None,
            why: LookReason::Check,
        };
        vault.read(Person(number), &seen)?;
        times.record(at.elapsed());
    }
    Ok((admitted, figures(&times, SINGLE, began.elapsed())))
}

fn figures(times: &Latency, count: u32, took: Duration) -> Value {
    json!({
        "per_s": f64::from(count) / took.as_secs_f64(),
        "p50_ms": times.quantile_ms(0.5),
        "p99_ms": times.quantile_ms(0.99),
    })
}

/// A rotation beside live stakes.
fn rotate(plan: &Plan, dir: &Path, vault: &mut Vault) -> Result<(Value, Value)> {
    let rig = Rig::set_up(plan, dir)?;
    let (alone, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let mut stages = Vec::new();
    let (took, times) = std::thread::scope(|scope| -> Result<_> {
        let stakes = scope.spawn(|| stakes(&rig, plan, &alone, &over));
        std::thread::sleep(ALONE);
        alone.store(true, Ordering::Relaxed);
        let began = Instant::now();
        let done = vault.rotate(&dir.join("copies"), &mut |step| {
            if !matches!(step, Step::Carried(_)) {
                stages.push((stage(step), began.elapsed().as_secs_f64()));
            }
        });
        let took = began.elapsed();
        over.store(true, Ordering::Relaxed);
        let times = stakes.join().ok().context("the stakes have panicked")??;
        done?;
        Ok((took, times))
    })?;
    rig.pump.stop()?;
    let stages: Vec<Value> =
        stages.iter().map(|(name, at)| json!({ "done": name, "s": at })).collect();
    let rewrapped = |stage: &&Value| stage["done"] == "filled";
    let rewrap_s = stages.iter().find(rewrapped).map_or(Value::Null, |stage| stage["s"].clone());
    let shown = |times: &Latency| {
        json!({ "p50_ms": times.quantile_ms(0.5), "p99_ms": times.quantile_ms(0.99),
                "max_ms": times.max_ms() })
    };
    let stakes = json!({
        "per_s": STAKES_PER_SECOND,
        "alone": shown(&times.0),
        "beside_rotation": shown(&times.1),
    });
    Ok((json!({ "s": took.as_secs_f64(), "rewrap_s": rewrap_s, "stages": stages }), stakes))
}

fn stage(step: &Step) -> &'static str {
    match step {
        Step::KeyMade(_) => "key made",
        Step::Begun(_) => "begun",
        Step::Carried(_) => "carried",
        Step::Filled(_) => "filled",
        Step::Indexed(_) => "indexed a field",
        Step::Current(_) => "current",
        Step::Copied(_) => "copied",
        Step::Proved(_) => "proved",
        Step::KeyDestroyed(_) => "key destroyed",
        Step::Gone(_) => "gone",
        Step::Forgotten(_) => "forgotten",
    }
}

/// Stakes at a steady pace, one a request; times until the rotation begins, and from then on.
fn stakes(
    rig: &Rig,
    plan: &Plan,
    alone: &AtomicBool,
    over: &AtomicBool,
) -> Result<(Latency, Latency)> {
    let mut world = World::new(plan.seed + 1_000, plan.accounts, plan.stakes_per_order, now());
    let (mut before, mut beside) = (Latency::new(), Latency::new());
    let handle = rig.pump.handle();
    let pace = Duration::from_secs(1) / STAKES_PER_SECOND;
    let mut due = Instant::now();
    while !over.load(Ordering::Relaxed) {
        // Counted from when it was due: a stake that waits behind another is late as well.
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        world.set_clock(now().plus(-BEHIND_NS));
        let message = world.next();
        let rotating = alone.load(Ordering::Relaxed);
        Wait::submit(&handle, Class::Live, vec![message])?.done()?;
        let times = if rotating { &mut beside } else { &mut before };
        times.record(due.elapsed());
        due += pace;
    }
    Ok((before, beside))
}
