//! Dates as lists write them.

use terms::Day;

use crate::entry::Birth;

/// The first and last year that a birth on a list can be in. Others are slips of the pen.
const YEARS: std::ops::RangeInclusive<u16> = 1850..=2100;

/// Reads the births of a field: `dd.mm.yyyy`, `yyyy-mm-dd`, a year, `00.00.yyyy` for a year, with
/// or without "г.р." after it, several split by "; ". An empty field has none. `None` if a part
/// cannot be read: nothing is guessed.
pub fn births(text: &str) -> Option<Vec<Birth>> {
    let mut found = Vec::new();
    for part in text.split(';').map(bare).filter(|part| !part.is_empty()) {
        let birth = birth(part)?;
        if !found.contains(&birth) {
            found.push(birth);
        }
    }
    Some(found)
}

/// Without blanks and without the words for "year of birth".
fn bare(part: &str) -> &str {
    let mut part = part.trim();
    for ending in ["г.р.", "г.р", "г. р.", "ж.т.", "г.", "ж."] {
        part = part.strip_suffix(ending).unwrap_or(part).trim_end();
    }
    part
}

fn birth(text: &str) -> Option<Birth> {
    let numbers: Vec<&str> = text.split(['.', '-', '/']).map(str::trim).collect();
    if !numbers.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let number = |part: &str| part.parse::<u16>().ok();
    match numbers[..] {
        [year] if year.len() == 4 => years(number(year)?, number(year)?),
        [year, month, day] if year.len() == 4 => dated(year, month, day),
        [day, month, year] if year.len() == 4 => dated(year, month, day),
        [from, to] if from.len() == 4 && to.len() == 4 => years(number(from)?, number(to)?),
        _ => None,
    }
}

fn dated(year: &str, month: &str, day: &str) -> Option<Birth> {
    if 2 < month.len() || 2 < day.len() {
        return None;
    }
    let year: u16 = year.parse().ok()?;
    let (month, day): (u32, u32) = (month.parse().ok()?, day.parse().ok()?);
    if day == 0 && month <= 12 {
        return years(year, year);
    }
    if !YEARS.contains(&year) {
        return None;
    }
    Day::of(i32::from(year), month, day).map(Birth::Day)
}

/// The years of a span, if they can be years of birth.
pub fn years(from: u16, to: u16) -> Option<Birth> {
    (YEARS.contains(&from) && YEARS.contains(&to) && from <= to)
        .then_some(Birth::Years { from, to })
}

/// The first date of the form `dd.mm.yyyy` in a text.
pub fn first_date(text: &str) -> Option<Day> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|word| word.trim_matches('.'))
        .filter(|word| word.len() == 10)
        .find_map(|word| match birth(word) {
            Some(Birth::Day(day)) => Some(day),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn births_as_they_are_written() {
        let day = |y, m, d| Birth::Day(Day::of(y, m, d).unwrap());
        let year = |year| Birth::Years { from: year, to: year };
        let cases = [
            ("", Some(vec![])),
            ("  ", Some(vec![])),
            ("07.03.1985", Some(vec![day(1985, 3, 7)])),
            ("7.3.1985", Some(vec![day(1985, 3, 7)])),
            ("1985-03-07", Some(vec![day(1985, 3, 7)])),
            ("07/03/1985", Some(vec![day(1985, 3, 7)])),
            (" 07.03.1985 г.р. ", Some(vec![day(1985, 3, 7)])),
            ("1985", Some(vec![year(1985)])),
            ("1985 г.", Some(vec![year(1985)])),
            ("00.00.1985", Some(vec![year(1985)])),
            ("1985-1987", Some(vec![Birth::Years { from: 1985, to: 1987 }])),
            ("07.03.1985; 08.03.1986", Some(vec![day(1985, 3, 7), day(1986, 3, 8)])),
            ("07.03.1985; 07.03.1985", Some(vec![day(1985, 3, 7)])),
            ("31.02.1985", None),
            ("07.13.1985", None),
            ("07.03.85", None),
            ("около 1985", None),
            ("0000", None),
            ("1987-1985", None),
            ("07.03.1985; скрыто", None),
        ];
        for (text, want) in cases {
            assert_eq!(
                births(text).map(|b| b == *want.as_ref().unwrap_or(&b)),
                want.map(|_| true),
                "{text}"
            );
        }
    }

    #[test]
    fn a_date_in_a_remark() {
        let want = Day::of(2021, 5, 4);
        for text in ["включен от 04.05.2021", "Включен от 04.05.2021.", "(04.05.2021)"]
        {
            assert_eq!(first_date(text), want, "{text}");
        }
        assert_eq!(first_date("исх. 1234.5678"), None);
    }
}
