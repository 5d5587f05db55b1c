//! Screening in process: is a number in a set of four million, what differs between two such sets,
//! and who on the lists may bear a name.
//!
//! The numbers are drawn over the birth dates of fifty years; half of the questions are about
//! numbers that are in the set. The names that are asked are those of the labelled sets beside the
//! project, with their birth dates; the lists are those of the United Nations and of the United
//! States and a made-up one of three thousand people. Without the sets the names are left out and
//! the report says so. Everything is measured on one thread.

use std::path::Path;
use std::time::Instant as Moment;

use ::screening::evaluation as set;
use ::screening::{List, Names, Numbers, Subject};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use terms::{Day, Iin};

use crate::latency::Latency;
use crate::rss::{Busy, Resident};
use crate::workload;

/// Questions about numbers.
const QUESTIONS: u64 = 2_000_000;
/// Numbers that the next version of the set has more, and as many less.
const CHANGES: usize = 10_000;
/// Questions about names.
const NAMES: usize = 20_000;
/// People of the made-up list, which is the size of the national one.
const SAMPLE: u32 = 3_000;

/// Measures all three.
pub fn measure(data: &Path, numbers: u64, seed: u64) -> Result<Value> {
    let busy = Busy::read()?;
    let mut random = workload::Numbers(seed);
    let (old, membership) = membership(numbers, &mut random)?;
    let difference = difference(&old, numbers, &mut random)?;
    drop(old);
    let names = if data.is_dir() { names(data)? } else { json!("NOT RUN: the sets are absent") };
    Ok(json!({
        "command": "screening",
        "seed": seed,
        "membership": membership,
        "difference": difference,
        "names": names,
        "others": busy.others_since()?,
    }))
}

/// A number of somebody born between 1950 and 2005.
fn draw(random: &mut workload::Numbers) -> Iin {
    loop {
        let born = Day(-7_305 + random.below(20_089) as i32);
        let (year, month, day) = born.date();
        let century = if year < 2000 { 3 } else { 5 };
        let date = (year as u64 % 100) * 10_000 + u64::from(month) * 100 + u64::from(day);
        let rest = (century + random.below(2)) * 10_000 + random.below(10_000);
        if let Some(iin) = Iin::complete(date * 100_000 + rest) {
            return iin;
        }
    }
}

fn membership(count: u64, random: &mut workload::Numbers) -> Result<(Numbers, Value)> {
    let all: Vec<Iin> = (0..count + count / 100).map(|_| draw(random)).collect();
    let start = Moment::now();
    let set = Numbers::build(all.iter().copied())?;
    let built = start.elapsed();
    let mut latency = Latency::new();
    let mut found = 0u64;
    for question in 0..QUESTIONS {
        let iin = if question % 2 == 0 {
            all[random.below(all.len() as u64) as usize]
        } else {
            draw(random)
        };
        let start = Moment::now();
        let is_in = set.contains(&iin);
        latency.record(start.elapsed());
        found += u64::from(is_in);
    }
    let report = json!({
        "numbers": set.len(),
        "mib": set.bytes() as f64 / f64::from(1 << 20),
        "build_s": built.as_secs_f64(),
        "questions": QUESTIONS,
        "found": found,
        "p50_us": latency.quantile_ms(0.5) * 1e3,
        "p99_us": latency.quantile_ms(0.99) * 1e3,
        "p999_us": latency.quantile_ms(0.999) * 1e3,
        "peak_mib": Resident::read()?.peak_bytes as f64 / f64::from(1 << 20),
    });
    Ok((set, report))
}

/// A version with some numbers gone and as many new, and one that shares nothing but chance.
fn difference(old: &Numbers, count: u64, random: &mut workload::Numbers) -> Result<Value> {
    let new: Vec<Iin> = (0..CHANGES).map(|_| draw(random)).collect();
    let near = Numbers::build(old.iter().skip(CHANGES).chain(new))?;
    let far = Numbers::build((0..count).map(|_| draw(random)))?;
    let one = |other: &Numbers| {
        let start = Moment::now();
        let difference = other.difference(old);
        let (added, removed) = (difference.added().count(), difference.removed().count());
        let took = start.elapsed().as_secs_f64() * 1e3;
        json!({ "added": added, "removed": removed, "ms": took })
    };
    let changed = one(&near);
    Ok(json!({ "changed": changed, "unrelated": one(&far) }))
}

fn names(data: &Path) -> Result<Value> {
    let start = Moment::now();
    let lists = [set::united_nations(data)?, set::ofac(data)?, set::sample_people(SAMPLE)];
    let read = start.elapsed();
    let start = Moment::now();
    let numbered: Vec<List<'_>> =
        (1..).zip(&lists).map(|(id, entries)| List { id, entries }).collect();
    let names = Names::build(&numbered);
    let built = start.elapsed();
    let subjects = subjects(data)?;
    let mut latency = Latency::new();
    let mut hits = 0usize;
    let all = Moment::now();
    for subject in &subjects {
        let start = Moment::now();
        hits += names.query(subject, 10).len();
        latency.record(start.elapsed());
    }
    let seconds = all.elapsed().as_secs_f64();
    Ok(json!({
        "entries": names.entries(),
        "names": names.len(),
        "read_s": read.as_secs_f64(),
        "build_s": built.as_secs_f64(),
        "queries": subjects.len(),
        "hits": hits,
        "per_second": subjects.len() as f64 / seconds,
        "p50_ms": latency.quantile_ms(0.5),
        "p99_ms": latency.quantile_ms(0.99),
        "max_ms": latency.max_ms(),
    }))
}

/// Listed people with slips in their names, and people on no list, in turn.
fn subjects(data: &Path) -> Result<Vec<Subject>> {
    let read = |file: &str| -> Result<Vec<Subject>> {
        let path = data.join("candidates").join(file);
        set::subjects(&path).with_context(|| format!("read {}", path.display()))
    };
    let listed = read("yente_positives_un_treated.csv")?;
    let strangers = read("yente_negatives_global.csv")?;
    let strangers = strangers.into_iter().take(NAMES - listed.len());
    let each = 1 + strangers.len() / listed.len().max(1);
    let mut listed = listed.into_iter();
    let mut all = Vec::with_capacity(NAMES);
    for (at, stranger) in strangers.enumerate() {
        if at % each == 0 {
            all.extend(listed.next());
        }
        all.push(stranger);
    }
    Ok(all)
}
