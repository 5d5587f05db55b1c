//! Which room may import which, and how many test binaries a room has.
//!
//! The table here is the law; ARCHITECTURE.md shows the same table to readers and is compared
//! with it. A new edge is therefore a visible change of one line in both, in its own commit.

use super::{Files, Finding, lines};
use anyhow::{Context, Result};
use serde_json::Value;

/// What a room may import of ours as a normal or build dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
    /// These rooms and no other.
    Only(&'static [&'static str]),
    /// Any room: the binary and the tools stand outside the house.
    Anything,
}

const TABLE: [(&str, May); 32] = [
    ("terms", May::Only(&[])),
    ("phrases", May::Only(&["terms"])),
    ("ledger", May::Only(&["terms"])),
    ("register", May::Only(&["terms"])),
    ("admission", May::Only(&["terms"])),
    ("casework", May::Only(&["terms"])),
    ("journal", May::Only(&["terms", "ledger", "register", "admission", "casework"])),
    ("desk", May::Only(&["terms", "ledger", "register", "admission", "casework", "journal"])),
    ("reports", May::Only(&["terms", "journal"])),
    ("papers", May::Only(&["terms", "phrases", "reports"])),
    ("store", May::Only(&["terms", "journal", "reports"])),
    ("store-sqlite", May::Only(&["store"])),
    ("store-postgres", May::Only(&["store"])),
    ("cluster", May::Only(&[])),
    ("vault", May::Only(&["terms", "store"])),
    ("pump", May::Only(&["terms", "desk", "journal", "store"])),
    ("link", May::Only(&["terms", "desk", "pump"])),
    ("wire", May::Only(&["terms"])),
    (
        "api",
        May::Only(&[
            "terms",
            "phrases",
            "register",
            "admission",
            "journal",
            "desk",
            "store",
            "pump",
            "wire",
        ]),
    ),
    ("site", May::Only(&["terms", "phrases"])),
    ("console", May::Only(&["terms", "phrases", "journal", "reports", "store", "papers", "site"])),
    ("cabinet", May::Only(&["terms", "phrases", "journal", "reports", "store", "site"])),
    ("matches", May::Only(&["terms"])),
    ("screening", May::Only(&["terms"])),
    ("hsc", May::Only(&["terms", "wire", "matches"])),
    ("links", May::Only(&["terms", "vault", "screening"])),
    (
        "people",
        May::Only(&[
            "terms",
            "phrases",
            "ledger",
            "admission",
            "casework",
            "journal",
            "desk",
            "store",
            "pump",
            "vault",
            "screening",
            "links",
        ]),
    ),
    ("outside", May::Only(&["terms", "links"])),
    ("bej", May::Anything),
    ("sim", May::Anything),
    ("bench", May::Anything),
    ("xtask", May::Anything),
];

/// The page that shows the table, and the lines between which it stands.
const PAGE: &str = "ARCHITECTURE.md";
const BEGIN: &str = "<!-- import table: begin -->";
const END: &str = "<!-- import table: end -->";

/// What this check needs to know of a workspace member.
#[derive(Debug)]
pub struct Package {
    name: String,
    /// Our own rooms among its normal and build dependencies.
    imports: Vec<String>,
    integration_tests: Vec<String>,
}

/// Reads the members out of `cargo metadata --no-deps`.
pub fn packages(metadata: &Value) -> Result<Vec<Package>> {
    let packages = array(metadata, "packages")?;
    packages.iter().map(package).collect()
}

fn package(value: &Value) -> Result<Package> {
    let mut imports = Vec::new();
    for dependency in array(value, "dependencies")? {
        let ours = dependency["path"].is_string();
        let for_tests = dependency["kind"] == "dev";
        if ours && !for_tests {
            imports.push(string(dependency, "name")?);
        }
    }
    let mut integration_tests = Vec::new();
    for target in array(value, "targets")? {
        if array(target, "kind")?.iter().any(|kind| kind == "test") {
            integration_tests.push(string(target, "name")?);
        }
    }
    Ok(Package { name: string(value, "name")?, imports, integration_tests })
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("cargo metadata has no list `{key}`"))
}

fn string(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str();
    Ok(text.with_context(|| format!("cargo metadata has no text `{key}`"))?.to_owned())
}

/// Every member has a row, every row a member, and no member imports what its row lacks.
pub fn imports(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let manifest = format!("{}/Cargo.toml", package.name);
        let Some((_, may)) = TABLE.iter().find(|(room, _)| *room == package.name) else {
            let what = format!("room `{}` has no row in the import table", package.name);
            findings.push(Finding::new(&manifest, 1, what));
            continue;
        };
        let May::Only(allowed) = may else { continue };
        for import in &package.imports {
            if !allowed.contains(&import.as_str()) {
                let what = format!("`{}` may not import `{import}`", package.name);
                findings.push(Finding::new(&manifest, 1, what));
            }
        }
    }
    for (room, _) in TABLE {
        if !packages.iter().any(|package| package.name == room) {
            let what = format!("the import table names `{room}`, which is not a member");
            findings.push(Finding::new("Cargo.toml", 1, what));
        }
    }
    findings
}

/// Each room has at most one integration-test binary: every further one is linked anew.
pub fn test_binaries(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        if package.integration_tests.len() > 1 {
            let names = package.integration_tests.join(", ");
            let what = format!("more than one integration-test binary: {names}");
            findings.push(Finding::new(&format!("{}/Cargo.toml", package.name), 1, what));
        }
    }
    findings
}

/// The page shows the table of this file, row for row.
pub fn architecture(files: &Files) -> Vec<Finding> {
    let Some(page) = files.get(PAGE) else {
        return vec![Finding::new(PAGE, 1, "the page is missing")];
    };
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for (line, row) in rows(page) {
        let [room, may, ..] = row.as_slice() else {
            findings.push(Finding::new(PAGE, line, "a row needs a room and what it may import"));
            continue;
        };
        let room = room.trim_matches('`');
        seen.push(room);
        match TABLE.iter().find(|(name, _)| *name == room) {
            None => {
                let what = format!("row `{room}` is not in the import table of xtask");
                findings.push(Finding::new(PAGE, line, what));
            }
            Some((_, expected)) if *may != cell(*expected) => {
                let what = format!("`{room}` must read: {}", cell(*expected));
                findings.push(Finding::new(PAGE, line, what));
            }
            Some(_) => {}
        }
    }
    for (room, _) in TABLE {
        let times = seen.iter().filter(|name| **name == room).count();
        if times != 1 {
            let what = format!("room `{room}` has {times} rows between the marks, not 1");
            findings.push(Finding::new(PAGE, 1, what));
        }
    }
    findings
}

/// How the page writes what a room may import.
fn cell(may: May) -> String {
    match may {
        May::Anything => "anything".to_owned(),
        May::Only([]) => "–".to_owned(),
        May::Only(rooms) => {
            rooms.iter().map(|room| format!("`{room}`")).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The cells of each row between the marks, without the heading.
fn rows(page: &str) -> Vec<(usize, Vec<&str>)> {
    lines(page)
        .skip_while(|(_, line)| *line != BEGIN)
        .take_while(|(_, line)| *line != END)
        .filter(|(_, line)| line.starts_with('|'))
        .skip(2)
        .map(|(number, line)| (number, line.trim_matches('|').split('|').map(str::trim).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{files_of, shown};
    use super::*;
    use serde_json::json;

    fn room(name: &str, imports: &[&str]) -> Package {
        let imports = imports.iter().map(|import| String::from(*import)).collect();
        Package { name: name.to_owned(), imports, integration_tests: Vec::new() }
    }

    /// The findings for one room, without those about rooms the test leaves out.
    fn check(name: &str, imported: &[&str], expected: &[&str]) {
        let mut found = shown(imports(&[room(name, imported)]));
        found.retain(|finding| !finding.contains("not a member"));
        assert_eq!(found, expected, "{name} imports {imported:?}");
    }

    #[test]
    fn an_edge_outside_the_table_is_found() {
        check("terms", &[], &[]);
        check("ledger", &["terms"], &[]);
        check("bej", &["terms", "desk", "store-sqlite"], &[]);
        check("terms", &["ledger"], &["terms/Cargo.toml:1: `terms` may not import `ledger`"]);
        check("desk", &["store"], &["desk/Cargo.toml:1: `desk` may not import `store`"]);
        check(
            "cellar",
            &[],
            &["cellar/Cargo.toml:1: room `cellar` has no row in the import table"],
        );
    }

    #[test]
    fn a_row_without_a_member_is_found() {
        let all: Vec<Package> = TABLE.iter().map(|(name, _)| room(name, &[])).collect();
        assert_eq!(shown(imports(&all)), Vec::<String>::new());
        assert_eq!(
            shown(imports(&all[1..])),
            ["Cargo.toml:1: the import table names `terms`, which is not a member"]
        );
    }

    /// What is imported by way of a cycle would also be an edge that the rows do not show.
    #[test]
    fn the_table_has_no_cycle() {
        for (index, (room, may)) in TABLE.iter().enumerate() {
            let May::Only(rooms) = may else { continue };
            for import in *rooms {
                let above = TABLE[..index].iter().any(|(name, _)| name == import);
                assert!(above, "`{room}` imports `{import}`, which does not stand above it");
            }
        }
    }

    #[test]
    fn metadata_gives_normal_and_build_imports_and_tests() {
        let metadata = json!({ "packages": [{
            "name": "desk",
            "dependencies": [
                { "name": "terms", "path": "x", "kind": null },
                { "name": "ledger", "path": "x", "kind": "build" },
                { "name": "sim", "path": "x", "kind": "dev" },
                { "name": "hashbrown", "path": null, "kind": null },
            ],
            "targets": [
                { "name": "desk", "kind": ["lib"] },
                { "name": "it", "kind": ["test"] },
                { "name": "more", "kind": ["test"] },
            ],
        }]});
        let packages = packages(&metadata).unwrap();
        assert_eq!(packages[0].imports, ["terms", "ledger"]);
        assert_eq!(
            shown(test_binaries(&packages)),
            ["desk/Cargo.toml:1: more than one integration-test binary: it, more"]
        );
        assert!(super::packages(&json!({})).is_err());
    }

    fn page() -> String {
        let mut page = format!("# House\n{BEGIN}\n| room | may import | holds |\n|---|---|---|\n");
        for (room, may) in TABLE {
            page += &format!("| `{room}` | {} | words |\n", cell(may));
        }
        page + END + "\n| `attic` | after the end | – |\n"
    }

    #[test]
    fn the_page_must_show_the_same_table() {
        let check = |page: &str, expected: &[&str]| {
            assert_eq!(shown(architecture(&files_of(&[(PAGE, page)]))), expected);
        };
        check(&page(), &[]);
        check(
            &page().replace("| `ledger` | `terms` |", "| `ledger` | `desk` |"),
            &["ARCHITECTURE.md:7: `ledger` must read: `terms`"],
        );
        check(
            &page().replace("| `ledger` |", "| `cellar` |"),
            &[
                "ARCHITECTURE.md:7: row `cellar` is not in the import table of xtask",
                "ARCHITECTURE.md:1: room `ledger` has 0 rows between the marks, not 1",
            ],
        );
        assert_eq!(shown(architecture(&files_of(&[]))), ["ARCHITECTURE.md:1: the page is missing"]);
    }
}
