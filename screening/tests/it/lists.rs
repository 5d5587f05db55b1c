//! Lists of names: what is read of them, and what differs between two versions.

use std::io::Cursor;

use screening::import::{AfmList, RemarkKind, afm};
use screening::{Birth, Entry, Kind, Limits, Parsed, Verdict, Version, difference, verdict};
use terms::{Day, Iin, Instant};

fn read(list: AfmList, sections: &str) -> Parsed {
    let file = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><xml>{sections}</xml>");
    afm(Cursor::new(file), list, Limits::NAMES).expect("a list of the form")
}

fn people(people: &str) -> Parsed {
    read(AfmList::Financing, &format!("<persons>{people}</persons>"))
}

fn texts(entry: &Entry) -> Vec<&str> {
    entry.names.iter().map(|name| name.text.as_str()).collect()
}

#[test]
fn a_person_of_the_first_list() {
    // R0-10
    let parsed = people(
        "<person><num>12</num><lname>АБАЕВ</lname><fname>Алмас</fname><mname>Қайратұлы</mname>\
         <birthdate>12.07.2005</birthdate><iin>050712590008</iin>\
         <note>Включен от 04.05.2021 &amp; &#1072;</note><correction/></person>",
    );
    let entry = &parsed.entries[0];
    assert_eq!(texts(entry), ["АБАЕВ Алмас Қайратұлы"]);
    assert_eq!(entry.kind, Kind::Person);
    assert_eq!(entry.births, [Birth::Day(Day::of(2005, 7, 12).unwrap())]);
    assert_eq!(entry.iin, Iin::parse("050712590008").ok());
    assert_eq!(entry.note, "Включен от 04.05.2021 & а");
    assert_eq!(entry.listed_on, Day::of(2021, 5, 4));
    assert!(parsed.remarks.is_empty());
}

#[test]
fn births_are_never_invented() {
    let cases = [
        ("", vec![], None),
        ("07.03.1985", vec![Birth::Day(Day::of(1985, 3, 7).unwrap())], None),
        ("1985-03-07", vec![Birth::Day(Day::of(1985, 3, 7).unwrap())], None),
        ("1985", vec![Birth::Years { from: 1985, to: 1985 }], None),
        ("00.00.1985", vec![Birth::Years { from: 1985, to: 1985 }], None),
        ("31.02.1985", vec![], Some(RemarkKind::Birth)),
        ("неизвестно", vec![], Some(RemarkKind::Birth)),
    ];
    for (text, want, remark) in cases {
        let person = format!("<person><lname>А</lname><birthdate>{text}</birthdate></person>");
        let parsed = people(&person);
        assert!(parsed.entries[0].births == want, "{text}");
        assert_eq!(parsed.remarks.first().map(|remark| remark.kind), remark, "{text}");
    }
}

#[test]
fn several_names_in_one_field() {
    let cases: [(&str, &str, &str, &[&str]); 5] = [
        ("А; Б", "В", "Г", &["А В Г", "Б В Г"]),
        ("А; Б", "В; Д", "Г", &["А В Г", "Б Д Г"]),
        ("А; Б", "В; Д; Е", "", &["А В", "А Д", "А Е", "Б В", "Б Д", "Б Е"]),
        ("А;", "В", "", &["А В"]),
        ("", "В", "", &["В"]),
    ];
    for (last, first, middle, want) in cases {
        let person = format!(
            "<person><lname>{last}</lname><fname>{first}</fname><mname>{middle}</mname></person>"
        );
        assert_eq!(texts(&people(&person).entries[0]), want, "{last} {first} {middle}");
    }
}

#[test]
fn numbers_that_are_none_are_hints() {
    let cases = [
        ("050712590008", true, None, None),
        ("050712590009", false, Some("050712590009"), Some(RemarkKind::Number)),
        ("0507125900", false, Some("0507125900"), Some(RemarkKind::Number)),
        ("нет", false, None, Some(RemarkKind::Number)),
        ("", false, None, None),
    ];
    for (text, is_number, part, remark) in cases {
        let parsed = people(&format!("<person><lname>А</lname><iin>{text}</iin></person>"));
        let entry = &parsed.entries[0];
        assert_eq!(entry.iin.is_some(), is_number, "{text}");
        assert_eq!(entry.part_of_iin.as_deref(), part, "{text}");
        assert_eq!(parsed.remarks.first().map(|remark| remark.kind), remark, "{text}");
    }
    let against = people(
        "<person><lname>А</lname><birthdate>13.07.2005</birthdate><iin>050712590008</iin></person>",
    );
    assert_eq!(against.remarks[0].kind, RemarkKind::BirthAgainstNumber);
    assert!(against.entries[0].iin.is_some());
}

#[test]
fn people_in_org_elements_and_organisations() {
    let sections = "<organisations>\
        <org><num>1</num><org_name>АБАЕВ АЛМАС; АБАЕВ А.</org_name>\
        <org_iin>0507125900</org_iin></org>\
        <org><num>2</num><org_name>Общество</org_name><org_name_en>Society</org_name_en></org>\
        </organisations>\
        <organisationscis><org><num>1</num><org_name>Союз</org_name></org></organisationscis>";
    let kinds = |list| -> Vec<Kind> {
        read(list, sections).entries.iter().map(|entry| entry.kind).collect()
    };
    assert_eq!(kinds(AfmList::Participants), [Kind::Person, Kind::Unknown, Kind::Unknown]);
    assert_eq!(kinds(AfmList::Financing), [Kind::Organisation; 3]);
    let parsed = read(AfmList::Participants, sections);
    assert_eq!(texts(&parsed.entries[0]), ["АБАЕВ АЛМАС", "АБАЕВ А."]);
    assert_eq!(parsed.entries[0].part_of_iin.as_deref(), Some("0507125900"));
    assert_eq!(texts(&parsed.entries[1]), ["Общество", "Society"]);
}

#[test]
fn versions_are_compared_by_keys_that_last() {
    let person = |num: u32, last: &str, iin: &str, note: &str| {
        format!(
            "<person><num>{num}</num><lname>{last}</lname><iin>{iin}</iin>\
             <note>{note}</note></person>"
        )
    };
    let old = people(
        &[
            person(1, "А", "050712590008", "x"),
            person(2, "Б", "", ""),
            person(3, "В", "", ""),
            person(4, "Г", "", "y"),
        ]
        .concat(),
    );
    // The list's own numbers are given anew, a name was corrected, a remark changed.
    let new = people(
        &[
            person(1, "Б", "", ""),
            person(2, "АА", "050712590008", "x"),
            person(3, "Г", "", "z"),
            person(4, "Д", "", ""),
        ]
        .concat(),
    );
    let changes = difference(&old.entries, &new.entries);
    let names =
        |entries: &[&Entry]| entries.iter().map(|e| e.names[0].text.clone()).collect::<Vec<_>>();
    assert_eq!(names(&changes.added), ["Д"]);
    assert_eq!(names(&changes.removed), ["В"]);
    let changed: Vec<_> =
        changes.changed.iter().map(|(_, now)| now.names[0].text.clone()).collect();
    assert_eq!(changed, ["АА", "Г"]);
    for (was, now) in changes.changed {
        assert_ne!(was.digest(), now.digest());
    }
    let same = difference(&new.entries, &new.entries);
    assert!(same.added.is_empty() && same.removed.is_empty() && same.changed.is_empty());
}

#[test]
fn the_same_content_twice_stays_two_entries() {
    let parsed = people("<person><lname>А</lname></person><person><lname>А</lname></person>");
    assert_ne!(parsed.entries[0].key, parsed.entries[1].key);
    assert_eq!(parsed.remarks[0].kind, RemarkKind::Twice);
}

#[test]
fn what_may_follow_a_version() {
    let version = |digest: u8, as_of: Option<i64>, entries: u64| Version {
        digest: [digest; 32],
        as_of: as_of.map(Instant),
        entries,
    };
    let last = version(1, Some(100), 1_000);
    let cases = [
        (None, version(1, None, 0), Verdict::Follows),
        (Some(&last), version(2, Some(101), 1_000), Verdict::Follows),
        (Some(&last), version(2, Some(100), 1_001), Verdict::Follows),
        (Some(&last), version(1, Some(100), 1_000), Verdict::Same),
        (Some(&last), version(2, Some(99), 1_000), Verdict::Older),
        (Some(&last), version(2, None, 1_000), Verdict::Follows),
        (Some(&last), version(2, Some(101), 950), Verdict::Follows),
        (Some(&last), version(2, Some(101), 949), Verdict::Shrunk),
        (Some(&last), version(2, Some(101), 0), Verdict::Shrunk),
        (Some(&last), version(2, Some(101), u64::MAX), Verdict::Follows),
    ];
    for (last, next, want) in cases {
        assert_eq!(verdict(last, &next, 50), want, "{next:?}");
    }
}

#[test]
fn nothing_personal_is_printed() {
    let parsed = people(
        "<person><lname>АБАЕВ</lname><birthdate>12.07.2005</birthdate><iin>050712590008</iin>\
         <note>улица</note></person>",
    );
    let printed = format!("{parsed:?}");
    for secret in ["АБАЕВ", "2005", "050712590008", "улица"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
