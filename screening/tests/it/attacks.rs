//! Files that are refused whole, with line and reason.

use std::io::Cursor;

use screening::import::{AfmList, NumberForm, afm, numbers, un};
use screening::{ImportReason, Limits};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const PERSON: &str = "<person><num>1</num><lname>АБАЕВ</lname><fname>АЛМАС</fname></person>";

fn afm_refusal(file: &str) -> Option<(u64, ImportReason)> {
    let small = Limits { bytes_max: 300_000, entries_max: 5, remarks_max: 3 };
    let error = afm(Cursor::new(file), AfmList::Financing, small).err()?;
    Some((error.line, error.reason))
}

#[test]
fn lists_in_xml_that_are_refused() {
    // S-60, R4-16.2.6: an attack or a broken file is refused before it is understood.
    let persons = |inner: &str| format!("{HEAD}<xml>\n<persons>\n{inner}\n</persons>\n</xml>");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>\n";
    let outside = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">\n";
    let deep = "<a>".repeat(20);
    let long = format!("<person><lname>{}</lname></person>", "А".repeat(40_000));
    let endless = format!("{HEAD}<xml>{}</xml>", "<!-- -->".repeat(50_000));
    let many: String =
        (0..6).map(|n| format!("<person><num>{n}</num><lname>А{n}</lname></person>")).collect();
    let odd: String = (0..5)
        .map(|n| format!("<person><num>{n}</num><lname>А</lname><birthdate>?</birthdate></person>"))
        .collect();
    let cases = [
        (persons(PERSON), None),
        (
            format!("{HEAD}{bomb}<xml><persons>{PERSON}</persons></xml>"),
            Some((2, ImportReason::DocumentType)),
        ),
        (format!("{HEAD}{outside}<xml/>"), Some((2, ImportReason::DocumentType))),
        (persons("<person><lname>&a;</lname></person>"), Some((4, ImportReason::Entity))),
        (persons("<person><lname>&#x0;</lname></person>"), Some((4, ImportReason::Entity))),
        (persons(&deep), Some((4, ImportReason::Depth))),
        (persons(&long), Some((4, ImportReason::Text))),
        (endless, Some((2, ImportReason::TooLong))),
        (persons(&many), Some((4, ImportReason::TooManyEntries))),
        (persons(&odd), Some((4, ImportReason::TooManyRemarks))),
        (persons(&format!("{PERSON}\n{PERSON}")), Some((5, ImportReason::Duplicate))),
        (persons("<person><num>1</num></person>"), Some((4, ImportReason::NoName))),
        (persons("<vessel><num>1</num></vessel>"), Some((4, ImportReason::NotThisList))),
        (format!("{HEAD}<xml><ships/></xml>"), Some((2, ImportReason::NotThisList))),
        (format!("{HEAD}<xml></xml>"), Some((2, ImportReason::NotThisList))),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><xml/>".into(),
            Some((1, ImportReason::Encoding)),
        ),
        (persons("<person><lname>А</fname></person>"), Some((4, ImportReason::NotWellFormed))),
        (persons(PERSON) + "<xml/>", Some((6, ImportReason::NotWellFormed))),
        (persons(PERSON) + "junk", Some((6, ImportReason::NotWellFormed))),
        (String::new(), Some((1, ImportReason::Truncated))),
        ("%PDF-1.7".into(), Some((1, ImportReason::NotWellFormed))),
    ];
    for (file, want) in cases {
        assert_eq!(afm_refusal(&file), want, "{}", &file.chars().take(200).collect::<String>());
    }
    let not_text = [HEAD.as_bytes(), b"<xml><persons><person><lname>\xff\xfe</lname>"].concat();
    let error = afm(Cursor::new(not_text), AfmList::Financing, Limits::NAMES).unwrap_err();
    assert_eq!(error.reason, ImportReason::Encoding);
}

#[test]
fn a_list_that_is_cut_anywhere_is_refused() {
    let whole = format!("{HEAD}<xml>\n<persons>\n{PERSON}\n</persons>\n</xml>");
    let bytes = whole.as_bytes();
    for at in 0..bytes.len() {
        let cut = afm(Cursor::new(&bytes[..at]), AfmList::Financing, Limits::NAMES);
        assert!(cut.is_err(), "cut at {at}");
    }
    assert!(afm(Cursor::new(bytes), AfmList::Financing, Limits::NAMES).is_ok());
}

#[test]
fn the_list_of_the_united_nations_is_refused_as_strictly() {
    let root = "<CONSOLIDATED_LIST dateGenerated=\"2026-02-27T00:00:09.554Z\">";
    let one = "<INDIVIDUAL><DATAID>7</DATAID><FIRST_NAME>A</FIRST_NAME></INDIVIDUAL>";
    let list = |root: &str, inner: &str| {
        format!("{root}<INDIVIDUALS>\n{inner}</INDIVIDUALS></CONSOLIDATED_LIST>")
    };
    let cases = [
        (list(root, one), None),
        (list(root, &format!("{one}\n{one}")), Some((3, ImportReason::Duplicate))),
        (list("<CONSOLIDATED_LIST>", one), Some((1, ImportReason::Head))),
        (
            list("<CONSOLIDATED_LIST dateGenerated=\"yesterday\">", one),
            Some((1, ImportReason::Head)),
        ),
        (
            list(root, "<INDIVIDUAL><DATAID>7</DATAID></INDIVIDUAL>"),
            Some((2, ImportReason::NoName)),
        ),
        (
            list(root, "<INDIVIDUAL><FIRST_NAME>A</FIRST_NAME></INDIVIDUAL>"),
            Some((2, ImportReason::Row)),
        ),
        ("<xml><persons/></xml>".into(), Some((1, ImportReason::NotThisList))),
    ];
    for (file, want) in cases {
        let got = un(Cursor::new(&file), Limits::NAMES).err().map(|e| (e.line, e.reason));
        assert_eq!(got, want, "{file}");
    }
}

#[test]
fn lists_of_numbers_that_are_refused() {
    let head = "#debtors,2026-12-01T00:00:00Z,1\niin,category,until\n";
    let row = "050712590008,property,\n";
    let small = Limits { bytes_max: 2_000, entries_max: 2, remarks_max: 0 };
    let cases = [
        (format!("{head}{row}"), None),
        (format!("{head}{row}{row}"), Some((5, ImportReason::Count))),
        (head.to_owned(), Some((3, ImportReason::Count))),
        (format!("{head}{row}{row}{row}"), Some((5, ImportReason::TooManyEntries))),
        (format!("{head}050712590008,property,"), Some((3, ImportReason::Truncated))),
        (format!("{head}050712590009,property,\n"), Some((3, ImportReason::Number))),
        (format!("{head}050712590008,alimony,\n"), Some((3, ImportReason::Row))),
        (format!("{head}050712590008,property\n"), Some((3, ImportReason::Row))),
        (format!("{head}050712590008,property,31.12.2027\n"), Some((3, ImportReason::Date))),
        (format!("{head}{}\n", "5".repeat(600)), Some((3, ImportReason::Text))),
        (format!("{head}{}", "\n".repeat(2_000)), Some((3, ImportReason::Row))),
        ("iin,category,until\n".into(), Some((1, ImportReason::Head))),
        (row.to_owned(), Some((1, ImportReason::Head))),
        (String::new(), Some((1, ImportReason::Truncated))),
    ];
    for (file, want) in cases {
        let got = numbers(Cursor::new(&file), NumberForm::Csv, small);
        assert_eq!(got.err().map(|error| (error.line, error.reason)), want, "{file:.80}");
    }
}

#[test]
fn an_error_says_where_and_why_and_not_what() {
    let file = "#debtors,2026-12-01T00:00:00Z,1\niin,category,until\n050712590009,property,\n";
    let error = numbers(Cursor::new(file), NumberForm::Csv, Limits::NUMBERS).unwrap_err();
    assert_eq!(error.to_string(), "line 3: number");
    assert!(!format!("{error:?}").contains("0507125"));
}
