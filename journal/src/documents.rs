//! Tests that the documents say what the code does.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use terms::Instant;

use crate::frame::{FactBuffer, Frame, Head, Sealer};
use crate::tree::Frontier;

fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

#[test]
fn the_format_shows_the_golden_files() {
    let document = std::fs::read_to_string(docs().join("journal-format.md")).unwrap();
    let names =
        ["frame-1.hex", "frame-2.hex", "checkpoint.txt", "checkpoint-key.txt", "proof.tlog-proof"];
    for name in names {
        let golden = std::fs::read_to_string(crate::golden::path(name)).unwrap();
        let shown = document.contains(&format!("```text\n{golden}```\n"));
        assert!(shown, "docs/journal-format.md does not show {name} as it is");
    }
}

/// The bytes of a golden frame.
fn golden(name: &str) -> Vec<u8> {
    let lines = std::fs::read_to_string(crate::golden::path(name)).unwrap();
    terms::codec::unhex(&lines.replace('\n', "")).unwrap()
}

/// Frames as they are exported.
fn exported(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for frame in frames {
        out.extend_from_slice(&u32::try_from(frame.len()).unwrap().to_be_bytes());
        out.extend_from_slice(frame);
    }
    out
}

/// Runs `docs/verify-journal.py` on an export; nothing where there is no Python.
fn verified(export: &[u8]) -> Option<Output> {
    let python = Command::new("python3")
        .arg(docs().join("verify-journal.py"))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        let required = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!required, "python3 is required where CI=true");
        println!("NOT RUN: there is no python3 to run docs/verify-journal.py");
        return None;
    };
    // The verifier stops reading at the first error, so that not all may be taken.
    let _ = python.stdin.take().unwrap().write_all(export);
    Some(python.wait_with_output().unwrap())
}

fn check_refused(export: &[u8], why: &str) {
    let Some(output) = verified(export) else { return };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with(&format!("NOT VERIFIED: {why}")), "{said}");
}

#[test]
fn another_verifier_agrees() {
    let mut frames = vec![golden("frame-1.hex"), golden("frame-2.hex")];
    let opened = Frame::open(frames[1].clone()).unwrap();
    let mut frontier = Frontier::new();
    for fact in opened.facts() {
        frontier.push(crate::tree::leaf_hash(fact.unwrap().1));
    }
    let mut sealer = Sealer::new(opened.head(), frontier);
    let mut facts = FactBuffer::new();
    (0..700_u32).for_each(|n| facts.push_with(|out| out.resize(out.len() + n as usize, 7)));
    frames.push(sealer.seal(2, Instant(3_000), &facts).bytes);
    let head = sealer.head();
    let Some(output) = verified(&exported(&frames)) else { return };
    let Head { frame, next_seq, root, hash, .. } = head;
    let expected = format!("frames {frame}\nfacts {next_seq}\nroot {root}\nhash {hash}\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn another_verifier_refuses() {
    let (start, first) = (golden("frame-1.hex"), golden("frame-2.hex"));
    let mut changed = first.clone();
    changed[115] ^= 1;
    check_refused(&exported(&[start.clone(), changed]), "frame 2: the hash is ");
    check_refused(&exported(std::slice::from_ref(&first)), "frame 1: the number is 2");
    check_refused(&exported(&[start.clone(), start.clone()]), "frame 2: the number is 1");
    let mut cut = exported(&[start, first]);
    cut.pop();
    check_refused(&cut, "frame 2: the count of bytes is 154, 155 was expected");
}

/// The table of facts and of the records and closed lists that they are made of, as the page
/// shows it.
fn facts_as_text() -> String {
    use terms::Field as _;
    let mut text = String::from("\n### Facts\n");
    for (kind, version, name, fields) in crate::fact::Fact::kinds() {
        text.push_str(&format!("\n**{kind} {name}**, version {version}\n\n"));
        text.push_str(&fields_as_text(&fields));
    }
    text.push_str("\n### Records inside facts\n");
    let records = [
        ("Cause", crate::fact::Cause::fields()),
        ("BetTerms", crate::fact::BetTerms::fields()),
        ("Posting", crate::fact::Posting::fields()),
        ("OutcomeText", crate::fact::OutcomeText::fields()),
        ("WorksWindow", register::WorksWindow::fields()),
        ("EventRow", register::catalogue::EventRow::fields()),
        ("MarketRow", register::catalogue::MarketRow::fields()),
        ("Leg", register::Leg::fields()),
        ("TaxableObject", register::organiser::TaxableObject::fields()),
        ("Bet", register::Bet::fields()),
        ("Hold", register::bet::Hold::fields()),
        ("Settlement", register::Settlement::fields()),
        ("Rulebook", terms::rulebook::Rulebook::fields()),
        ("Rulebook1", terms::rulebook::Rulebook1::fields()),
        ("Calendar", terms::rulebook::Calendar::fields()),
        ("Offset", terms::time::Offset::fields()),
        ("Rank", terms::rulebook::Rank::fields()),
        ("OddsRules", terms::rulebook::OddsRules::fields()),
        ("Terms", terms::rulebook::Terms::fields()),
        ("Switches", terms::rulebook::Switches::fields()),
        ("PeopleRules", terms::rulebook::PeopleRules::fields()),
        ("Term", terms::Term::fields()),
        ("Rule", terms::rulebook::Rule::fields()),
        ("ListHit", crate::fact::ListHit::fields()),
    ];
    for (name, fields) in records {
        text.push_str(&format!("\n**{name}**\n\n{}", fields_as_text(&fields)));
    }
    text.push_str("\n### Closed lists\n\nOne byte each.\n\n| list | codes |\n|---|---|\n");
    macro_rules! lists {
        ($($list:ty),* $(,)?) => { $(
            let codes: Vec<String> =
                <$list>::ALL.iter().map(|c| format!("{} {}", c.code(), c.name())).collect();
            let name = <$list as terms::Field>::shape();
            text.push_str(&format!("| {name} | {} |\n", codes.join(", ")));
        )* };
    }
    lists!(
        crate::fact::ReleaseGround,
        register::OrganiserKind,
        register::DeskKind,
        register::ContractKind,
        register::ConnectionState,
        register::EventClass,
        register::EventState,
        register::MarketState,
        register::LegResult,
        register::Form,
        register::BetState,
        register::Basis,
        register::BetOutcome,
        register::WorksKind,
        register::WorksScope,
        admission::Level,
        admission::List,
        admission::Method,
        admission::Accept,
        admission::IdentificationMethod,
        admission::IdentificationSource,
        admission::Purpose,
        admission::Scope,
        admission::Recipient,
        admission::ConsentWay,
        admission::HoldGround,
        casework::CaseKind,
        casework::CaseState,
        casework::CaseStep,
        ledger::Class,
        ledger::Block,
        terms::AuditAct,
        terms::AuditResult,
        terms::Clock,
        terms::Unit,
        terms::LeapBirthday,
    );
    text.push('\n');
    text
}

fn fields_as_text(fields: &[(&'static str, String)]) -> String {
    let mut text = String::from("| field | form |\n|---|---|\n");
    for (name, form) in fields {
        text.push_str(&format!("| `{name}` | {form} |\n"));
    }
    text
}

#[test]
fn the_format_lists_every_fact() {
    const BEGIN: &str = "<!-- facts: generated -->\n";
    const END: &str = "<!-- /facts -->";
    let path = docs().join("journal-format.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let generated = facts_as_text();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{generated}{END}{after}")).unwrap();
    } else {
        assert_eq!(shown, generated, "run the test with BLESS=1 and read the difference");
    }
}
