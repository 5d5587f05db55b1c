//! The reference bookmaker through the driver: what it makes, and that it makes the same again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use desk::{Answer, State};
use journal::fact::{Entry, Fact};
use register::BetState;
use sim::bookmaker::{self, Bookmaker, Expect, Input, Options, OptionsError};
use sim::driver::{Driver, DriverError, DriverOptions};
use sim::recompute;
use sim::tally::Tally;
use sim::{odds_file, seasons};
use store::{Head, JournalReader, JournalStore, Memory};
use store_sqlite::{PART_LIMIT_BYTES, Sqlite, Synchronous};
use terms::Reason;

use crate::real_files::real_files;

fn samples() -> Input {
    let mut input = Input::new();
    for (name, content) in seasons::sample() {
        input.add(odds_file::read(name, content.as_bytes()).unwrap());
    }
    input
}

/// What a run came to.
struct Run {
    head: Head,
    state: State,
    refused: BTreeMap<Reason, u64>,
    messages: u64,
    bets_in_memory_most: usize,
}

const OPTIONS: Options = Options { seed: 1, bettors: 200, bets_per_match: 20 };

fn cut(messages_per_frame: usize, run_entries: Option<u64>, seed: u64) -> DriverOptions {
    DriverOptions { messages_per_frame, run_entries, entropy: bookmaker::entropy_seed(seed) }
}

fn met(expect: Expect, answer: Answer) -> bool {
    match (expect, answer) {
        (Expect::Anything, _) | (Expect::Done, Answer::Done) => true,
        (Expect::Refused(want), Answer::Refused(got)) => want == got,
        (Expect::Deferred(want), Answer::Deferred(got)) => want == got,
        (Expect::Repeat, Answer::Repeat(_)) | (Expect::Conflict, Answer::Conflict(_)) => true,
        _ => false,
    }
}

/// Drives all messages; house and bookmaker must agree about every one of them.
fn run(input: Input, options: Options, store: Box<dyn JournalStore>, cut: DriverOptions) -> Run {
    let mut driver = Driver::new(store, cut).unwrap();
    let mut book = Bookmaker::new(input, options).unwrap();
    let (mut refused, mut messages, mut most) = (BTreeMap::new(), 0, 0);
    while let Some(step) = book.next() {
        messages += 1;
        most = most.max(book.bets_in_memory());
        let answer = driver.submit(step.at, &step.message).unwrap();
        assert!(
            met(step.expect, answer),
            "message {messages} at {}: expected {:?}, got {answer:?}: {:?}",
            step.at,
            step.expect,
            step.message
        );
        if let Answer::Refused(reason) = answer {
            *refused.entry(reason).or_insert(0) += 1;
        }
    }
    assert_eq!(book.bets_in_memory(), 0);
    let (head, state) = driver.finish().unwrap();
    Run { head, state, refused, messages, bets_in_memory_most: most }
}

fn in_memory(options: Options, cut: DriverOptions) -> (Run, Memory) {
    let memory = Memory::new();
    (run(samples(), options, Box::new(memory.journal()), cut), memory)
}

fn reader(memory: &Memory) -> Box<dyn JournalReader> {
    memory.journal().reader().unwrap()
}

fn entries(memory: &Memory) -> Vec<Entry> {
    let frames = reader(memory).frames(0, usize::MAX).unwrap();
    let facts = |frame: &store::Frame| -> Vec<Entry> {
        frame.facts().map(|fact| Entry::from_bytes(fact.unwrap().1).unwrap()).collect()
    };
    frames.iter().flat_map(facts).collect()
}

/// Reasons that need what the sample seasons do not have: a lapse of contracts, a test system,
/// bonus money, totals, limits.
const NOT_SHOWN: &[Reason] = &[
    Reason::TestAndProductionMixed,
    Reason::IntegrationContractAbsent,
    Reason::SettlementContractAbsent,
    Reason::DeskClosed,
    // The totalizator of the samples takes no bets.
    Reason::OrganiserKindWrong,
    // The type of odds lets none out of range in.
    Reason::OddsOutOfRange,
    // The lists are asked for twice a day.
    Reason::ListDataStale,
    // What an organiser is told; never recorded.
    Reason::NotAdmitted,
    Reason::LimitExceeded,
    // Given to conflicts, which are told apart.
    Reason::IdReused,
    // Breaches of reports, which are no refusals.
    Reason::BetNotSettled,
    Reason::ReasonMissing,
    Reason::LateReport,
    Reason::RulebookInvalid,
    // No works are planned.
    Reason::WorksUnknown,
    Reason::WorksConflict,
    Reason::NoticeTooShort,
    // Persons keep their data and relationships, nobody is merged, and no case is opened by hand.
    Reason::RelationshipEnded,
    Reason::PersonMerged,
    Reason::BetsOpen,
    Reason::WinningsUnpaid,
    Reason::BalanceRemains,
    Reason::CaseUnknown,
    Reason::StepNotPossible,
    Reason::CaseInvalid,
    Reason::DelegateContractAbsent,
    Reason::SourceNotAllowed,
    Reason::ConsentUnknown,
    Reason::SecondPersonRequired,
    Reason::RetentionNotOver,
    Reason::LegalHoldStands,
    Reason::DifferenceInvalid,
    Reason::CasesTooMany,
    Reason::ConsentIncomplete,
];

#[test]
fn sample_seasons_show_every_refusal_and_every_fact() {
    let (run, memory) = in_memory(OPTIONS, cut(1_000, Some(300), 1));
    println!("{} messages, {} entries", run.messages, run.head.next_seq);
    let missing: Vec<_> = Reason::ALL
        .iter()
        .filter(|reason| !run.refused.contains_key(reason) && !NOT_SHOWN.contains(reason))
        .collect();
    assert_eq!(missing, [&Reason::OddsMoved; 0], "{:?}", run.refused);
    let shown = NOT_SHOWN.iter().filter(|reason| run.refused.contains_key(reason));
    assert_eq!(shown.count(), 0, "the list of what is not shown may shrink");

    let all = entries(&memory);
    let kinds: BTreeSet<&str> = all.iter().map(|entry| entry.fact.name()).collect();
    let not: Vec<&str> = Fact::kinds()
        .iter()
        .map(|(_, _, name, _)| *name)
        .filter(|name| !kinds.contains(name))
        .collect();
    // Particulars do not change, desks stay open, persons are set as a whole and stay, no event
    // waits to be confirmed or is central, no refusal is suppressed, nothing is signed; the first
    // form of a rulebook is read and written no more.
    assert_eq!(
        not,
        [
            "RulebookAdopted1",
            "OrganiserChanged",
            "DeskClosed",
            "AccountRebound",
            "ListingsChanged",
            "AgesChanged",
            "IdentificationRecorded",
            "RelationshipStarted",
            "RelationshipEnded",
            "ConsentRecorded",
            "ConsentWithdrawn",
            "LegalHoldSet",
            "LegalHoldLifted",
            "ErasureOrdered",
            "ErasureDone",
            "EventConfirmed",
            "EventMapped",
            "MarketMapped",
            "ResultsDiffer",
            "RefusalsSuppressed",
            "CaseMoved",
            "PersonsMerged",
            "KeyAnnounced",
            "AuditNoted",
            "WorksAnnounced",
            "WorksChanged",
            "WorksCancelled"
        ]
    );
    let has = |test: fn(&Fact) -> bool| all.iter().filter(|entry| test(&entry.fact)).count();
    let shown = [
        has(|fact| matches!(fact, Fact::BetSettled(fact) if fact.waits.is_some())),
        has(|fact| matches!(fact, Fact::BetSettled(fact) if fact.thawed.is_some())),
        has(|fact| matches!(fact, Fact::BetSettled(fact) if fact.corrects.is_some())),
        has(|fact| matches!(fact, Fact::BetSettled(fact) if fact.gross != fact.gross_computed)),
        has(|fact| matches!(fact, Fact::BetSettled(fact) if !fact.breaches.is_empty())),
        has(|fact| matches!(fact, Fact::ResultPublished(fact) if !fact.breaches.is_empty())),
        has(|fact| matches!(fact, Fact::StakeReported(fact) if fact.late)),
        has(|fact| matches!(fact, Fact::PayoutReported(fact) if fact.posting.is_some())),
        has(|fact| matches!(fact, Fact::PayoutReported(fact) if !fact.breaches.is_empty())),
        has(|fact| matches!(fact, Fact::PayoutReported(fact) if fact.thawed.is_some())),
        has(|fact| matches!(fact, Fact::StakeAccepted(fact) if fact.hold.is_some())),
        has(|fact| matches!(fact, Fact::StakeAccepted(fact) if !fact.commission.is_zero())),
        has(|fact| matches!(fact, Fact::StakeAccepted(fact) if fact.bet.legs.0[0].live)),
        has(|fact| match fact {
            Fact::StakeAccepted(fact) => fact.bet.legs.0[0].requested.is_some(),
            _ => false,
        }),
    ];
    assert!(shown.iter().all(|count| 0 < *count), "{shown:?}");
    let bases: BTreeSet<_> = all
        .iter()
        .filter_map(|entry| match &entry.fact {
            Fact::BetSettled(fact) => Some(fact.basis.name()),
            _ => None,
        })
        .collect();
    let want = [
        "correction",
        "early_payout",
        "event_void",
        "leg_void",
        "market_void",
        "organiser_error",
        "result",
    ];
    assert!(bases.iter().copied().eq(want), "{bases:?}");
}

#[test]
fn sample_seasons_settle_everything() {
    let (run, memory) = in_memory(OPTIONS, cut(1_000, Some(2_000), 1));
    // L1 to L3: no money comes from nowhere.
    assert!(run.state.ledger.balanced());
    let open = |state: &State| {
        (0..state.bets.slots())
            .filter_map(|slot| state.bets.get(slot))
            .filter(|bet| bet.state != BetState::Settled)
            .count()
    };
    assert_eq!(open(&run.state), 0);
    assert!(run.state.organisers.organisers.iter().all(|row| row.waiting.is_empty()));
    // What is remembered is what is open, not what ever was.
    assert!(run.bets_in_memory_most < 1_500, "{}", run.bets_in_memory_most);

    // B1, B2: every winning computed a second time.
    let found = recompute::check(&mut *reader(&memory)).unwrap();
    println!("{found:?}");
    assert_eq!(found.wrong, [""; 0]);
    assert_eq!((found.open, found.unpaid), (0, 0));
    assert!(0 < found.corrections && 0 < found.claims && 0 < found.stated_otherwise);

    let (tally, head) = Tally::of(&mut *reader(&memory), |_| ()).unwrap();
    assert_eq!((head, tally.open()), (run.head, 0));
    assert_eq!(tally.settled(), found.bets);
    let shapes: BTreeSet<_> = tally.lines().map(|(line, _)| (line.organiser, line.shape)).collect();
    assert_eq!(shapes.len(), 9, "three shapes with each of three organisers");
    let total = tally.total();
    assert_eq!(total.stakes, found.bets);
    assert!(0 < total.won && 0 < total.refunded && total.refunded < total.paid, "{total:?}");
}

#[test]
fn the_recomputation_finds_a_wrong_winning() {
    // Negative control: the same journal with one sum changed must be found.
    let (_, memory) = in_memory(OPTIONS, cut(1_000, None, 1));
    let mut all = entries(&memory);
    let wrong = all.iter_mut().find_map(|entry| match &mut entry.fact {
        Fact::BetSettled(fact) if 100 < fact.gross.get() => Some(fact),
        _ => None,
    });
    let wrong = wrong.unwrap();
    wrong.gross_computed = wrong.gross_computed.checked_add(terms::Tiyn::of(1)).unwrap();
    let copy = Memory::new();
    let mut sealer = journal::frame::Sealer::new(Head::empty(), journal::tree::Frontier::new());
    let mut buffer = journal::frame::FactBuffer::new();
    all.iter().for_each(|entry| buffer.push_with(|out| entry.put(out)));
    let frame = sealer.seal(1, all.last().unwrap().at, &buffer);
    let appended = copy.journal().append(&Head::empty(), &frame);
    assert!(matches!(appended, store::Appended::Appended(_)));
    let found = recompute::check(&mut *reader(&copy)).unwrap();
    assert_eq!(found.wrong_count, 1, "{:?}", found.wrong);
}

#[test]
fn the_same_seed_gives_the_same_root_however_it_is_cut() {
    let small = Options { bettors: 60, bets_per_match: 4, ..OPTIONS };
    let (first, _) = in_memory(small, cut(1_000, Some(500), 1));
    for (cutting, same) in [
        (cut(1_000, Some(500), 1), true),
        (cut(1, Some(500), 1), true),
        (cut(777, Some(500), 1), true),
        // Bets that stay longer are settled anew without being fetched.
        (cut(1_000, None, 1), false),
        (cut(1_000, Some(500), 2), false),
    ] {
        let (again, _) = in_memory(small, cutting);
        assert_eq!(again.head.root == first.head.root, same, "{cutting:?}");
        assert_eq!(again.messages, first.messages);
    }
    let (other, _) = in_memory(Options { seed: 2, ..small }, cut(1_000, Some(500), 1));
    assert_ne!(other.head.root, first.head.root);
}

#[test]
fn memory_and_sqlite_have_the_same_root() {
    let small = Options { bettors: 60, bets_per_match: 4, ..OPTIONS };
    let (first, _) = in_memory(small, cut(1_000, Some(500), 1));
    let folder = tempfile::tempdir().unwrap();
    let options = store_sqlite::Options {
        synchronous: Synchronous::Full,
        part_limit_bytes: PART_LIMIT_BYTES,
        create: true,
    };
    let sqlite = Sqlite::open(folder.path().join("bej.db"), options).unwrap();
    let store = Box::new(sqlite.journal().unwrap());
    let second = run(samples(), small, store, cut(1_000, Some(500), 1));
    assert_eq!(second.head, first.head);
    let store = Box::new(sqlite.journal().unwrap());
    let again = Driver::new(store, cut(1_000, None, 1)).map(|_| ());
    assert!(matches!(again, Err(DriverError::NotEmpty(entries)) if 0 < entries));
}

#[test]
fn memory_and_postgresql_have_the_same_root() {
    let Some(database) = cluster::Database::fresh() else { return };
    let small = Options { bettors: 60, bets_per_match: 4, ..OPTIONS };
    let (first, _) = in_memory(small, cut(1_000, Some(500), 1));
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}?dir={}", database.url(), folder.path().display());
    let options = store_postgres::Options { create: true, patience: store_postgres::PATIENCE };
    let store = store_postgres::Postgres::open(&url.parse().unwrap(), options).unwrap();
    let journal = Box::new(store.journal().unwrap());
    let second = run(samples(), small, journal, cut(1_000, Some(500), 1));
    assert_eq!(second.head, first.head);
    let found = recompute::check(&mut store.reader().unwrap()).unwrap();
    assert_eq!(found.wrong, [""; 0]);
}

/// `BLESS=1` writes it anew. A change here changes every replay that anyone has kept.
#[test]
fn the_root_of_the_sample_seasons_is_golden() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sample-seasons.root");
    let (run, _) = in_memory(Options::standard(1), cut(1_000, Some(500_000), 1));
    let text = format!(
        "seed 1, 1000 bettors, 20 bets for each match\nentries {}\nroot {}\n",
        run.head.next_seq, run.head.root
    );
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "BLESS=1 writes it anew");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let check = |input: Input, options: Options| Bookmaker::new(input, options).err();
    assert_eq!(check(Input::new(), OPTIONS), Some(OptionsError::NoMatch));
    let few = OptionsError::FewBettors { found: 3, least: 48 };
    assert_eq!(check(samples(), Options { bettors: 3, ..OPTIONS }), Some(few));
    let many = check(samples(), Options { bettors: u32::MAX, ..OPTIONS });
    assert!(matches!(many, Some(OptionsError::ManyBettors { .. })));
    let bets = check(samples(), Options { bets_per_match: u32::MAX, ..OPTIONS });
    assert!(matches!(bets, Some(OptionsError::ManyBets { .. })));
    assert!(check(samples(), Options { bets_per_match: 0, ..OPTIONS }).is_none());
}

#[test]
fn matches_outside_of_the_sample_rulebook_are_skipped() {
    let mut input = Input::new();
    let text = "season,round,hTeam,aTeam,hScore,aScore,hOdd,dOdd,aOdd\n\
        1998-1999,1,A,B,1,0,2.5,3.1,2.9\n2005-2006,1,A,B,1,0,2.5,3.1,2.9\n";
    input.add(odds_file::read("old.csv", text.as_bytes()).unwrap());
    assert_eq!(input.matches(), 1);
    let row = &input.skipped()[0];
    assert_eq!((row.line, row.reason), (2, "outside_of_the_sample_rulebook"));
}

#[test]
fn real_leagues_settle_and_recompute() {
    let Some(files) = real_files() else { return };
    for path in files {
        let mut input = Input::new();
        input.add(odds_file::open(&path).unwrap());
        let (matches, skipped) = (input.matches(), input.skipped().len());
        let memory = Memory::new();
        let options = Options { seed: 7, bettors: 150, bets_per_match: 2 };
        let run = run(input, options, Box::new(memory.journal()), cut(4_000, Some(20_000), 7));
        let found = recompute::check(&mut *reader(&memory)).unwrap();
        println!(
            "{}: {matches} matches, {skipped} rows skipped, {} entries, {} bets, {} in memory",
            path.file_name().unwrap().display(),
            run.head.next_seq,
            found.bets,
            run.bets_in_memory_most,
        );
        assert_eq!(found.wrong, [""; 0]);
        assert_eq!((found.open, found.unpaid), (0, 0));
        assert!(run.state.ledger.balanced());
    }
}
