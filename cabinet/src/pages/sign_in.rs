//! Signing in: phone and password, then a one-time code (S-45); and a fresh code for what moves
//! money (S-02). The same answer for a wrong phone and a wrong password.

use site::web::{Answer, encode};

use super::fields::{code, digits, go, mark, password, phone, problems, refill, typed};
use super::waiting;
use crate::doc::{Block, Button, Doc, Form, Link};
use crate::ports::{Field, No, Sent, Token};
use crate::visit::{Trouble, Visit};

/// The form of phone and password.
pub fn form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    if visit.caller.session.is_some() {
        let next = visit.next("/home");
        return Ok(Answer::see(next));
    }
    show(visit, 200, None)
}

fn show(visit: &mut Visit<'_>, status: u16, problem: Option<String>) -> Result<Answer, Trouble> {
    visit.path = "/sign-in".into();
    let mut form = Form {
        hidden: vec![("next", visit.next("/home"))],
        fields: vec![phone(visit), password(visit, false)],
        buttons: go(visit, "cabinet.go_on"),
        ..visit.new_form("/sign-in")?
    };
    refill(visit, &mut form);
    form.problem = problem;
    let links = vec![
        Link::new(visit.word("cabinet.register"), visit.href("")),
        Link::new(visit.word("cabinet.lost_phone"), visit.href("/lost-phone")),
    ];
    let blocks = vec![Block::Form(Box::new(form)), Block::Links { title: String::new(), links }];
    let mark = if status == 200 { String::new() } else { visit.word("cabinet_error.title") };
    let title = visit.word("cabinet.sign_in");
    visit.page_with(status, Doc { title, mark, blocks, ..Doc::default() })
}

/// The token that waits for a code, if phone and password fit.
fn tried(visit: &mut Visit<'_>) -> Result<Token, No> {
    let (phone, password) = (digits(visit, Field::Phone), typed(visit, Field::Password));
    let entrance = &visit.house.ports.entrance;
    Ok(entrance.sign_in(&phone, &password, visit.origin)?.token)
}

/// Tries phone and password; a code goes to the phone.
pub fn try_password(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    match tried(visit) {
        Ok(token) => {
            visit.hold("bej-way", &token);
            let next = encode(&visit.next("/home"));
            let href = format!("{}?next={next}", visit.href("/sign-in/code"));
            Ok(visit.on_to(href))
        }
        Err(No::Wait(until)) => {
            let problem = waiting(visit, until);
            show(visit, 429, Some(problem))
        }
        Err(no) => {
            // One sentence, whatever it was.
            problems(no)?;
            let problem = visit.word("cabinet.sign_in_wrong");
            show(visit, 422, Some(problem))
        }
    }
}

/// What is said of a code that is on its way: its form, its time, its tries.
pub fn code_hint(visit: &Visit<'_>, sent: &Sent) -> String {
    let (until, tries) = (visit.show.time(sent.until), visit.show.number(i64::from(sent.tries)));
    visit.say("code_hint", &[("time", &until), ("tries", &tries)])
}

/// A page that asks for the code behind a token.
pub struct CodePage<'p> {
    /// Where the code is sent.
    pub action: &'p str,
    /// Where another is asked for.
    pub again: &'p str,
    /// Where to go behind it.
    pub next: String,
    /// The word of the heading.
    pub title: &'p str,
}

/// Lays out such a page.
pub fn code_page(
    visit: &mut Visit<'_>,
    page: &CodePage<'_>,
    sent: &Sent,
    wrong: Option<No>,
) -> Result<Answer, Trouble> {
    let wrong = match wrong {
        Some(no) => problems(no)?,
        None => Vec::new(),
    };
    let mut form = Form {
        intro: vec![visit.say("code_sent", &[("phone", &sent.phone)])],
        hidden: vec![("next", page.next.clone())],
        fields: vec![code(visit, code_hint(visit, sent))],
        buttons: go(visit, "cabinet.confirm"),
        ..visit.new_form(page.action)?
    };
    mark(visit, &mut form, &wrong);
    let again = Form {
        hidden: vec![("next", page.next.clone())],
        buttons: vec![Button { text: visit.word("cabinet.code_again"), ..Button::default() }],
        key: "again".into(),
        ..visit.new_form(page.again)?
    };
    let blocks = vec![Block::Form(Box::new(form)), Block::Form(Box::new(again))];
    let mark = match wrong.is_empty() {
        true => String::new(),
        false => visit.word("cabinet_error.title"),
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    let title = visit.word(page.title);
    visit.page_with(status, Doc { title, mark, blocks, ..Doc::default() })
}

fn sign_in_code(visit: &mut Visit<'_>, wrong: Option<No>) -> Result<Answer, Trouble> {
    visit.path = "/sign-in/code".into();
    let token = visit.caller.way.clone().ok_or(Trouble::No(No::Over))?;
    let sent = visit.house.ports.entrance.sent(&token)?;
    let next = visit.next("/home");
    let (action, again) = ("/sign-in/code", "/sign-in/code/again");
    code_page(visit, &CodePage { action, again, next, title: "cabinet.code_title" }, &sent, wrong)
}

/// The form of the code.
pub fn code_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    sign_in_code(visit, None)
}

/// Tries the code.
pub fn try_code(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let token = visit.caller.way.clone().ok_or(Trouble::No(No::Over))?;
    let typed = digits(visit, Field::Code);
    match visit.house.ports.entrance.sign_in_code(&token, &typed) {
        Ok(session) => {
            visit.open_session(&session);
            let next = visit.next("/home");
            Ok(visit.on_to(next))
        }
        Err(no @ No::Wrong(_)) => sign_in_code(visit, Some(no)),
        Err(no) => Err(no.into()),
    }
}

/// Sends another code.
pub fn code_again(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let token = visit.caller.way.clone().ok_or(Trouble::No(No::Over))?;
    let sent = visit.house.ports.entrance.send_again(&token, visit.origin)?;
    visit.hold("bej-way", &sent.token);
    let next = encode(&visit.next("/home"));
    let href = format!("{}?next={next}", visit.href("/sign-in/code"));
    Ok(visit.on_to(href))
}

/// Ends the session, and clears what browsers keep.
pub fn out(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    visit.house.ports.entrance.sign_out(&who.token)?;
    visit.hold("bej-cabinet", &Token(String::new()));
    let href = visit.href("");
    Ok(visit.on_to(href).with("clear-site-data", "\"cache\", \"storage\"".to_owned()))
}

/// Asks for a fresh code: first whether one is to be sent, then for it.
pub fn step_up_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    match visit.house.ports.entrance.sent(&who.token) {
        Ok(sent) => step_up_page(visit, &sent, None),
        Err(No::Absent | No::Over) => {
            let form = Form {
                intro: vec![visit.word("cabinet.step_up_intro")],
                hidden: vec![("next", visit.next("/home"))],
                buttons: go(visit, "cabinet.send_code"),
                ..visit.new_form("/code/send")?
            };
            let title = visit.word("cabinet.step_up_title");
            let blocks = vec![Block::Form(Box::new(form))];
            visit.page(Doc { title, blocks, ..Doc::default() })
        }
        Err(no) => Err(no.into()),
    }
}

fn step_up_page(visit: &mut Visit<'_>, sent: &Sent, wrong: Option<No>) -> Result<Answer, Trouble> {
    let next = visit.next("/home");
    let page =
        CodePage { action: "/code", again: "/code/send", next, title: "cabinet.step_up_title" };
    code_page(visit, &page, sent, wrong)
}

/// Sends a fresh code.
pub fn send_step_up(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    visit.house.ports.entrance.step_up(&who, visit.origin)?;
    let next = encode(&visit.next("/home"));
    let href = format!("{}?next={next}", visit.href("/code"));
    Ok(visit.on_to(href))
}

/// Tries it.
pub fn step_up(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let typed = digits(visit, Field::Code);
    match visit.house.ports.entrance.step_up_code(&who, &typed) {
        Ok(_) => {
            let next = visit.next("/home");
            Ok(visit.on_to(next))
        }
        Err(no @ No::Wrong(_)) => {
            let sent = visit.house.ports.entrance.sent(&who.token)?;
            step_up_page(visit, &sent, Some(no))
        }
        Err(no) => Err(no.into()),
    }
}
