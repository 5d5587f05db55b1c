//! Light or dark, the password, the phone, and sessions elsewhere.

use site::web::Answer;

use super::fields::{code, digits, go, mark, password, phone, problems, refill, typed};
use super::sign_in::code_hint;
use crate::doc::{Block, Doc, Form, Input, Link};
use crate::ports::{Field, No, Private, Problem};
use crate::visit::{Trouble, Visit};

/// Keeps the choice of light or dark.
pub fn theme(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let theme = match visit.form.get("theme") {
        Some("dark") => "dark",
        Some("light") => "light",
        _ => "auto",
    };
    let to = visit.next("");
    visit.cookies.push(format!("bej-theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax"));
    Ok(visit.on_to(to))
}

/// Ends every session but this one.
pub fn end_others(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let ended = visit.house.ports.entrance.sign_out_others(&who)?;
    let count = visit.show.number(i64::from(ended));
    let text = visit.say("sessions_ended", &[("count", &count)]);
    visit.path = "/me".into();
    let link = Link::new(visit.word("cabinet.to_home"), visit.href("/home"));
    let blocks = vec![Block::Notice { level: "good", text, links: vec![link] }];
    visit.page(Doc { title: visit.word("cabinet.end_others"), blocks, ..Doc::default() })
}

/// The form of a new password.
pub fn password_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    password_page(visit, &[])
}

fn password_page(visit: &mut Visit<'_>, wrong: &[Problem]) -> Result<Answer, Trouble> {
    let old =
        Input { name: "old", label: visit.word("settings.old_password"), ..password(visit, false) };
    let mut form = Form {
        fields: vec![old, password(visit, true)],
        buttons: go(visit, "cabinet.save"),
        note: visit.word("settings.password_note"),
        ..visit.new_form("/password")?
    };
    mark(visit, &mut form, wrong);
    let status = if wrong.is_empty() { 200 } else { 422 };
    let blocks = vec![Block::Form(Box::new(form))];
    let title = visit.word("settings.password");
    visit.page_with(status, Doc { title, blocks, ..Doc::default() })
}

/// Takes it.
pub fn change_password(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let old = Private::new(visit.form.get("old").unwrap_or_default());
    let new = typed(visit, Field::Password);
    match visit.house.ports.entrance.change_password(&who, &old, &new) {
        Ok(()) => {
            let href = visit.href("/me");
            Ok(visit.on_to(href))
        }
        Err(no) => {
            let wrong = problems(no)?;
            password_page(visit, &wrong)
        }
    }
}

/// The form of a new phone.
pub fn phone_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    phone_page(visit, &[])
}

fn phone_page(visit: &mut Visit<'_>, wrong: &[Problem]) -> Result<Answer, Trouble> {
    let mut form = Form {
        intro: vec![visit.word("settings.phone_intro")],
        fields: vec![phone(visit)],
        buttons: go(visit, "cabinet.send_code"),
        ..visit.new_form("/phone")?
    };
    if !wrong.is_empty() {
        refill(visit, &mut form);
    }
    mark(visit, &mut form, wrong);
    let status = if wrong.is_empty() { 200 } else { 422 };
    let blocks = vec![Block::Form(Box::new(form))];
    let title = visit.word("settings.phone");
    visit.page_with(status, Doc { title, blocks, ..Doc::default() })
}

/// Sends a code to the new phone.
pub fn change_phone(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let phone = digits(visit, Field::Phone);
    match visit.house.ports.entrance.change_phone(&who, &phone, visit.origin) {
        Ok(_) => {
            let href = visit.href("/phone/code");
            Ok(visit.on_to(href))
        }
        Err(no) => {
            let wrong = problems(no)?;
            phone_page(visit, &wrong)
        }
    }
}

/// The form of the code of the new phone.
pub fn new_phone_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    new_phone_page(visit, None)
}

fn new_phone_page(visit: &mut Visit<'_>, wrong: Option<No>) -> Result<Answer, Trouble> {
    let wrong = match wrong {
        Some(no) => problems(no)?,
        None => Vec::new(),
    };
    let who = visit.who()?;
    let sent = visit.house.ports.entrance.sent(&who.token)?;
    let mut form = Form {
        intro: vec![visit.say("code_sent", &[("phone", &sent.phone)])],
        fields: vec![code(visit, code_hint(visit, &sent))],
        buttons: go(visit, "cabinet.confirm"),
        note: visit.word("settings.phone_note"),
        ..visit.new_form("/phone/code")?
    };
    mark(visit, &mut form, &wrong);
    let again = Link::new(visit.word("settings.other_phone"), visit.href("/phone"));
    let blocks = vec![
        Block::Form(Box::new(form)),
        Block::Links { title: String::new(), links: vec![again] },
    ];
    let status = if wrong.is_empty() { 200 } else { 422 };
    let title = visit.word("settings.phone");
    visit.page_with(status, Doc { title, blocks, ..Doc::default() })
}

/// Takes the code: the new phone is the login from here on.
pub fn confirm_new_phone(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (who, form) = (visit.who()?, visit.form_id()?);
    let typed = digits(visit, Field::Code);
    match visit.house.ports.entrance.change_phone_code(&who, &typed, form) {
        Ok(()) => {
            let href = visit.href("/me");
            Ok(visit.on_to(href))
        }
        Err(no @ No::Wrong(_)) => new_phone_page(visit, Some(no)),
        Err(no) => Err(no.into()),
    }
}
