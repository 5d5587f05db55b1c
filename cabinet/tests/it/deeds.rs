//! What a bettor does: orders, blocks, redemptions, consents, the end.

use cabinet::ports::{Accept, Destination, OrderState, PocketState};
use terms::Reason;

use crate::town::CODE;
use crate::world::{World, form, header, set, text};

#[test]
fn an_order_is_given_or_declined_at_bej() {
    // R0-2.3, R0-5.3, S-02, domain 2, domain 10
    let world = World::new();
    let cookies = world.signed_in(false);
    let page = world.get("/en/confirm/K7QM2V9D", &cookies);
    let html = text(&page);
    assert!(html.contains("₸25,000.00") && html.contains("value=\"better\" checked"), "{html}");
    assert!(html.contains("https://book.example/slip/41"));
    // Neither yes nor no: nothing happens.
    assert_eq!(world.send(&page, 0, &cookies, &[("do", "maybe")]).status, 400);
    let yes = [("do", "give"), ("accept", "exact")];
    for _ in 0..2 {
        assert_eq!(world.send(&page, 0, &cookies, &yes).status, 303, "twice is once");
    }
    let state = world.town.lock();
    assert_eq!((state.forms.len(), state.orders["K7QM2V9D"].accept), (1, Accept::Exact));
    drop(state);
    assert!(text(&world.get("/en/confirm/K7QM2V9D", &cookies)).contains("The order is given"));
    // What is over cannot be answered.
    for token in ["G7QM2V9D", "D7QM2V9D", "E7QM2V9D"] {
        let html = text(&world.get(&format!("/en/confirm/{token}"), &cookies));
        assert!(!html.contains("value=\"give\""), "{token}");
    }
}

#[test]
fn a_large_order_wants_a_fresh_code() {
    // S-02
    let world = World::new();
    let cookies = world.signed_in(false);
    let page = world.get("/en/confirm/L7QM2V9D", &cookies);
    let html = text(&page);
    assert!(!html.contains("value=\"give\"") && html.contains("value=\"decline\""));
    assert!(!html.contains("javascript:"), "an address that is none is not shown");
    // Whoever sends yes all the same is told so.
    let answer = world.send(&page, 0, &cookies, &[("do", "give"), ("accept", "any")]);
    assert_eq!(answer.status, 422);
    assert!(text(&answer).contains("one-time code"));
    let next = "/en/code?next=%2Fen%2Fconfirm%2FL7QM2V9D";
    let page = world.get(next, &cookies);
    let answer = world.send(&page, 0, &cookies, &[]);
    assert_eq!(header(&answer, "location"), Some(next));
    let page = world.get(next, &cookies);
    assert_eq!(world.send(&page, 0, &cookies, &[("code", "1")]).status, 422);
    let answer = world.send(&page, 0, &cookies, &[("code", CODE)]);
    assert_eq!(header(&answer, "location"), Some("/en/confirm/L7QM2V9D"));
    let page = world.get("/en/confirm/L7QM2V9D", &cookies);
    let yes = [("do", "give"), ("accept", "any")];
    assert_eq!(world.send(&page, 0, &cookies, &yes).status, 303);
    assert!(matches!(world.town.lock().orders["L7QM2V9D"].state, OrderState::Given(_)));
}

#[test]
fn a_wallet_is_blocked_at_once_and_freed_with_a_code() {
    // R4-6.3a, R4-6.3b, R4-6.3c
    let world = World::new();
    let cookies = world.signed_in(false);
    let page = world.get("/en/block", &cookies);
    let html = text(&page);
    assert!(html.contains("value=\"lost\"") && html.contains("value=\"stolen\""));
    assert!(!html.contains("value=\"seizure\""), "others' grounds are not his to give");
    let wallet = terms::number::wallet_code(world.town.lock().pockets[0].wallet);
    let wrong = [("wallet", &*wallet), ("ground", "seizure")];
    assert_eq!(world.send(&page, 0, &cookies, &wrong).status, 422);
    assert_eq!(world.town.lock().pockets[0].state, PocketState::Open);
    let right = [("wallet", &*wallet), ("ground", "unauthorised")];
    let answer = world.send(&page, 0, &cookies, &right);
    assert_eq!(answer.status, 200);
    assert!(text(&answer).contains("is blocked"));
    assert_eq!(world.town.lock().pockets[0].state, PocketState::Blocked);
    assert!(text(&world.get("/en/home", &cookies)).contains("/en/unblock"));
    let answer = world.get("/en/unblock", &cookies);
    assert_eq!(header(&answer, "location"), Some("/en/code?next=%2Fen%2Funblock"));
    let fresh = world.signed_in(true);
    let page = world.get("/en/unblock", &fresh);
    assert_eq!(world.send(&page, 0, &fresh, &[("wallet", &wallet)]).status, 303);
    assert_eq!(world.town.lock().pockets[0].state, PocketState::Open);
}

#[test]
fn a_redemption_is_shown_before_it_is_made_and_made_once() {
    let world = World::new();
    let cookies = world.signed_in(true);
    let wallet = terms::number::wallet_code(world.town.lock().pockets[0].wallet);
    world.town.lock().pockets[0].available = terms::Tiyn::new(5_000_000).unwrap();
    let page = world.get("/en/redeem", &cookies);
    let answer = world.send(&page, 0, &cookies, &[("sum", "-5")]);
    let html = text(&answer);
    assert!(html.contains("#f-wallet") && html.contains("#f-sum") && html.contains("#f-iban"));
    let both = [("wallet", &*wallet), ("sum", "25 000"), ("iban", "KZ1"), ("card", "4400")];
    assert!(text(&world.send(&page, 0, &cookies, &both)).contains("#f-card"));
    let typed = [("wallet", &*wallet), ("sum", "25 000"), ("iban", "kz86 125K ZT50 0410 0100")];
    let check = world.send(&page, 0, &cookies, &typed);
    assert_eq!(check.status, 200);
    assert!(text(&check).contains("₸25,000.00") && world.town.lock().redemptions.is_empty());
    let done = [("do", "redeem")];
    for _ in 0..2 {
        let answer = world.send(&check, 0, &cookies, &done);
        assert_eq!(header(&answer, "location"), Some("/en/receipts/41"));
    }
    let made = world.town.lock().redemptions.clone();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].sum.get(), 2_500_000);
    assert!(
        matches!(&made[0].to, Destination::Account(iban) if iban.reveal() == "kz86125KZT5004100100")
    );
    let much = [("wallet", &*wallet), ("sum", "999999"), ("card", "4400430012345678")];
    let check = world.send(&page, 0, &cookies, &much);
    let answer = world.send(&check, 0, &cookies, &done);
    assert_eq!(answer.status, 422);
    assert!(text(&answer).contains("more than there is"));
}

#[test]
fn the_receipt_has_its_eight_fields_and_a_paper() {
    // P-35, R4-5.4.12a, R4-5.4.12b, R4-5.4.12c, R4-5.4.12d, R4-5.4.12e, R4-5.4.12f, R4-5.4.12g,
    // R4-5.4.12h, P-34, R4-5.4.15b
    let world = World::new();
    let cookies = world.signed_in(false);
    let home = text(&world.get("/en/home", &cookies));
    let (_, rest) = home.split_once("href=\"/en/receipts/").unwrap();
    let seq = rest.split('"').next().unwrap();
    let html = text(&world.get(&format!("/en/receipts/{seq}"), &cookies));
    for label in [
        "Sum of the payment",
        "Time and date of the payment",
        "Sequential number of the receipt",
        "Name of the payee",
        "IIN/BIN of the payee",
        "Code of the transaction",
        "Identification code of the owner’s wallet",
        "The operator’s phones",
    ] {
        assert!(html.contains(label), "{label}");
    }
    assert!(html.contains("as of entry"));
    let css = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/cabinet.css"));
    assert!(css.unwrap().contains("@media print"));
}

#[test]
fn the_months_balance_is_the_sum_of_its_movements() {
    // P-34
    let world = World::new();
    let wallet = world.town.lock().pockets[0].wallet;
    let rows = store::ViewReader::postings(&mut world.town.views.clone(), wallet, None, 5_000);
    let rows = rows.unwrap();
    let cookies = world.signed_in(false);
    let (mut months, mut shown) = (std::collections::BTreeSet::new(), 0);
    for row in &rows {
        let (year, month, _) = terms::Day((row.at.0 / terms::Instant::DAY) as i32).date();
        months.insert(format!("{year:04}-{month:02}"));
    }
    for month in &months {
        for page in 0..50 {
            let path = format!("/en/wallet?month={month}&page={page}");
            let html = text(&world.get(&path, &cookies));
            let listed = html.split("<h2>Event journal</h2>").nth(1).unwrap();
            let listed = listed.split("</section>").next().unwrap().matches("<li>").count();
            shown += listed;
            if listed < cabinet::limits::PAGE {
                break;
            }
        }
    }
    assert!(!rows.is_empty());
    assert_eq!(shown, rows.len(), "every movement is in one month, once");
}

#[test]
fn consents_are_given_and_withdrawn_by_themselves() {
    // R4-11.1.4a, R4-11.1.4d, S-56
    let world = World::new();
    let cookies = world.signed_in(false);
    let page = world.get("/en/consents", &cookies);
    let check = world.send(&page, 0, &cookies, &[]);
    assert_eq!(check.status, 200);
    assert!(text(&check).contains("Records that the law demands remain"));
    assert!(world.town.lock().consents[0].withdrawn.is_none(), "not before it is confirmed");
    assert_eq!(world.send(&check, 0, &cookies, &[("do", "withdraw")]).status, 303);
    assert!(world.town.lock().consents[0].withdrawn.is_some());
    let page = world.get("/en/consents", &cookies);
    let before = world.town.lock().consents.len();
    // The forms behind those in force give what is not.
    assert_eq!(world.send(&page, 1, &cookies, &[]).status, 303);
    assert_eq!(world.town.lock().consents.len(), before + 1);
    assert_eq!(world.post("/en/consents", &cookies, &[]).status, 403);
}

#[test]
fn who_looked_is_told_page_by_page() {
    let world = World::new();
    let cookies = world.signed_in(false);
    let html = text(&world.get("/ru/looks", &cookies));
    assert!(html.contains("Комитет по регулированию игорного бизнеса и лотереи"), "{html}");
    assert!(html.contains("12-4/881") && html.contains("сравнение похожих данных"));
    let many = (0..45).map(|seq| {
        let mut look = world.town.lock().looks[0].clone();
        look.seq = terms::Seq(seq);
        look
    });
    let mut many: Vec<_> = many.collect();
    many.reverse();
    world.town.lock().looks = many;
    let html = text(&world.get("/ru/looks", &cookies));
    assert!(html.contains("/ru/looks?before=25\""), "{html}");
}

#[test]
fn phone_and_password_change_behind_a_fresh_code() {
    let world = World::new();
    let cookies = world.signed_in(true);
    let page = world.get("/en/phone", &cookies);
    assert_eq!(world.send(&page, 0, &cookies, &[("phone", "8")]).status, 422);
    let answer = world.send(&page, 0, &cookies, &[("phone", "+7 702 111 22 33")]);
    assert_eq!(header(&answer, "location"), Some("/en/phone/code"));
    let page = world.get("/en/phone/code", &cookies);
    assert_eq!(world.send(&page, 0, &cookies, &[("code", "111111")]).status, 422);
    assert_eq!(world.send(&page, 0, &cookies, &[("code", CODE)]).status, 303);
    let page = world.get("/en/password", &cookies);
    let short = [("old", crate::town::PASSWORD), ("password", "short")];
    assert_eq!(world.send(&page, 0, &cookies, &short).status, 422);
    let long = [("old", crate::town::PASSWORD), ("password", "four words are enough")];
    assert_eq!(world.send(&page, 0, &cookies, &long).status, 303);
    let other = world.signed_in(false);
    let page = world.get("/en/me", &cookies);
    assert!(text(&world.send(&page, 1, &cookies, &[])).contains("Sessions ended: 1"));
    assert_eq!(world.get("/en/home", &other).status, 303);
}

#[test]
fn the_relationship_ends_when_nothing_hinders_it() {
    let world = World::new();
    let cookies = world.signed_in(true);
    world.town.lock().hindrances = vec![Reason::BetNotSettled, Reason::SumInvalid];
    let html = text(&world.get("/en/close", &cookies));
    assert!(html.contains("Bets are open") && html.contains("redeem it first"));
    assert!(!html.contains("value=\"close\""));
    world.town.lock().hindrances.clear();
    let page = world.get("/en/close", &cookies);
    let answer = world.send(&page, 0, &cookies, &[("do", "close")]);
    assert!(text(&answer).contains("The relationship has ended"));
    assert_eq!(set(&answer, "__Host-bej-cabinet"), "__Host-bej-cabinet=");
    assert_eq!(world.get("/en/home", &cookies).status, 303);
}

#[test]
fn another_wallet_is_opened_and_bound_by_its_owner_alone() {
    // R0-12.1, R0-12.2, R0-12.4, S-36
    let world = World::new();
    let cookies = world.signed_in(false);
    let page = world.get("/en/wallet", &cookies);
    assert_eq!(world.send(&page, 0, &cookies, &[]).status, 303);
    let page = world.get("/en/accounts", &cookies);
    let wallet = terms::number::wallet_code(world.town.lock().pockets[1].wallet);
    let (action, _) = form(&page, 0);
    assert_eq!(world.send(&page, 0, &cookies, &[("wallet", "1")]).status, 400);
    assert_eq!(world.send(&page, 0, &cookies, &[("wallet", &wallet)]).status, 303, "{action}");
    // Refused while bets are open: in his words.
    world.town.lock().refuse = Some(cabinet::ports::No::Refused(Reason::WalletAlreadyBound));
    let page = world.get("/en/accounts", &cookies);
    let answer = world.send(&page, 0, &cookies, &[("wallet", &wallet)]);
    assert_eq!(answer.status, 422);
    assert!(text(&answer).contains("bets are open or winnings unpaid"));
}

#[test]
fn light_dark_and_language_are_kept() {
    let world = World::new();
    let page = world.get("/ru/help", "");
    let cookies = set(&page, "__Host-bej-form");
    let html = text(&page);
    let (_, rest) = html.split_once("name=\"token\" value=\"").unwrap();
    let token = rest.split('"').next().unwrap();
    let fields = [("token", token), ("theme", "dark"), ("next", "/ru/help")];
    let answer = world.post("/ru/theme", &cookies, &fields);
    assert_eq!(header(&answer, "location"), Some("/ru/help"));
    assert_eq!(set(&answer, "bej-theme"), "bej-theme=dark");
    let html = text(&world.get("/ru/help", "bej-theme=dark"));
    assert!(html.contains("data-theme=\"dark\""));
}
