//! The page on which a bettor gives the order that an organiser asks for (domain 2): who asks, how
//! much at most, until when, which odds. Yes and no are of the same size.

use site::web::{Answer, encode};
use terms::Reason;
use terms::number::{account_number, wallet_code};

use super::fields::radio;
use super::told::Theme;
use crate::doc::{Block, Button, Cell, Doc, Form, Link};
use crate::ports::{Accept, Asked, Field, No, OrderState, Token};
use crate::visit::{Trouble, Visit};

fn token(visit: &Visit<'_>) -> Token {
    Token(visit.pieces.first().cloned().unwrap_or_default())
}

/// The page.
pub fn form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    show(visit, None)
}

fn show(visit: &mut Visit<'_>, no: Option<Reason>) -> Result<Answer, Trouble> {
    let (who, token) = (visit.who()?, token(visit));
    let asked = visit.house.ports.orders.asked(&who, &token)?;
    let organiser = visit.organiser_name(asked.organiser)?;
    let mut blocks = vec![facts(visit, &asked, &organiser)];
    if let Some(reason) = no {
        let theme = Theme::of(reason);
        let text = format!("{} {}", theme.text(visit), theme.todo(visit));
        blocks.insert(0, Block::Notice { level: "bad", text, links: theme.links(visit) });
    }
    match asked.state {
        OrderState::Asked => waiting(visit, &token, &asked, &mut blocks)?,
        state => blocks.push(ended(visit, state)),
    }
    blocks.extend(back(visit, &asked, &organiser));
    let title = visit.word("order.title");
    let lead = Some(visit.say("order_asks", &[("organiser", &organiser)]));
    let status = if no.is_some() { 422 } else { 200 };
    visit.page_with(status, Doc { title, lead, blocks, ..Doc::default() })
}

fn facts(visit: &Visit<'_>, asked: &Asked, organiser: &str) -> Block {
    let rows = vec![
        (visit.word("label.organiser"), Cell::text(organiser)),
        (visit.word("order.ceiling"), Cell::text(visit.show.money(asked.ceiling.get()))),
        (visit.word("order.until"), Cell::text(visit.show.moment(asked.until))),
        (visit.word("home.available"), Cell::text(visit.show.money(asked.available.get()))),
        (visit.word("label.wallet"), Cell::code(wallet_code(asked.wallet))),
        (visit.word("label.account"), Cell::code(account_number(asked.organiser, asked.account))),
    ];
    Block::Facts { title: String::new(), rows }
}

/// The form, or the way to a fresh code where the sum wants one (S-02).
fn waiting(
    visit: &mut Visit<'_>,
    token: &Token,
    asked: &Asked,
    blocks: &mut Vec<Block>,
) -> Result<(), Trouble> {
    let path = format!("/confirm/{}", token.0);
    let fresh = visit.caller.session.as_ref().and_then(|(_, session)| session.fresh_until);
    let fresh = fresh.is_some_and(|until| visit.now <= until);
    let decline =
        Button { text: visit.word("order.decline"), value: "decline", ..Button::default() };
    if asked.wants_code && !fresh {
        let next = encode(&visit.href(&path));
        let text = visit.word("order.wants_code");
        let href = format!("{}?next={next}", visit.href("/code"));
        let link = Link::new(visit.word("order.get_code"), href);
        blocks.push(Block::Notice { level: "info", text, links: vec![link] });
        let form = Form { buttons: vec![decline], ..visit.new_form(&path)? };
        blocks.push(Block::Form(Box::new(form)));
        return Ok(());
    }
    let word = |accept: &Accept| visit.word(&format!("accept.{}", accept.name()));
    let options = Accept::ALL.iter().map(|accept| (accept.name().to_owned(), word(accept)));
    let mut accept = radio(visit, Field::Accept, options.collect());
    accept.value = asked.accept.name().to_owned();
    let until = visit.show.time(asked.answer_until);
    let give = Button { text: visit.word("order.give"), value: "give", look: "primary" };
    let form = Form {
        fields: vec![accept],
        buttons: vec![give, decline],
        note: visit.say("order_answer_until", &[("time", &until)]),
        ..visit.new_form(&path)?
    };
    blocks.push(Block::Form(Box::new(form)));
    Ok(())
}

fn ended(visit: &Visit<'_>, state: OrderState) -> Block {
    let (level, key) = match state {
        OrderState::Given(_) => ("good", "order.given"),
        OrderState::Declined => ("info", "order.declined"),
        OrderState::Expired | OrderState::Asked => ("warn", "order.expired"),
    };
    Block::Notice { level, text: visit.word(key), links: Vec::new() }
}

/// The way back to the organiser, where it named one: an address of a web page, nothing else.
fn back(visit: &Visit<'_>, asked: &Asked, organiser: &str) -> Option<Block> {
    let href = asked.back.as_ref().filter(|href| href.starts_with("https://"))?;
    let text = visit.say("order_back", &[("organiser", organiser)]);
    let link = Link { away: true, ..Link::new(text, href.clone()) };
    Some(Block::Links { title: String::new(), links: vec![link] })
}

/// Gives the order, or declines it.
pub fn answer(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (who, form, token) = (visit.who()?, visit.form_id()?, token(visit));
    let orders = &visit.house.ports.orders;
    let accept = visit.form.get(Field::Accept.name()).and_then(Accept::from_name);
    let given = match (visit.form.get("do"), accept) {
        (Some("give"), Some(accept)) => orders.give(&who, &token, accept, form).map(|_| ()),
        (Some("decline"), _) => orders.decline(&who, &token, form),
        _ => return Err(Trouble::Status(400)),
    };
    match given {
        Ok(()) => {
            let href = visit.href(&format!("/confirm/{}", token.0));
            Ok(visit.on_to(href))
        }
        Err(No::Refused(reason)) => show(visit, Some(reason)),
        Err(no) => Err(no.into()),
    }
}
