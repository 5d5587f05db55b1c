//! A bettor before a running server, with the simulated systems that know persons: from the
//! organiser's link to the account, on his own pages.

use std::path::Path;
use std::process::Command;

use outside::people::Person;
use serde_json::{Value, json};

use crate::serve::{Browser, Server, told};
use crate::world::good;

/// The first form of a page: where it goes, and its hidden fields.
struct Form {
    action: String,
    hidden: Vec<(String, String)>,
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

fn form(page: &str) -> Form {
    let body = page.split_once("<main").unwrap_or_else(|| panic!("no body: {page}")).1;
    let form = body.split_once("<form method=\"post\" action=\"");
    let form = form.unwrap_or_else(|| panic!("no form: {page}")).1;
    let form = form.split("</form>").next().unwrap();
    let mut hidden = Vec::new();
    for input in form.split("<input type=\"hidden\" ").skip(1) {
        let value = |name: &str| between(input, &format!("{name}=\""), "\"").unwrap().to_owned();
        hidden.push((value("name"), value("value")));
    }
    let action = form.split('"').next().unwrap().replace("&#x2f;", "/");
    Form { action, hidden }
}

/// Fills the form of the page in and sends it: the page of the step that follows.
fn send(browser: &mut Browser, host: &str, page: &str, fields: &[(&str, &str)]) -> String {
    let (status, page) = post(browser, host, page, fields);
    assert_eq!(status, 303, "{page}");
    way(browser, host)
}

fn post(browser: &mut Browser, host: &str, page: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let form = form(page);
    let own = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut body = String::new();
    for (name, value) in form.hidden.into_iter().chain(own) {
        let coded = value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        body.push_str(&format!("&{name}={coded}"));
    }
    browser.ask(host, &format!("POST {}", form.action), &body[1..])
}

/// The same with a file.
fn bring(browser: &mut Browser, host: &str, page: &str, kind: &str, file: &[u8]) -> String {
    let form = form(page);
    let mut body = Vec::new();
    for (name, value) in &form.hidden {
        let part =
            format!("--xx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--xx\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"x\"\r\n\
         content-type: {kind}\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--xx--\r\n");
    let kind = "multipart/form-data; boundary=xx";
    let (status, page) = browser.ask_as(host, &format!("POST {}", form.action), kind, &body);
    assert_eq!(status, 303, "{}: {page}", form.action);
    way(browser, host)
}

fn way(browser: &mut Browser, host: &str) -> String {
    let (status, page) = browser.ask(host, "GET /en/join", "");
    assert_eq!(status, 200, "{page}");
    page
}

/// A synthetic person of the simulation, born on this day.
fn somebody(serial: [u8; 3]) -> Person {
    let mut day = terms::Day::parse("1990-03-01").unwrap();
    loop {
        match Person::drawn(1, day, true, serial) {
            Some(person) => return person,
            // Of some beginnings there is no number.
            None => day = terms::Day(day.0 + 1),
        }
    }
}

/// Asks the API as an organiser; with content, sends it.
fn ask(data: &Path, server: &Server, path: &str, content: Option<&Value>) -> Value {
    let tls = data.join("tls");
    let port = server.api.rsplit(':').next().unwrap();
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--cacert"]).arg(tls.join("ca.crt"));
    curl.arg("--cert").arg(tls.join("organiser-0.crt"));
    curl.arg("--key").arg(tls.join("organiser-0.key"));
    if let Some(content) = content {
        curl.args(["--header", "content-type: application/json", "--data", &content.to_string()]);
    }
    let output = curl.arg(format!("https://localhost:{port}/v1/{path}")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

// E-02: R0-5.1, R0-5.2, R0-10.2, R0-10.4, R0-10.7b, R0-10.9, R0-12.1, R4-11.1, S-55
#[test]
fn from_an_organisers_link_to_an_account() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    told(&["sandbox"], &data);
    told(&["cert", "organiser", "0"], &data);
    let settings = outside::Settings { seed: 1, keys: home.path().join("keys"), at: None, port: 0 };
    let systems = outside::start(&settings).unwrap();
    let (outside, config) = (home.path().join("outside.toml"), home.path().join("bej.toml"));
    std::fs::write(&outside, systems.configuration(&settings.keys).unwrap()).unwrap();
    let sample = good(&["config", "sample"]);
    let file = config.to_str().unwrap();
    let arguments = ["--config", file, "--outside", outside.to_str().unwrap()];
    // No simulator is believed where real money moves.
    std::fs::write(&config, &sample).unwrap();
    let server = Server::start_on(&data, &arguments);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let id = terms::id::uuid_v7(i64::try_from(now.as_millis()).unwrap(), [7; 10]);
    let id = terms::MessageId(id).to_string();
    let made = ask(&data, &server, "registrations", Some(&json!({ "id": id })));
    let (bettor, link) = (somebody([0, 0, 0]), made["link"].as_str().unwrap().to_owned());
    let mut browser = Browser::default();
    let page = invited(&mut browser, &server.cabinet, &link);
    let page = send(&mut browser, &server.cabinet, &page, &CONSENTS);
    let own = [("phone", &*bettor.phone), ("password", PASSWORD)];
    let (status, _) = post(&mut browser, &server.cabinet, &page, &own);
    assert_eq!(status, 503);
    assert!(server.stop());

    std::fs::write(&config, sample.replace("test_realm = false", "test_realm = true")).unwrap();
    let server = Server::start_on(&data, &arguments);
    let host = &*server.cabinet;
    // The same id, the same link; the way that was begun goes on.
    let again = ask(&data, &server, "registrations", Some(&json!({ "id": id })));
    assert_eq!(again["link"].as_str().unwrap().rsplit('/').next(), link.rsplit('/').next());
    let page = way(&mut browser, host);
    let page = send(&mut browser, host, &page, &own);
    let inbox = systems.control("/phones/inbox", &json!({ "phone": bettor.phone }));
    let code = inbox.as_array().unwrap().last().unwrap()["code"].as_str().unwrap().to_owned();
    let page = send(&mut browser, host, &page, &[("code", &*code)]);
    let (iin, birth) = (bettor.iin.reveal(), bettor.birth.to_string());
    let data_of_his = [
        ("iin", &*iin),
        ("surname", &*bettor.surname),
        ("given_name", &*bettor.name),
        ("patronymic", bettor.patronymic.as_deref().unwrap_or_default()),
        ("birth_date", &*birth),
        ("document_kind", "identity_card"),
        ("document_number", &*bettor.document),
        ("document_issued", "2021-01-01"),
        ("document_expires", "2099-01-01"),
        ("document_issuer", "ҚР ІІМ"),
        ("country", "KZ"),
        ("address", "Алматы, Абай даңғылы 1"),
    ];
    let mut page = send(&mut browser, host, &page, &data_of_his);
    for _ in 0..3 {
        page = bring(&mut browser, host, &page, "image/jpeg", b"\xff\xd8\xff\xe0 a picture");
    }
    bring(&mut browser, host, &page, "video/webm", b"\x1a\x45\xdf\xa3 moving");
    cluster::until("the way to be done", || {
        let page = way(&mut browser, host);
        assert!(!page.contains("did not succeed"), "{page}");
        page.contains("your wallet is open")
    });
    for path in ["home", "wallet", "accounts", "consents", "looks", "me", "bets", "refusals"] {
        let (status, page) = browser.ask(host, &format!("GET /en/{path}"), "");
        assert_eq!(status, 200, "{path}: {page}");
    }
    // The organiser is told the account, and reads who his bettor is; the bettor sees that.
    let progress = ask(&data, &server, &format!("registrations/{id}"), None);
    assert_eq!(progress["state"], "open", "{progress}");
    let account = progress["account"].as_str().unwrap();
    let read = ask(&data, &server, &format!("accounts/{account}/bettor"), None);
    assert_eq!((&read["surname"], &read["iin"]), (&json!(bettor.surname), &json!(iin)));
    let (_, looks) = browser.ask(host, "GET /en/looks", "");
    assert!(looks.contains("Qyran") || looks.contains("organiser"), "{looks}");
    assert!(server.stop());
    let journal = std::fs::read(data.join("bej.db")).unwrap();
    let holds = |word: &str| journal.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(!holds(&iin) && !holds(&bettor.surname) && !holds(&bettor.phone[1..]));
}

const PASSWORD: &str = "Жақсы құпиясөз 1";
const CONSENTS: [(&str, &str); 4] =
    [("offer", "yes"), ("collect", "yes"), ("process", "yes"), ("store", "yes")];

/// Follows the link, and begins.
fn invited(browser: &mut Browser, host: &str, link: &str) -> String {
    let path = link.strip_prefix(&format!("http://{host}")).unwrap_or_else(|| panic!("{link}"));
    let (status, page) = browser.ask(host, &format!("GET {path}"), "");
    assert_eq!(status, 303, "{page}");
    let (status, page) = browser.ask(host, &format!("GET /en{path}"), "");
    assert_eq!(status, 200, "{page}");
    send(browser, host, &page, &[])
}
