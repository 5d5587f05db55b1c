//! The form of the configuration file. The meaning of each key stands in [`super::keys`].

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub serve: Serve,
    pub node: Node,
    pub inner: Inner,
    pub store: Store,
    pub log: Log,
    pub tls: Tls,
    pub api: Api,
    pub console: Console,
    pub people: People,
    pub probes: Listener,
    pub traces: Traces,
    pub pump: Pump,
    pub lanes: Lanes,
    pub snapshots: Snapshots,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    pub data: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    pub name: Spanned<String>,
    pub api: Spanned<String>,
    pub console: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inner {
    pub listen: Spanned<String>,
    pub pumps: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub make_missing: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    pub listen: Spanned<String>,
    pub connections_max: Spanned<u64>,
    pub connections_per_certificate_max: Spanned<u64>,
    pub live_under_way_max: Spanned<u64>,
    pub settlements_under_way_max: Spanned<u64>,
    pub batches_per_organiser_max: Spanned<u64>,
    pub batches_max: Spanned<u64>,
    pub negatives_per_second: Spanned<u64>,
    pub status_per_second: Spanned<u64>,
    pub checks_per_second: Spanned<u64>,
    pub connection_seconds: Spanned<u64>,
    pub idle_seconds: Spanned<u64>,
    pub stop_seconds: Spanned<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    pub listen: Spanned<String>,
    pub behind_tls: bool,
    pub test_realm: bool,
    pub idle_minutes: Spanned<u64>,
    pub session_minutes: Spanned<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    pub listen: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    pub collector: Spanned<String>,
    pub one_in: Spanned<u64>,
    pub per_second_max: Spanned<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub url: Spanned<String>,
    pub instance: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pump {
    pub commands_per_frame_max: Spanned<u64>,
    pub frame_bytes_max: Spanned<u64>,
    pub index_every_entries: Spanned<u64>,
    pub ids_per_generation: Spanned<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lanes {
    pub control_messages_max: Spanned<u64>,
    pub live_messages_max: Spanned<u64>,
    pub settlement_messages_max: Spanned<u64>,
    pub bulk_messages_max: Spanned<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshots {
    pub every_entries: Spanned<u64>,
    pub every_seconds: Spanned<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    pub cabinet: Spanned<String>,
    pub address: Spanned<String>,
    pub keys: PathBuf,
    pub outside: PathBuf,
    pub consent_way: Spanned<String>,
    pub offer: Spanned<u64>,
    pub list_shrink_permille_max: Spanned<u64>,
}
