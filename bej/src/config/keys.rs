//! The keys of the configuration: what each holds, its bounds, and the reason for them.
//!
//! The sample and the reference are made from these tables.

use toml::Spanned;

use super::source::Source;

/// The sections in the order of the sample.
pub const SECTIONS: [&str; 14] = [
    "serve",
    "node",
    "inner",
    "store",
    "log",
    "tls",
    "api",
    "console",
    "people",
    "probes",
    "traces",
    "pump",
    "lanes",
    "snapshots",
];

/// A key whose value is no number.
pub struct Word {
    /// The section.
    pub section: &'static str,
    /// The key.
    pub key: &'static str,
    /// The value to begin with, as TOML.
    pub standard: &'static str,
    /// What it holds, and why.
    pub reason: &'static str,
}

pub const WORDS: [Word; 21] = [
    Word {
        section: "serve",
        key: "data",
        standard: "\"bej-data\"",
        reason: "The data directory: certificates, who they speak for, bettors' sessions and \
                 what organisers are told.",
    },
    Word {
        section: "node",
        key: "name",
        standard: "\"one\"",
        reason: "The name of this node among those of one PostgreSQL store, of which one decides \
                 and the others follow: a-z, 0-9 and -.",
    },
    Word {
        section: "node",
        key: "api",
        standard: "\"\"",
        reason: "Where organisers are sent who ask another node while this one decides: \
                 host:port, by a name that is in its certificate. Empty for api.listen.",
    },
    Word {
        section: "node",
        key: "console",
        standard: "\"\"",
        reason: "Where browsers are sent meanwhile, as in https://console-1.example. Empty for \
                 console.listen.",
    },
    Word {
        section: "inner",
        key: "listen",
        standard: "\"127.0.0.1:7443\"",
        reason: "Where a process of the group pump is reached by the other groups: an address of \
                 loopback or of a private network, never one of the outside.",
    },
    Word {
        section: "inner",
        key: "pumps",
        standard: "[\"127.0.0.1:7443\"]",
        reason: "Where the other groups look for the process that decides: inner.listen of each \
                 process of the group pump, by a host that is in its certificate.",
    },
    Word {
        section: "store",
        key: "url",
        standard: "\"sqlite:bej-data/bej.db\"",
        reason: "Where the journal lies: sqlite:PATH or postgres://USER@HOST/DATABASE.",
    },
    Word {
        section: "store",
        key: "instance",
        standard: "\"local\"",
        reason: "The name of this journal, which stands under its checkpoints: a-z, 0-9 and -. \
                 Never changed.",
    },
    Word {
        section: "log",
        key: "level",
        standard: "\"info\"",
        reason: "error, warn, info, debug or trace; to standard error. Failures that stop nothing \
                 are at warn.",
    },
    Word {
        section: "tls",
        key: "make_missing",
        standard: "true",
        reason: "Whether ca.crt, server.crt and server.key are made in tls/ of the data directory \
                 where they are not there: a development authority, for loopback. false in \
                 production: then they are those of the operator's own authority.",
    },
    Word {
        section: "api",
        key: "listen",
        standard: "\"127.0.0.1:8443\"",
        reason: "Where organisers connect over mutual TLS 1.3; port 0 takes a free one.",
    },
    Word {
        section: "console",
        key: "listen",
        standard: "\"127.0.0.1:8481\"",
        reason: "Where the console's pages are: plain HTTP, so on loopback only. A proxy on this \
                 machine that speaks TLS brings them to the staff.",
    },
    Word {
        section: "console",
        key: "behind_tls",
        standard: "false",
        reason: "Whether browsers reach the pages over TLS. true in production: cookies are then \
                 sent over TLS alone and belong to this host.",
    },
    Word {
        section: "console",
        key: "test_realm",
        standard: "false",
        reason: "Whether every page says that no real money moves here.",
    },
    Word {
        section: "people",
        key: "cabinet",
        standard: "\"127.0.0.1:8482\"",
        reason: "Where the bettors' pages are: plain HTTP, so on loopback only. A proxy on this \
                 machine that speaks TLS brings them to phones.",
    },
    Word {
        section: "people",
        key: "address",
        standard: "\"\"",
        reason: "Where bettors reach those pages, as in https://cabinet.example: what the links \
                 lead to that organisers give them. Empty for where they listen.",
    },
    Word {
        section: "people",
        key: "keys",
        standard: "\"\"",
        reason: "The directory with the keys of personal data and of sign-in, on a medium apart \
                 from the store and its backups: without it nobody can be read, and with it all \
                 can. Empty for keys/ in the data directory, which is for development.",
    },
    Word {
        section: "people",
        key: "outside",
        standard: "\"\"",
        reason: "The file that says how the systems outside are reached, and by which keys they \
                 and we are known (docs/connect-outside.md). Empty for none: registrations then \
                 wait, and nobody is admitted for want of an answer.",
    },
    Word {
        section: "people",
        key: "consent_way",
        standard: "\"sms1414\"",
        reason: "How a person is asked for access to data of the state (clause 7 of the State \
                 service's rules): sms1414 unless another way was granted: biometry, signature, \
                 proactive, logging_1, logging_2, logging_9, logging_9_2 or one_time_code.",
    },
    Word {
        section: "probes",
        key: "listen",
        standard: "\"127.0.0.1:8480\"",
        reason: "Where health and metrics are asked for: plain HTTP without protection of its \
                 own, so on loopback only.",
    },
    Word {
        section: "traces",
        key: "collector",
        standard: "\"\"",
        reason: "Where a collector hears over OTLP (HTTP, protobuf, /v1/traces) how requests \
                 spend their time, as in 127.0.0.1:4318; empty for nowhere, which costs \
                 nothing. Plain HTTP, so on loopback only: a collector on this machine sends on \
                 what may leave it. No account, name or sum is in a trace.",
    },
];

/// A number of the configuration.
pub struct Number {
    pub section: &'static str,
    pub key: &'static str,
    pub standard: u64,
    pub least: u64,
    pub most: u64,
    pub reason: &'static str,
    pub of: fn(&Source) -> &Spanned<u64>,
}

pub const NUMBERS: [Number; 28] = [
    Number {
        section: "people",
        key: "offer",
        standard: 1,
        least: 1,
        most: 1_000_000,
        reason: "The version of the public offer that holds: a registration that accepts another \
                 one is asked again.",
        of: |source| &source.people.offer,
    },
    Number {
        section: "people",
        key: "list_shrink_permille_max",
        standard: 100,
        least: 0,
        most: 1_000,
        reason: "How many of a thousand entries a version of a list may lose until a second person \
                 has to confirm it: a cut file would let everybody in whom it leaves out.",
        of: |source| &source.people.list_shrink_permille_max,
    },
    Number {
        section: "api",
        key: "connections_max",
        standard: 2_048,
        least: 64,
        most: 65_536,
        reason: "Connections at a time: twenty organisers with all of theirs, and some that have \
                 not shown a certificate yet. Each takes a descriptor and up to 100 KiB.",
        of: |source| &source.api.connections_max,
    },
    Number {
        section: "api",
        key: "connections_per_certificate_max",
        standard: 64,
        least: 2,
        most: 1_024,
        reason: "Connections at a time that show the same certificate. 32 reach full speed; one \
                 organiser must leave room for the others.",
        of: |source| &source.api.connections_per_certificate_max,
    },
    Number {
        section: "api",
        key: "live_under_way_max",
        standard: 512,
        least: 16,
        most: 16_384,
        reason: "Stakes, holds and changes of markets of one organiser that are under way at a \
                 time, each as a request of its own. What is beyond hears 503 at once and costs \
                 next to nothing, and what is within is answered in a fifth of a second at full \
                 speed also if ten organisers send all they can.",
        of: |source| &source.api.live_under_way_max,
    },
    Number {
        section: "api",
        key: "settlements_under_way_max",
        standard: 512,
        least: 16,
        most: 16_384,
        reason: "Settlements, reports of desks and entries of the catalogue of one organiser that \
                 are under way at a time, each as a request of its own. They have room of their \
                 own, so that a flood of stakes holds up none of them.",
        of: |source| &source.api.settlements_under_way_max,
    },
    Number {
        section: "api",
        key: "batches_per_organiser_max",
        standard: 8,
        least: 1,
        most: 256,
        reason: "Batches of one organiser that are under way at a time. Four keep the pump busy; \
                 one organiser leaves room for the others.",
        of: |source| &source.api.batches_per_organiser_max,
    },
    Number {
        section: "api",
        key: "batches_max",
        standard: 16,
        least: 1,
        most: 256,
        reason: "Batches that are held at a time, of all organisers: 8 MiB and its messages each, \
                 so that memory stays below a gigabyte.",
        of: |source| &source.api.batches_max,
    },
    Number {
        section: "api",
        key: "negatives_per_second",
        standard: 100,
        least: 1,
        most: 1_000,
        reason: "Negative answers a second that an organiser may draw from validation and \
                 eligibility together, its refusals counted. What is beyond would tell who is on \
                 a list. The same number as the budget of refusals in the rulebook.",
        of: |source| &source.api.negatives_per_second,
    },
    Number {
        section: "api",
        key: "status_per_second",
        standard: 500,
        least: 10,
        most: 100_000,
        reason: "Questions a second of one organiser about its messages, bets, feed and wallet. \
                 Storms of them have felled national systems, so that they have a budget of their \
                 own and take nothing from messages.",
        of: |source| &source.api.status_per_second,
    },
    Number {
        section: "api",
        key: "checks_per_second",
        standard: 2_000,
        least: 100,
        most: 100_000,
        reason: "Accounts and messages a second that one organiser may have checked without \
                 effect: two full questions about a thousand accounts each.",
        of: |source| &source.api.checks_per_second,
    },
    Number {
        section: "api",
        key: "connection_seconds",
        standard: 3_600,
        least: 60,
        most: 86_400,
        reason: "Seconds that a connection lives at most. A certificate that has run out while \
                 it was open is noticed at the next one.",
        of: |source| &source.api.connection_seconds,
    },
    Number {
        section: "api",
        key: "idle_seconds",
        standard: 120,
        least: 5,
        most: 3_600,
        reason: "Seconds after which a connection ends on which nothing comes. A balancer in \
                 front must give up later than this.",
        of: |source| &source.api.idle_seconds,
    },
    Number {
        section: "api",
        key: "stop_seconds",
        standard: 10,
        least: 1,
        most: 300,
        reason: "Seconds that requests under way have when the server stops. Whatever starts and \
                 stops the server must wait longer before it kills it.",
        of: |source| &source.api.stop_seconds,
    },
    Number {
        section: "console",
        key: "idle_minutes",
        standard: 15,
        least: 1,
        most: 15,
        reason: "Minutes without a request after which a session ends. S-45 allows no more.",
        of: |source| &source.console.idle_minutes,
    },
    Number {
        section: "console",
        key: "session_minutes",
        standard: 600,
        least: 15,
        most: 720,
        reason: "Minutes after the sign-in after which a session ends whatever happens: a working \
                 day with its breaks.",
        of: |source| &source.console.session_minutes,
    },
    Number {
        section: "traces",
        key: "one_in",
        standard: 1_000,
        least: 1,
        most: 1_000_000,
        reason: "One request in so many is traced; besides, those whose callers say in \
                 traceparent that they trace them.",
        of: |source| &source.traces.one_in,
    },
    Number {
        section: "traces",
        key: "per_second_max",
        standard: 100,
        least: 1,
        most: 10_000,
        reason: "Requests a second that are traced, whatever callers say: tracing all would cost \
                 a part of the speed, and the collector more.",
        of: |source| &source.traces.per_second_max,
    },
    Number {
        section: "pump",
        key: "commands_per_frame_max",
        standard: 8_000,
        least: 1,
        most: 8_000,
        reason: "Commands of one frame. More would make the first of them wait longer than a \
                 sync takes.",
        of: |source| &source.pump.commands_per_frame_max,
    },
    Number {
        section: "pump",
        key: "frame_bytes_max",
        standard: 1 << 20,
        least: 1 << 14,
        most: 1 << 20,
        reason: "Bytes of facts of one frame. A frame is read whole, so it bounds what a single \
                 look-up costs; one command alone may have 16 KiB.",
        of: |source| &source.pump.frame_bytes_max,
    },
    Number {
        section: "pump",
        key: "index_every_entries",
        standard: 500_000,
        least: 10_000,
        most: 2_000_000,
        reason: "The index on disk is written whenever the journal passes a multiple of this. \
                 Until then its rows are in memory, about 40 bytes each, and nothing may leave \
                 the hot state.",
        of: |source| &source.pump.index_every_entries,
    },
    Number {
        section: "pump",
        key: "ids_per_generation",
        standard: 900_000,
        least: 100_000,
        most: 10_000_000,
        reason: "Ids that are held exactly in memory, in each of two generations, about 50 bytes \
                 each. Older ones cost a read of the disk.",
        of: |source| &source.pump.ids_per_generation,
    },
    Number {
        section: "lanes",
        key: "control_messages_max",
        standard: 65_536,
        least: 1_024,
        most: 262_144,
        reason: "Blocks, lists and timers that may wait. Never shed, so there is room for a \
                 version of a list at once.",
        of: |source| &source.lanes.control_messages_max,
    },
    Number {
        section: "lanes",
        key: "live_messages_max",
        standard: 16_384,
        least: 256,
        most: 65_536,
        reason: "Orders and stakes of one sender that may wait. What waits longer than two \
                 seconds is of no use to a bettor.",
        of: |source| &source.lanes.live_messages_max,
    },
    Number {
        section: "lanes",
        key: "settlement_messages_max",
        standard: 32_768,
        least: 256,
        most: 131_072,
        reason: "Results and settlements of one sender that may wait: they come in batches of \
                 thousands.",
        of: |source| &source.lanes.settlement_messages_max,
    },
    Number {
        section: "lanes",
        key: "bulk_messages_max",
        standard: 32_768,
        least: 256,
        most: 131_072,
        reason: "Lines of a backlog of one sender that may wait. They yield to everything else.",
        of: |source| &source.lanes.bulk_messages_max,
    },
    Number {
        section: "snapshots",
        key: "every_entries",
        standard: 5_000_000,
        least: 10_000,
        most: 50_000_000,
        reason: "Entries between two snapshots. A start replays at most so many: some seconds \
                 for five million.",
        of: |source| &source.snapshots.every_entries,
    },
    Number {
        section: "snapshots",
        key: "every_seconds",
        standard: 300,
        least: 10,
        most: 86_400,
        reason: "Seconds between two snapshots, if there was an entry. Each writes the whole hot \
                 state, up to a gigabyte.",
        of: |source| &source.snapshots.every_seconds,
    },
];
