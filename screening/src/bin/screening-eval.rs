//! How well names are matched, on the labelled sets that lie beside the project:
//! `screening-eval --data ../shared/data/screening [--json] [--wrong]`.
//!
//! Prints one figure a line with the set it was taken on, or one JSON object. Exits with 1 if a
//! bound of quality is not met. Speed is measured by `bench screening`.

use std::path::PathBuf;
use std::process::ExitCode;

use screening::evaluation::{self as set, Counts, EvaluationFault, PairReport, PeopleReport};
use screening::{List, Names, Reason};

const USAGE: &str = "usage: screening-eval --data DIR [--json] [--wrong]";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    data: PathBuf,
    json: bool,
    wrong: bool,
}

fn options() -> Result<Options, String> {
    let (mut data, mut json, mut wrong) = (None, false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--data" => data = arguments.next().map(PathBuf::from),
            "--json" => json = true,
            "--wrong" => wrong = true,
            _ => return Err(USAGE.into()),
        }
    }
    Ok(Options { data: data.ok_or(USAGE)?, json, wrong })
}

fn run() -> Result<ExitCode, String> {
    let options = options()?;
    let figures = figures(&options).map_err(|error| {
        let source = std::error::Error::source(&error);
        source.map_or(error.to_string(), |source| format!("{error}: {source}"))
    })?;
    if options.json {
        let all: serde_json::Map<String, serde_json::Value> =
            figures.iter().map(|figure| (figure.name.clone(), figure.json())).collect();
        println!("{}", serde_json::Value::Object(all));
    } else {
        figures.iter().for_each(|figure| println!("{}", figure.line()));
    }
    let met = figures.iter().all(Figure::is_met);
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a figure has to be.
enum Bound {
    None,
    AtLeast(u64),
    AtMost(u64),
}

/// One figure in ten-thousandths, or a count.
struct Figure {
    name: String,
    value: u64,
    counts: String,
    bound: Bound,
}

impl Figure {
    fn is_met(&self) -> bool {
        match self.bound {
            Bound::None => true,
            Bound::AtLeast(least) => least <= self.value,
            Bound::AtMost(most) => self.value <= most,
        }
    }

    fn line(&self) -> String {
        let bound = match self.bound {
            Bound::None => String::new(),
            Bound::AtLeast(least) => format!("at least {}", decimal(least)),
            Bound::AtMost(most) => format!("at most {}", decimal(most)),
        };
        let met = if self.is_met() { "" } else { "  NOT MET" };
        format!("{:44} {:>7}  {:16} {}{met}", self.name, decimal(self.value), bound, self.counts)
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "ten_thousandths": self.value, "counts": self.counts, "met": self.is_met(),
        })
    }
}

fn decimal(value: u64) -> String {
    format!("{}.{:04}", value / 10_000, value % 10_000)
}

fn figures(options: &Options) -> Result<Vec<Figure>, EvaluationFault> {
    let mut out = Vec::new();
    let kazakh = set::kazakh_pairs(&options.data)?;
    let bench = set::name_bench(&options.data)?;
    if options.wrong {
        for (case, score, reasons) in set::wrong_cases(&kazakh).chain(set::wrong_cases(&bench)) {
            let way = if case.is_same { "missed" } else { "mistaken" };
            let (one, other) = (&case.one, &case.other);
            println!("{way} {} {score} | {one} | {other} | {}", case.quality, parts(&reasons));
        }
    }
    let kazakh = PairReport::of(&kazakh);
    recall(&mut out, "kz_name_pairs (dev half): recall", kazakh.all, 9_500);
    let namesakes = Figure {
        name: "kz_name_pairs (dev half): namesakes matched".into(),
        value: kazakh.all.false_alarms(),
        counts: counts(kazakh.all),
        bound: Bound::AtMost(100),
    };
    out.push(namesakes);
    for (category, own) in &kazakh.categories {
        out.push(Figure {
            name: format!("  {category}"),
            value: if own.found + own.missed == 0 { own.false_alarms() } else { own.recall() },
            counts: counts(*own),
            bound: Bound::None,
        });
    }
    let bench = PairReport::of(&bench);
    f1(&mut out, "name_bench: F1 of all", bench.all, Bound::AtLeast(8_200));
    f1(&mut out, "name_bench: F1 of people", bench.people, Bound::AtLeast(7_800));
    f1(&mut out, "name_bench: F1 of others", bench.others, Bound::None);
    recall(&mut out, "name_bench: recall of STRONG", bench.strong, 10_000);
    candidates(options, &mut out)?;
    Ok(out)
}

fn parts(reasons: &[Reason]) -> String {
    let part = |reason: &Reason| format!("{} {}", reason.code.name(), reason.effect);
    reasons.iter().map(part).collect::<Vec<_>>().join(", ")
}

fn candidates(options: &Options, out: &mut Vec<Figure>) -> Result<(), EvaluationFault> {
    let data = &options.data;
    let un = set::united_nations(data)?;
    let names = Names::build(&[List { id: 1, entries: &un }]);
    let treated = set::un_treated(data, &names, 1, &un)?;
    out.push(Figure {
        name: "UN names with slips: among the first ten".into(),
        value: treated.ten_share(),
        counts: people(treated),
        bound: Bound::AtLeast(9_900),
    });
    if options.wrong {
        for (name, hit) in set::negative_hits(data, &names)? {
            let listed = &un[hit.entry as usize].names[usize::from(hit.entry_name)].text;
            println!("flagged {} | {name} | {listed} | {}", hit.score, parts(&hit.reasons));
        }
    }
    let flagged = |name: &str, report: PeopleReport, bound| Figure {
        name: name.into(),
        value: report.flagged_share(),
        counts: people(report),
        bound,
    };
    // What the reference flags of them; see docs/screening.md.
    let (by_name, by_birth) = (Bound::AtMost(17), Bound::AtMost(2));
    out.push(flagged(
        "50,000 negatives on UN, names alone",
        set::negatives(data, &names)?,
        by_name,
    ));
    let births = set::negatives_with_births(data, &names)?;
    out.push(flagged("50,000 negatives on UN, with birth dates", births, by_birth));
    let ofac = set::ofac(data)?;
    let both = [List { id: 1, entries: &un }, List { id: 2, entries: &ofac }];
    let names = Names::build(&both);
    let treated = set::un_treated(data, &names, 1, &un)?;
    out.push(Figure {
        name: "the same among UN and OFAC together".into(),
        value: treated.ten_share(),
        counts: people(treated),
        bound: Bound::None,
    });
    let (negatives, congress) = (set::negatives(data, &names)?, set::congress(data, &names)?);
    out.push(flagged("50,000 negatives on UN and OFAC", negatives, Bound::None));
    out.push(flagged("1,254 of Congress on UN and OFAC", congress, Bound::None));
    Ok(())
}

fn recall(out: &mut Vec<Figure>, name: &str, own: Counts, least: u64) {
    let bound = Bound::AtLeast(least);
    out.push(Figure { name: name.into(), value: own.recall(), counts: counts(own), bound });
}

fn f1(out: &mut Vec<Figure>, name: &str, own: Counts, bound: Bound) {
    let (precision, recall) = (decimal(own.precision()), decimal(own.recall()));
    let counts = format!("{}, P {precision}, R {recall}", counts(own));
    out.push(Figure { name: name.into(), value: own.f1(), counts, bound });
}

fn counts(own: Counts) -> String {
    let Counts { found, mistaken, missed, passed } = own;
    format!("found {found}, mistaken {mistaken}, missed {missed}, passed {passed}")
}

fn people(report: PeopleReport) -> String {
    let PeopleReport { asked, unknown, flagged, first, among_ten } = report;
    format!("asked {asked}, unknown {unknown}, flagged {flagged}, first {first}, ten {among_ten}")
}
