//! Officers before a running server: a registration at a desk, and the search for a person.

use crate::serve::{Browser, Server, after, told};
use crate::world::bej;

/// A form with what was filled in, as a browser sends it: the hidden fields of the page first.
fn filled(page: &str, fields: &[(&str, &str)]) -> String {
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap_or_else(|| panic!("{page}"));
    let id = rest.split('"').next().unwrap();
    let mut body = format!("token={}&id={id}", Browser::token(page));
    for (name, value) in fields {
        let coded = value.bytes().map(|byte| format!("%{byte:02X}"));
        body.push_str(&format!("&{name}={}", coded.collect::<String>()));
    }
    body
}

const IIN: &str = "950101300016";
const SURNAME: &str = "Қоңырбаева";

// R0-10.7a, R0-24, R2-55.11, S-47
#[test]
fn an_officer_registers_somebody_at_a_desk_and_finds_him() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    told(&["sandbox"], &data);
    let added = told(&["staff", "add", "ops", "--role", "operator"], &data);
    let password = after(&added, "password");
    let server = Server::start(&data);
    let console = server.console.clone();
    let code = || told(&["staff", "code", "ops"], &data);
    let mut browser = Browser::signed_in(&console, "ops", password, code);
    let (status, page) = browser.ask(&console, "GET /en/registrations", "");
    assert_eq!(status, 200, "{page}");
    let (_, form) = browser.ask(&console, "GET /en/registrations/new", "");
    let typed = [
        ("iin", IIN),
        ("surname", SURNAME),
        ("given_name", "Әсемгүл"),
        ("birth_date", "1995-01-01"),
        ("address", "Алматы, Абай даңғылы 1"),
        ("phone", "+7 701 234 56 78"),
        ("document_kind", "identity_card"),
        ("document_number", "012345678"),
        ("country", "KZ"),
        ("document_issued", "2020-01-01"),
        ("document_expires", "2099-12-31"),
        ("document_issuer", "ҚР ІІМ"),
        ("seen", "yes"),
        ("consents", "yes"),
    ];
    // Not compared with the document: nobody is registered.
    let mut unseen = typed;
    unseen[12] = ("seen", "no");
    let body = filled(&form, &unseen);
    let (status, page) = browser.ask(&console, "POST /en/registrations/new", &body);
    assert_eq!(status, 422, "{page}");
    let body = filled(&page, &typed);
    for _ in 0..2 {
        let (status, page) = browser.ask(&console, "POST /en/registrations/new", &body);
        assert_eq!(status, 303, "{page}");
    }
    // Somebody else cannot be he, and it is not told that he is there.
    let (_, form) = browser.ask(&console, "GET /en/registrations/new", "");
    let body = filled(&form, &typed);
    let (status, page) = browser.ask(&console, "POST /en/registrations/new", &body);
    assert_eq!(status, 422);
    assert!(!page.contains(IIN) && !page.contains(SURNAME), "{page}");
    // Pages follow the journal within moments.
    let mut page = String::new();
    for _ in 0..100 {
        page = browser.ask(&console, "GET /en/registrations", "").1;
        if page.contains("identified, lists") {
            break;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(100));
    }
    // Nobody is admitted for want of an answer: the systems outside are not connected.
    assert!(page.contains("identified, lists are asked"), "{page}");

    let (_, form) = browser.ask(&console, "GET /en/persons", "");
    for (by, wanted) in [("iin", IIN), ("phone", "87012345678"), ("document_number", "012345678")] {
        let body = filled(&form, &[("by", by), ("wanted", wanted), ("country", "KZ")]);
        let (status, page) = browser.ask(&console, "POST /en/persons", &body);
        assert_eq!(status, 200, "{page}");
        assert!(page.contains("Қ••• Ә•••") && !page.contains(SURNAME), "{by}: {page}");
    }
    let (_, page) = browser.ask(&console, "POST /en/persons", &filled(&form, &[("by", "iin")]));
    assert!(!page.contains("•••"));
    let lists = browser.ask(&console, "GET /en/lists", "").1;
    assert!(lists.contains("Unified Register of Debtors") && !lists.contains("errorist"), "I-09");
    for path in ["/en/matches", "/en/terms"] {
        assert_eq!(browser.ask(&console, &format!("GET {path}"), "").0, 200, "{path}");
    }
    assert!(server.stop());

    let store = format!("sqlite:{}", data.join("bej.db").display());
    let output = bej(&["export", "journal", "--store", &store, "--format", "ndjson"]);
    let journal = String::from_utf8(output.stdout).unwrap();
    for (act, record) in [("change", "/registrations/new"), ("register_view", "/persons")] {
        let noted =
            |line: &str| line.contains("AuditNoted") && line.contains(act) && line.contains(record);
        assert!(journal.lines().any(noted), "{act} {record}: {journal}");
    }
    assert!(journal.contains("IdentificationRecorded"), "{journal}");
    for word in [IIN, SURNAME, "012345678", "7012345678", "Абай"] {
        assert!(!journal.contains(word), "{word} is in the journal");
    }
}
