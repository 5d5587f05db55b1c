//! The way of every request: the table of routes, the session, the form's token, the page.

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use phrases::{Language, Phrases};
use site::secret;
use site::templates::{Templates, Words};
use site::upload::Part;
use site::web::{Answer, Pairs, Request, cookie, encode};
use store::{Fault, JournalReader, ViewReader};

use crate::Settings;
use crate::gate::Gate;
use crate::limits::PAGES_MAX;
use crate::pages;
use crate::ports::{No, Ports, Session, Token, Who};
use crate::routes::{Match, May, Page, Route, find};
use crate::visit::{Trouble, Visit};

/// A year, for what has its content in its name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// The longest token that is looked at.
const TOKEN_MAX: usize = 128;

/// Everything that a page may need.
pub struct House {
    pub templates: Templates,
    pub phrases: Phrases,
    /// The same by language, for templates.
    pub words: [Arc<Words>; 3],
    pub settings: Settings,
    pub gate: Gate,
    pub readers: Mutex<Vec<Readers>>,
    pub ports: Ports,
}

/// What a page reads with.
pub struct Readers {
    pub views: Box<dyn ViewReader>,
    pub journal: Box<dyn JournalReader>,
}

/// What comes in beside the request of the web.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The request.
    pub request: Request,
    /// The address of the connection.
    pub address: Option<IpAddr>,
    /// The parts of a form with a file.
    pub parts: Vec<Part>,
}

/// Who is behind a request.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The session, and its token.
    pub session: Option<(Token, Session)>,
    /// The token of a way of registration, or of a sign-in that waits for its code.
    pub way: Option<Token>,
    /// The token of forms before the sign-in.
    pub form: Option<String>,
}

impl Caller {
    /// Who is signed in.
    pub fn who(&self) -> Option<Who> {
        let (token, session) = self.session.as_ref()?;
        Some(Who { token: token.clone(), person: session.person })
    }
}

impl House {
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
        match (&caller.session, &caller.form) {
            (Some((token, _)), _) => {
                secret::seal(&self.settings.key, &format!("session {}", token.0))
            }
            (None, Some(form)) => secret::seal(&self.settings.key, &format!("form {form}")),
            (None, None) => String::new(),
        }
    }

    fn caller(&self, request: &Request) -> Result<Caller, No> {
        let value = |name: &str| {
            let value = cookie(&request.cookies, &self.cookie_name(name));
            value.filter(|value| !value.is_empty() && value.len() <= TOKEN_MAX).map(str::to_owned)
        };
        let session = match value("bej-cabinet").map(Token) {
            Some(token) => {
                let found = self.ports.entrance.session(&token)?;
                found.map(|session| (token, session))
            }
            None => None,
        };
        Ok(Caller { session, way: value("bej-way").map(Token), form: value("bej-form") })
    }

    /// The language that was chosen before, else Kazakh: it is never guessed.
    fn preferred(request: &Request) -> Language {
        let chosen = cookie(&request.cookies, "bej-lang").and_then(|code| code.parse().ok());
        chosen.unwrap_or(Language::Kk)
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
    pub fn answer(&self, asked: &Asked) -> Answer {
        let request = &asked.request;
        let (route, pieces) = match find(&request.path, request.reads) {
            Match::Route(route, pieces) => (route, pieces),
            Match::Method => return self.error(asked, 405),
            Match::None => return self.error(asked, 404),
        };
        let preferred = House::preferred(request).code();
        match route.page {
            Page::Root => return Answer::see(format!("/{preferred}")),
            Page::Asset => return self.asset(asked, pieces[0]),
            Page::ShortInvitation => {
                return Answer::see(format!("/{preferred}/r/{}", encode(pieces[0])));
            }
            Page::ShortOrder => {
                return Answer::see(format!("/{preferred}/confirm/{}", encode(pieces[0])));
            }
            _ => {}
        }
        let Some(lang) = pieces.first().and_then(|code| code.parse().ok()) else {
            return self.error(asked, 404);
        };
        let (Some(query), Some(form)) = (Pairs::parse(&request.query), self.form(asked)) else {
            return self.error(asked, 400);
        };
        if !request.reads && !self.gate.passes(asked.address, self.ports.source.now()) {
            return self.error(asked, 429);
        }
        let caller = match self.caller(request) {
            Ok(caller) => caller,
            Err(no) => return self.down(&no),
        };
        if let Some(answer) = self.turned_away(route, lang, request, &caller) {
            return answer;
        }
        let mut visit = match Visit::begin(self, lang, asked, query, form, &pieces[1..], caller) {
            Ok(visit) => visit,
            Err(fault) => return self.fault(request, &fault),
        };
        if !request.reads && !self.is_own_form(request, &visit) {
            return pages::error(&mut visit, 403, "cabinet_error.form");
        }
        match self.made(route, &mut visit) {
            Ok(answer) => {
                visit.end();
                keep_language(answer, request, lang)
            }
            Err(fault) => self.fault(request, &fault),
        }
    }

    /// The fields of a form: of one with a file, those of its parts that are none.
    fn form(&self, asked: &Asked) -> Option<Pairs> {
        if asked.parts.is_empty() {
            return Pairs::parse(&asked.request.body);
        }
        let mut pairs = Pairs::default();
        for part in asked.parts.iter().filter(|part| !part.file) {
            let value = std::str::from_utf8(&part.bytes).ok()?;
            pairs = pairs.with(&part.name, value);
        }
        Some(pairs)
    }

    /// Where somebody is sent who may not open the page; nothing if he may.
    fn turned_away(
        &self,
        route: &Route,
        lang: Language,
        request: &Request,
        caller: &Caller,
    ) -> Option<Answer> {
        let base = format!("/{}", lang.code());
        let fresh = caller.session.as_ref().is_some_and(|(_, session)| {
            session.fresh_until.is_some_and(|until| self.ports.source.now() <= until)
        });
        let to = match route.may {
            May::Anyone => return None,
            May::OnTheWay if caller.way.is_some() || caller.session.is_some() => return None,
            May::OnTheWay => return Some(Answer::see(base)),
            May::SignedIn | May::Fresh if caller.session.is_none() => "sign-in",
            May::SignedIn => return None,
            May::Fresh if fresh => return None,
            May::Fresh => "code",
        };
        // A form's content is not kept: its page is opened again.
        let next = encode(&request.path);
        Some(Answer::see(format!("{base}/{to}?next={next}")))
    }

    fn made(&self, route: &Route, visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        Ok(match pages::make(route.page, visit) {
            Ok(answer) => answer,
            Err(Trouble::Status(status)) => pages::error(visit, status, pages::error_word(status)),
            Err(Trouble::No(No::Refused(reason))) => pages::refused(visit, reason),
            Err(Trouble::No(No::Wait(until))) => pages::wait(visit, until),
            Err(Trouble::No(No::Over)) => pages::over(visit),
            Err(Trouble::No(No::Absent)) => pages::error(visit, 404, pages::error_word(404)),
            Err(Trouble::No(no)) => self.down(&no),
            Err(Trouble::Fault(fault)) => return Err(fault),
            Err(Trouble::Template(error)) => {
                tracing::error!("a page of the cabinet cannot be laid out: {error:#}");
                self.plain(503)
            }
        })
    }

    /// What should answer does not, or answers what the page did not ask for.
    fn down(&self, no: &No) -> Answer {
        match no {
            No::Down(why) => tracing::error!("a page of the cabinet waits for its house: {why}"),
            no => tracing::error!("a page of the cabinet got an answer out of place: {no:?}"),
        }
        self.plain(503)
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

    /// A page that says what is wrong, in the language of the address or the chosen one.
    fn error(&self, asked: &Asked, status: u16) -> Answer {
        let lang = asked.request.path.split('/').nth(1).and_then(|code| code.parse().ok());
        let lang = lang.unwrap_or_else(|| House::preferred(&asked.request));
        let none = Pairs::default();
        let caller = self.caller(&asked.request).unwrap_or_default();
        match Visit::begin(self, lang, asked, none.clone(), none, &[], caller) {
            Ok(mut visit) => {
                let answer = pages::error(&mut visit, status, pages::error_word(status));
                visit.end();
                answer
            }
            Err(_) => self.plain(status),
        }
    }

    fn fault(&self, request: &Request, fault: &Fault) -> Answer {
        tracing::error!("the page {} cannot be read: {fault}", first_pieces(&request.path));
        // What has failed one reader may have failed those that are kept.
        self.readers.lock().clear();
        self.plain(503)
    }

    fn asset(&self, asked: &Asked, name: &str) -> Answer {
        match self.templates.asset(name) {
            Some((kind, body)) => {
                let headers = vec![
                    ("content-type", kind.to_owned()),
                    ("cache-control", IMMUTABLE.to_owned()),
                ];
                Answer { status: 200, headers, body }
            }
            None => self.error(asked, 404),
        }
    }

    /// Readers of the views and of the journal, kept from an earlier page or new.
    pub fn readers(&self) -> Result<Readers, Fault> {
        if let Some(kept) = self.readers.lock().pop() {
            return Ok(kept);
        }
        Ok(Readers { views: self.ports.source.views()?, journal: self.ports.source.journal()? })
    }

    /// Keeps readers for the next page.
    pub fn keep(&self, kept: Readers) {
        let mut readers = self.readers.lock();
        if readers.len() < PAGES_MAX {
            readers.push(kept);
        }
    }
}

/// A path for the log: behind its second piece it may hold a token.
fn first_pieces(path: &str) -> String {
    path.split('/').take(3).collect::<Vec<_>>().join("/")
}

fn keep_language(answer: Answer, request: &Request, lang: Language) -> Answer {
    if cookie(&request.cookies, "bej-lang") == Some(lang.code()) {
        return answer;
    }
    let code = lang.code();
    answer.with("set-cookie", format!("bej-lang={code}; Path=/; Max-Age=31536000; SameSite=Lax"))
}
