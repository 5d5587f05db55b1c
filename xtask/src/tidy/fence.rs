//! The fence around the pure rooms: no clock, file, socket, environment, thread, random number,
//! seeded map or floating point in them.
//!
//! Clippy is the fence, and this check sees that it stands whole: each pure room has the one
//! `clippy.toml` (a copy of `xtask/fence.toml`, since clippy does not merge two files) and
//! opens its library with the line that makes the lints errors. That line spares test code,
//! which may build what it likes.

use super::{Files, Finding, lines};

/// The rooms that know neither the time nor the world.
const PURE: [&str; 8] =
    ["terms", "ledger", "register", "admission", "casework", "journal", "desk", "reports"];

/// The fence that every pure room carries.
const FENCE: &str = "xtask/fence.toml";

/// The first attribute of every pure library, as `rustfmt` sets it.
const GATE: &str = "\
#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]";

/// Lints that nothing in a pure room may expect away.
const GUARDED: [&str; 4] =
    ["disallowed_macros", "disallowed_methods", "disallowed_types", "float_arithmetic"];

/// Every pure room has its fence and its gate, and no hole in either.
pub fn check(files: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(fence) = files.get(FENCE) else {
        return vec![Finding::new(FENCE, 1, "the fence is missing")];
    };
    for room in PURE {
        let config = format!("{room}/clippy.toml");
        if files.get(&config) != Some(fence) {
            findings.push(Finding::new(&config, 1, format!("must be a copy of {FENCE}")));
        }
        let library = format!("{room}/src/lib.rs");
        if !files.get(&library).is_some_and(|text| text.contains(GATE)) {
            let what = "a pure room opens with the attribute GATE of xtask/src/tidy/fence.rs";
            findings.push(Finding::new(&library, 1, what));
        }
        holes(files, room, &mut findings);
    }
    findings
}

/// Finds an attribute that lets a guarded lint through in the sources of a room.
fn holes(files: &Files, room: &str, findings: &mut Vec<Finding>) {
    let sources = format!("{room}/src/");
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with(&sources)) {
        let text = text.replace(GATE, &"\n".repeat(GATE.lines().count() - 1));
        for (line, content) in lines(&text) {
            for lint in GUARDED {
                if content.contains(&format!("clippy::{lint}")) {
                    let what = format!("a pure room may not set `clippy::{lint}` anew");
                    findings.push(Finding::new(path, line, what));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shown;
    use super::*;

    fn whole() -> Files {
        let mut files = Files::from([(FENCE.to_owned(), "fence".to_owned())]);
        for room in PURE {
            files.insert(format!("{room}/clippy.toml"), "fence".to_owned());
            files.insert(format!("{room}/src/lib.rs"), format!("//! Room.\n{GATE}\nmod a;\n"));
        }
        files
    }

    /// Puts one file in a whole fence, or takes it away, and compares the findings.
    fn check_with(path: &str, text: Option<&str>, expected: &[String]) {
        let mut files = whole();
        files.remove(path);
        if let Some(text) = text {
            files.insert(path.to_owned(), text.to_owned());
        }
        assert_eq!(shown(check(&files)), expected, "{path} is {text:?}");
    }

    #[test]
    fn a_gap_in_the_fence_is_found() {
        let copy = |room: &str| format!("{room}/clippy.toml:1: must be a copy of {FENCE}");
        check_with("desk/clippy.toml", Some("fence"), &[]);
        check_with("desk/clippy.toml", Some("less"), &[copy("desk")]);
        check_with("terms/clippy.toml", None, &[copy("terms")]);
        check_with(FENCE, None, &[format!("{FENCE}:1: the fence is missing")]);
        let gate = "ledger/src/lib.rs:1: a pure room opens with the attribute GATE of \
                    xtask/src/tidy/fence.rs";
        check_with("ledger/src/lib.rs", Some("//! Room.\n"), &[gate.to_owned()]);
    }

    #[test]
    fn a_hole_in_the_fence_is_found() {
        let hole = "journal/src/a.rs:2: a pure room may not set `clippy::disallowed_types` anew";
        let text = "\n#[expect(clippy::disallowed_types, reason = \"haste\")]\n";
        check_with("journal/src/a.rs", Some(text), &[hole.to_owned()]);
        check_with("journal/tests/it/main.rs", Some(text), &[]);
        let reopened = format!("{GATE}\n#![warn(clippy::float_arithmetic)]\n");
        let hole = "desk/src/lib.rs:10: a pure room may not set `clippy::float_arithmetic` anew";
        check_with("desk/src/lib.rs", Some(&reopened), &[hole.to_owned()]);
    }
}
