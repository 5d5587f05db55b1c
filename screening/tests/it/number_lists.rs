//! Lists of numbers: who is blocked, and until when.

use std::io::Cursor;

use screening::Limits;
use screening::import::{NumberForm, numbers};
use terms::{Day, Iin, Instant};

const PROPERTY: &str = "050712590008";
const OTHER: &str = "050712590909";
const UNKNOWN: &str = "050713690006";

fn iin(text: &str) -> Iin {
    Iin::parse(text).expect("a number")
}

#[test]
fn only_property_and_what_is_not_known_block() {
    // R0-10: a debtor is barred for unfulfilled recoveries of property.
    let csv = format!(
        "#debtors,2026-12-01T00:00:00Z,4\niin,category,until\n{PROPERTY},property,\r\n\
         {OTHER},other,\n{UNKNOWN},unknown,2027-01-31\n{UNKNOWN},property,2027-03-01\n"
    );
    let ndjson = format!(
        "{{\"list\":\"debtors\",\"as_of\":\"2026-12-01T00:00:00Z\",\"rows\":4}}\n\
         {{\"iin\":\"{PROPERTY}\",\"category\":\"property\"}}\n\
         {{\"iin\":\"{OTHER}\",\"category\":\"other\",\"until\":null}}\n\
         {{\"iin\":\"{UNKNOWN}\",\"category\":\"unknown\",\"until\":\"2027-01-31\"}}\n\
         {{\"category\":\"property\",\"iin\":\"{UNKNOWN}\",\"until\":\"2027-03-01\"}}\n"
    );
    for (file, form) in [(csv, NumberForm::Csv), (ndjson, NumberForm::Ndjson)] {
        let list = numbers(Cursor::new(file), form, Limits::NUMBERS).unwrap();
        assert_eq!((list.list.as_str(), list.rows), ("debtors", 4));
        assert_eq!(list.as_of, Instant(i64::from(Day::of(2026, 12, 1).unwrap().0) * Instant::DAY));
        assert_eq!(list.blocking.len(), 2);
        assert!(list.blocking.contains(&iin(PROPERTY)));
        assert!(!list.blocking.contains(&iin(OTHER)));
        assert!(list.unknown.contains(&iin(UNKNOWN)) && list.unknown.len() == 1);
        assert!(list.until == [(iin(UNKNOWN), Day::of(2027, 3, 1).unwrap())]);
    }
}

#[test]
fn a_field_that_is_not_known_is_refused() {
    let file = format!(
        "{{\"list\":\"debtors\",\"as_of\":\"2026-12-01T00:00:00Z\",\"rows\":1}}\n\
         {{\"iin\":\"{PROPERTY}\",\"category\":\"property\",\"name\":\"x\"}}\n"
    );
    let error = numbers(Cursor::new(file), NumberForm::Ndjson, Limits::NUMBERS).unwrap_err();
    assert_eq!((error.line, error.reason.name()), (2, "row"));
}
