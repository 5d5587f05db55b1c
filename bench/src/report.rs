//! What a command prints: one JSON object, or a table for people.
//!
//! The figures at the top of the object are those of the first place, which by default is in
//! memory; `ratio_disk` is that of the first place on a disk. All places stand below `places`.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::contender::Contender;
use crate::measure::{Figure, Plan};
use crate::place::{Kind, Place};
use crate::product::Job;
use crate::rounds::Series;

/// All that a command measured.
#[derive(Debug)]
pub struct Report {
    /// The name of the command.
    pub command: &'static str,
    /// What was asked.
    pub plan: Plan,
    /// How often each contender was measured.
    pub rounds: usize,
    /// At least one place, each with at least one contender, the one in question first.
    pub places: Vec<(Place, Vec<Series>)>,
}

impl Report {
    /// One object.
    pub fn to_json(&self) -> Value {
        let mut top = Map::new();
        top.insert("command".into(), json!(self.command));
        if let Some((_, series)) = self.places.first() {
            top.append(&mut summary(series));
        }
        let on_disk = self.places.iter().find(|(place, _)| place.kind == Kind::Disk);
        if let Some(ratio) = on_disk.and_then(|(_, series)| summary(series).remove("ratio")) {
            top.insert("ratio_disk".into(), ratio);
        }
        top.insert("batch".into(), json!(self.plan.batch));
        top.insert("accounts".into(), json!(self.plan.accounts));
        top.insert("seconds".into(), json!(self.plan.seconds));
        top.insert("seed".into(), json!(self.plan.seed));
        top.insert("rounds".into(), json!(self.rounds));
        top.insert("commit".into(), json!(commit()));
        top.insert("places".into(), self.places.iter().map(place_json).collect());
        Value::Object(top)
    }

    /// A table a place.
    pub fn to_text(&self) -> String {
        let Plan { batch, accounts, seconds, .. } = self.plan;
        let mut text = format!(
            "{}: batches of {batch}, {accounts} accounts, {seconds} s, medians of {} rounds, \
             commit {}\n",
            self.command,
            self.rounds,
            commit(),
        );
        for (place, series) in &self.places {
            let _ = write!(text, "\n{} ({})\n{}", place.dir.display(), place.kind.name(), head());
            for one in series {
                text.push_str(&row(one));
            }
            let summary = summary(series);
            for (name, of) in
                [("ratio", "(a)"), ("ratio_b", "(b)"), ("ratio_time", "of requests for the time")]
            {
                if let Some(ratio) = summary.get(name).and_then(Value::as_f64) {
                    let _ = writeln!(text, "  {ratio:.2} x baseline {of}");
                }
            }
        }
        text
    }
}

/// The figures of the contender in question and of the baselines beside it, as in one place.
fn summary(series: &[Series]) -> Map<String, Value> {
    let find = |contender| series.iter().find(|one| one.contender == contender);
    let product = series.iter().find(|one| matches!(one.contender, Contender::Product(_)));
    let mut figures = Map::new();
    if let Some(one) = product.or(series.first()) {
        for figure in Figure::ALL {
            figures.insert(figure.name().into(), json!(rounded(one.median(figure))));
        }
    }
    if product.is_none() {
        // A run of the baselines alone says nothing of the product.
        figures.remove(Figure::PerSecond.name());
    }
    // What on PostgreSQL stands beside (b) is one stake a request too.
    let alone = find(Contender::Product(Job::HttpPostgres));
    let names = [
        (Contender::Rows, product, "baseline_per_second", "ratio"),
        (Contender::Unnest, product, "baseline_per_second", "ratio"),
        (Contender::Frames, product, "baseline_b_per_second", "ratio_b"),
        (Contender::Single, alone, "baseline_b_per_second", "ratio_b"),
        (Contender::Product(Job::HttpTime), product, "baseline_time_per_second", "ratio_time"),
    ];
    for (contender, product, per_second, ratio) in names {
        let Some(baseline) = find(contender) else { continue };
        figures.insert(per_second.into(), json!(rounded(baseline.median(Figure::PerSecond))));
        if let Some(product) = product {
            figures.insert(ratio.into(), json!(rounded(product.ratio(baseline))));
        }
    }
    if let Some(alone) = alone {
        let per_second = rounded(alone.median(Figure::PerSecond));
        figures.insert("http_per_second".into(), json!(per_second));
    }
    figures
}

fn place_json((place, series): &(Place, Vec<Series>)) -> Value {
    let mut object = summary(series);
    object.insert("dir".into(), json!(place.dir.display().to_string()));
    object.insert("kind".into(), json!(place.kind.name()));
    object.insert("contenders".into(), series.iter().map(series_json).collect());
    Value::Object(object)
}

fn series_json(series: &Series) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), json!(series.contender.name()));
    for figure in Figure::ALL {
        object.insert(figure.name().into(), json!(rounded(series.median(figure))));
    }
    let (low, high) = series.range(Figure::PerSecond);
    object.insert("per_second_min".into(), json!(rounded(low)));
    object.insert("per_second_max".into(), json!(rounded(high)));
    Value::Object(object)
}

/// Five digits are more than a measurement has, and enough that a ratio can be recomputed.
fn rounded(value: f64) -> f64 {
    if value.abs() < 1e-9 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powi(4 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

fn head() -> String {
    format!(
        "  {:<14}{:>10}{:>21}{:>9}{:>9}{:>9}{:>9}{:>10}{:>10}{:>9}{:>9}{:>8}{:>8}\n",
        "contender",
        "per s",
        "(min - max)",
        "p50 ms",
        "p99 ms",
        "p99.9",
        "max",
        "sync p50",
        "sync p99",
        "rss MiB",
        "WAL MiB",
        "B each",
        "others",
    )
}

fn row(series: &Series) -> String {
    let of = |figure| series.median(figure);
    let (low, high) = series.range(Figure::PerSecond);
    format!(
        "  {:<14}{:>10.0}{:>21}{:>9.3}{:>9.3}{:>9.2}{:>9.2}{:>10.3}{:>10.3}{:>9.0}{:>9.0}\
         {:>8.0}{:>8.2}\n",
        series.contender.name(),
        of(Figure::PerSecond),
        format!("({low:.0} - {high:.0})"),
        of(Figure::P50Ms),
        of(Figure::P99Ms),
        of(Figure::P999Ms),
        of(Figure::MaxMs),
        of(Figure::SyncP50Ms),
        of(Figure::SyncP99Ms),
        of(Figure::RssMib),
        of(Figure::WalMib),
        of(Figure::BytesEach),
        of(Figure::OthersCores),
    )
}

/// The commit of the sources, as far as git tells where the command runs.
fn commit() -> String {
    let output = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Measured;

    fn series(contender: Contender, per_second: &[f64]) -> Series {
        let measured = |value: &f64| {
            let mut figures = [1.5; Figure::ALL.len()];
            figures[Figure::PerSecond as usize] = *value;
            Measured(figures)
        };
        Series { contender, rounds: per_second.iter().map(measured).collect() }
    }

    fn report(product: bool) -> Report {
        let place = |dir: &str, kind| Place { dir: dir.into(), kind };
        let contenders = |scale: f64| {
            let mut all = vec![
                series(Contender::Rows, &[100.0, 110.0]),
                series(Contender::Frames, &[1_000.0, 1_200.0]),
            ];
            if product {
                let stakes = Contender::Product(Job::Stakes);
                all.insert(0, series(stakes, &[600.0 * scale, 660.0 * scale]));
            }
            all
        };
        Report {
            command: "stakes",
            plan: Plan {
                seconds: 5.0,
                batch: 1_000,
                accounts: 10,
                operation_bytes: 160,
                stakes_per_order: 10,
                seed: 1,
            },
            rounds: 2,
            places: vec![
                (place("/m", Kind::Memory), contenders(1.0)),
                (place("/d", Kind::Disk), contenders(0.5)),
            ],
        }
    }

    fn check(value: &Value, name: &str, expected: f64) {
        let found = value[name].as_f64().unwrap_or(f64::NAN);
        assert!((found - expected).abs() < 1e-6, "{name}: {found}");
    }

    #[test]
    fn the_top_shows_memory_and_the_ratio_of_the_disk() {
        let value = report(true).to_json();
        check(&value, "per_second", 630.0);
        check(&value, "baseline_per_second", 105.0);
        check(&value, "ratio", 6.0);
        check(&value, "ratio_disk", 3.0);
        check(&value, "baseline_b_per_second", 1_100.0);
        check(&value, "ratio_b", 0.575);
        check(&value, "p99_ms", 1.5);
        check(&value, "sync_p99_ms", 1.5);
        check(&value["places"][1], "ratio", 3.0);
        check(&value["places"][1]["contenders"][1], "per_second_max", 110.0);
        assert!(report(true).to_text().contains("6.00 x baseline (a)"));
    }

    #[test]
    fn on_postgresql_one_a_request_stands_beside_single_transfers() {
        let mut report = report(false);
        let product = Contender::Product;
        report.places[0].1 = vec![
            series(product(Job::StakesPostgres), &[500.0]),
            series(Contender::Unnest, &[100.0]),
            series(product(Job::HttpPostgres), &[30.0]),
            series(Contender::Single, &[10.0]),
        ];
        let value = report.to_json();
        check(&value, "per_second", 500.0);
        check(&value, "ratio", 5.0);
        check(&value, "baseline_b_per_second", 10.0);
        check(&value, "http_per_second", 30.0);
        check(&value, "ratio_b", 3.0);
    }

    #[test]
    fn baselines_alone_do_not_pose_as_the_product() {
        let value = report(false).to_json();
        check(&value, "baseline_per_second", 105.0);
        for name in ["per_second", "ratio", "ratio_disk", "ratio_b"] {
            assert!(value.get(name).is_none(), "{name}");
        }
    }

    #[test]
    fn figures_keep_five_digits() {
        for (value, expected) in [(123_456.7, 123_460.0), (0.001_234_567, 0.001_234_6), (0.0, 0.0)]
        {
            assert!((rounded(value) - expected).abs() < 1e-9, "{value}");
        }
    }
}
