//! `bej config`: the one configuration of a running system, checked before anything starts.
//!
//! `bej serve`, `bej replay` and `bej demo` run by one where `--config FILE` is given; flags of
//! the command line win over it. Every key is required: nothing that has a meaning has a value that
//! nobody chose. Unknown keys are refused with their place in the file. Each number has bounds, and
//! each bound a reason; `docs/configuration.md` is made from the same tables, and a test compares
//! them.

mod deployment;
mod keys;
mod source;

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use journal::checkpoint::Origin;
use link::Target;
use links::consent::{Exemption, Means, RequestWay};
use terms::Instant;
use toml::Spanned;
use tracing::Level;

use self::keys::{NUMBERS, Number, SECTIONS, WORDS, Word};
use self::source::Source;
use crate::store_url::StoreUrl;
use crate::traces;

/// Look at configuration files.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Check a configuration file, or the description of a deployment, and name everything that is
    /// wrong with it.
    Check {
        /// The file.
        #[arg(value_name = "FILE", default_value = "bej.toml")]
        file: PathBuf,
        /// It describes which machine carries which group (docs/operating/groups.md).
        #[arg(long)]
        deployment: bool,
    },
    /// Print a configuration to begin with, with the reason for each limit.
    Sample,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Sample => {
            print!("{}", sample());
            Ok(ExitCode::SUCCESS)
        }
        Action::Check { file, deployment: false } => {
            let place = file.display();
            Config::load(file)?;
            println!("{place}: every key is known and within its bounds");
            Ok(ExitCode::SUCCESS)
        }
        Action::Check { file, deployment: true } => {
            let place = file.display();
            let text = fs::read_to_string(file);
            let text = text.with_context(|| format!("{place} cannot be read"))?;
            let counts = checked(file, deployment::check(&text))?;
            for (group, machines) in counts {
                println!("{group:<10}{machines:>3} machines");
            }
            println!("{place}: every group has machines of its own, and one more than it needs");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What was read; what is wrong with it goes to standard error, line by line.
fn checked<T>(file: &Path, read: Result<T, Vec<String>>) -> anyhow::Result<T> {
    let place = file.display();
    read.or_else(|wrong| {
        for what in &wrong {
            eprintln!("{place}: {what}");
        }
        bail!("{place} has {} mistake(s)", wrong.len())
    })
}

/// The network between processes of groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner {
    /// Where a node of the group `pump` has its door.
    pub listen: SocketAddr,
    /// The doors that a process of another group tries.
    pub pumps: Vec<Target>,
}

/// A node among those of its store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// `host:port` of its API; empty for where it listens.
    pub api: String,
    /// The URL of its console; empty for where that listens.
    pub console: String,
}

/// What people's services need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct People {
    /// Where the bettors' pages are.
    pub cabinet: SocketAddr,
    /// Where bettors reach them; empty for where they listen.
    pub address: String,
    /// The directory of the keys; empty for `keys` in the data directory.
    pub keys: PathBuf,
    /// The file about the systems outside; empty for none.
    pub outside: PathBuf,
    /// How consent to data of the state is asked for.
    pub consent_way: links::consent::RequestWay,
    /// The version of the public offer.
    pub offer: u32,
    /// How many of a thousand entries a list may lose.
    pub list_shrink_permille_max: u16,
}

/// A configuration without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// What this node is called, and where it is found.
    pub node: Node,
    /// Where it meets processes of other groups.
    pub inner: Inner,
    /// Where the journal lies.
    pub store: StoreUrl,
    /// The name of the journal under its checkpoints.
    pub instance: String,
    /// What is logged.
    pub level: Level,
    /// Whether certificates that are not there are made.
    pub make_certificates: bool,
    /// Where organisers connect.
    pub api: SocketAddr,
    /// Where the console's pages are.
    pub console: SocketAddr,
    /// Whether browsers reach them over TLS.
    pub console_tls: bool,
    /// When sessions of the console end.
    pub console_times: console::Times,
    /// Whether this is a test realm.
    pub test_realm: bool,
    /// What people's services need.
    pub people: People,
    /// Where probes are answered.
    pub probes: SocketAddr,
    /// Which requests are traced, and to where.
    pub traces: traces::Choice,
    /// The limits of the API.
    pub limits: api::Limits,
    /// How the pump works.
    pub pump: pump::Options,
}

impl Config {
    /// Reads a file; what is wrong with it goes to standard error, line by line.
    pub fn load(file: &Path) -> anyhow::Result<Config> {
        let place = file.display();
        let text = fs::read_to_string(file).with_context(|| {
            format!("{place} cannot be read; `bej config sample` prints one to begin with")
        })?;
        checked(file, Config::read(&text))
    }

    /// What stands if nobody gives a file: the sample.
    pub fn standard() -> anyhow::Result<Config> {
        Config::read(&sample()).map_err(|wrong| anyhow::anyhow!("the sample: {}", wrong.join("; ")))
    }

    /// Refuses values that are right each for itself and not together: those of the command line
    /// have not met those of the file.
    pub fn agreed(self) -> anyhow::Result<Config> {
        let database = matches!(self.store, StoreUrl::Postgres(_));
        if let Some(what) = Some(self.api).filter(|_| database).and_then(unfindable)
            && self.node.api.is_empty()
        {
            bail!("node.api of the configuration: {what}");
        }
        Ok(self)
    }

    /// Reads a configuration, or tells everything that is wrong with it.
    pub fn read(text: &str) -> Result<Config, Vec<String>> {
        let source: Source = toml::from_str(text)
            // The text names line, column and key.
            .map_err(|error| vec![error.to_string().trim_end().replace('\n', "\n    ")])?;
        let mut slips = Slips { text, wrong: Vec::new() };
        let store = slips.store(&source);
        let level = slips.level(&source.log.level);
        let api = slips.address(&source.api.listen, "api.listen");
        let console = slips.loopback(&source.console.listen, "console.listen");
        let probes = slips.loopback(&source.probes.listen, "probes.listen");
        let collector = match source.traces.collector.get_ref().as_str() {
            "" => None,
            _ => slips.loopback(&source.traces.collector, "traces.collector"),
        };
        slips.node(&source, api);
        let people = slips.people(&source.people);
        let inner = slips.inner(&source);
        slips.numbers(&source);
        match (store, level, api.zip(inner), console.zip(probes), people) {
            (
                Some(store),
                Some(level),
                Some((api, inner)),
                Some((console, probes)),
                Some(people),
            ) if slips.wrong.is_empty() => Ok(Config {
                store,
                level,
                api,
                console,
                console_tls: source.console.behind_tls,
                console_times: times(&source.console),
                test_realm: source.console.test_realm,
                people,
                probes,
                traces: traces::Choice { collector, sampling: sampling(&source.traces) },
                make_certificates: source.tls.make_missing,
                limits: limits(&source.api),
                pump: options(&source),
                inner,
                node: Node {
                    name: source.node.name.into_inner(),
                    api: source.node.api.into_inner(),
                    console: source.node.console.into_inner(),
                },
                instance: source.store.instance.into_inner(),
                data: source.serve.data,
            }),
            _ => Err(slips.wrong),
        }
    }
}

/// What is wrong with a text, with the lines.
struct Slips<'a> {
    text: &'a str,
    wrong: Vec<String>,
}

impl Slips<'_> {
    fn note(&mut self, span: Range<usize>, key: &str, what: &str) {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        self.wrong.push(format!("line {line}: {key}: {what}"));
    }

    fn store(&mut self, source: &Source) -> Option<StoreUrl> {
        let (url, instance) = (&source.store.url, &source.store.instance);
        if let Err(error) = Origin::of(instance.get_ref()) {
            self.note(instance.span(), "store.instance", &error.to_string());
        }
        match url.get_ref().parse::<StoreUrl>() {
            Ok(store) => Some(store),
            Err(error) => {
                self.note(url.span(), "store.url", &error.to_string());
                None
            }
        }
    }

    fn node(&mut self, source: &Source, listen: Option<SocketAddr>) {
        let source::Node { name, api, console } = &source.node;
        if let Some(what) = wrong_name(name.get_ref()) {
            self.note(name.span(), "node.name", &what);
        }
        let database = source.store.url.get_ref().starts_with("postgres");
        match api.get_ref().as_str() {
            "" => {
                if let Some(what) = listen.filter(|_| database).and_then(unfindable) {
                    self.note(api.span(), "node.api", what);
                }
            }
            text => {
                let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
                if host.is_empty() || host.contains('/') || port.parse::<u16>().is_err() {
                    let what = format!("{text:?} is not host:port, as in bej-1.example:8443");
                    self.note(api.span(), "node.api", &what);
                }
            }
        }
        let url = console.get_ref();
        let known = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
        if !url.is_empty() && !known {
            let what = format!("{url:?} is not a URL, as in https://console-1.example");
            self.note(console.span(), "node.console", &what);
        }
    }

    fn people(&mut self, source: &source::People) -> Option<People> {
        let cabinet = self.loopback(&source.cabinet, "people.cabinet")?;
        let url = source.address.get_ref();
        let known = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
        if !url.is_empty() && !known {
            let what = format!("{url:?} is not a URL, as in https://cabinet.example");
            self.note(source.address.span(), "people.address", &what);
        }
        let way = CONSENT_WAYS.iter().find(|(name, _)| name == source.consent_way.get_ref());
        if way.is_none() {
            let names: Vec<&str> = CONSENT_WAYS.iter().map(|(name, _)| *name).collect();
            let what =
                format!("{:?} is not one of {}", source.consent_way.get_ref(), names.join(", "));
            self.note(source.consent_way.span(), "people.consent_way", &what);
        }
        let narrow = |number: &Spanned<u64>| u32::try_from(*number.get_ref()).unwrap_or(u32::MAX);
        Some(People {
            cabinet,
            address: url.clone(),
            keys: source.keys.clone(),
            outside: source.outside.clone(),
            consent_way: way?.1,
            offer: narrow(&source.offer),
            list_shrink_permille_max: u16::try_from(narrow(&source.list_shrink_permille_max))
                .unwrap_or(0),
        })
    }

    fn inner(&mut self, source: &Source) -> Option<Inner> {
        let listen = self.address(&source.inner.listen, "inner.listen")?;
        if !link::is_inner(listen.ip()) {
            let what = format!("{} can be reached from outside", listen.ip());
            self.note(source.inner.listen.span(), "inner.listen", &what);
        }
        if source.inner.pumps.is_empty() {
            self.note(source.inner.listen.span(), "inner.pumps", "name at least one door");
        }
        let mut pumps = Vec::new();
        for pump in &source.inner.pumps {
            match Target::parse(pump.get_ref()) {
                Some(target) => pumps.push(target),
                None => {
                    let what = format!("{:?} is not host:port", pump.get_ref());
                    self.note(pump.span(), "inner.pumps", &what);
                }
            }
        }
        Some(Inner { listen, pumps })
    }

    fn level(&mut self, asked: &Spanned<String>) -> Option<Level> {
        let level = LEVELS.iter().find(|(name, _)| name == asked.get_ref());
        if level.is_none() {
            let names = LEVELS.map(|(name, _)| name).join(", ");
            let what = format!("{:?} is not one of {names}", asked.get_ref());
            self.note(asked.span(), "log.level", &what);
        }
        level.map(|(_, level)| *level)
    }

    fn address(&mut self, asked: &Spanned<String>, key: &str) -> Option<SocketAddr> {
        let found = asked.get_ref().parse().ok();
        if found.is_none() {
            let what =
                format!("{:?} is not an address and a port, as in 127.0.0.1:8443", asked.get_ref());
            self.note(asked.span(), key, &what);
        }
        found
    }

    fn loopback(&mut self, asked: &Spanned<String>, key: &str) -> Option<SocketAddr> {
        let found = self.address(asked, key)?;
        let Some(what) = unprotected(found) else { return Some(found) };
        self.note(asked.span(), key, &what);
        None
    }

    fn numbers(&mut self, source: &Source) {
        for Number { section, key, least, most, reason, of, .. } in &NUMBERS {
            let value = of(source);
            if value.get_ref() < least || most < value.get_ref() {
                let what = format!("{} is not within {least} to {most}. {reason}", value.get_ref());
                self.note(value.span(), &format!("{section}.{key}"), &what);
            }
        }
        let (ids, run) = (&source.pump.ids_per_generation, &source.pump.index_every_entries);
        if *ids.get_ref() <= run.get_ref() / 2 {
            let what = "it must be more than half of pump.index_every_entries. Else the index \
                        waits for the journal, and the journal for room for ids.";
            self.note(ids.span(), "pump.ids_per_generation", what);
        }
        let (all, each) =
            (&source.api.connections_max, &source.api.connections_per_certificate_max);
        if all.get_ref() < each.get_ref() {
            let what = "it must not be more than api.connections_max, or one certificate may take \
                        all connections.";
            self.note(each.span(), "api.connections_per_certificate_max", what);
        }
    }
}

/// What is wrong with the name of a node, if anything is.
pub fn wrong_name(name: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let right = !name.is_empty() && name.len() <= NODE_NAME_MAX && name.bytes().all(plain);
    (!right).then(|| format!("{name:?} is not a name of a-z, 0-9 and -"))
}

/// Why others would not find a node that listens there and names no other place, if so.
fn unfindable(listen: SocketAddr) -> Option<&'static str> {
    let nowhere = listen.ip().is_unspecified();
    nowhere.then_some("api.listen names no address that others could ask; name one here")
}

/// Why plain HTTP is not spoken there, if so.
pub fn unprotected(listen: SocketAddr) -> Option<String> {
    let outside = !listen.ip().is_loopback();
    outside.then(|| format!("{listen} is not on loopback, and plain HTTP has no protection"))
}

/// The ways of asking for access to data of the state, by name.
const CONSENT_WAYS: [(&str, RequestWay); 9] = [
    ("sms1414", RequestWay::Sms1414),
    ("biometry", RequestWay::OwnMeans(Means::Biometry)),
    ("signature", RequestWay::OwnMeans(Means::Signature)),
    ("proactive", RequestWay::Proactive),
    ("logging_1", RequestWay::Logging(Exemption::Sub1)),
    ("logging_2", RequestWay::Logging(Exemption::Sub2)),
    ("logging_9", RequestWay::Logging(Exemption::Sub9)),
    ("logging_9_2", RequestWay::Logging(Exemption::Sub9Dash2)),
    ("one_time_code", RequestWay::OneTimeCode),
];

/// Characters of the name of a node.
const NODE_NAME_MAX: usize = 32;

const LEVELS: [(&str, Level); 5] = [
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

fn count(number: &Spanned<u64>) -> usize {
    usize::try_from(*number.get_ref()).unwrap_or(usize::MAX)
}

/// When sessions of the console end.
fn times(console: &source::Console) -> console::Times {
    let ns = |minutes: &Spanned<u64>| {
        i64::try_from(*minutes.get_ref()).unwrap_or(i64::MAX).saturating_mul(60 * Instant::SECOND)
    };
    console::Times { idle_ns: ns(&console.idle_minutes), absolute_ns: ns(&console.session_minutes) }
}

/// The limits of the API, by numbers that are within their bounds.
fn limits(api: &source::Api) -> api::Limits {
    let rate = |number: &Spanned<u64>| u32::try_from(*number.get_ref()).unwrap_or(u32::MAX);
    api::Limits {
        connections_max: count(&api.connections_max),
        connections_per_caller_max: count(&api.connections_per_certificate_max),
        live_under_way_max: count(&api.live_under_way_max),
        settlements_under_way_max: count(&api.settlements_under_way_max),
        batches_per_caller_max: count(&api.batches_per_organiser_max),
        batches_max: count(&api.batches_max),
        negatives_per_second: rate(&api.negatives_per_second),
        status_per_second: rate(&api.status_per_second),
        checks_per_second: rate(&api.checks_per_second),
        connection: Duration::from_secs(*api.connection_seconds.get_ref()),
        idle: Duration::from_secs(*api.idle_seconds.get_ref()),
        stop: Duration::from_secs(*api.stop_seconds.get_ref()),
        ..api::Limits::standard()
    }
}

/// Which requests are traced.
fn sampling(traces: &source::Traces) -> api::Sampling {
    let most = u32::try_from(*traces.per_second_max.get_ref()).unwrap_or(u32::MAX);
    api::Sampling { one_in: *traces.one_in.get_ref(), per_second_max: most }
}

/// How the pump works, by numbers that are within their bounds.
fn options(source: &Source) -> pump::Options {
    let Source { pump, lanes, snapshots, .. } = source;
    let seconds = i64::try_from(*snapshots.every_seconds.get_ref()).unwrap_or(i64::MAX);
    pump::Options {
        commands_per_frame_max: count(&pump.commands_per_frame_max),
        frame_bytes_max: count(&pump.frame_bytes_max),
        lanes: pump::LaneLimits {
            control: count(&lanes.control_messages_max),
            live: count(&lanes.live_messages_max),
            settlement: count(&lanes.settlement_messages_max),
            bulk: count(&lanes.bulk_messages_max),
        },
        snapshot_every_entries: *snapshots.every_entries.get_ref(),
        snapshot_every_ns: seconds.saturating_mul(Instant::SECOND),
        run_entries: *pump.index_every_entries.get_ref(),
        ids_per_generation: count(&pump.ids_per_generation),
    }
}

/// A configuration to begin with.
pub fn sample() -> String {
    let mut text = String::new();
    let mut put = |reason: &str, bounds: &str, line: &str| {
        for line in wrapped(&format!("{reason}{bounds}")) {
            // Writing to a string does not fail.
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "{line}");
    };
    put(
        "The configuration of bej. Every key is required; `bej config check FILE` reads it.",
        "",
        "",
    );
    for (place, section) in SECTIONS.into_iter().enumerate() {
        put("", "", &format!("{}[{section}]", if place == 0 { "" } else { "\n" }));
        for Word { key, standard, reason, .. } in
            WORDS.iter().filter(|word| word.section == section)
        {
            put(reason, "", &format!("{key} = {standard}"));
        }
        for Number { key, standard, least, most, reason, .. } in
            NUMBERS.iter().filter(|number| number.section == section)
        {
            put(reason, &format!(" {least} to {most}."), &format!("{key} = {standard}"));
        }
    }
    text
}

/// Lines of at most 90 characters.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(last) if last.chars().count() + word.chars().count() < 90 => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");

    fn page() -> String {
        let mut page = String::from(
            "# Configuration\n\n\
             `bej config check FILE` reads a file of this form and names everything that is wrong \
             with it, with\nthe line. Every key is required and unknown keys are refused: nothing \
             that has a meaning has a value\nthat nobody chose. Without `--config FILE` the values \
             below stand. Flags of the command line win over\nthe file; `--data DIR` also takes \
             the store from there, unless `--store` names another. Paths are\nthose of the \
             directory in which the command is called. This page is made from the tables in\n\
             `bej/src/config/keys.rs`. What is not here is the same everywhere: the limits that \
             organisers are\ntold, and those of the law, stand as constants with their reasons in \
             `api/src/limits.rs`,\n`terms/src/limits.rs` and the rulebook.\n\n```toml\n",
        );
        page.push_str(&sample());
        page.push_str("```\n\n| key | standard | reason |\n|---|---|---|\n");
        for Word { section, key, standard, reason } in &WORDS {
            let _ = writeln!(page, "| `{section}.{key}` | `{standard}` | {reason} |");
        }
        page.push_str("\n| key | least | standard | most | reason |\n|---|---|---|---|---|\n");
        for Number { section, key, standard, least, most, reason, .. } in &NUMBERS {
            let _ =
                writeln!(page, "| `{section}.{key}` | {least} | {standard} | {most} | {reason} |");
        }
        page
    }

    #[test]
    fn the_page_is_made_from_the_table() {
        if std::env::var_os("BLESS").is_some() {
            fs::write(PAGE, page()).unwrap();
        }
        let found = fs::read_to_string(PAGE).unwrap_or_default();
        assert_eq!(found, page(), "run this test with BLESS=1 and read the difference");
    }

    #[test]
    fn the_sample_is_right_and_each_mistake_is_named() {
        let check = |text: &str| Config::read(text).err().unwrap_or_default();
        assert_eq!(check(&sample()), Vec::<String>::new());
        let with = |from: &str, to: &str| check(&sample().replace(from, to)).join("\n");
        for (from, to, said) in [
            ("every_seconds = 300", "every_seconds = 3", "snapshots.every_seconds: 3 is not"),
            ("every_seconds = 300", "every_second = 300", "every_second"),
            ("every_seconds = 300", "every_seconds = -1", "every_seconds"),
            ("every_seconds = 300", "every_seconds = \"x\"", "every_seconds"),
            ("every_seconds = 300", "", "every_seconds"),
            ("level = \"info\"", "level = \"loud\"", "log.level"),
            ("every_seconds = 300", "every_seconds = 300\nfoo = 1", "unknown field `foo`"),
            ("[tls]", "[tsl]", "unknown field `tsl`"),
            ("make_missing = true", "make_missing = 1", "make_missing"),
            ("127.0.0.1:8443", "localhost", "api.listen: \"localhost\""),
            ("127.0.0.1:8480", "0.0.0.0:8480", "not on loopback"),
            ("connections_max = 2048", "connections_max = 64000000", "api.connections_max"),
            ("sqlite:bej-data/bej.db", "mysql:bej", "store.url"),
            ("\"local\"", "\"Кто\"", "store.instance"),
            ("name = \"one\"", "name = \"One\"", "node.name: \"One\""),
            ("api = \"\"", "api = \"here\"", "node.api: \"here\""),
            ("console = \"\"", "console = \"here:1\"", "node.console: \"here:1\""),
            (
                "listen = \"127.0.0.1:7443",
                "listen = \"0.0.0.0:7443",
                "inner.listen: 0.0.0.0 can be",
            ),
            ("[\"127.0.0.1:7443\"]", "[\"here\"]", "inner.pumps: \"here\" is not host:port"),
            ("[\"127.0.0.1:7443\"]", "[]", "inner.pumps: name at least one door"),
            ("[log]", "[log", "line 34"),
        ] {
            let found = with(from, to);
            assert!(found.contains(said), "{to}: {found}");
        }
        let two = sample().replace("= 300", "= 1").replace("= 8000", "= 0");
        let found = check(&two);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("line "), "{found:?}");
        assert!(check("").join("").contains("serve"));
        let nowhere = sample()
            .replace("127.0.0.1:8443", "0.0.0.0:8443")
            .replace("sqlite:bej-data/bej.db", "postgres://bej@localhost/bej");
        assert!(check(&nowhere).join("").contains("node.api: api.listen names no address"));
        assert_eq!(check(&nowhere.replace("api = \"\"", "api = \"a.example:1\"")).len(), 0);
        let crowd = sample()
            .replace("connections_max = 2048", "connections_max = 64")
            .replace("certificate_max = 64", "certificate_max = 65");
        assert!(check(&crowd).join("").contains("take all connections"));
        let long = sample().replace("every_entries = 500000", "every_entries = 2000000");
        assert_eq!(check(&long).len(), 1);
        assert!(check(&long)[0].contains("half of pump.index_every_entries"), "{long}");
    }

    #[test]
    fn the_sample_is_what_runs_without_a_file_and_each_value_is_used() {
        let read = |text: &str| Config::read(text).unwrap();
        let standard = Config::standard().unwrap();
        assert_eq!(read(&sample()), standard);
        assert_eq!(standard.pump, pump::Options::standard());
        assert_eq!(standard.limits, api::Limits::standard());
        assert_eq!(standard.console_times, console::Times::standard());
        for Word { section, key, .. } in &WORDS {
            assert!(SECTIONS.contains(section), "{section}.{key}");
        }
        let mut seen = std::collections::BTreeSet::new();
        for number in &NUMBERS {
            assert!(SECTIONS.contains(&number.section));
            let from = number.standard;
            let value = if number.least < from { from - 1 } else { from + 1 };
            let (before, after) = {
                let text = sample();
                let at = text.find(&format!("\n[{}]", number.section)).unwrap();
                let at = at + text[at..].find(&format!("\n{} = ", number.key)).unwrap();
                (text[..at].to_owned(), text[at..].to_owned())
            };
            let after = after.replacen(&format!("= {from}\n"), &format!("= {value}\n"), 1);
            let options = format!("{:?}", read(&format!("{before}{after}")));
            assert_ne!(options, format!("{standard:?}"), "{}", number.key);
            assert!(seen.insert(options), "{}", number.key);
        }
    }
}
