//! Lists to search in: the real one of the United Nations, the real one of the United States, and
//! people made up for the size of a national list.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use terms::Day;

use super::{EvaluationFault, table};
use crate::entry::{Birth, Entry, EntryKey, Kind, ListedName, Quality};
use crate::import::{Limits, un};

/// The consolidated list of the United Nations.
pub fn united_nations(data: &Path) -> Result<Vec<Entry>, EvaluationFault> {
    let path = data.join("watchlists/un_sc_consolidated.xml");
    let file = File::open(&path).map_err(|source| EvaluationFault::File { path, source })?;
    Ok(un(BufReader::new(file), Limits::NAMES)?.entries)
}

/// The list of the United States with its aliases. It is no list of this country; it is here for
/// its size and its names.
pub fn ofac(data: &Path) -> Result<Vec<Entry>, EvaluationFault> {
    let mut entries = Vec::new();
    let mut places = HashMap::new();
    for row in table(data.join("watchlists/ofac_bench_sdn.csv"), false)? {
        let (Some(id), Some(name)) = (row.get(0), row.get(1)) else { continue };
        let kind = match row.get(2).map(str::trim) {
            Some("individual") => Kind::Person,
            _ => Kind::Organisation,
        };
        let mut entry = Entry::new(EntryKey::of(["ofac", id]), kind);
        entry.names.push(ListedName::full(name));
        entry.births = row.get(11).map(births).unwrap_or_default();
        places.insert(id.to_owned(), entries.len());
        entries.push(entry);
    }
    for row in table(data.join("watchlists/ofac_bench_alt.csv"), false)? {
        let (Some(id), Some(name)) = (row.get(0), row.get(3)) else { continue };
        let quality = match row.get(4).map(str::trim) {
            Some(remark) if remark.contains("weak") => Quality::Weak,
            _ => Quality::Full,
        };
        if let Some(at) = places.get(id) {
            entries[*at].names.push(ListedName { text: name.into(), quality });
        }
    }
    Ok(entries)
}

/// `DOB 12 Mar 1971; …; alt. DOB 1972`.
fn births(remarks: &str) -> Vec<Birth> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let one = |part: &str| -> Option<Birth> {
        let words: Vec<&str> =
            part.split_once("DOB ")?.1.trim_end_matches('.').split_whitespace().collect();
        let year = |text: &str| text.parse::<u16>().ok();
        match words[..] {
            ["circa", at] => Some(Birth::About(year(at)?)),
            [at] => Some(Birth::Years { from: year(at)?, to: year(at)? }),
            [day, month, at] => {
                let month = MONTHS.iter().position(|known| *known == month)? as u32 + 1;
                Day::of(year(at)?.into(), month, day.parse().ok()?).map(Birth::Day)
            }
            _ => None,
        }
    };
    remarks.split(';').filter_map(one).collect()
}

/// People of a list as large as the national one, put together from common Kazakh and Russian
/// names by a counter: nobody in particular.
pub fn sample_people(count: u32) -> Vec<Entry> {
    const GIVEN: [&str; 24] = [
        "Айдос",
        "Болат",
        "Дархан",
        "Ерлан",
        "Жанат",
        "Марат",
        "Нұрлан",
        "Олжас",
        "Руслан",
        "Самат",
        "Тимур",
        "Ұлан",
        "Алексей",
        "Виктор",
        "Денис",
        "Игорь",
        "Максим",
        "Олег",
        "Павел",
        "Роман",
        "Азамат",
        "Бекзат",
        "Қуаныш",
        "Мирас",
    ];
    const FATHER: [&str; 20] = [
        "Асқар",
        "Берік",
        "Ғалым",
        "Дәулет",
        "Есен",
        "Жұмабек",
        "Кәрім",
        "Мұхтар",
        "Орынбасар",
        "Рахым",
        "Сәкен",
        "Талғат",
        "Үсен",
        "Шәріп",
        "Ыбырай",
        "Әлім",
        "Өмір",
        "Құдайберген",
        "Сейіт",
        "Тоқтар",
    ];
    const SURNAME: [&str; 30] = [
        "Ахметов",
        "Байжанов",
        "Габдуллин",
        "Досжанов",
        "Есенов",
        "Жұмабаев",
        "Исабеков",
        "Қасымов",
        "Левченко",
        "Мусин",
        "Нұрпейісов",
        "Омаров",
        "Петренко",
        "Рахимов",
        "Сәрсенов",
        "Төлегенов",
        "Усенов",
        "Филиппов",
        "Хамитов",
        "Шаймерденов",
        "Ыдырысов",
        "Әбенов",
        "Өтегенов",
        "Үмбетов",
        "Кузнецов",
        "Смирнов",
        "Волков",
        "Соколов",
        "Ким",
        "Цой",
    ];
    (0..count)
        .map(|at| {
            let pick = |list: &[&'static str], step: u32| list[(at / step) as usize % list.len()];
            let (given, father) = (pick(&GIVEN, 1), pick(&FATHER, 3));
            let surname = pick(&SURNAME, 7);
            let name = format!("{surname} {given} {father}ұлы");
            let mut entry = Entry::new(EntryKey::of(["sample", &at.to_string()]), Kind::Person);
            entry.names.push(ListedName::full(name));
            entry.births.push(Birth::Day(Day(at as i32 % 14_000)));
            entry
        })
        .collect()
}
