//! Every script of `sim/scenarios`, and that together they earn every reason.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sim::scenario::{self, Failure};
use terms::Reason;

/// What nothing can raise yet. The list may only shrink.
const UNREACHABLE: &[(Reason, &str)] = &[
    (Reason::TestAndProductionMixed, "one process is one environment until organisers connect"),
    (Reason::NotAdmitted, "an outer code alone: no inner ground has this name"),
    (Reason::LimitExceeded, "limits of the e-money level come with the payment side"),
];

pub fn scripts() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "scn"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

/// A file may hold several scripts, parted by lines that begin with `---`.
pub fn parts(text: &str) -> Vec<(usize, String)> {
    let mut parts = vec![(0, String::new())];
    for (line, number) in text.lines().zip(1..) {
        if line.starts_with("---") {
            parts.push((number, String::new()));
        } else if let Some((_, part)) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}

#[test]
fn every_script_runs_and_every_reason_is_earned() {
    let mut earned = BTreeSet::new();
    let mut failures = Vec::new();
    for (name, text) in scripts() {
        for (offset, part) in parts(&text) {
            match scenario::run(&part) {
                Ok(run) => earned.extend(run.earned),
                Err(failure) => {
                    let line = offset + failure.line;
                    failures.push(format!("{name}: {}", Failure { line, ..failure }));
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    let excepted: BTreeSet<Reason> = UNREACHABLE.iter().map(|(reason, _)| *reason).collect();
    let all = Reason::ALL.iter().copied();
    let missing: Vec<_> = all.filter(|r| !earned.contains(r) && !excepted.contains(r)).collect();
    assert_eq!(missing, [], "no line of a script earns these");
    let stale: Vec<_> = excepted.intersection(&earned).collect();
    assert!(stale.is_empty(), "these are earned now and leave the list: {stale:?}");
}

#[test]
fn mistakes_of_a_script_name_line_and_word() {
    let cases = [
        ("world\nfly B1", 2, "fly", "there is no such statement"),
        ("world\nstake B1 A9 1.00 M1.1@2", 2, "A9", "nothing has this name yet"),
        ("world\nstake B1 A1 1.0 M1.1@2", 2, "1.0", "a sum such as 2_500.00 is expected"),
        ("world\nstake B1 A1 1.00 M1.1@1", 2, "M1.1@1", ""),
        ("world\nstake B1 A1 1.00 M1.1@2 extra=1", 2, "extra", "this is not understood here"),
        ("world\nstake B1 A1 1.00 M1.1@2 → refused soon", 2, "soon", "there is no such reason"),
        ("world\ncheck W1 balance 1.00", 2, "1.00", "it is 10000.00"),
        ("+30x", 1, "+30x", "a time such as 2026-01-05T12:00:00 or +30s"),
        ("world\n\nperson P2 → refused id_reused", 3, "person", "the answer is: accepted"),
        ("world\ncheck last Refused", 2, "Refused", ""),
    ];
    for (text, line, token, what) in cases {
        let failure = scenario::run(text).unwrap_err();
        if what.is_empty() {
            assert_eq!(failure.line, line, "{text}: {failure}");
        } else {
            let want = Failure { line, token: token.into(), what: what.into() };
            assert_eq!(failure, want, "{text}");
        }
    }
}
