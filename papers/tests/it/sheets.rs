//! Both forms say the same; a workbook is read back by a program that shares no code with it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use papers::sheet::{About, File, Format, PaperError, ROWS_MAX, Tongue, keys, make};
use phrases::{Language, Phrases};
use reports::{Cell, Table};
use terms::number::account_number;
use terms::time::Offset;
use terms::{Account, Instant, Organiser};

const ALMATY: [Offset; 1] = [Offset { from: Instant(0), seconds: 5 * 3_600 }];
const LANGUAGES: [Language; 3] = [Language::Kk, Language::Ru, Language::En];

fn payout(text: &'static str, amount: i64) -> Vec<Cell> {
    let at = Cell::Time(Instant(1_767_600_000_500_000_000));
    vec![
        Cell::Int(7),
        Cell::Int(3),
        Cell::Bytes([9; 16]),
        Cell::Int(1),
        Cell::Int(42),
        Cell::Int(2),
        Cell::Text(text.into()),
        at.clone(),
        at,
        Cell::Text("2026-01-05".into()),
        Cell::Int(amount),
        Cell::Int(0),
        Cell::Int(1),
    ]
}

const BET: &str = "09090909-0909-0909-0909-090909090909";

fn account() -> String {
    account_number(Organiser(1), Account(42))
}

fn about(filter: &str) -> About<'_> {
    let at = Instant(1_767_610_000_000_000_000);
    About { filter, entry: Some(77), maker: "tax-1", at, whole: true, test_realm: true }
}

fn file(format: Format, language: Language, rows: &[Vec<Cell>]) -> File {
    let phrases = Phrases::load().unwrap();
    let tongue = Tongue { language, phrases: &phrases, offsets: &ALMATY };
    make(format, Table::Payouts, rows, &about("=x\r\ny"), &tongue).unwrap()
}

#[test]
fn every_heading_is_said_in_every_language() {
    let phrases = Phrases::load().unwrap();
    for key in keys() {
        for language in LANGUAGES {
            assert_ne!(phrases.word(language, &key), key, "{} lacks it", language.code());
        }
    }
}

#[test]
fn a_text_file_says_what_it_is_and_has_every_row() {
    // R0-16.5, P-07, R0-20.0f
    let rows = [payout("cash", 123_456), payout("non_cash", -5)];
    let made = file(Format::Csv, Language::Ru, &rows);
    let text = String::from_utf8(made.bytes.clone()).unwrap();
    assert!(text.starts_with('\u{feff}'));
    for line in ["# Реестр выплат", "# Фильтр: '=x  y", "# Запись: 77", "# Составил: tax-1"]
    {
        assert!(text.contains(&format!("{line}\r\n")), "{line}: {text}");
    }
    let table: Vec<&str> = text.lines().filter(|line| !line.contains("# ")).collect();
    assert_eq!(table.len(), 3, "{text}");
    assert!(table[0].starts_with("Запись,") && table[0].contains(",\"Сумма, ₸\","), "{text}");
    assert_eq!(
        table[1],
        format!(
            "7,3,{BET},1,{},2,наличные,2026-01-05T13:00:00.500+05:00,\
             2026-01-05T13:00:00.500+05:00,2026-01-05,1234.56,0.00,да",
            account()
        )
    );
    assert!(table[2].contains(",-0.05,"), "{text}");
    assert_eq!(made.sha256, papers::sha256(&made.bytes));
    assert_eq!(made.name, format!("TEST_bej_payouts_77_{}.csv", &made.sha256[..12]));
}

/// Prints the cells of the first sheet, row by row, with a bar between them.
const READER: &str = r##"
import io, re, sys, zipfile
import xml.etree.ElementTree as tree
book = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
open_part = lambda name: tree.fromstring(book.read("xl/" + name))
words = ["".join(t.text or "" for t in item.iterfind(".//m:t", space))
         for item in open_part("sharedStrings.xml").iterfind("m:si", space)]
for row in open_part("worksheets/sheet1.xml").iterfind(".//m:row", space):
    cells = []
    for cell in row.iterfind("m:c", space):
        value = cell.find("m:v", space)
        if value is not None:
            text = words[int(value.text)] if cell.get("t") == "s" else "#" + value.text
            cells.append(text)
    print("|".join(cells))
"##;

fn read_back(bytes: &[u8]) -> Option<String> {
    let program = Command::new("python3")
        .args(["-c", READER])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut program) = program else {
        assert!(
            std::env::var_os("CI").is_none_or(|value| value != "true"),
            "there is no python3 to read a workbook"
        );
        println!("NOT RUN: there is no python3 to read a workbook");
        return None;
    };
    program.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_workbook_holds_numbers_dates_and_texts() {
    let rows = [payout("cash", 123_456), payout("=1+1", i64::MAX)];
    for (language, title) in [
        (Language::Kk, "Төлемдер тізілімі"),
        (Language::Ru, "Реестр выплат"),
        (Language::En, "Register of payouts"),
    ] {
        let made = file(Format::Xlsx, language, &rows);
        assert_eq!(made, file(Format::Xlsx, language, &rows), "the same bytes each time");
        let Some(text) = read_back(&made.bytes) else { return };
        assert!(text.starts_with(&format!("{title}\n")), "{text}");
        assert!(text.contains("|=x  y\n") && text.contains("|77\n"), "{text}");
        let cash = Phrases::load().unwrap().word(language, "form.cash").to_owned();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("#7|")).collect();
        assert_eq!(lines.len(), 2, "{text}");
        let cells: Vec<&str> = lines[0].split('|').collect();
        assert_eq!(&cells[..6], ["#7", "#3", BET, "#1", &account(), "#2"]);
        // 5 January 2026, 13:00:00.5 in Almaty; a workbook counts days from 1899-12-30.
        assert_eq!((cells[6], cells[9], cells[10]), (&*cash, "#46027", "#1234.56"));
        assert!(cells[7].starts_with("#46027.5416724537"), "{}", cells[7]);
        let large: Vec<&str> = lines[1].split('|').collect();
        assert_eq!((large[6], large[10]), ("=1+1", "92233720368547758.07"), "text, not a formula");
    }
}

#[test]
fn what_is_no_table_is_refused() {
    let phrases = Phrases::load().unwrap();
    let tongue = Tongue { language: Language::En, phrases: &phrases, offsets: &ALMATY };
    let try_rows = |rows: &[Vec<Cell>]| {
        make(Format::Csv, Table::Payouts, rows, &about(""), &tongue).map(|file| file.name)
    };
    assert!(matches!(try_rows(&[vec![Cell::Null]]), Err(PaperError::Cells { found: 1, .. })));
    let many = vec![Vec::new(); ROWS_MAX + 1];
    assert!(matches!(try_rows(&many), Err(PaperError::Rows(_))));
    assert!(try_rows(&[]).is_ok());
}
