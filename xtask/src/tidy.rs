//! The tidy checks: each is a function from text to findings, and this file feeds them.
//!
//! Files are those that git tracks or would track; what `.gitignore` names is not looked at.
//! The whole run reads each file once and starts `git` and `cargo metadata` once each.

mod dependencies;
mod fence;
mod links;
mod rooms;
mod text;

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// One thing that is wrong, at one place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The path from the root of the repository.
    file: String,
    /// Counted from one.
    line: usize,
    what: String,
}

impl Finding {
    fn new(file: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { file: file.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// The text files of the repository by path; a file that is not UTF-8 is not among them.
type Files = BTreeMap<String, String>;

/// Runs every check and prints what they find.
pub fn run() -> Result<ExitCode> {
    let root = root()?;
    let files = files(&root)?;
    let metadata = metadata(&root)?;
    let packages = rooms::packages(&metadata)?;
    let exists = |path: &str| root.join(path).exists();

    let checks: [(&str, Vec<Finding>); 7] = [
        ("import table", rooms::imports(&packages)),
        ("ARCHITECTURE.md", rooms::architecture(&files)),
        ("fences", fence::check(&files)),
        ("text", text::check(&files)),
        ("links", links::check(&files, &exists)),
        ("dependencies", dependencies::check(&files)),
        ("test binaries", rooms::test_binaries(&packages)),
    ];
    let mut count = 0;
    for (name, mut findings) in checks {
        findings.sort();
        let verdict = if findings.is_empty() { "ok" } else { "NOT TIDY" };
        println!("tidy: {name}: {verdict}");
        for finding in &findings {
            println!("{finding}");
        }
        count += findings.len();
    }
    println!("tidy: {} files, {count} findings", files.len());
    Ok(if count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The nearest directory upwards that holds the workspace.
fn root() -> Result<PathBuf> {
    let start = std::env::current_dir().context("the current directory cannot be read")?;
    for directory in start.ancestors() {
        let manifest = std::fs::read_to_string(directory.join("Cargo.toml")).unwrap_or_default();
        if manifest.lines().any(|line| line == "[workspace]") {
            return Ok(directory.to_owned());
        }
    }
    bail!("no Cargo workspace at or above {}; run this inside the repository", start.display())
}

fn files(root: &Path) -> Result<Files> {
    let listed = output(
        Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root),
    )?;
    let listed = String::from_utf8(listed).context("a file name is not UTF-8")?;
    let mut files = Files::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // A file that git still tracks may be gone from the tree; that is git's business.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            files.insert(path.to_owned(), text);
        }
    }
    Ok(files)
}

fn metadata(root: &Path) -> Result<serde_json::Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let json = output(
        Command::new(cargo)
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(root),
    )?;
    serde_json::from_slice(&json).context("cargo metadata is not JSON")
}

fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("{command:?} does not start"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// The lines of a file with their numbers, counted from one.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

#[cfg(test)]
fn files_of(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(path, text)| (String::from(*path), String::from(*text))).collect()
}

/// Renders findings for comparison in tests.
#[cfg(test)]
fn shown(findings: Vec<Finding>) -> Vec<String> {
    findings.iter().map(Finding::to_string).collect()
}
