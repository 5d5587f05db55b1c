//! Libraries from outside: each stands once in the workspace, is used, and has its line in
//! `docs/decisions/dependencies.md`; all packages together stay within a budget.
//!
//! The manifests are read line by line. This house writes one dependency a line, so a parser of
//! the whole format would only be one more dependency.

use super::{Files, Finding, lines};

const MANIFEST: &str = "Cargo.toml";
const LOCK: &str = "Cargo.lock";
const PAGE: &str = "docs/decisions/dependencies.md";

/// Packages in the lock file, ours included. Raise it in the commit that adds a library, with
/// the reason on the page above.
const PACKAGES_MAX: usize = 410;

/// All rules of this file.
pub fn check(files: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    let external = external(files);
    page(files, &external, &mut findings);
    manifests(files, &external, &mut findings);
    budget(files, PACKAGES_MAX, &mut findings);
    findings
}

/// A line of a manifest that gives a name a value.
struct Entry<'a> {
    line: usize,
    section: &'a str,
    /// Up to the first dot: `serde` in `serde.workspace = true`.
    name: &'a str,
    content: &'a str,
}

/// The external libraries of the workspace, with their lines.
fn external(files: &Files) -> Vec<(usize, &str)> {
    let manifest = files.get(MANIFEST).map_or("", String::as_str);
    let ours = |entry: &Entry| entry.content.contains("path =");
    entries(manifest)
        .into_iter()
        .filter(|entry| entry.section == "workspace.dependencies" && !ours(entry))
        .map(|entry| (entry.line, entry.name))
        .collect()
}

fn entries(manifest: &str) -> Vec<Entry<'_>> {
    let mut section = "";
    let mut entries = Vec::new();
    for (line, content) in lines(manifest) {
        if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, _)) = content.split_once('=')
            && !content.starts_with(['#', ' '])
        {
            let name = key.trim().split('.').next().unwrap_or_default();
            entries.push(Entry { line, section, name, content });
        }
    }
    entries
}

/// Compares the libraries with the rows of the page.
fn page(files: &Files, external: &[(usize, &str)], findings: &mut Vec<Finding>) {
    let Some(text) = files.get(PAGE) else {
        findings.push(Finding::new(PAGE, 1, "the page is missing"));
        return;
    };
    let rows: Vec<(usize, &str)> = lines(text)
        .filter_map(|(number, line)| {
            let name = line.strip_prefix("| `")?.split('`').next()?;
            Some((number, name))
        })
        .collect();
    for (line, name) in external {
        let times = rows.iter().filter(|(_, row)| row == name).count();
        if times != 1 {
            let what = format!("`{name}` has {times} rows in {PAGE}, not 1");
            findings.push(Finding::new(MANIFEST, *line, what));
        }
    }
    for (line, row) in rows {
        if !external.iter().any(|(_, name)| *name == row) {
            let what = format!("`{row}` is not a dependency of the workspace");
            findings.push(Finding::new(PAGE, line, what));
        }
    }
}

/// Rooms take their dependencies from the workspace, and the workspace has none that no room
/// takes.
fn manifests(files: &Files, external: &[(usize, &str)], findings: &mut Vec<Finding>) {
    let mut used = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with("/Cargo.toml")) {
        for entry in entries(text) {
            if !entry.section.ends_with("dependencies") {
                continue;
            }
            used.push(entry.name);
            if !entry.content.contains("workspace = true") {
                let what = format!("`{}` must come from the workspace", entry.name);
                findings.push(Finding::new(path, entry.line, what));
            }
        }
    }
    for (line, name) in external {
        if !used.contains(name) {
            findings.push(Finding::new(MANIFEST, *line, format!("no room uses `{name}`")));
        }
    }
}

/// Counts the packages of the lock file.
fn budget(files: &Files, packages_max: usize, findings: &mut Vec<Finding>) {
    let Some(lock) = files.get(LOCK) else {
        findings.push(Finding::new(LOCK, 1, "the lock file is missing"));
        return;
    };
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    if packages > packages_max {
        let what = format!("{packages} packages, over the budget of {packages_max}");
        findings.push(Finding::new(LOCK, 1, what));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{files_of, shown};
    use super::*;

    const ROOT: &str = "\
[workspace.package]
edition = \"2024\"
[workspace.dependencies]
terms = { path = \"terms\" }

serde = \"1\"
csv = { version = \"1\", features = [\"x\"] }
[profile.ci]
inherits = \"dev\"
";
    const ROOM: &str = "\
[package]
name = \"terms\"
[dependencies]
serde.workspace = true
[dev-dependencies]
csv = { workspace = true }
";
    const ROWS: &str = "| library | … |\n|---|---|\n| `serde` | x |\n| `csv` | y |\n";

    fn check_with(page: &str, room: &str, expected: &[&str]) {
        let lock = "[[package]]\nname = \"serde\"\n";
        let files =
            files_of(&[(MANIFEST, ROOT), ("terms/Cargo.toml", room), (PAGE, page), (LOCK, lock)]);
        assert_eq!(shown(check(&files)), expected);
    }

    #[test]
    fn the_page_and_the_workspace_name_the_same_libraries() {
        check_with(ROWS, ROOM, &[]);
        check_with(
            &ROWS.replace("csv", "cvs"),
            ROOM,
            &[
                "Cargo.toml:7: `csv` has 0 rows in docs/decisions/dependencies.md, not 1",
                "docs/decisions/dependencies.md:4: `cvs` is not a dependency of the workspace",
            ],
        );
        check_with(
            &(ROWS.to_owned() + "| `serde` | twice |\n"),
            ROOM,
            &["Cargo.toml:6: `serde` has 2 rows in docs/decisions/dependencies.md, not 1"],
        );
    }

    #[test]
    fn rooms_use_the_libraries_of_the_workspace() {
        check_with(
            ROWS,
            &ROOM.replace("{ workspace = true }", "\"1\""),
            &["terms/Cargo.toml:6: `csv` must come from the workspace"],
        );
        check_with(
            ROWS,
            &ROOM.replace("serde.workspace = true\n", ""),
            &["Cargo.toml:6: no room uses `serde`"],
        );
    }

    #[test]
    fn the_budget_of_packages_is_kept() {
        let check = |packages: usize, expected: usize| {
            let files = files_of(&[(LOCK, &"[[package]]\n".repeat(packages))]);
            let mut findings = Vec::new();
            budget(&files, 3, &mut findings);
            assert_eq!(findings.len(), expected);
        };
        check(3, 0);
        check(4, 1);
    }
}
