//! The way of every request: the table of routes, the session, the role, the form's token, the
//! page, and the audit event before the page is sent. Whoever has seen an entry, in a receipt or on
//! another page, may ask with `at-least=N` for a page that has it: it waits a moment for the views,
//! or says that they are behind.

use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use phrases::{Language, Phrases};
use store::{Fault, JournalReader, ViewReader};
use terms::{AuditAct, AuditResult};

use crate::pages;
use crate::ports::people::People;
use crate::ports::{AuditEvent, Auditor, Planner, Source};
use crate::role::Role;
use crate::routes::{Match, Page, Route, find};
use crate::secret;
use crate::session::Sessions;
use crate::shelf::{self, Query};
use crate::staff::{Member, Staff};
use crate::templates::Templates;
use crate::visit::{Trouble, Visit};
use crate::web::{Answer, Pairs, Request, cookie, encode};
use crate::{Settings, show};

/// Pages that are made at a time. So many readers are kept, too.
pub const PAGES_MAX: usize = 16;
/// Bytes of a record's name in an audit event.
const RECORD_MAX: usize = 192;
/// A year, for what has its content in its name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Everything that a page may need.
pub struct House {
    pub templates: Templates,
    pub phrases: Phrases,
    /// The same by language, for templates.
    pub words: [Arc<crate::templates::Words>; 3],
    pub key: [u8; 32],
    pub sessions: Sessions,
    pub readers: Mutex<Vec<Readers>>,
    pub settings: Settings,
    pub staff: RwLock<Arc<Staff>>,
    /// Saved queries, as the source keeps them.
    pub queries: Mutex<Vec<Query>>,
    pub source: Arc<dyn Source>,
    pub auditor: Arc<dyn Auditor>,
    pub planner: Arc<dyn Planner>,
    /// What stands behind people, once it is there.
    pub people: std::sync::OnceLock<Arc<dyn People>>,
}

/// What a page reads with.
pub struct Readers {
    pub views: Box<dyn ViewReader>,
    pub journal: Box<dyn JournalReader>,
}

/// Who is behind a request.
pub struct Caller {
    /// The member of the staff, and until when without a request.
    pub member: Option<(Member, terms::Instant)>,
    /// The token of the session, whether signed in or on the way.
    pub token: String,
    /// The token of forms before the sign-in.
    pub form: Option<String>,
}

impl House {
    /// The staff as it is now.
    pub fn staff(&self) -> Arc<Staff> {
        self.staff.read().clone()
    }

    /// The name of a cookie that belongs to this host alone.
    fn cookie_name(&self, name: &str) -> String {
        if self.settings.tls { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// The header that sets such a cookie; an empty value takes it back.
    pub fn set_cookie(&self, name: &str, value: &str) -> String {
        let secure = if self.settings.tls { "; Secure" } else { "" };
        let age = if value.is_empty() { "; Max-Age=0" } else { "" };
        let name = self.cookie_name(name);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
    }

    /// The token that forms of a caller carry.
    pub fn form_token(&self, caller: &Caller) -> String {
        match (&caller.member, &caller.form) {
            (Some(_), _) => secret::seal(&self.key, &format!("session {}", caller.token)),
            (None, Some(form)) => secret::seal(&self.key, &format!("form {form}")),
            (None, None) => String::new(),
        }
    }

    fn caller(&self, request: &Request) -> Caller {
        let value = |name: &str| {
            let value = cookie(&request.cookies, &self.cookie_name(name));
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let token = value("bej").unwrap_or_default();
        let now = self.source.now();
        let staff = self.staff();
        // What a page asks by itself does not prolong the session.
        let by_itself = request.live || request.query.split('&').any(|pair| pair == "live=60");
        let member = match by_itself {
            true => self.sessions.peek(&staff, &token, now),
            false => self.sessions.member(&staff, &token, now),
        };
        let member = member.map(|(member, ends)| (member.clone(), ends));
        Caller { member, token, form: value("bej-form") }
    }

    /// The language that a browser asks for: what was chosen before, else what it prefers.
    fn preferred(request: &Request) -> Language {
        let chosen = cookie(&request.cookies, "bej-lang").and_then(|code| code.parse().ok());
        chosen.unwrap_or_else(|| {
            let offered = request.languages.split(',').filter_map(|piece| {
                let code = piece.split([';', '-']).next()?.trim().to_ascii_lowercase();
                code.parse().ok()
            });
            offered.into_iter().next().unwrap_or(Language::Kk)
        })
    }

    /// An answer without a page, where none can be made.
    pub fn plain(&self, status: u16) -> Answer {
        let headers = vec![("content-type", "text/plain; charset=utf-8".to_owned())];
        let mut text = String::new();
        for lang in Language::ALL {
            text.push_str(self.phrases.word(lang, pages::error_word(status)));
            text.push('\n');
        }
        let answer = Answer { status, headers, body: text.into_bytes() };
        if status == 503 { answer.with("retry-after", "5".to_owned()) } else { answer }
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request) -> Answer {
        let (route, pieces) = match find(&request.path, request.reads) {
            Match::Route(route, pieces) => (route, pieces),
            Match::Method => return self.error(request, 405),
            Match::None => return self.error(request, 404),
        };
        match route.page {
            Page::Root => return Answer::see(format!("/{}", House::preferred(request).code())),
            Page::Style => return self.asset(request, pieces[0]),
            _ => {}
        }
        let Some(lang) = pieces.first().and_then(|code| code.parse().ok()) else {
            return self.error(request, 404);
        };
        let (Some(query), Some(form)) = (Pairs::parse(&request.query), Pairs::parse(&request.body))
        else {
            return self.error(request, 400);
        };
        let caller = self.caller(request);
        let role = caller.member.as_ref().map(|(member, _)| member.role);
        if role.is_none() && !route.allows(None) {
            return self.to_sign_in(lang, request);
        }
        let started = self.source.now();
        let mut visit = match Visit::begin(self, lang, request, query, form, &pieces[1..], caller) {
            Ok(visit) => visit,
            Err(fault) => return self.fault(request, &fault),
        };
        visit.personal = route.personal;
        let made = self.visited(request, route, role, started, &mut visit);
        match made {
            Ok(answer) => {
                visit.end();
                let kept = cookie(&request.cookies, "bej-lang") == Some(lang.code());
                let code = lang.code();
                let chosen = format!("bej-lang={code}; Path=/; Max-Age=31536000; SameSite=Lax");
                if kept { answer } else { answer.with("set-cookie", chosen) }
            }
            Err(fault) => self.fault(request, &fault),
        }
    }

    /// What a visit gets: its page once the audit event is written, or a page that says why not.
    fn visited(
        &self,
        request: &Request,
        route: &Route,
        role: Option<Role>,
        started: terms::Instant,
        visit: &mut Visit<'_>,
    ) -> Result<Answer, Fault> {
        if !request.reads && !self.is_own_form(request, visit) {
            return Ok(pages::error(visit, 403, "error.form"));
        }
        if role.is_some()
            && let Some(entry) = visit.query.get("at-least").map(str::parse)
        {
            let Ok(entry) = entry else { return Ok(pages::error(visit, 400, "error.form_broken")) };
            if !visit.reach(entry)? {
                let behind = pages::error(visit, 503, "error.behind");
                return Ok(behind.with("retry-after", "1".to_owned()));
            }
        }
        if !route.allows(role) {
            let noted = self.note(visit, route, started, AuditResult::Refused);
            let denied = |visit| pages::error(visit, 403, "error.denied");
            return Ok(if noted { denied(visit) } else { self.plain(503) });
        }
        let answer = match pages::make(route.page, visit) {
            Ok(answer) => answer,
            Err(Trouble::Status(status)) => pages::error(visit, status, pages::error_word(status)),
            Err(Trouble::People(no)) => pages::people::not_done(visit, no),
            Err(Trouble::Fault(fault)) => return Err(fault),
            Err(Trouble::Template(error)) => {
                tracing::error!("the page {} cannot be laid out: {error:#}", request.path);
                return Ok(self.plain(503));
            }
        };
        let result = if answer.status < 400 { AuditResult::Done } else { AuditResult::Failed };
        if self.note(visit, route, started, result) {
            return Ok(answer);
        }
        // Nothing of the records leaves without its audit fact (core 21).
        Ok(self.plain(503))
    }

    /// Writes the audit event of a route that has one, or of an act that the page named.
    fn note(
        &self,
        visit: &Visit<'_>,
        route: &Route,
        started: terms::Instant,
        result: AuditResult,
    ) -> bool {
        // A page that opened personal data has had its look written before.
        if visit.looked.is_some() && result == AuditResult::Done {
            return true;
        }
        let (act, user, result) = match (&visit.act, route.audit) {
            (Some((act, user, result)), _) => (*act, *user, *result),
            (None, Some(act)) => (act, visit.member().map_or(0, |member| member.number), result),
            (None, None) => return true,
        };
        let record = record_name(&visit.record());
        let ended = self.source.now().max(started);
        let event = AuditEvent { started, act, user, record, account: visit.about, ended, result };
        match self.auditor.note(event) {
            Ok(_) => true,
            Err(why) => {
                tracing::error!(
                    "an audit event could not be written, so a page is kept back: {why}"
                );
                false
            }
        }
    }

    /// Writes the fact of a look before it is taken, and gives its position.
    pub fn look(&self, visit: &Visit<'_>, act: AuditAct) -> Result<terms::Seq, Trouble> {
        let user = visit.member().map_or(0, |member| member.number);
        let (record, now) = (record_name(&visit.record()), self.source.now());
        let account = visit.about;
        let (started, ended, result) = (now, now, AuditResult::Done);
        let event = AuditEvent { started, act, user, record, account, ended, result };
        self.auditor.note(event).map_err(|why| {
            tracing::error!("a look could not be written, so nothing is opened: {why}");
            Trouble::Status(503)
        })
    }

    /// Whether a form comes from a page of ours: by the browser's word where it gives one, and by
    /// the token in any case.
    fn is_own_form(&self, request: &Request, visit: &Visit<'_>) -> bool {
        let site = request.site.as_deref();
        let token = self.form_token(&visit.caller);
        site.is_none_or(|site| site == "same-origin" || site == "none")
            && !token.is_empty()
            && visit.form.get("token").is_some_and(|given| secret::same(given, &token))
    }

    fn to_sign_in(&self, lang: Language, request: &Request) -> Answer {
        if !request.reads {
            return self.error(request, 403);
        }
        let mut next = request.path.clone();
        if !request.query.is_empty() {
            next = format!("{next}?{}", request.query);
        }
        Answer::see(format!("/{}/sign-in?next={}", lang.code(), encode(&next)))
    }

    /// A page that says what is wrong, in the language of the address or the preferred one.
    fn error(&self, request: &Request, status: u16) -> Answer {
        let lang = request.path.split('/').nth(1).and_then(|code| code.parse().ok());
        let lang = lang.unwrap_or_else(|| House::preferred(request));
        let (none, caller) = (Pairs::default(), self.caller(request));
        match Visit::begin(self, lang, request, none.clone(), none, &[], caller) {
            Ok(mut visit) => {
                let answer = pages::error(&mut visit, status, pages::error_word(status));
                visit.end();
                answer
            }
            Err(_) => self.plain(status),
        }
    }

    fn fault(&self, request: &Request, fault: &Fault) -> Answer {
        tracing::error!("the page {} cannot be read: {fault}", request.path);
        // What has failed one reader may have failed those that are kept.
        self.readers.lock().clear();
        self.plain(503)
    }

    fn asset(&self, request: &Request, name: &str) -> Answer {
        match self.templates.asset(name) {
            Some((kind, body)) => {
                let headers = vec![
                    ("content-type", kind.to_owned()),
                    ("cache-control", IMMUTABLE.to_owned()),
                ];
                Answer { status: 200, headers, body }
            }
            None => self.error(request, 404),
        }
    }

    /// Readers of the views and of the journal, kept from an earlier page or new. With a database
    /// behind them each is a connection: at most one of each for each page that is made at a time.
    pub fn readers(&self) -> Result<Readers, Fault> {
        if let Some(kept) = self.readers.lock().pop() {
            return Ok(kept);
        }
        Ok(Readers { views: self.source.views()?, journal: self.source.journal()? })
    }

    /// Keeps readers for the next page.
    pub fn keep(&self, kept: Readers) {
        let mut readers = self.readers.lock();
        if readers.len() < PAGES_MAX {
            readers.push(kept);
        }
    }

    /// Has saved queries kept.
    pub fn keep_queries(&self, queries: &[Query]) -> Result<(), String> {
        self.source.keep(&shelf::write(queries)?)
    }

    /// The formatter of a language.
    pub fn show(&self, lang: Language, offsets: Vec<terms::time::Offset>) -> show::Show<'_> {
        show::Show { lang, phrases: &self.phrases, offsets }
    }
}

/// An address as the name of a record: at most 192 bytes, and no run of digits that could be an
/// individual identification number.
fn record_name(address: &str) -> String {
    let mut name = String::new();
    let mut run = String::new();
    let close = |run: &mut String, name: &mut String| {
        name.push_str(if run.len() == 12 { "************" } else { run });
        run.clear();
    };
    for c in address.chars().filter(|c| !c.is_control()) {
        if c.is_ascii_digit() {
            run.push(c);
        } else {
            close(&mut run, &mut name);
            name.push(c);
        }
    }
    close(&mut run, &mut name);
    let mut end = name.len().min(RECORD_MAX);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    // A cut may make a run of twelve of a longer one.
    let kept = name[..end].trim_end_matches(|c: char| name.len() != end && c.is_ascii_digit());
    if kept.trim().is_empty() { "-".to_owned() } else { kept.trim().to_owned() }
}

/// What a page notes by itself: the act, whose, and how it ended.
pub type Act = (AuditAct, u32, AuditResult);

#[cfg(test)]
mod tests {
    use super::*;
    use terms::Text;

    #[test]
    fn names_of_records_hold_no_personal_number() {
        for (address, want) in [
            ("/stakes?account=100001000000010", "/stakes?account=100001000000010"),
            ("/stakes?account=950101300016", "/stakes?account=************"),
            ("", "-"),
        ] {
            assert_eq!(record_name(address), want);
        }
        let long = format!("{}{}", "x".repeat(185), "950101300016123");
        assert_eq!(record_name(&long), "x".repeat(185));
        for text in [record_name(&"Ұ".repeat(100)), record_name(&long)] {
            assert!(Text::<192>::new(&text).is_ok(), "{text}");
        }
    }
}
