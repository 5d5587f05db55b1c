//! What no file of the repository may contain, and how wide and long sources may be.
//!
//! Words that are looked for are put together at run time, so that this file is as tidy as the
//! rest. Two lists of exceptions stand here, and may only shrink: an entry that is larger than
//! the file needs is itself a finding.

use super::{Files, Finding, lines};

const COLUMNS_MAX: usize = 100;
const LINES_MAX: usize = 800;

/// Files over 800 lines, with the lines they have today.
const LONG: [(&str, usize); 0] = [];

/// Files with lines over 100 columns, with the number of such lines today.
const WIDE: [(&str, usize); 0] = [];

/// Endings of source files, whose width and length are limited.
const SOURCES: [&str; 4] = [".rs", ".sql", ".sh", ".toml"];

/// Scripts that have no ending.
const SCRIPTS: [&str; 3] = ["check", "demo", ".ci/run"];

/// The lock file names the registry of every package; nothing else may.
const LOCK: &str = "Cargo.lock";

/// All rules of this file, over all files.
pub fn check(files: &Files) -> Vec<Finding> {
    check_with(files, &LONG, &WIDE)
}

fn check_with(files: &Files, long: &[(&str, usize)], wide: &[(&str, usize)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in files {
        if path != LOCK {
            strangers(path, text, &mut findings);
        }
        if is_source(path) {
            size(path, text, long, wide, &mut findings);
        }
        if is_source(path) || path.ends_with(".md") {
            blanks(path, text, &mut findings);
        }
        if path.ends_with(".rs") {
            words(path, text, &mut findings);
        }
    }
    for (path, _) in long.iter().chain(wide) {
        if !files.contains_key(*path) {
            let what = "a list of exceptions in tidy/text.rs names this file, which is gone";
            findings.push(Finding::new(path, 1, what));
        }
    }
    findings
}

fn is_source(path: &str) -> bool {
    SOURCES.iter().any(|ending| path.ends_with(ending)) || SCRIPTS.contains(&path)
}

/// Limits the lines of a source and their width.
fn size(
    path: &str,
    text: &str,
    long: &[(&str, usize)],
    wide: &[(&str, usize)],
    findings: &mut Vec<Finding>,
) {
    let excepted = |list: &[(&str, usize)]| {
        list.iter().find(|(name, _)| *name == path).map(|(_, number)| *number)
    };
    let length = text.lines().count();
    match excepted(long) {
        None if length > LINES_MAX => {
            let what = format!("{length} lines, over {LINES_MAX}: split it by idea");
            findings.push(Finding::new(path, LINES_MAX + 1, what));
        }
        Some(listed) if length != listed.max(LINES_MAX + 1) => {
            let what = format!("{length} lines, but LONG in tidy/text.rs says {listed}");
            findings.push(Finding::new(path, 1, what));
        }
        None | Some(_) => {}
    }
    let over: Vec<usize> = lines(text)
        .filter(|(_, line)| line.chars().count() > COLUMNS_MAX)
        .map(|(number, _)| number)
        .collect();
    match excepted(wide) {
        None => {
            for line in over {
                findings.push(Finding::new(path, line, format!("over {COLUMNS_MAX} columns")));
            }
        }
        Some(listed) if over.len() != listed => {
            let what = format!("{} wide lines, but WIDE in tidy/text.rs says {listed}", over.len());
            findings.push(Finding::new(path, 1, what));
        }
        Some(_) => {}
    }
}

/// Finds tabs, blanks at the end of a line, and a last line without its end.
fn blanks(path: &str, text: &str, findings: &mut Vec<Finding>) {
    for (number, line) in lines(text) {
        if line.contains('\t') {
            findings.push(Finding::new(path, number, "a tab"));
        }
        if line != line.trim_end() {
            findings.push(Finding::new(path, number, "blanks at the end of the line"));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        let last = text.lines().count();
        findings.push(Finding::new(path, last, "the last line has no line end"));
    }
}

/// Finds words that Rust sources may not contain.
fn words(path: &str, text: &str, findings: &mut Vec<Finding>) {
    let unwanted = [
        (["#[", "allow("], "use #[expect(…, reason = \"…\")]"),
        (["#![", "allow("], "use #![expect(…, reason = \"…\")]"),
        (["#[", "ignore"], "a test that does not run shows nothing"),
        (["todo", "!("], "finish it, or leave it out"),
        (["unimplemented", "!("], "finish it, or leave it out"),
        (["FIX", "ME"], "mend it, or open an issue"),
        (["dbg", "!("], "what is worth knowing belongs to an error or an event"),
    ];
    for (number, line) in lines(text) {
        for (parts, advice) in &unwanted {
            let word = parts.concat();
            if line.contains(&word) {
                findings.push(Finding::new(path, number, format!("`{word}`: {advice}")));
            }
        }
    }
    // A test that waits for a time to pass is slow on a good day and wrong on a bad one.
    let sleep = ["thread::", "sleep("].concat();
    if path.contains("/tests/") {
        for (number, _) in lines(text).filter(|(_, line)| line.contains(&sleep)) {
            findings.push(Finding::new(path, number, "a test sleeps; wait for the event itself"));
        }
    }
}

/// Finds directories of a developer's machine and hosts of package registries: a clone must
/// build wherever it lies and whatever mirror it uses.
fn strangers(path: &str, text: &str, findings: &mut Vec<Finding>) {
    let directories = ["work", "home", "root", "Users"].map(|name| format!("/{name}/"));
    let hosts = [
        ["crates", "io"].join("."),
        ["static", "rust-lang", "org"].join("."),
        ["pypi", "org"].join("."),
        ["pythonhosted", "org"].join("."),
        ["npmjs", "org"].join("."),
        ["npmjs", "com"].join("."),
        ["proxy", "golang", "org"].join("."),
        ["deb", "debian", "org"].join("."),
    ];
    for (number, line) in lines(text) {
        for directory in &directories {
            if line.match_indices(directory).any(|(at, _)| begins_path(&line[..at])) {
                let what = format!("`{directory}`: a path of one machine");
                findings.push(Finding::new(path, number, what));
            }
        }
        for host in &hosts {
            if line.contains(host) {
                let what = format!("`{host}`: the host of a package registry");
                findings.push(Finding::new(path, number, what));
            }
        }
    }
}

/// Whether a slash after this text begins an absolute path rather than continuing another.
fn begins_path(before: &str) -> bool {
    let continues = |last: char| last.is_alphanumeric() || "._-})*".contains(last);
    !before.chars().next_back().is_some_and(continues)
}

#[cfg(test)]
mod tests {
    use super::super::{files_of, shown};
    use super::*;

    fn check_file(path: &str, text: &str, expected: &[&str]) {
        let found = shown(check_with(&files_of(&[(path, text)]), &[], &[]));
        let expected: Vec<String> = expected.iter().map(|what| format!("{path}:{what}")).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn blanks_are_found() {
        check_file("a.rs", "fn a() {}\n", &[]);
        check_file("a.rs", "", &[]);
        check_file("a.rs", "fn a() {} \n", &["1: blanks at the end of the line"]);
        check_file("a.md", "one\n\ttwo\n", &["2: a tab"]);
        check_file("check", "#!/bin/sh\nexit", &["2: the last line has no line end"]);
        check_file("golden.tsv", "a\tb \n", &[]);
    }

    #[test]
    fn wide_and_long_sources_are_found() {
        let wide = |columns: usize| "ж".repeat(columns) + "\n";
        check_file("a.rs", &wide(100), &[]);
        check_file("a.rs", &wide(101), &["1: over 100 columns"]);
        check_file("a.md", &wide(101), &[]);
        check_file("a.sql", &"x\n".repeat(800), &[]);
        check_file("a.sql", &"x\n".repeat(801), &["801: 801 lines, over 800: split it by idea"]);
    }

    #[test]
    fn exceptions_may_only_shrink() {
        let check = |text: String, long: usize, wide: usize, expected: &[&str]| {
            let files = files_of(&[("a.rs", &text)]);
            assert_eq!(shown(check_with(&files, &[("a.rs", long)], &[("a.rs", wide)])), expected);
        };
        let text = |lines: usize| "ж".repeat(101) + &"\n".repeat(lines);
        check(text(900), 900, 1, &[]);
        check(text(901), 900, 1, &["a.rs:1: 901 lines, but LONG in tidy/text.rs says 900"]);
        check(text(899), 900, 1, &["a.rs:1: 899 lines, but LONG in tidy/text.rs says 900"]);
        check(text(700), 700, 1, &["a.rs:1: 700 lines, but LONG in tidy/text.rs says 700"]);
        check(text(900), 900, 2, &["a.rs:1: 1 wide lines, but WIDE in tidy/text.rs says 2"]);
        let gone = check_with(&files_of(&[]), &[("b.rs", 900)], &[]);
        assert_eq!(gone.len(), 1);
    }

    #[test]
    fn unwanted_words_are_found() {
        let check = |parts: [&str; 2], found: bool| {
            let text = parts.concat() + "\n";
            let files = files_of(&[("a/tests/it/main.rs", &text)]);
            assert_eq!(!check_with(&files, &[], &[]).is_empty(), found, "{text}");
        };
        check(["#[expect", "(dead_code, reason = \"…\")]"], false);
        check(["#[", "allow(dead_code)]"], true);
        check(["#![", "allow(dead_code)]"], true);
        check(["todo", "!()"], true);
        check(["unimplemented", "!()"], true);
        check(["// FIX", "ME: later"], true);
        check(["dbg", "!(x)"], true);
        check(["#[", "ignore]"], true);
        check(["std::thread::", "sleep(second)"], true);
        check(["allow", "(x)"], false);
    }

    #[test]
    fn paths_of_a_machine_and_registries_are_found() {
        let check = |parts: &[&str], found: bool| {
            let text = parts.concat() + "\n";
            let files = files_of(&[("a.md", &text)]);
            assert_eq!(!check_with(&files, &[], &[]).is_empty(), found, "{text}");
        };
        check(&["/", "work/x"], true);
        check(&["see (/", "home/me/x)"], true);
        check(&["file:///", "root/x"], true);
        check(&["/", "Users/me"], true);
        check(&["tree/", "root/hash"], false);
        check(&["../shared/data/", "work/x"], false);
        check(&["/var/lib/bej"], false);
        check(&["https://static.crates", ".io/x"], true);
        check(&["files.python", "hosted.org"], true);
        check(&["https://example.org"], false);
    }

    #[test]
    fn only_the_lock_file_names_the_registry() {
        let line = ["source = \"registry+https://github.com/x/crates", ".io-index\"\n"].concat();
        assert_eq!(check_with(&files_of(&[(LOCK, &line)]), &[], &[]), []);
        assert_eq!(check_with(&files_of(&[("a.toml", &line)]), &[], &[]).len(), 1);
    }
}
