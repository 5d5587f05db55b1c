//! Signing in: a name and a password, then a one-time code (S-45). The same answer for a wrong
//! name and a wrong password.

use terms::{AuditAct, AuditResult};

use crate::secret;
use crate::session::Tried;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The form, with a token for those who have none.
pub fn form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    if visit.member().is_some() {
        return home(visit);
    }
    let mut set = None;
    if visit.caller.form.is_none() {
        let random = secret::random::<16>().map_err(|_| Trouble::Status(503))?;
        let token = secret::hex(&random);
        set = Some(visit.house.set_cookie("bej-form", &token));
        visit.caller.form = Some(token);
    }
    let answer = show(visit, 200, "password", None)?;
    Ok(match set {
        Some(cookie) => answer.with("set-cookie", cookie),
        None => answer,
    })
}

fn show(
    visit: &mut Visit<'_>,
    status: u16,
    step: &str,
    problem: Option<String>,
) -> Result<Answer, Trouble> {
    let next = visit.query.get("next").or(visit.form.get("next")).unwrap_or_default().to_owned();
    let name = visit.form.get("name").unwrap_or_default().to_owned();
    let context = minijinja::context! { step, problem, next, name };
    visit.render(status, "sign_in.html", context)
}

/// Tries the password.
pub fn password(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let name = visit.form.get("name").unwrap_or_default().to_owned();
    let password = visit.form.get("password").unwrap_or_default().to_owned();
    let house = visit.house;
    let staff = house.staff();
    match house.sessions.password(&staff, &name, &password, visit.now) {
        Tried::Fits(token) => {
            let cookie = house.set_cookie("bej", &token);
            visit.caller.token = token;
            Ok(show(visit, 200, "code", None)?.with("set-cookie", cookie))
        }
        tried => {
            // A name that nobody has is not noted: nothing before authentication becomes a fact
            // but tries on those who work here (core 14).
            if let Some(member) = staff.get(&name) {
                visit.act = Some((AuditAct::SignIn, member.number, AuditResult::Refused));
            }
            let problem = problem(visit, &tried, "error.sign_in");
            show(visit, 422, "password", Some(problem))
        }
    }
}

/// Tries the one-time code.
pub fn code(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let typed = visit.form.get("code").unwrap_or_default();
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let house = visit.house;
    let staff = house.staff();
    match house.sessions.code(&staff, &visit.caller.token, &code, visit.now) {
        Tried::Fits(token) => {
            let member = house.sessions.member(&staff, &token, visit.now);
            let (number, home) = match member {
                Some((member, _)) => (member.number, member.role.home()),
                None => return Err(Trouble::Status(403)),
            };
            visit.act = Some((AuditAct::SignIn, number, AuditResult::Done));
            let own = format!("/{}/", visit.show.lang.code());
            let next = visit.form.get("next").filter(|next| next.starts_with(&own));
            let to = next.map_or_else(|| visit.href(home), str::to_owned);
            let answer = Answer::see(to).with("set-cookie", house.set_cookie("bej", &token));
            Ok(answer.with("set-cookie", house.set_cookie("bej-form", "")))
        }
        Tried::Again => {
            let problem = visit.word("error.again");
            let cookie = house.set_cookie("bej", "");
            Ok(show(visit, 422, "password", Some(problem))?.with("set-cookie", cookie))
        }
        tried => {
            let problem = problem(visit, &tried, "error.code");
            show(visit, 422, "code", Some(problem))
        }
    }
}

fn problem(visit: &Visit<'_>, tried: &Tried, wrong: &str) -> String {
    match tried {
        Tried::Wait(until) => {
            let long = visit.show.long((until.0 - visit.now.0).max(60_000_000_000));
            visit.show.say("try_later", &[("time", &long)])
        }
        Tried::Fits(_) | Tried::Wrong | Tried::Again => visit.word(wrong),
    }
}

/// Ends the session.
pub fn out(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let number = visit.member().map_or(0, |member| member.number);
    visit.act = Some((AuditAct::SignOut, number, AuditResult::Done));
    visit.house.sessions.end(&visit.caller.token);
    let answer = Answer::see(visit.href("/sign-in"));
    Ok(answer.with("set-cookie", visit.house.set_cookie("bej", "")))
}

/// On to the page on which the role begins.
pub fn home(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let role = visit.role().ok_or(Trouble::Status(403))?;
    Ok(Answer::see(visit.href(role.home())))
}

/// Keeps the choice of light or dark.
pub fn theme(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let theme = match visit.form.get("theme") {
        Some("dark") => "dark",
        Some("light") => "light",
        _ => "auto",
    };
    let own = format!("/{}/", visit.show.lang.code());
    let to = visit.form.get("to").filter(|to| to.starts_with(&own));
    let to = to.map_or_else(|| visit.href(""), str::to_owned);
    let cookie = format!("bej-theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax");
    Ok(Answer::see(to).with("set-cookie", cookie))
}
