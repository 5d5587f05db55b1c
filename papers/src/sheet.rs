//! Tables for people, as CSV and XLSX, in Kazakh, Russian or English.
//!
//! What a cell is called, shown and measured in is decided here once, so that both forms of a file
//! say the same: sums in tenge, odds with four decimals, times of Almaty, words of the phrasebooks.
//! Text that a spreadsheet could take for a formula gets an apostrophe in CSV; in XLSX it is text.

use phrases::{Language, Phrases};
use reports::{Cell, Column, Table};
use terms::number::{account_number, wallet_code};
use terms::time::{Offset, offset_seconds};
use terms::{Account, BetId, Day, Instant, Organiser, Reason, Wallet};

use crate::{plain, sha256, xlsx};

/// Rows of one file: all of it is held in memory, about a kilobyte each as XLSX is made.
pub const ROWS_MAX: usize = 100_000;

/// The form of a file for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 with a mark, points in decimals, times as RFC 3339 with the offset of Almaty.
    Csv,
    /// A workbook with one sheet: real numbers and dates, the head frozen and repeated in print.
    Xlsx,
}

/// What a file says of itself, above its rows.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The filter in words of the reader's language.
    pub filter: &'a str,
    /// The last entry that the rows speak of; none if the journal is empty.
    pub entry: Option<u64>,
    /// Who made it.
    pub maker: &'a str,
    /// When.
    pub at: Instant,
    /// Whether these are all rows of the filter.
    pub whole: bool,
    /// Whether they are rows of a test realm.
    pub test_realm: bool,
}

/// In which language, with which words, and on which clock.
#[derive(Clone, Copy, Debug)]
pub struct Tongue<'a> {
    /// The language.
    pub language: Language,
    /// The books.
    pub phrases: &'a Phrases,
    /// Civil time by the rulebook.
    pub offsets: &'a [Offset],
}

/// A file, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, in ASCII.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// The SHA-256 of that, in hex.
    pub sha256: String,
}

/// Why a file cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// Too many rows.
    #[error("a file has at most {ROWS_MAX} rows, and there are {0}")]
    Rows(usize),
    /// A row that is not of the table.
    #[error("a row has {found} cells, the table {wanted} columns")]
    Cells {
        /// How many it has.
        found: usize,
        /// How many it should have.
        wanted: usize,
    },
    /// The workbook cannot be written.
    #[error("the workbook cannot be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

/// Makes the file of some rows of a table. Each row has a cell for each column.
pub fn make(
    format: Format,
    table: Table,
    rows: &[Vec<Cell>],
    about: &About<'_>,
    tongue: &Tongue<'_>,
) -> Result<File, PaperError> {
    if ROWS_MAX < rows.len() {
        return Err(PaperError::Rows(rows.len()));
    }
    let wanted = table.columns().len();
    if let Some(row) = rows.iter().find(|row| row.len() != wanted) {
        return Err(PaperError::Cells { found: row.len(), wanted });
    }
    let sheet = Sheet::new(table, rows, about, tongue);
    let (bytes, ending, media_type) = match format {
        Format::Csv => (sheet.csv().into_bytes(), "csv", "text/csv; charset=utf-8"),
        Format::Xlsx => (
            xlsx::make(&sheet)?,
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    };
    let sha256 = sha256(&bytes);
    let mark = if about.test_realm { "TEST_" } else { "" };
    let entry = about.entry.map_or_else(|| "0".to_owned(), |entry| entry.to_string());
    let name = format!("{mark}bej_{}_{entry}_{}.{ending}", table.name(), &sha256[..12]);
    Ok(File { name, media_type, bytes, sha256 })
}

/// A cell as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Nothing,
    /// A whole number.
    Number(i64),
    /// A sum in tiyn, shown in tenge.
    Sum(i64),
    /// Odds in ten-thousandths.
    Odds(i64),
    /// Seconds east of UTC, and the instant.
    Moment(Instant, i64),
    /// A day of the calendar.
    Day(Day),
    Text(String),
}

/// A table in one language, whatever form it is going to take.
pub(crate) struct Sheet {
    pub(crate) title: String,
    /// Label and value.
    pub(crate) preamble: Vec<(String, String)>,
    pub(crate) heads: Vec<String>,
    pub(crate) rows: Vec<Vec<Shown>>,
    pub(crate) made_at: (Instant, i64),
}

impl Sheet {
    fn new(table: Table, rows: &[Vec<Cell>], about: &About<'_>, tongue: &Tongue<'_>) -> Sheet {
        let word = |key: &str| tongue.word(&format!("paper.{key}"));
        let yes_no = |yes: bool| word(if yes { "yes" } else { "no" });
        let realm = word(if about.test_realm { "test" } else { "production" });
        let entry = about.entry.map_or_else(|| word("none"), |entry| entry.to_string());
        let made_at = (about.at, offset_seconds(tongue.offsets, about.at));
        let preamble = [
            ("realm", realm),
            ("filter", about.filter.to_owned()),
            ("entry", entry),
            ("maker", about.maker.to_owned()),
            ("made_at", civil(made_at.0, made_at.1)),
            ("complete", yes_no(about.whole)),
            ("units", word("units_note")),
        ];
        let preamble = preamble.map(|(key, value)| (word(key), value.replace(['\r', '\n'], " ")));
        let columns = table.columns();
        let heads = columns.iter().map(|column| tongue.word(&heading(column))).collect();
        let rows = rows
            .iter()
            .map(|row| {
                let show = |(column, cell)| tongue.shown(column, cell, columns, row);
                columns.iter().zip(row).map(show).collect()
            })
            .collect();
        let title = tongue.word(&format!("paper.{}", table.name()));
        Sheet { title, preamble: preamble.into(), heads, rows, made_at }
    }

    fn csv(&self) -> String {
        let mut text = String::from("\u{feff}");
        text.push_str(&format!("# {}\r\n", self.title));
        for (label, value) in &self.preamble {
            text.push_str(&format!("# {label}: {}\r\n", safe(value)));
        }
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            for (index, cell) in cells.enumerate() {
                if 0 < index {
                    text.push(',');
                }
                plain::put_text(&cell, &mut text);
            }
            text.push_str("\r\n");
        };
        line(&mut self.heads.iter().cloned());
        for row in &self.rows {
            line(&mut row.iter().map(in_text));
        }
        text
    }
}

/// The key of a column's heading.
fn heading(column: &Column) -> String {
    format!("column.{}", column.name)
}

impl Tongue<'_> {
    fn word(&self, key: &str) -> String {
        self.phrases.word(self.language, key).to_owned()
    }

    fn shown(&self, column: &Column, cell: &Cell, columns: &[Column], row: &[Cell]) -> Shown {
        match cell {
            Cell::Null => Shown::Nothing,
            Cell::Bytes(id) => Shown::Text(BetId(*id).to_string()),
            Cell::Time(at) => Shown::Moment(*at, offset_seconds(self.offsets, *at)),
            Cell::Int(number) => self.number(column, *number, columns, row),
            Cell::Text(text) => match group(column.name) {
                Some("reason") => Shown::Text(self.reasons(text)),
                Some("day") => {
                    Day::parse(text).map_or_else(|| Shown::Text(text.to_string()), Shown::Day)
                }
                Some(group) => {
                    let key = format!("{group}.{text}");
                    let found = self.phrases.word(self.language, &key);
                    Shown::Text(if found == key { text.to_string() } else { found.to_owned() })
                }
                None => Shown::Text(text.to_string()),
            },
        }
    }

    fn number(&self, column: &Column, number: i64, columns: &[Column], row: &[Cell]) -> Shown {
        let other = |name: &str| {
            let at = columns.iter().position(|column| column.name == name)?;
            match row.get(at) {
                Some(Cell::Int(number)) => u32::try_from(*number).ok(),
                _ => None,
            }
        };
        let own = u32::try_from(number).ok();
        match column.name {
            "account" => match (other("organiser"), own) {
                (Some(organiser), Some(account)) => {
                    Shown::Text(account_number(Organiser(organiser), Account(account)))
                }
                _ => Shown::Number(number),
            },
            "debit_wallet" | "credit_wallet" => {
                own.map_or(Shown::Number(number), |own| Shown::Text(wallet_code(Wallet(own))))
            }
            "late" | "waiting" => {
                Shown::Text(self.word(if number == 0 { "paper.no" } else { "paper.yes" }))
            }
            name if name.ends_with("_tiyn") => Shown::Sum(number),
            name if name.ends_with("_ten_thousandths") => Shown::Odds(number),
            _ => Shown::Number(number),
        }
    }

    /// Codes of reasons in words.
    fn reasons(&self, codes: &str) -> String {
        let word = |code: &str| match Reason::from_name(code) {
            Some(reason) => self.phrases.reason(self.language, reason).short.clone(),
            None => code.to_owned(),
        };
        codes.split_whitespace().map(word).collect::<Vec<_>>().join("; ")
    }
}

/// The group of words that the texts of a column are names of.
fn group(column: &str) -> Option<&'static str> {
    Some(match column {
        "form" => "form",
        "desk_kind" => "desk_kind",
        "shape" => "shape",
        "state" => "standing",
        "basis" => "basis",
        "result" => "result",
        "kind" => "posting",
        "breaches" => "reason",
        "day" | "made_day" => "day",
        _ => return None,
    })
}

pub(crate) fn in_text(shown: &Shown) -> String {
    match shown {
        Shown::Nothing => String::new(),
        Shown::Number(number) => number.to_string(),
        Shown::Sum(tiyn) => decimal(*tiyn, 2),
        Shown::Odds(number) => decimal(*number, 4),
        Shown::Moment(at, offset) => civil(*at, *offset),
        Shown::Day(day) => day.to_string(),
        Shown::Text(text) => safe(text),
    }
}

/// A number of hundredths or ten-thousandths with its point.
fn decimal(number: i64, decimals: usize) -> String {
    let minus = if number < 0 { "-" } else { "" };
    let one = 10_u64.pow(decimals as u32);
    let size = number.unsigned_abs();
    format!("{minus}{}.{:0decimals$}", size / one, size % one)
}

/// RFC 3339 with an offset, to the millisecond, rounded down.
fn civil(at: Instant, offset: i64) -> String {
    let Civil { day, hour, minute, second, milli } = Civil::of(at, offset);
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 3_600, offset.abs() / 60 % 60);
    format!("{day}T{hour:02}:{minute:02}:{second:02}.{milli:03}{sign}{hours:02}:{minutes:02}")
}

/// Civil time.
pub(crate) struct Civil {
    pub(crate) day: Day,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) milli: u16,
}

impl Civil {
    pub(crate) fn of(at: Instant, offset: i64) -> Civil {
        let local = at.0.div_euclid(Instant::SECOND).saturating_add(offset);
        let rest = local.rem_euclid(86_400);
        Civil {
            // An instant is within 300 years of 1970.
            day: Day(local.div_euclid(86_400) as i32),
            hour: (rest / 3_600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
            milli: (at.0.rem_euclid(Instant::SECOND) / 1_000_000) as u16,
        }
    }
}

/// Text that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Every heading and title that a file may need, as keys of the books: a new column without its
/// heading in three languages is found by a test.
pub fn keys() -> Vec<String> {
    let own = [
        "realm",
        "filter",
        "entry",
        "maker",
        "made_at",
        "complete",
        "units",
        "units_note",
        "yes",
        "no",
        "none",
        "test",
        "production",
    ];
    let mut keys: Vec<String> = own.iter().map(|key| format!("paper.{key}")).collect();
    for table in Table::ALL {
        keys.push(format!("paper.{}", table.name()));
        keys.extend(table.columns().iter().map(heading));
    }
    keys.sort();
    keys.dedup();
    keys
}
