//! The publisher of the lists of financial monitoring: three exports of two lists, with the dirt
//! that real files have, and broken in every known way on demand.

use std::fmt::Write as _;

use links::limits::LIST_BYTES_MAX;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::people::{Person, samples};
use crate::server::{Reply, Request};
use crate::world::World;

/// Years of births of listed samples.
const YEARS: i32 = 30;
/// Entries of a grown list.
const GROWN: usize = 100_000;

/// How the files look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// As they should.
    #[default]
    Whole,
    /// A tenth of the entries.
    Shrunken,
    /// A hundred thousand entries.
    Grown,
    /// Cut off in the middle, with a length that fits.
    Truncated,
    /// Not well-formed.
    Broken,
    /// With a document type and entities that grow.
    Bomb,
    /// No entry.
    Empty,
    /// Every entry twice.
    Doubled,
}

/// What is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// How it looks.
    pub look: Look,
    /// Numbers that were put on a list by hand: list, number.
    pub added: Vec<(String, String)>,
    /// Numbers that were taken off: list, number.
    pub removed: Vec<(String, String)>,
}

/// Answers `/LIST/blacklist/export/EXPORT/xml`.
pub fn answer(world: &World, request: &Request) -> Reply {
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let [list @ ("terror" | "proliferation"), "blacklist", "export", export, "xml"] = parts[..]
    else {
        return Reply::json(404, &serde_json::json!({"code": "no_such_list"}));
    };
    let lists = world.state.lock().lists.clone();
    let Some(content) = file(world.seed, list, export, &lists) else {
        return Reply::json(404, &serde_json::json!({"code": "no_such_export"}));
    };
    let digest = Sha256::digest(content.as_bytes());
    let tag: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    if request.field("if-none-match") == Some(&tag) {
        return Reply::new(304, "application/xml", Vec::new()).with("etag", &tag);
    }
    debug_assert!(content.len() <= LIST_BYTES_MAX);
    Reply::new(200, "application/xml; charset=utf-8", content.into_bytes()).with("etag", &tag)
}

/// The persons of one list, those put on and taken off by hand included.
fn persons(seed: u64, list: &str, lists: &Lists) -> Vec<(Person, bool)> {
    let mut found: Vec<(Person, bool)> = match list {
        "terror" => {
            let with = samples(seed, 5, YEARS).into_iter().map(|person| (person, true));
            let without = samples(seed, 6, YEARS).into_iter().map(|person| (person, false));
            with.chain(without).collect()
        }
        _ => samples(seed, 7, YEARS).into_iter().map(|person| (person, true)).collect(),
    };
    let of = |changes: &[(String, String)]| -> Vec<Person> {
        let here = changes.iter().filter(|(name, _)| name == list);
        here.filter_map(|(_, iin)| Person::of(seed, &terms::Iin::parse(iin).ok()?)).collect()
    };
    let removed = of(&lists.removed);
    found.retain(|(person, _)| !removed.contains(person));
    found.extend(of(&lists.added).into_iter().map(|person| (person, true)));
    match lists.look {
        Look::Shrunken => found.truncate(found.len() / 10),
        Look::Grown => {
            let more = found.clone().into_iter().cycle().take(GROWN);
            found.extend(more.collect::<Vec<_>>());
        }
        Look::Doubled => found.extend(found.clone()),
        Look::Empty => found.clear(),
        Look::Whole | Look::Truncated | Look::Broken | Look::Bomb => {}
    }
    found
}

fn file(seed: u64, list: &str, export: &str, lists: &Lists) -> Option<String> {
    let persons = match export {
        "active" => persons(seed, list, lists),
        "included" => by_hand(seed, list, &lists.added),
        "excluded" => by_hand(seed, list, &lists.removed),
        _ => return None,
    };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if lists.look == Look::Bomb {
        out.push_str(
            "<!DOCTYPE xml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
             <!ENTITY c SYSTEM \"file:///etc/hostname\">]>\n",
        );
    }
    out.push_str("<xml>\n<persons>\n");
    for (number, (person, with_iin)) in persons.iter().enumerate() {
        entry(&mut out, number, person, *with_iin);
    }
    if lists.look == Look::Broken {
        out.push_str("<person><num>1</num><lname>ӘЛІ</fname></person>\n");
    }
    out.push_str("</persons>\n<organisations>\n");
    if export == "active" && lists.look != Look::Empty {
        out.push_str(
            "<org><num>1</num><org_name>СЫНАҚ ҰЙЫМЫ &amp; БАСҚАЛАР</org_name><note/></org>\n",
        );
    }
    out.push_str("</organisations>\n<organisationscis/>\n</xml>\n");
    if lists.look == Look::Truncated {
        let middle = (0..=out.len() / 2).rev().find(|at| out.is_char_boundary(*at));
        out.truncate(middle.unwrap_or(0));
    }
    Some(out)
}

fn by_hand(seed: u64, list: &str, changes: &[(String, String)]) -> Vec<(Person, bool)> {
    let here = changes.iter().filter(|(name, _)| name == list);
    here.filter_map(|(_, iin)| Some((Person::of(seed, &terms::Iin::parse(iin).ok()?)?, true)))
        .collect()
}

/// One entry; dates and numbers are as unlike each other as in real files.
fn entry(out: &mut String, number: usize, person: &Person, with_iin: bool) {
    let (year, month, day) = person.birth.date();
    let iin = if with_iin { person.iin.reveal() } else { String::new() };
    let birth = match number % 7 {
        // Whoever has no number is found by name and day of birth alone.
        _ if !with_iin => format!("{day:02}.{month:02}.{year:04}"),
        0..=2 => format!("{day:02}.{month:02}.{year:04}"),
        3 => person.birth.to_string(),
        4 => year.to_string(),
        5 => String::new(),
        _ => format!(" {day:02}.{month:02}.{year:04} г.р."),
    };
    // Cannot fail: writing to a string.
    let _ = writeln!(
        out,
        "<person><num>{}</num><lname>{}</lname><fname>{}</fname><mname>{}</mname>\
         <birthdate>{birth}</birthdate><iin>{iin}</iin><note/><correction/></person>",
        number + 1,
        person.surname,
        person.name,
        person.patronymic.as_deref().unwrap_or_default(),
    );
}
