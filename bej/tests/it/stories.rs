//! Stories and statements.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use journal::fact::{Entry, Fact, RefusalsSuppressed};
use store_sqlite::PART_LIMIT_BYTES;
use terms::number::{account_number, wallet_code};
use terms::{Account, Instant, Organiser, Reason, Sender, Seq, Wallet};

use crate::world::{SCRIPT, World, bad, bej, good};

/// The first bet of an organiser that was corrected: a story with everything.
fn corrected(world: &World) -> String {
    let bet = world.entries.iter().find_map(|entry| match &entry.fact {
        Fact::BetSettled(fact) => fact.corrects.map(|_| fact.bet),
        _ => None,
    });
    bet.unwrap().to_string()
}

#[test]
fn the_story_of_a_bet_and_of_a_refusal_in_three_languages() {
    let world = World::of(SCRIPT, 7);
    let refusal = world.entries.iter().find_map(|entry| match &entry.fact {
        Fact::Refused(fact) => Some(fact.cause.id.to_string()),
        _ => None,
    });
    for (name, id) in [("bet", corrected(&world)), ("refusal", refusal.unwrap())] {
        for lang in ["kk", "ru", "en"] {
            let story = good(&["explain", &id, "--store", &world.url(), "--lang", lang]);
            let story = story.replace(&world.url(), "sqlite:bej.db");
            golden(&format!("{name}.{lang}.txt"), &story);
        }
    }
}

/// Entries of the registers and of the catalogue are told in sentences, in every language.
#[test]
fn what_stands_in_the_registers_is_told_in_sentences() {
    // R0-24.1
    let world = World::of(SCRIPT, 7);
    let first = |name: &str| {
        let found = world.entries.iter().find(|entry| entry.fact.name() == name);
        found.map(|entry| entry.seq.to_string())
    };
    let kinds = [
        ("RulebookAdopted", "A rulebook came into force"),
        ("OrganiserRegistered", "was registered: "),
        ("LicenceRecorded", "in force, from "),
        ("ContractRecorded", "A contract of organiser"),
        ("ConnectionChanged", "The connection of organiser"),
        ("DeskOpened", "was listed: "),
        ("PersonRegistered", "Who that is stands outside of the journal."),
        ("AdmissionChanged", "What is known of person"),
        ("ListInForce", "A list came into force"),
        ("WalletOpened", "was opened: "),
        ("ChampionshipListed", "listed a championship: "),
        ("EventListed", "it begins at "),
        ("EventChanged", "begins at "),
        ("MarketListed", "outcomes: "),
        ("ResultPublished", "outcome by outcome: "),
    ];
    for (kind, told) in kinds {
        let seq = first(kind).unwrap_or_else(|| panic!("no {kind}"));
        let tell = |lang| good(&["explain", &seq, "--store", &world.url(), "--lang", lang]);
        assert!(tell("en").contains(told), "{kind}: {}", tell("en"));
        for lang in ["kk", "ru"] {
            let story = tell(lang);
            assert!(!story.contains(kind) && !story.contains('{'), "{lang} {kind}: {story}");
        }
    }
}

/// Each kind of fact, as the scripts of the world bring it and in every language: a sentence, and
/// neither a name of the format nor fields.
#[test]
fn every_kind_of_fact_is_told_in_words() {
    // R0-24.1, R2-55.11
    let mut left: BTreeSet<&str> = Fact::kinds().iter().map(|(_, _, name, _)| *name).collect();
    for script in scripts() {
        let entries = crate::world::entries(&script);
        let mut shown: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| left.contains(entry.fact.name())) {
            shown.entry(entry.fact.name()).or_insert(entry.seq.0);
        }
        if !shown.is_empty() {
            told(&World::with(entries, 100, PART_LIMIT_BYTES), &shown);
        }
        left.retain(|name| !shown.contains_key(name));
    }
    // One is made by the pump alone, one is of a version that is read still.
    assert_eq!(
        left.iter().copied().collect::<Vec<_>>(),
        ["RefusalsSuppressed", "RulebookAdopted1"]
    );
    let before = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sim/testdata");
    let before = read(&before.join("facts-before.golden"));
    let bytes = before.lines().last().and_then(|line| line.split(' ').next_back()).unwrap();
    let first = Entry::from_bytes(&terms::codec::unhex(bytes).unwrap()).unwrap();
    assert_eq!((first.seq, first.fact.name()), (Seq(0), "RulebookAdopted1"));
    let shown = BTreeMap::from([("RulebookAdopted1", 0)]);
    told(&World::with(vec![first], 100, PART_LIMIT_BYTES), &shown);
    let mut entries = crate::world::entries(SCRIPT);
    let last = entries.last().unwrap().clone();
    let fact = RefusalsSuppressed {
        nonce: [7; 8],
        sender: Sender::Organiser(Organiser(0)),
        reason: Reason::FundsInsufficient,
        count: 12,
    };
    let seq = Seq(last.seq.0 + 1);
    entries.push(Entry { seq, at: Instant(last.at.0 + 1), fact: fact.into(), ..last });
    let shown = BTreeMap::from([("RefusalsSuppressed", seq.0)]);
    told(&World::with(entries, 100, PART_LIMIT_BYTES), &shown);
}

/// The scripts of the world, each by itself.
fn scripts() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sim/scenarios");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|end| end == "scn"));
    let parts = |text: String| {
        let mut parts = vec![String::new()];
        for line in text.lines() {
            if line.starts_with("---") {
                parts.push(String::new());
            } else {
                parts.last_mut().unwrap().extend([line, "\n"]);
            }
        }
        parts
    };
    let mut found: Vec<String> = texts.flat_map(|path| parts(read(&path))).collect();
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn told(world: &World, shown: &BTreeMap<&str, u64>) {
    for (kind, seq) in shown {
        for lang in ["kk", "ru", "en"] {
            let seq = seq.to_string();
            let story = good(&["explain", &seq, "--store", &world.url(), "--lang", lang]);
            let fields = story.contains(['{', '}']);
            let key = ["audit_", "works_", "sender.", "case_", "consent_", "identification_"]
                .iter()
                .any(|key| story.contains(key));
            assert!(!fields && !key, "{kind} in {lang}: {story}");
            // The line under the head is what it says.
            let said = story.lines().nth(1).is_some_and(|line| line.ends_with('.'));
            assert!(said, "{kind} in {lang}: {story}");
        }
    }
}

/// Compares with a kept text; `BLESS=1` writes it.
fn golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, kept, "{name}: run with BLESS=1 and read the difference");
}

#[test]
fn every_position_has_a_story() {
    let world = World::of(SCRIPT, 7);
    for seq in (0..world.entries.len()).step_by(9) {
        let story = good(&["explain", &seq.to_string(), "--store", &world.url()]);
        assert!(story.contains(&format!("№ {seq} ")), "{story}");
        assert!(!story.contains('{') || !story.contains("{sum}"), "{story}");
    }
    let said = bad(&["explain", "99999", "--store", &world.url()]);
    assert!(said.contains("has no entry 99999"), "{said}");
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let said = bad(&["explain", id, "--store", &world.url()]);
    assert!(said.contains("no entry of this journal carries"), "{said}");
    let said = bad(&["explain", "1234567890123456", "--store", &world.url()]);
    assert!(said.contains("check digit"), "{said}");
    let account = account_number(Organiser(0), Account(0));
    let story = good(&["explain", &account, "--store", &world.url()]);
    assert!(story.contains(&account), "{story}");
    let wallet = wallet_code(Wallet(4));
    let story = good(&["explain", &wallet, "--store", &world.url(), "--lang", "ru"]);
    assert!(story.contains(&wallet), "{story}");
}

/// The records of each account and wallet by going through all entries: position, and for wallets
/// the balance after it.
#[derive(Default)]
struct Naive {
    accounts: BTreeMap<u32, Vec<u64>>,
    wallets: BTreeMap<u32, Vec<(u64, i64)>>,
    holds: BTreeMap<[u8; 16], u32>,
}

impl Naive {
    fn of(entries: &[Entry]) -> Naive {
        let mut naive = Naive::default();
        for entry in entries {
            naive.take(entry);
        }
        naive
    }

    fn account(&mut self, account: Account, seq: Seq) {
        self.accounts.entry(account.0).or_default().push(seq.0);
    }

    fn wallet(&mut self, wallet: Wallet, seq: Seq, balance: terms::Tiyn) {
        self.wallets.entry(wallet.0).or_default().push((seq.0, balance.get()));
    }

    fn take(&mut self, entry: &Entry) {
        let seq = entry.seq;
        match &entry.fact {
            Fact::StakeAccepted(fact) => {
                self.account(fact.bet.account, seq);
                self.wallet(fact.bettor_wallet, seq, fact.bettor_balance);
                self.wallet(fact.organiser_wallet, seq, fact.organiser_balance);
            }
            Fact::StakeReported(fact) => self.account(fact.bet.account, seq),
            Fact::HoldPlaced(fact) => {
                self.holds.insert(fact.cause.id.0, fact.bet.account.0);
                self.account(fact.bet.account, seq);
            }
            Fact::HoldReleased(fact) => self.account(Account(self.holds[&fact.bet.0]), seq),
            Fact::BetSettled(fact) => self.account(fact.account, seq),
            Fact::PayoutPosted(fact) => {
                self.account(fact.account, seq);
                self.wallet(fact.bettor_wallet, seq, fact.bettor_balance);
                self.wallet(fact.organiser_wallet, seq, fact.organiser_balance);
            }
            Fact::PayoutReported(fact) => self.account(fact.account, seq),
            Fact::ClaimSettled(fact) => self.account(fact.account, seq),
            Fact::EmoneyIssued(fact) => self.wallet(fact.wallet, seq, fact.balance),
            Fact::EmoneyRedeemed(fact) => self.wallet(fact.wallet, seq, fact.balance),
            _ => {}
        }
    }
}

fn statement(world: &World, number: &str, more: &[&str]) -> Vec<serde_json::Value> {
    let store = world.url();
    let mut arguments = vec!["statement", number, "--store", &store, "--json"];
    arguments.extend(more);
    let object: serde_json::Value = serde_json::from_str(&good(&arguments)).unwrap();
    object["lines"].as_array().unwrap().clone()
}

#[test]
fn days_in_the_wrong_order_are_told_and_not_an_empty_statement() {
    let world = World::of(SCRIPT, 7);
    let number = wallet_code(Wallet(4));
    let days = ["--from", "2026-01-02", "--to", "2026-01-01"];
    let said = bad(&[&["statement", &number, "--store", &world.url()][..], &days].concat());
    assert!(said.contains("--to 2026-01-01 is before --from 2026-01-02"), "{said}");
}

#[test]
fn a_statement_is_what_a_naive_fold_finds() {
    let world = World::of(SCRIPT, 7);
    let naive = Naive::of(&world.entries);
    let organiser = |account: u32| {
        let opened = world.entries.iter().find_map(|entry| match &entry.fact {
            Fact::AccountOpened(fact) if fact.account.0 == account => Some(fact.organiser),
            _ => None,
        });
        opened.unwrap()
    };
    assert!(1 < naive.accounts.len() && 2 < naive.wallets.len());
    for (account, seqs) in &naive.accounts {
        let number = account_number(organiser(*account), Account(*account));
        let lines = statement(&world, &number, &[]);
        let found: Vec<u64> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
        assert_eq!(&found, seqs, "account {account}");
        let none = bej(&["statement", &number, "--store", &world.url(), "--limit", "0"]);
        assert_eq!(none.status.code(), Some(2), "{none:?}");
        let newest = statement(&world, &number, &["--limit", "2"]);
        assert_eq!(newest, lines[lines.len() - 2..]);
        assert_eq!(statement(&world, &number, &["--from", "2027-01-01"]).len(), 0);
        assert_eq!(statement(&world, &number, &["--to", "2025-12-31"]).len(), 0);
        let text = good(&["statement", &number, "--store", &world.url(), "--lang", "kk"]);
        assert_eq!(text.lines().count(), lines.len() + 2, "{text}");
    }
    for (wallet, records) in &naive.wallets {
        let lines = statement(&world, &wallet_code(Wallet(*wallet)), &[]);
        let found: Vec<(u64, i64)> = lines
            .iter()
            .map(|line| {
                let balance = line["balance_after_tiyn"].as_i64().unwrap();
                (line["seq"].as_u64().unwrap(), balance)
            })
            .collect();
        assert_eq!(&found, records, "wallet {wallet}");
        let mut balance = 0;
        for line in &lines {
            balance += line["sum_tiyn"].as_i64().unwrap();
            assert_eq!(line["balance_after_tiyn"], balance);
        }
    }
    let nobody = account_number(Organiser(0), Account(77));
    let said = bad(&["statement", &nobody, "--store", &world.url()]);
    assert!(said.contains("no account has this number"), "{said}");
}
