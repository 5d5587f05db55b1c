//! The ways of a person: registration to the first page, sign-in, a lost phone, renewal.

use cabinet::ports::{Failure, Path, Step};

use crate::town::{CODE, PASSWORD, PHONE};
use crate::world::{World, form, header, set, text};

/// The smallest that begins as a JPEG.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a synthetic photograph";
const VIDEO: &[u8] = b"\0\0\0\x18ftypmp42 a synthetic video";

fn give_file(world: &World, page: &site::web::Answer, cookies: &str, file: &[u8]) -> u16 {
    let (action, fields) = form(page, 0);
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    world.upload(&action, cookies, &fields, file).status
}

#[test]
fn a_bettor_registers_from_the_welcome_to_his_wallet() {
    // E-02, R0-10.9, R0-10.10a, R0-10.10b, R4-11.1.2a, R4-11.1.2b, R4-11.1.2c, R4-11.1.3,
    // R4-11.1.4a, R4-11.1.4b, R4-11.1.4c, R4-11.1.4d, R4-11.1.4e, R4-11.1.6
    let world = World::new();
    let page = world.get("/en/r/K7QM2V9D", "");
    let shown = set(&page, "__Host-bej-form");
    // Instructions stand above the form that begins, which says when they were shown.
    assert!(
        text(&page).find("What you need").unwrap() < text(&page).find("name=\"shown\"").unwrap()
    );
    let answer = world.send(&page, 0, &shown, &[("shown", "9999999999999999999")]);
    assert_eq!(answer.status, 400, "not before they were shown");
    let answer = world.send(&page, 0, &shown, &[]);
    assert_eq!(header(&answer, "location"), Some("/en/join"));
    let cookies = format!("{shown}; {}", set(&answer, "__Host-bej-way"));

    // The offer and each consent have a mark of their own; the last two are free.
    let page = world.get("/en/join", &cookies);
    assert!(text(&page).contains("Step 1 of 6"));
    let answer = world.send(&page, 0, &cookies, &[("offer", "yes"), ("collect", "yes")]);
    assert_eq!(answer.status, 422);
    let html = text(&answer);
    assert!(html.contains("#f-process") && html.contains("#f-store"));
    assert!(!html.contains("#f-cross_border") && !html.contains("#f-collect\""));
    let marks = [("offer", "yes"), ("collect", "yes"), ("process", "yes"), ("store", "yes")];
    assert_eq!(world.send(&page, 0, &cookies, &marks).status, 303);

    let page = world.get("/en/join", &cookies);
    let weak = world.send(&page, 0, &cookies, &[("phone", "12"), ("password", "short")]);
    assert!(text(&weak).contains("#f-phone") && text(&weak).contains("#f-password"));
    let phone = [("phone", "+7 701 000-00-21"), ("password", PASSWORD)];
    assert_eq!(world.send(&page, 0, &cookies, &phone).status, 303);

    let page = world.get("/en/join", &cookies);
    assert!(text(&page).contains("autocomplete=\"one-time-code\"") && !text(&page).contains(PHONE));
    let wrong = world.send(&page, 0, &cookies, &[("code", "000000")]);
    assert_eq!(wrong.status, 422);
    assert!(text(&wrong).contains("Tries left: 2"));
    // Another code may be sent, and it is typed as it came.
    assert_eq!(world.send(&page, 1, &cookies, &[]).status, 303);
    let answer = world.send(&page, 0, &cookies, &[("code", " 123 456 ")]);
    assert_eq!(header(&answer, "location"), Some("/en/join"));
    let cookies = set(&answer, "__Host-bej-cabinet");
    assert_ne!(set(&answer, "__Host-bej-way"), shown);

    let page = world.get("/en/join", &cookies);
    let data = [
        ("iin", "950101 300016"),
        ("surname", "Қоңырбаев"),
        ("given_name", "Ғабит"),
        ("birth_date", "1995-01-01"),
        ("document_kind", "identity_card"),
        ("document_number", "012345678"),
        ("document_issued", "2021-01-01"),
        ("document_expires", "2031-01-01"),
        ("document_issuer", "ҚР ІІМ"),
        ("country", "KZ"),
        ("address", "Астана"),
    ];
    assert_eq!(world.send(&page, 0, &cookies, &data).status, 303);

    let page = world.get("/en/join", &cookies);
    assert!(text(&page).contains("enctype=\"multipart/form-data\""));
    assert_eq!(give_file(&world, &page, &cookies, b"GIF89a"), 422);
    assert_eq!(give_file(&world, &page, &cookies, b""), 422);
    let large = [JPEG, &vec![0; cabinet::limits::PHOTO_BYTES_MAX]].concat();
    assert_eq!(give_file(&world, &page, &cookies, &large), 422);
    for _ in 0..3 {
        let page = world.get("/en/join", &cookies);
        assert_eq!(give_file(&world, &page, &cookies, JPEG), 303);
    }
    assert_eq!(world.town.lock().photos.len(), 3);

    let page = world.get("/en/join", &cookies);
    assert!(text(&page).contains("Turn your head to the left") && text(&page).contains("Smile"));
    assert_eq!(give_file(&world, &page, &cookies, JPEG), 422, "a photograph is no video");
    assert_eq!(give_file(&world, &page, &cookies, VIDEO), 303);
    let html = text(&world.get("/en/join", &cookies));
    assert!(html.contains("your wallet is open"), "{html}");
}

#[test]
fn a_failure_says_what_to_do_and_can_be_mended_where_it_can() {
    let world = World::new();
    for failure in Failure::ALL {
        let way = world.town.way(Path::Join, Step::Failed, Some(*failure));
        let cookies = format!("__Host-bej-way={way}; __Host-bej-form=x");
        let page = world.get("/en/join", &cookies);
        let html = text(&page);
        let mended = html.contains("/en/join/again");
        let may = matches!(
            failure,
            Failure::Liveness
                | Failure::Face
                | Failure::Data
                | Failure::Document
                | Failure::PhoneNotOwn
                | Failure::Expired
        );
        assert_eq!(mended, may, "{}", failure.name());
        // I-09
        assert!(!html.to_lowercase().contains("terror"), "{html}");
        if mended {
            assert_eq!(world.send(&page, 0, &cookies, &[]).status, 303);
            assert!(text(&world.get("/en/join", &cookies)).contains("Step 4 of 6"));
        }
    }
}

#[test]
fn a_waiting_page_asks_again_by_itself_and_without_script() {
    let world = World::new();
    let way = world.town.way(Path::Join, Step::Waiting, Some(Failure::InReview));
    let answer = world.get("/en/join", &format!("__Host-bej-way={way}"));
    assert_eq!(header(&answer, "refresh"), Some("20"));
    assert!(text(&answer).contains("within one working day"));
}

#[test]
fn phone_password_and_code_lead_where_he_was_going() {
    // S-45, R4-11.1.2a
    let world = World::new();
    let answer = world.get("/en/confirm/K7QM2V9D", "");
    let to = header(&answer, "location").unwrap().to_owned();
    let page = world.get(&to, "");
    let form_cookie = set(&page, "__Host-bej-form");
    let answer = world.send(&page, 0, &form_cookie, &[("phone", PHONE), ("password", PASSWORD)]);
    let to = header(&answer, "location").unwrap().to_owned();
    assert!(to.starts_with("/en/sign-in/code?next="), "{to}");
    let cookies = format!("{form_cookie}; {}", set(&answer, "__Host-bej-way"));
    assert_eq!(
        header(&world.get("/en/home", &cookies), "location"),
        Some("/en/sign-in?next=%2Fen%2Fhome")
    );
    let page = world.get(&to, &cookies);
    assert_eq!(world.send(&page, 0, &cookies, &[("code", "000000")]).status, 422);
    let answer = world.send(&page, 0, &cookies, &[("code", CODE)]);
    assert_eq!(header(&answer, "location"), Some("/en/confirm/K7QM2V9D"));
    let session = set(&answer, "__Host-bej-cabinet");
    assert_eq!(world.get("/en/home", &session).status, 200);
    // The code serves once; and what was on the way opens nothing.
    assert_eq!(world.send(&page, 0, &cookies, &[("code", CODE)]).status, 410);
    let home = world.get("/en/me", &session);
    let answer = world.send(&home, 2, &session, &[]);
    assert_eq!(header(&answer, "location"), Some("/en"));
    assert!(header(&answer, "clear-site-data").is_some());
    assert_eq!(world.get("/en/home", &session).status, 303);
}

#[test]
fn three_wrong_codes_end_the_way() {
    // S-45
    let world = World::new();
    let page = world.get("/en/sign-in", "");
    let form_cookie = set(&page, "__Host-bej-form");
    let answer = world.send(&page, 0, &form_cookie, &[("phone", PHONE), ("password", PASSWORD)]);
    let cookies = format!("{form_cookie}; {}", set(&answer, "__Host-bej-way"));
    let page = world.get("/en/sign-in/code", &cookies);
    let tries = [422, 422, 410, 410];
    for status in tries {
        assert_eq!(world.send(&page, 0, &cookies, &[("code", "999999")]).status, status);
    }
}

#[test]
fn whoever_lost_his_phone_comes_back_with_his_number_and_his_face() {
    let world = World::new();
    let page = world.get("/en/lost-phone", "");
    let html = text(&page);
    assert!(html.contains("tel:+77172000000"), "{html}");
    let form_cookie = set(&page, "__Host-bej-form");
    let answer = world.send(&page, 0, &form_cookie, &[]);
    let cookies = format!("{form_cookie}; {}", set(&answer, "__Host-bej-way"));
    assert!(text(&world.get("/en/join", &cookies)).contains("Step 1 of 4"));
    // He is known: only what proves that it is he is asked.
    let way = world.town.way(Path::LostPhone, Step::Data, None);
    let html = text(&world.get("/en/join", &format!("__Host-bej-way={way}")));
    assert!(html.contains("name=\"iin\"") && !html.contains("name=\"surname\""));
}

#[test]
fn identification_is_renewed_from_the_cabinet() {
    // S-02
    let world = World::new();
    let cookies = world.signed_in(false);
    let page = world.get("/en/me", &cookies);
    assert_eq!(header(&world.send(&page, 0, &cookies, &[]), "location"), Some("/en/join"));
    assert!(text(&world.get("/en/join", &cookies)).contains("Step 1 of 2"));
}
