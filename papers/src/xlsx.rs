//! A sheet as a workbook: real numbers and dates, the head frozen and repeated on each page.
//!
//! The same sheet gives the same bytes: the workbook's own time is the one at which it was made.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use terms::{Day, Instant};

use crate::sheet::{Civil, Sheet, Shown};

/// Numbers beyond this have no exact place in a workbook, which knows doubles alone; they are
/// written as text.
const EXACT_MAX: u64 = 1 << 53;

/// A4 in the numbering of the format.
const A4: u8 = 9;

/// How the kinds of cells look.
struct Looks {
    head: Format,
    sum: Format,
    odds: Format,
    moment: Format,
    day: Format,
}

/// The bytes of the workbook.
pub(crate) fn make(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = moment(sheet.made_at.0, sheet.made_at.1)?;
    workbook
        .set_properties(&DocProperties::new().set_title(&sheet.title).set_creation_datetime(&made));
    let page = workbook.add_worksheet();
    page.set_name("1")?;
    page.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_footer("&R&P / &N");
    let looks = Looks {
        head: Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border_bottom(FormatBorder::Thin),
        sum: Format::new().set_num_format("#,##0.00"),
        odds: Format::new().set_num_format("0.00##"),
        moment: Format::new().set_num_format("dd.mm.yyyy hh:mm:ss"),
        day: Format::new().set_num_format("dd.mm.yyyy"),
    };
    let head = put_preamble(sheet, page, &looks)?;
    let last = put_rows(sheet, page, &looks, head)?;
    page.set_freeze_panes(head + 1, 0)?.set_repeat_rows(head, head)?;
    if let Some(column) = u16::try_from(sheet.heads.len()).ok().and_then(|len| len.checked_sub(1)) {
        page.autofilter(head, 0, last, column)?;
    }
    workbook.save_to_buffer()
}

/// Writes what stands above the rows; gives the row of the headings.
fn put_preamble(sheet: &Sheet, page: &mut Worksheet, looks: &Looks) -> Result<u32, XlsxError> {
    page.write_string_with_format(0, 0, &sheet.title, &looks.head)?;
    let mut row = 1;
    for (label, value) in &sheet.preamble {
        page.write_string(row, 0, label)?.write_string(row, 2, value)?;
        row += 1;
    }
    Ok(row + 1)
}

/// Writes headings and rows; gives the last row.
fn put_rows(
    sheet: &Sheet,
    page: &mut Worksheet,
    looks: &Looks,
    head: u32,
) -> Result<u32, XlsxError> {
    for (column, name) in (0..).zip(&sheet.heads) {
        page.write_string_with_format(head, column, name, &looks.head)?;
        let cells = sheet.rows.iter().take(100).filter_map(|row| row.get(usize::from(column)));
        let widest = cells.map(width).max().unwrap_or(0).max(10);
        page.set_column_width(column, f64::from(widest.min(48)))?;
    }
    let mut at = head;
    for row in &sheet.rows {
        at += 1;
        for (column, cell) in (0..).zip(row) {
            put(page, at, column, cell, looks)?;
        }
    }
    Ok(at)
}

fn put(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Shown,
    looks: &Looks,
) -> Result<(), XlsxError> {
    match cell {
        Shown::Nothing => {}
        Shown::Number(number) if number.unsigned_abs() <= EXACT_MAX => {
            page.write_number(row, column, *number as f64)?;
        }
        Shown::Sum(tiyn) if tiyn.unsigned_abs() <= EXACT_MAX => {
            page.write_number_with_format(row, column, *tiyn as f64 / 100.0, &looks.sum)?;
        }
        Shown::Odds(odds) if odds.unsigned_abs() <= EXACT_MAX => {
            page.write_number_with_format(row, column, *odds as f64 / 10_000.0, &looks.odds)?;
        }
        Shown::Number(_) | Shown::Sum(_) | Shown::Odds(_) => {
            page.write_string(row, column, crate::sheet::in_text(cell))?;
        }
        Shown::Moment(at, offset) => {
            let at = moment(*at, *offset)?;
            page.write_datetime_with_format(row, column, &at, &looks.moment)?;
        }
        Shown::Day(day) => {
            page.write_datetime_with_format(row, column, &date(*day)?, &looks.day)?;
        }
        Shown::Text(text) => {
            page.write_string(row, column, text)?;
        }
    }
    Ok(())
}

/// Characters that a cell takes, about.
fn width(cell: &Shown) -> u16 {
    let length = match cell {
        Shown::Nothing => 0,
        Shown::Number(number) => number.to_string().len(),
        Shown::Sum(_) => 16,
        Shown::Odds(_) => 10,
        Shown::Moment(..) => 19,
        Shown::Day(_) => 11,
        Shown::Text(text) => text.chars().count(),
    };
    u16::try_from(length).unwrap_or(u16::MAX)
}

fn date(day: Day) -> Result<ExcelDateTime, XlsxError> {
    let (year, month, day) = day.date();
    ExcelDateTime::from_ymd(u16::try_from(year).unwrap_or(u16::MAX), month as u8, day as u8)
}

fn moment(at: Instant, offset: i64) -> Result<ExcelDateTime, XlsxError> {
    let Civil { day, hour, minute, second, milli } = Civil::of(at, offset);
    date(day)?.and_hms_milli(u16::from(hour), minute, second, milli)
}
