//! `/v1/changes`: what each version of the schema brought, for machines; `docs/api-changes.md`
//! says the same to people.

use axum::http::StatusCode;
use wire::{Change, Changes, SCHEMA};

use crate::problem::{Answer, json};

/// Versions, the newest first: when it came into force, whether it breaks what worked before, and
/// the addresses and fields that came, changed or went.
const VERSIONS: &[(&str, &str, bool, &[&str])] = &[
    (
        "1.3",
        "2026-12-01",
        false,
        &[
            "/v1/registrations",
            "/v1/order-requests",
            "/v1/accounts/{account}/bettor",
            "/v1/events: account.opened",
        ],
    ),
    ("1.2", "2026-11-22", false, &["problems: 421 another_node, active", "Bej-Active, Bej-As-Of"]),
    ("1.1", "2026-11-22", false, &["/v1/works", "/v1/events: planned_works"]),
    ("1.0", "2026-11-22", false, &["/v1"]),
];

/// All versions.
pub fn answer() -> Answer {
    let change = |(version, since, breaking, touches): &(&str, &str, bool, &[&str])| Change {
        version: (*version).to_owned(),
        since: (*since).to_owned(),
        breaking: *breaking,
        touches: touches.iter().map(|place| (*place).to_owned()).collect(),
    };
    let changes = VERSIONS.iter().map(change).collect();
    json(StatusCode::OK, &Changes { schema: SCHEMA.to_owned(), changes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_the_one_that_is_spoken() {
        assert_eq!(VERSIONS[0].0, SCHEMA);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api-changes.md");
        let text = std::fs::read_to_string(path).unwrap();
        for (version, since, ..) in VERSIONS {
            assert!(text.contains(&format!("## {version}, {since}")), "{version}");
        }
    }
}
