//! Tables: one line a case.

use sim::odds_file::{self, Form, MarketKind, Match, MatchFile, Note, OutcomeKind, SkipReason};
use sim::odds_file::{Price, Unreadable};
use terms::Odds;

const HEADER: &str = "Date,country,league,Season,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,\
    home_close,home_open,draw_close,draw_open,away_close,away_open,\
    over_2.5_close,over_2.5_open,under_2.5_close,under_2.5_open,\
    bts_yes_close,bts_yes_open,bts_no_close,bts_no_open";

/// A row that is used, with all three markets.
const GOOD: &str = "2022-08-06 17:00:00,kazakhstan,dala,2022-2023,Qyran,Sunqar,2,1,1,0,\
    1.95,1.9,3.4,3.45,4.1,4.2,1.8,1.85,2,1.95,1.7512,1.75,2.1,2.05";

const ROUNDS_HEADER: &str = "\"season\",\"round\",\"hTeam\",\"aTeam\",\
    \"hScore\",\"aScore\",\"hOdd\",\"dOdd\",\"aOdd\",\"hProb\",\"dProb\",\"aProb\"";
const ROUNDS_GOOD: &str =
    "\"2005-2006\",\"3\",\"Qyran\",\"Sunqar\",0,2,4.8,3.4,1.7,0.19101123595505617,0.2696,0.5393";

fn read(bytes: &[u8]) -> MatchFile {
    let read = odds_file::read("a-kazakhstan_dala.csv", bytes).unwrap();
    assert_eq!(read.rows, (read.matches.len() + read.skipped.len()) as u64);
    read
}

/// The good row with one column changed.
fn with(column: &str, value: &str) -> Vec<u8> {
    let at = HEADER.split(',').position(|name| name == column).unwrap();
    let mut fields: Vec<&str> = GOOD.split(',').collect();
    fields[at] = value;
    fields.join(",").into_bytes()
}

/// Reads a good row, the row, and another good row: the row alone is skipped, with its line.
fn skipped(row: &[u8], want: SkipReason, detail: &str) {
    let before = GOOD.replace("2022-08-06", "2022-09-03");
    let after = GOOD.replace("2022-08-06", "2022-10-01");
    let parts: [&[u8]; 4] = [HEADER.as_bytes(), before.as_bytes(), row, after.as_bytes()];
    let found = read(&parts.join(&b'\n'));
    let name = String::from_utf8_lossy(row);
    let lines: Vec<u64> = found.matches.iter().map(|game| game.line).collect();
    assert_eq!(lines, [2, 4], "{name}");
    let [skip] = &found.skipped[..] else { panic!("{name}: {:?}", found.skipped) };
    assert_eq!((skip.line, skip.reason, skip.detail.as_str()), (3, want, detail), "{name}");
    assert_eq!(skip.file, "a-kazakhstan_dala.csv");
    assert_eq!(found.skips_by_reason().into_iter().collect::<Vec<_>>(), [(want, 1)]);
    assert!(found.notes.is_empty(), "a skipped row makes no note: {:?}", found.notes);
}

#[test]
fn every_reason_to_skip_a_row() {
    use SkipReason::*;
    let long = "x".repeat(65);
    let cases: &[(&str, &str, SkipReason, &str)] = &[
        ("HomeTeam", "", NameMissing, ""),
        ("AwayTeam", "  ", NameMissing, ""),
        ("league", "", NameMissing, ""),
        ("HomeTeam", &long, NameUnusable, &long[..60]),
        ("HomeTeam", "a\u{7}b", NameUnusable, "a\u{7}b"),
        ("HomeTeam", "950101300016", NameUnusable, "950101300016"),
        ("AwayTeam", "Qyran", SameTeam, "Qyran"),
        ("AwayTeam", " Qyran ", SameTeam, "Qyran"),
        ("Season", "", SeasonBroken, ""),
        ("Season", "2022-2024", SeasonBroken, "2022-2024"),
        ("Date", "", DateBroken, ""),
        ("Date", "2023-02-29 17:00:00", DateBroken, "2023-02-29 17:00:00"),
        ("Date", "2022-08-06", DateBroken, "2022-08-06"),
        ("FTHG", "", GoalsMissing, ""),
        ("FTAG", "", GoalsMissing, ""),
        ("FTHG", "2.0", GoalsUnreadable, "2.0"),
        ("FTHG", "-1", GoalsUnreadable, "-1"),
        ("FTHG", "+2", GoalsUnreadable, "+2"),
        ("FTHG", "100", GoalsUnreadable, "100"),
        ("HTHG", "x", GoalsUnreadable, "x"),
        ("HTHG", "3", HalfTimeAboveFull, "2:1 after 3:0"),
        ("HTAG", "2", HalfTimeAboveFull, "2:1 after 1:2"),
        ("home_close", "", OddsMissing, ""),
        ("draw_close", "", OddsMissing, ""),
        ("away_close", "", OddsMissing, ""),
        ("home_close", "evens", OddsUnreadable, "evens"),
        ("home_close", "1.23456", OddsUnreadable, "1.23456"),
        ("home_close", "1e1", OddsUnreadable, "1e1"),
        ("home_close", "NaN", OddsUnreadable, "NaN"),
        ("home_close", "-1.5", OddsUnreadable, "-1.5"),
        ("home_open", "1.23456", OddsUnreadable, "1.23456"),
        ("home_close", "1", OddsOutOfRange, "1"),
        ("home_close", "1.0000", OddsOutOfRange, "1.0000"),
        ("home_close", "0.95", OddsOutOfRange, "0.95"),
        ("home_close", "10000.0001", OddsOutOfRange, "10000.0001"),
        ("home_close", "10001", OddsOutOfRange, "10001"),
        ("home_close", "99999999999", OddsOutOfRange, "99999999999"),
        ("draw_open", "1", OddsOutOfRange, "1"),
    ];
    for (column, value, reason, detail) in cases {
        skipped(&with(column, value), *reason, detail);
    }
}

#[test]
fn rows_of_the_wrong_shape_are_skipped() {
    use SkipReason::*;
    let short = GOOD.rsplit_once(',').unwrap().0;
    skipped(short.as_bytes(), FieldCount, "23 fields, the header has 24");
    skipped(format!("{GOOD},1").as_bytes(), FieldCount, "25 fields, the header has 24");
    skipped(b"nothing", FieldCount, "1 fields, the header has 24");
    skipped(&with("HomeTeam", "\"Qyran"), OpenQuote, "");
    skipped(&[&GOOD.as_bytes()[..50], b"\xff\xfe"].concat(), NotUtf8, "byte 51");
    let long = "x".repeat(5_000);
    skipped(&with("HomeTeam", &long), LineTooLong, "");
}

#[test]
fn a_second_row_of_one_match_is_skipped() {
    let other_time = GOOD.replace("17:00", "18:00");
    let other_season = GOOD.replace("2022-2023", "2022");
    let turned = GOOD.replace("Qyran,Sunqar", "Sunqar,Qyran");
    let odds_differ = GOOD.replace("1.95,1.9,", "1.85,1.8,");
    let text = [HEADER, GOOD, &other_time, &other_season, &turned, &odds_differ, GOOD].join("\n");
    let found = read(text.as_bytes());
    assert_eq!(found.matches.len(), 4);
    let skips: Vec<_> = found.skipped.iter().map(|skip| (skip.line, skip.reason)).collect();
    assert_eq!(skips, [(6, SkipReason::Duplicate), (7, SkipReason::Duplicate)]);
    assert_eq!(found.skipped[0].detail, "2022-08-06T11:00:00Z Qyran");
}

#[test]
fn a_skipped_row_does_not_make_a_duplicate() {
    let broken = with("home_close", "");
    let text = [HEADER.as_bytes(), &broken, GOOD.as_bytes()].join(&b'\n');
    let found = read(&text);
    assert_eq!(found.matches.len(), 1);
    assert_eq!(found.skipped[0].reason, SkipReason::OddsMissing);
}

/// Reads one changed row: it is used, with these markets and exactly this note.
fn noted(changes: &[(&str, &str)], markets: &[MarketKind], want: Option<Note>) {
    let mut fields: Vec<&str> = GOOD.split(',').collect();
    for (column, value) in changes {
        fields[HEADER.split(',').position(|name| name == *column).unwrap()] = value;
    }
    let found = read(format!("{HEADER}\n{GOOD}\n{}\n", fields.join(",")).as_bytes());
    let game = found.matches.last().unwrap_or_else(|| panic!("{changes:?}"));
    assert_eq!(game.line, 3, "{changes:?}: {:?}", found.skipped);
    let kinds: Vec<MarketKind> = game.markets.iter().map(|quote| quote.kind).collect();
    assert_eq!(kinds, markets, "{changes:?}");
    let notes: Vec<_> =
        found.notes.iter().map(|(note, tally)| (note, tally.count, tally.first_line)).collect();
    let want: Vec<_> = want.iter().map(|note| (note, 1, 3)).collect();
    assert_eq!(notes, want, "{changes:?}");
}

#[test]
fn lacks_that_do_not_cost_the_row_are_noted() {
    use MarketKind::*;
    let later = ("Date", "2022-09-03 17:00:00");
    let blank_over: Vec<(&str, &str)> =
        ["over_2.5_close", "over_2.5_open", "under_2.5_close", "under_2.5_open"]
            .map(|column| (column, ""))
            .into_iter()
            .chain([later])
            .collect();
    noted(&[later], MarketKind::ALL, None);
    noted(&blank_over, &[MatchResult, BothToScore], Some(Note::MarketMissing(OverUnder25)));
    let half_over = [later, ("over_2.5_close", "")];
    noted(&half_over, &[MatchResult, BothToScore], Some(Note::MarketUnusable(OverUnder25)));
    let one = [later, ("bts_no_close", "1")];
    noted(&one, &[MatchResult, OverUnder25], Some(Note::MarketUnusable(BothToScore)));
    let five = [later, ("bts_no_open", "1.00001")];
    noted(&five, &[MatchResult, OverUnder25], Some(Note::MarketUnusable(BothToScore)));
    noted(&[later, ("home_open", "")], MarketKind::ALL, None);
    noted(&[later, ("HTHG", "")], MarketKind::ALL, Some(Note::HalfTimeMissing));
    let unknown = Note::CountryUnknown { country: "qiyal-eli".into() };
    noted(&[later, ("country", "Qiyal Eli")], MarketKind::ALL, Some(unknown));
    let unknown = Note::CountryUnknown { country: "unknown".into() };
    noted(&[later, ("country", "")], MarketKind::ALL, Some(unknown));
}

#[test]
fn an_unknown_country_is_one_note_of_the_file() {
    let rows: Vec<String> = (1..=3)
        .map(|day| GOOD.replace("08-06", &format!("08-0{day}")).replace("kazakhstan", "Atlantis"))
        .collect();
    let found = read(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes());
    let [(note, tally)] = &found.notes.iter().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!((note.code(), note.about()), ("country_unknown", "atlantis"));
    assert_eq!((tally.count, tally.first_line), (3, 2));
    assert_eq!(found.matches[0].kick_off.to_string(), "2022-08-01T17:00:00Z");
}

fn price(outcome: OutcomeKind, open: Option<u32>, close: u32) -> Price {
    let odds = |ten_thousandths| Odds::new(ten_thousandths).unwrap();
    Price { outcome, open: open.map(odds), close: odds(close) }
}

#[test]
fn a_dated_row_is_read_exactly() {
    let found = read(format!("\u{feff}{HEADER}\r\n\r\n{GOOD}\r\n").as_bytes());
    assert_eq!(found.form, Form::Dated);
    let [game] = &found.matches[..] else { panic!("{:?}", found.skipped) };
    assert_eq!((game.line, game.goals, game.half_time), (3, (2, 1), Some((1, 0))));
    assert_eq!(game.kick_off.to_string(), "2022-08-06T11:00:00Z");
    check_names(game, ["kazakhstan", "dala", "2022-2023", "Qyran", "Sunqar"]);
    let prices: Vec<&Price> = game.markets.iter().flat_map(|quote| &quote.outcomes).collect();
    let want = [
        price(OutcomeKind::Home, Some(19_000), 19_500),
        price(OutcomeKind::Draw, Some(34_500), 34_000),
        price(OutcomeKind::Away, Some(42_000), 41_000),
        price(OutcomeKind::Over, Some(18_500), 18_000),
        price(OutcomeKind::Under, Some(19_500), 20_000),
        price(OutcomeKind::Yes, Some(17_500), 17_512),
        price(OutcomeKind::No, Some(20_500), 21_000),
    ];
    assert!(prices.into_iter().eq(want.iter()), "{:?}", game.markets);
}

#[test]
fn a_round_is_read_exactly() {
    let text = format!("{ROUNDS_HEADER}\n{ROUNDS_GOOD}\n{ROUNDS_GOOD}");
    let found = odds_file::read("iredchuk-england_premier-league.csv", text.as_bytes()).unwrap();
    assert_eq!((found.form, found.rows), (Form::Rounds, 2));
    assert!(found.notes.is_empty());
    assert_eq!(found.skipped[0].reason, SkipReason::Duplicate);
    let [game] = &found.matches[..] else { panic!("{:?}", found.skipped) };
    assert_eq!((game.line, game.goals, game.half_time), (2, (0, 2), None));
    assert_eq!(game.kick_off.to_string(), "2005-08-15T12:00:00Z");
    check_names(game, ["england", "premier-league", "2005-2006", "Qyran", "Sunqar"]);
    let want = [
        price(OutcomeKind::Home, None, 48_000),
        price(OutcomeKind::Draw, None, 34_000),
        price(OutcomeKind::Away, None, 17_000),
    ];
    assert_eq!(game.markets.len(), 1);
    assert_eq!(game.markets[0].outcomes, want);
}

fn check_names(game: &Match, want: [&str; 5]) {
    let got = [&game.country, &game.league, &game.season, &game.home, &game.away];
    assert_eq!(got.map(|name| name.as_str()), want);
}

#[test]
fn a_broken_round_is_skipped() {
    for round in ["0", "final", "201", ""] {
        let row = ROUNDS_GOOD.replace("\"3\"", &format!("\"{round}\""));
        let text = format!("{ROUNDS_HEADER}\n{row}\n");
        let found = odds_file::read("x.csv", text.as_bytes()).unwrap();
        let skip = &found.skipped[0];
        assert_eq!((skip.reason, skip.detail.as_str()), (SkipReason::RoundBroken, round));
    }
}

#[test]
fn the_file_names_the_league_of_rounds() {
    let cases = [
        ("iredchuk-england_premier-league.csv", "england", "premier-league"),
        ("england_premier-league.csv", "england", "premier-league"),
        ("some-source-south-korea_k1.csv", "south-korea", "k1"),
        ("data-bosnia-and-herzegovina_premier.csv", "bosnia-and-herzegovina", "premier"),
        ("data-atlantis_liga_2.csv", "atlantis", "liga_2"),
        ("folder/England_Premier.csv", "england", "Premier"),
        ("league.csv", "unknown", "league"),
        ("_league.csv", "unknown", "_league"),
    ];
    for (file, country, league) in cases {
        let text = format!("{ROUNDS_HEADER}\n{ROUNDS_GOOD}\n");
        let found = odds_file::read(file, text.as_bytes()).unwrap();
        let game = &found.matches[0];
        assert_eq!((game.country.as_str(), game.league.as_str()), (country, league), "{file}");
    }
    let text = format!("{ROUNDS_HEADER}\n{ROUNDS_GOOD}\n");
    let nameless = odds_file::read(".csv", text.as_bytes());
    assert!(matches!(nameless, Err(Unreadable::FileName { .. })));
}

/// Reading gives the same matches when columns are turned round and others stand between.
#[test]
fn columns_are_found_by_name() {
    for (header, row) in [(HEADER, GOOD), (ROUNDS_HEADER, ROUNDS_GOOD)] {
        let straight = read(format!("{header}\n{row}\n").as_bytes());
        let turn = |line: &str| {
            let mut fields: Vec<&str> = line.split(',').collect();
            fields.reverse();
            fields.join(",")
        };
        let turned = format!("extra,{}\nx,{}\n", turn(header), turn(row));
        assert_eq!(read(turned.as_bytes()).matches, straight.matches);
        assert_eq!(straight.matches.len(), 1);
    }
}

#[test]
fn a_file_may_lack_columns_of_optional_markets() {
    let cut = |line: &str| line.splitn(21, ',').take(20).collect::<Vec<_>>().join(",");
    let found = read(format!("{}\n{}\n", cut(HEADER), cut(GOOD)).as_bytes());
    let kinds: Vec<_> = found.matches[0].markets.iter().map(|quote| quote.kind).collect();
    assert_eq!(kinds, [MarketKind::MatchResult, MarketKind::OverUnder25]);
    let notes: Vec<_> = found.notes.iter().collect();
    let [(Note::ColumnsAbsent(MarketKind::BothToScore), tally)] = notes[..] else {
        panic!("{notes:?}")
    };
    assert_eq!((tally.count, tally.first_line), (1, 1));
}

#[test]
fn a_market_is_won_by_the_goals() {
    use OutcomeKind::*;
    let cases = [
        ((0, 0), [Draw, Under, No]),
        ((1, 0), [Home, Under, No]),
        ((1, 1), [Draw, Under, Yes]),
        ((0, 3), [Away, Over, No]),
        ((2, 1), [Home, Over, Yes]),
        ((99, 99), [Draw, Over, Yes]),
    ];
    for (goals, want) in cases {
        let got: Vec<_> = MarketKind::ALL.iter().map(|market| market.winner(goals)).collect();
        assert_eq!(got, want, "{goals:?}");
    }
}

fn unreadable(text: &[u8], want: &str) {
    let error = odds_file::read("f.csv", text).expect_err(want);
    assert_eq!(error.to_string(), want);
}

#[test]
fn files_that_cannot_be_read_say_why() {
    unreadable(b"", "f.csv: the file is empty");
    unreadable(b"\n\r\n  \n", "f.csv: the file is empty");
    unreadable(b"\xff\xfea,b\n", "f.csv: the first line is not a header");
    unreadable(b"\"Date,b\n", "f.csv: the first line is not a header");
    unreadable(&[b'x'; 10_000], "f.csv: the first line is not a header");
    unreadable(format!("{HEADER},Date\n").as_bytes(), "f.csv: the column Date occurs twice");
    unreadable(
        HEADER.replace("FTHG", "goals").as_bytes(),
        "f.csv: the header fits neither form; for the dated form it lacks [\"FTHG\"], \
         for the rounds form [\"season\", \"round\", \"hTeam\", \"aTeam\", \"hScore\", \
         \"aScore\", \"hOdd\", \"dOdd\", \"aOdd\"]",
    );
    let missing = odds_file::open(std::path::Path::new("no/such/file.csv")).unwrap_err();
    assert_eq!(missing.to_string(), "no/such/file.csv: there is no such file");
    let folder = odds_file::open(std::path::Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(matches!(folder, Err(Unreadable::Io { .. })), "{folder:?}");
    assert_eq!(read(HEADER.as_bytes()).rows, 0);
}

/// A source that fails after its text.
struct Failing<'a>(&'a [u8]);

impl std::io::Read for Failing<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match std::io::Read::read(&mut self.0, into)? {
            0 => Err(std::io::Error::other("the disk is gone")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_fault_while_reading_is_not_the_end_of_the_file() {
    let text = format!("{HEADER}\n{GOOD}\n");
    let mut reader = odds_file::MatchReader::new("f.csv", Failing(text.as_bytes())).unwrap();
    assert!(matches!(reader.next(), Some(Ok(odds_file::Row::Used(_)))));
    assert!(matches!(reader.next(), Some(Err(Unreadable::Io { line: 2, .. }))));
    assert!(reader.next().is_none());
}

/// Gives a header and then rows without end.
struct Endless {
    header: &'static [u8],
}

impl std::io::Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.header.is_empty() {
            let rows = into.len() / 2 * 2;
            into[..rows].chunks_exact_mut(2).for_each(|row| row.copy_from_slice(b"\"\n"));
            return Ok(rows);
        }
        std::io::Read::read(&mut self.header, into)
    }
}

#[test]
fn a_file_has_an_end() {
    let header = b"season,round,hTeam,aTeam,hScore,aScore,hOdd,dOdd,aOdd\n";
    let mut reader = odds_file::MatchReader::new("f.csv", Endless { header }).unwrap();
    let skipped = (&mut reader).take_while(|row| row.is_ok()).count() as u64;
    assert_eq!((skipped, reader.rows()), (odds_file::ROWS_MAX, odds_file::ROWS_MAX));
    assert!(reader.next().is_none());
}
