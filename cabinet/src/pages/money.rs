//! Blocking a wallet at once (R4-6.3a), lifting one's own block, and redeeming to one's own
//! account or card.

use site::web::Answer;
use terms::number::{parse_wallet_code, wallet_code};
use terms::{Tiyn, Wallet};

use super::fields::{digits, go, hinted, mark, problems, radio, refill};
use crate::doc::{Block, Button, Cell, Doc, Form, Input, Link};
use crate::ports::{
    BlockGround, Destination, Field, No, Pocket, PocketState, Problem, Redemption, Wrong,
};
use crate::visit::{Trouble, Visit};

/// What is in a wallet, and its state.
pub fn pocket_facts(visit: &Visit<'_>, pocket: &Pocket) -> Block {
    let money = |tiyn: Tiyn| Cell::text(visit.show.money(tiyn.get()));
    let mut rows = vec![
        (visit.word("home.available"), money(pocket.available)),
        (visit.word("home.held"), money(pocket.held)),
    ];
    if !pocket.seized.is_zero() {
        rows.push((visit.word("home.seized"), money(pocket.seized)));
    }
    let look = match pocket.state {
        PocketState::Open => "good",
        PocketState::Blocked | PocketState::Frozen => "warn",
        PocketState::Dormant => "wait",
        PocketState::Closed => "none",
    };
    let state = visit.word(&format!("pocket.{}", pocket.state.name()));
    rows.push((visit.word("label.state"), Cell::state(look, state)));
    if let Some((since, ground)) = pocket.blocked {
        rows.push((visit.word("money.blocked_since"), Cell::text(visit.show.moment(since))));
        if let Some(ground) = ground {
            let ground = visit.word(&format!("block_ground.{}", ground.name()));
            rows.push((visit.word("field.ground"), Cell::text(ground)));
        }
    }
    if pocket.over_limit {
        let text = visit.word("home.over_limit");
        rows.push((visit.word("money.limit"), Cell::state("warn", text)));
    }
    Block::Facts { title: visit.word("wallet.now"), rows }
}

/// Wallets of a state, as the options of a form: code, and code with what is in it.
fn options(visit: &Visit<'_>, pockets: &[Pocket], state: PocketState) -> Vec<(String, String)> {
    let wanted = pockets.iter().filter(|pocket| pocket.state == state);
    wanted
        .map(|pocket| {
            let code = wallet_code(pocket.wallet);
            let text = format!("{code} · {}", visit.show.money(pocket.available.get()));
            (code, text)
        })
        .collect()
}

/// The only option, or the one that was typed.
fn choose(form: &mut Form, visit: &Visit<'_>) {
    refill(visit, form);
    for input in &mut form.fields {
        if let ([(only, _)], true) = (&*input.options, input.value.is_empty()) {
            input.value = only.clone();
        }
    }
}

fn wallet_of(visit: &Visit<'_>) -> Option<Wallet> {
    visit.form.get(Field::Wallet.name()).and_then(parse_wallet_code)
}

/// The page that blocks: what it does, what stays possible, how it ends, one form.
pub fn block_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    block_page(visit, &[])
}

fn block_page(visit: &mut Visit<'_>, wrong: &[Problem]) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let pockets = visit.house.ports.purse.pockets(&who)?;
    let open = options(visit, &pockets, PocketState::Open);
    let title = visit.word("cabinet.block");
    let steps = ["block_stops", "block_comes", "block_ends"];
    let items = steps.map(|word| visit.word(&format!("money.{word}"))).to_vec();
    let mut blocks = vec![Block::Steps { title: visit.word("money.block_what"), items }];
    if open.is_empty() {
        let text = visit.word("money.nothing_to_block");
        blocks.push(Block::Notice { level: "info", text, links: Vec::new() });
        return visit.page(Doc { title, blocks, ..Doc::default() });
    }
    let grounds = BlockGround::OWN.map(|ground| {
        (ground.name().to_owned(), visit.word(&format!("block_ground.{}", ground.name())))
    });
    let mut form = Form {
        fields: vec![
            radio(visit, Field::Wallet, open),
            radio(visit, Field::Ground, grounds.to_vec()),
        ],
        buttons: vec![Button {
            text: visit.word("money.block_now"),
            value: "block",
            look: "danger",
        }],
        note: visit.word("money.block_note"),
        ..visit.new_form("/block")?
    };
    choose(&mut form, visit);
    mark(visit, &mut form, wrong);
    blocks.push(Block::Form(Box::new(form)));
    let status = if wrong.is_empty() { 200 } else { 422 };
    visit.page_with(status, Doc { title, blocks, ..Doc::default() })
}

/// Blocks at once. Two taps: the link, and the button.
pub fn block(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let ground = visit.form.get(Field::Ground.name()).and_then(BlockGround::from_name);
    let ground = ground.filter(|ground| BlockGround::OWN.contains(ground));
    let wallet = wallet_of(visit);
    let missing = |field, given: bool| (!given).then_some(Problem { field, wrong: Wrong::Missing });
    let (Some(wallet), Some(ground)) = (wallet, ground) else {
        let wrong =
            [missing(Field::Wallet, wallet.is_some()), missing(Field::Ground, ground.is_some())];
        return block_page(visit, &wrong.into_iter().flatten().collect::<Vec<_>>());
    };
    let (who, form) = (visit.who()?, visit.form_id()?);
    let at = visit.house.ports.purse.block(&who, wallet, ground, form)?;
    let (code, at) = (wallet_code(wallet), visit.show.moment(at));
    let text = visit.say("block_done", &[("wallet", &code), ("time", &at)]);
    let links = vec![
        Link::new(visit.word("cabinet.to_home"), visit.href("/home")),
        Link::new(visit.word("cabinet.end_others"), visit.href("/me")),
    ];
    let blocks = vec![
        Block::Notice { level: "good", text, links },
        Block::Text { title: String::new(), paragraphs: vec![visit.word("money.block_ends")] },
    ];
    visit.page(Doc { title: visit.word("money.blocked_title"), blocks, ..Doc::default() })
}

/// The page that lifts a block of one's own.
pub fn unblock_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let pockets = visit.house.ports.purse.pockets(&who)?;
    let blocked = options(visit, &pockets, PocketState::Blocked);
    let title = visit.word("money.unblock");
    if blocked.is_empty() {
        let text = visit.word("money.nothing_blocked");
        let blocks = vec![Block::Notice { level: "info", text, links: Vec::new() }];
        return visit.page(Doc { title, blocks, ..Doc::default() });
    }
    let mut form = Form {
        intro: vec![visit.word("money.unblock_intro")],
        fields: vec![radio(visit, Field::Wallet, blocked)],
        buttons: go(visit, "money.unblock_now"),
        ..visit.new_form("/unblock")?
    };
    choose(&mut form, visit);
    let blocks = vec![Block::Form(Box::new(form))];
    visit.page(Doc { title, blocks, ..Doc::default() })
}

/// Lifts it.
pub fn unblock(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (who, form) = (visit.who()?, visit.form_id()?);
    let wallet = wallet_of(visit).ok_or(Trouble::Status(400))?;
    visit.house.ports.purse.unblock(&who, wallet, form)?;
    let href = visit.href("/home");
    Ok(visit.on_to(href))
}

/// The form of a redemption.
pub fn redeem_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    redeem_page(visit, &[])
}

fn redeem_page(visit: &mut Visit<'_>, wrong: &[Problem]) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let pockets = visit.house.ports.purse.pockets(&who)?;
    let open = options(visit, &pockets, PocketState::Open);
    let title = visit.word("money.redeem");
    if open.is_empty() {
        let text = visit.word("money.nothing_to_redeem");
        let blocks = vec![Block::Notice { level: "info", text, links: Vec::new() }];
        return visit.page(Doc { title, blocks, ..Doc::default() });
    }
    let number = |field| Input { optional: true, ..hinted(visit, field) };
    let sum = Input { keys: "decimal", short: true, max: 20, ..hinted(visit, Field::Sum) };
    let mut form = Form {
        intro: vec![visit.word("money.redeem_intro")],
        fields: vec![
            radio(visit, Field::Wallet, open),
            sum,
            Input { max: 34, ..number(Field::Iban) },
            Input { keys: "numeric", max: 23, autocomplete: "off", ..number(Field::Card) },
        ],
        buttons: go(visit, "money.redeem_check"),
        ..visit.new_form("/redeem")?
    };
    choose(&mut form, visit);
    mark(visit, &mut form, wrong);
    let status = if wrong.is_empty() { 200 } else { 422 };
    let as_of = pockets.first().map(|pocket| visit.as_of(pocket.as_of));
    let blocks = vec![Block::Form(Box::new(form))];
    visit.page_with(status, Doc { title, as_of, blocks, ..Doc::default() })
}

/// What was typed of a redemption, or everything that is wrong with it.
fn asked(visit: &Visit<'_>) -> Result<(Wallet, Tiyn, Destination), Vec<Problem>> {
    let mut wrong = Vec::new();
    let mut note = |field, is| wrong.push(Problem { field, wrong: is });
    let wallet = wallet_of(visit);
    if wallet.is_none() {
        note(Field::Wallet, Wrong::Missing);
    }
    let sum = match visit.form.get(Field::Sum.name()) {
        None => Err(Wrong::Missing),
        Some(text) => tiyn_of(text).filter(|sum| !sum.is_zero()).ok_or(Wrong::Form),
    };
    if let Err(is) = sum {
        note(Field::Sum, is);
    }
    let (iban, card) = (digits(visit, Field::Iban), digits(visit, Field::Card));
    let to = match (iban.reveal().is_empty(), card.reveal().is_empty()) {
        (false, true) => Some(Destination::Account(iban)),
        (true, false) => Some(Destination::Card(card)),
        (true, true) => {
            note(Field::Iban, Wrong::Missing);
            None
        }
        (false, false) => {
            note(Field::Card, Wrong::Contradicts);
            None
        }
    };
    match (wallet, sum, to) {
        (Some(wallet), Ok(sum), Some(to)) => Ok((wallet, sum, to)),
        _ => Err(wrong),
    }
}

/// A sum as people type it: `25 000`, `25000,50`, `25,000.50`; at most two decimals.
fn tiyn_of(text: &str) -> Option<Tiyn> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '₸').collect();
    let (whole, decimals) = match text.rfind([',', '.']) {
        // Three digits behind the last mark are a group, as in `25,000`.
        Some(at) if text.len() - at <= 3 => (&text[..at], &text[at + 1..]),
        _ => (&*text, ""),
    };
    let whole: String = whole.chars().filter(|c| !matches!(c, ',' | '.')).collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || 13 < whole.len() || !digits(&whole) || !digits(decimals) {
        return None;
    }
    let tenge: i64 = whole.parse().ok()?;
    let rest: i64 = format!("{decimals:0<2}").parse().ok()?;
    Tiyn::new(tenge.checked_mul(100)?.checked_add(rest)?)
}

/// Shows what will be done, and does it when it is confirmed: money that has left does not return.
pub fn redeem(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (wallet, sum, to) = match asked(visit) {
        Ok(asked) => asked,
        Err(wrong) => return redeem_page(visit, &wrong),
    };
    if visit.form.get("do") != Some("redeem") {
        return check(visit, wallet, sum, &to);
    }
    let (who, form) = (visit.who()?, visit.form_id()?);
    match visit.house.ports.purse.redeem(&who, &Redemption { wallet, sum, to, form }) {
        Ok(seq) => {
            let href = visit.href(&format!("/receipts/{seq}"));
            Ok(visit.on_to(href))
        }
        Err(no @ No::Wrong(_)) => {
            let wrong = problems(no)?;
            redeem_page(visit, &wrong)
        }
        Err(no) => Err(no.into()),
    }
}

fn check(
    visit: &mut Visit<'_>,
    wallet: Wallet,
    sum: Tiyn,
    to: &Destination,
) -> Result<Answer, Trouble> {
    let (field, number) = match to {
        Destination::Account(iban) => (Field::Iban, iban),
        Destination::Card(card) => (Field::Card, card),
    };
    let rows = vec![
        (visit.word("label.wallet"), Cell::code(wallet_code(wallet))),
        (visit.word("field.sum"), Cell::text(visit.show.money(sum.get()))),
        (visit.word(&format!("field.{}", field.name())), Cell::code(grouped(number.reveal()))),
    ];
    let form = Form {
        hidden: vec![
            ("wallet", wallet_code(wallet)),
            ("sum", format!("{}.{:02}", sum.get() / 100, sum.get() % 100)),
            (field.name(), number.reveal().to_owned()),
        ],
        buttons: vec![Button {
            text: visit.word("money.redeem_now"),
            value: "redeem",
            look: "primary",
        }],
        note: visit.word("money.redeem_note"),
        ..visit.new_form("/redeem")?
    };
    let back = Link::new(visit.word("cabinet.back"), visit.href("/redeem"));
    let blocks = vec![
        Block::Facts { title: String::new(), rows },
        Block::Form(Box::new(form)),
        Block::Links { title: String::new(), links: vec![back] },
    ];
    visit.page(Doc { title: visit.word("money.redeem_title"), blocks, ..Doc::default() })
}

/// A long number in groups of four, as on cards.
fn grouped(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    let groups: Vec<String> = chars.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_as_people_type_them() {
        for (text, tiyn) in [
            ("25000", Some(2_500_000)),
            ("25 000", Some(2_500_000)),
            ("25\u{a0}000,5 ₸", Some(2_500_050)),
            ("25,000", Some(2_500_000)),
            ("25.000,50", Some(2_500_050)),
            ("25,000.50", Some(2_500_050)),
            ("0,01", Some(1)),
            ("", None),
            ("-5", None),
            ("5e3", None),
            (",5", None),
            ("12345678901234", None),
            ("٢٥", None),
        ] {
            assert_eq!(tiyn_of(text).map(Tiyn::get), tiyn, "{text}");
        }
        assert_eq!(grouped("KZ86125KZT5004100100"), "KZ86 125K ZT50 0410 0100");
    }
}
