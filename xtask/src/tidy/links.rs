//! Links between pages: every `.md` link to a file of the repository must resolve, and a
//! fragment must name a heading of the page it points into.
//!
//! Reads inline links, images and reference definitions outside code. Addresses with a scheme
//! are left alone: nothing here touches the network.

use super::{Files, Finding, lines};

/// Checks every page; `exists` says whether a path from the root is in the tree.
pub fn check(files: &Files, exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
        for (line, target) in targets(text) {
            if let Err(what) = resolve(files, exists, path, &target) {
                findings.push(Finding::new(path, line, format!("link to `{target}`: {what}")));
            }
        }
    }
    findings
}

fn resolve(
    files: &Files,
    exists: &dyn Fn(&str) -> bool,
    page: &str,
    target: &str,
) -> Result<(), &'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (relative, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = if relative.is_empty() {
        page.to_owned()
    } else {
        join(page, relative).ok_or("leads out of the repository")?
    };
    if !path.is_empty() && !exists(&path) {
        return Err("no such file");
    }
    match files.get(&path) {
        Some(text) if !fragment.is_empty() && path.ends_with(".md") => {
            let known = headings(text).iter().any(|heading| heading == fragment);
            if known { Ok(()) } else { Err("no such heading") }
        }
        Some(_) | None => Ok(()),
    }
}

/// The path from the root that a relative link on a page means.
fn join(page: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The targets of all links on a page, with their lines.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut targets = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code_spans(line);
        for (at, opening) in line.match_indices("](") {
            let rest = &line[at + opening.len()..];
            if let Some(target) = rest.split([')', ' ']).next() {
                targets.push((number, target.to_owned()));
            }
        }
        if let Some((label, target)) = line.split_once("]: ")
            && label.starts_with('[')
            && !label.starts_with("[^")
        {
            targets.push((number, target.trim().to_owned()));
        }
    }
    targets
}

/// The lines of a page outside fenced code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    lines(text).filter(move |(_, line)| {
        let mark = line.trim_start().starts_with("```");
        fenced ^= mark;
        !fenced && !mark
    })
}

fn without_code_spans(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The fragments that a page's headings get, as the common renderers make them.
fn headings(text: &str) -> Vec<String> {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| line.trim_start_matches('#').trim())
        .map(|heading| {
            let keep = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
            heading.to_lowercase().chars().filter(keep).collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{files_of, shown};
    use super::*;

    fn check_text(text: &str, expected: &[&str]) {
        let files = files_of(&[("docs/a.md", text), ("docs/b.md", "# First: the `One`\n")]);
        let exists = |path: &str| ["docs", "docs/a.md", "docs/b.md", "LICENSE"].contains(&path);
        assert_eq!(shown(check(&files, &exists)), expected, "{text}");
    }

    #[test]
    fn links_that_resolve_are_tidy() {
        check_text("[b](b.md) [l](../LICENSE) [r](..) [d](./)\n", &[]);
        check_text("[x](https://example.org/a) [m](mailto:a@example.org)\n", &[]);
        check_text("# A b\n[here](#a-b) [there](b.md#first-the-one)\n", &[]);
        check_text("[b]: b.md\n[^1]: a note\n", &[]);
        check_text("`[x](gone.md)`\n```\n[x](gone.md)\n```\n", &[]);
    }

    #[test]
    fn links_that_do_not_resolve_are_found() {
        check_text("\n[x](gone.md)\n", &["docs/a.md:2: link to `gone.md`: no such file"]);
        check_text("![x](c.svg)\n", &["docs/a.md:1: link to `c.svg`: no such file"]);
        check_text("[b]: gone.md\n", &["docs/a.md:1: link to `gone.md`: no such file"]);
        check_text(
            "[a](b.md) [x](../../y.md)\n",
            &["docs/a.md:1: link to `../../y.md`: leads out of the repository"],
        );
        check_text("[x](/b.md)\n", &["docs/a.md:1: link to `/b.md`: leads out of the repository"]);
        check_text("[x](b.md#two)\n", &["docs/a.md:1: link to `b.md#two`: no such heading"]);
        check_text("[x](#two)\n", &["docs/a.md:1: link to `#two`: no such heading"]);
    }
}
