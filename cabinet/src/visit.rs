//! One request on its way to a page: who asks, in which language, and what a page reads with.

use std::collections::BTreeMap;
use std::sync::Arc;

use journal::fact::Entry;
use phrases::Language;
use reports::card::{AccountCard, OrganiserCard, WalletCard};
use reports::{Card, CardKind};
use serde::Serialize;
use site::secret;
use site::show::Show;
use site::upload::Part;
use site::web::{Answer, Pairs, cookie};
use store::{Fault, Head, JournalReader, ViewReader};
use terms::id::uuid_v7;
use terms::rulebook::Rulebook;
use terms::time::Offset;
use terms::{Event, Instant, MessageId, Organiser, Outcome, Person, Seq, Wallet};

use crate::doc::{Doc, Form};
use crate::hall::{Asked, Caller, House, Readers};
use crate::limits::ACCOUNTS_MAX;
use crate::ports::{No, Origin, Token, Who};

/// Rulebooks that are looked at for the civil time.
const RULEBOOKS_MAX: u64 = 2_000;

/// Why there is no page.
#[derive(Debug)]
pub enum Trouble {
    /// There is no such thing, or it is another's.
    Status(u16),
    /// The house says no.
    No(No),
    /// The store.
    Fault(Fault),
    /// The template.
    Template(minijinja::Error),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Fault(fault)
    }
}

impl From<minijinja::Error> for Trouble {
    fn from(error: minijinja::Error) -> Trouble {
        Trouble::Template(error)
    }
}

impl From<No> for Trouble {
    fn from(no: No) -> Trouble {
        Trouble::No(no)
    }
}

/// A request that is being answered.
pub struct Visit<'a> {
    pub house: &'a House,
    pub show: Show<'a>,
    /// The path behind the language; a page that answers a form under an address that cannot be
    /// read puts one here that can, for the links to the other languages.
    pub path: String,
    pub query: Pairs,
    pub form: Pairs,
    /// The parts of a form with a file.
    pub parts: &'a [Part],
    /// The pieces of the path that stand for `{}`, without the language.
    pub pieces: Vec<String>,
    pub caller: Caller,
    pub origin: Origin,
    pub views: Box<dyn ViewReader>,
    /// The position that the views are as of: the next fact.
    pub cursor: Seq,
    /// The end of the journal.
    pub head: Head,
    pub now: Instant,
    /// Cookies that the page sets, beside what it answers.
    pub cookies: Vec<String>,
    journal: Box<dyn JournalReader>,
    organisers: BTreeMap<Organiser, Option<OrganiserCard>>,
    theme: &'static str,
}

#[derive(Serialize)]
struct LangLink {
    href: String,
    text: String,
    current: bool,
    lang: &'static str,
}

impl<'a> Visit<'a> {
    /// Opens what a page reads with.
    pub fn begin(
        house: &'a House,
        lang: Language,
        asked: &'a Asked,
        query: Pairs,
        form: Pairs,
        pieces: &[&str],
        caller: Caller,
    ) -> Result<Visit<'a>, Fault> {
        let Readers { mut views, mut journal } = house.readers()?;
        let (cursor, head) = (views.cursor()?, journal.head()?);
        let offsets = offsets(&mut *views)?;
        let theme = match cookie(&asked.request.cookies, "bej-theme") {
            Some("dark") => "dark",
            Some("light") => "light",
            _ => "auto",
        };
        Ok(Visit {
            house,
            show: Show { lang, phrases: &house.phrases, offsets },
            path: asked.request.path.get(3..).unwrap_or_default().to_owned(),
            query,
            form,
            parts: &asked.parts,
            pieces: pieces.iter().map(|piece| (*piece).to_owned()).collect(),
            caller,
            origin: Origin { address: asked.address, language: lang },
            views,
            cursor,
            head,
            now: house.ports.source.now(),
            cookies: Vec::new(),
            journal,
            organisers: BTreeMap::new(),
            theme,
        })
    }

    /// Gives the readers back, which have failed at nothing.
    pub fn end(self) {
        self.house.keep(Readers { views: self.views, journal: self.journal });
    }

    /// Who asks. Pages that need somebody are not made for nobody.
    pub fn who(&self) -> Result<Who, Trouble> {
        self.caller.who().ok_or(Trouble::No(No::Over))
    }

    /// The person, once there is one.
    pub fn person(&self) -> Option<Person> {
        self.caller.session.as_ref().and_then(|(_, session)| session.person)
    }

    /// The token of the way of registration: the session's own once there is one.
    pub fn way(&self) -> Result<Token, Trouble> {
        let session = self.caller.session.as_ref().map(|(token, _)| token);
        session.or(self.caller.way.as_ref()).cloned().ok_or(Trouble::No(No::Over))
    }

    /// Sets the cookie of a token, or takes it back.
    pub fn hold(&mut self, name: &str, token: &Token) {
        self.cookies.push(self.house.set_cookie(name, &token.0));
    }

    /// Opens a session in place of what the browser held before.
    pub fn open_session(&mut self, token: &Token) {
        self.hold("bej-cabinet", token);
        self.hold("bej-way", &Token(String::new()));
    }

    /// The address of a path in the language of the page.
    pub fn href(&self, path: &str) -> String {
        format!("/{}{path}", self.show.lang.code())
    }

    /// A word of the books.
    pub fn word(&self, key: &str) -> String {
        self.show.word(key)
    }

    /// A sentence of the books.
    pub fn say(&self, key: &str, parameters: &[(&str, &str)]) -> String {
        self.show.say(key, parameters)
    }

    /// The id that the form was made with; a form without one is not ours.
    pub fn form_id(&self) -> Result<MessageId, Trouble> {
        let id = self.form.get("id").and_then(MessageId::parse);
        id.ok_or(Trouble::Status(400))
    }

    /// A form with an id of its own.
    pub fn new_form(&self, action: &str) -> Result<Form, Trouble> {
        let random = secret::random::<10>().map_err(|_| Trouble::Status(503))?;
        let id = MessageId(uuid_v7(self.now.ms(), random)).to_string();
        Ok(Form { action: self.href(action), id, ..Form::default() })
    }

    /// A path of ours that a form or an address names, to go on to.
    pub fn next(&self, otherwise: &str) -> String {
        let named = self.form.get("next").or(self.query.get("next"));
        let own = format!("/{}/", self.show.lang.code());
        let good = |next: &&str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_/.".contains(&b);
            next.starts_with(&own) && next.bytes().all(plain) && !next.contains("//")
        };
        named.filter(good).map_or_else(|| self.href(otherwise), str::to_owned)
    }

    /// The entry at a position.
    pub fn entry(&mut self, seq: Seq) -> Result<Option<Entry>, Trouble> {
        let Some(bytes) = self.journal.fact(seq.0)? else { return Ok(None) };
        let read = Entry::from_bytes(&bytes);
        let broken = |_| Fault::damaged("the journal", None, format!("entry {seq} cannot be read"));
        Ok(Some(read.map_err(broken)?))
    }

    /// An organiser as it is now.
    pub fn organiser(&mut self, organiser: Organiser) -> Result<Option<OrganiserCard>, Fault> {
        if !self.organisers.contains_key(&organiser) {
            let found = self.views.versions(CardKind::Organiser, u64::from(organiser.0))?.pop();
            let card = match found {
                Some(Card::Organiser(card)) => Some(card),
                _ => None,
            };
            self.organisers.insert(organiser, card);
        }
        Ok(self.organisers.get(&organiser).cloned().flatten())
    }

    /// The name of an organiser, or its number.
    pub fn organiser_name(&mut self, organiser: Organiser) -> Result<String, Fault> {
        let card = self.organiser(organiser)?;
        Ok(card.map_or_else(|| organiser.to_string(), |card| card.name.as_str().to_owned()))
    }

    /// The accounts of who asks, the oldest first.
    pub fn accounts(&mut self) -> Result<Vec<AccountCard>, Fault> {
        let Some(person) = self.person() else { return Ok(Vec::new()) };
        let mut accounts = Vec::new();
        for card in self.views.versions(CardKind::Holding, u64::from(person.0))? {
            let Card::Holding(held) = card else { continue };
            let found = self.views.versions(CardKind::Account, u64::from(held.account.0))?.pop();
            if let (Some(Card::Account(card)), true) = (found, accounts.len() < ACCOUNTS_MAX) {
                accounts.push(card);
            }
        }
        Ok(accounts)
    }

    /// A wallet's card.
    pub fn wallet(&mut self, wallet: Wallet) -> Result<Option<WalletCard>, Fault> {
        Ok(match self.views.versions(CardKind::Wallet, u64::from(wallet.0))?.pop() {
            Some(Card::Wallet(card)) => Some(card),
            _ => None,
        })
    }

    /// The name of an event, or its number.
    pub fn event_name(&mut self, event: Event) -> Result<String, Fault> {
        Ok(match self.views.versions(CardKind::Event, u64::from(event.0))?.pop() {
            Some(Card::Event(card)) => card.name.as_str().to_owned(),
            _ => event.to_string(),
        })
    }

    /// The market and the outcome by their names.
    pub fn outcome_name(&mut self, outcome: Outcome) -> Result<String, Fault> {
        Ok(match self.views.versions(CardKind::Market, outcome.market().0)?.pop() {
            Some(Card::Market(card)) => card.name_of(outcome),
            _ => outcome.to_string(),
        })
    }

    /// What a page with figures says of their age: up to which entry, and when.
    pub fn as_of(&self, next: Seq) -> String {
        let Some(entry) = next.0.checked_sub(1) else { return self.word("cabinet.no_entries") };
        let number = self.show.number(i64::try_from(entry).unwrap_or(i64::MAX));
        let sentence = self.say("as_of_entry", &[("entry", &number)]);
        let at = self.show.moment(self.head.at);
        format!("{sentence} · {at} ({})", self.word("unit.almaty"))
    }

    /// A page of a document.
    pub fn page(&mut self, doc: Doc) -> Result<Answer, Trouble> {
        self.page_with(200, doc)
    }

    /// The same with a status: 422 where something typed is wrong.
    pub fn page_with(&mut self, status: u16, doc: Doc) -> Result<Answer, Trouble> {
        if self.caller.session.is_none() && self.caller.form.is_none() {
            let random = secret::random::<16>().map_err(|_| Trouble::Status(503))?;
            let token = secret::hex(&random);
            self.cookies.push(self.house.set_cookie("bej-form", &token));
            self.caller.form = Some(token);
        }
        let signed_in = self.caller.session.as_ref();
        let ends = signed_in.map(|(_, session)| self.show.time(session.ends));
        let here = format!("{}{}", self.path, self.query.address());
        let languages = Language::ALL.map(|lang| LangLink {
            href: format!("/{}{here}", lang.code()),
            text: self.show.phrases.word(lang, "console.own_language").to_owned(),
            current: lang == self.show.lang,
            lang: lang.code(),
        });
        let refresh = doc.refresh;
        let context = minijinja::context! {
            doc,
            lang => self.show.lang.code(),
            languages,
            path => self.path,
            here => self.href(&here),
            theme => self.theme,
            assets => self.house.templates.asset_names(),
            test_realm => self.house.settings.test_realm,
            token => self.house.form_token(&self.caller),
            signed_in => signed_in.is_some(),
            ends,
            base => format!("/{}", self.show.lang.code()),
        };
        let words: &Arc<_> = &self.house.words[self.show.lang as usize];
        let html = self.house.templates.render("page.html", words, context)?;
        let answer = self.with_cookies(Answer::page(status, html));
        Ok(match refresh {
            Some(seconds) => answer.with("refresh", seconds.to_string()),
            None => answer,
        })
    }

    /// On to another page of ours.
    pub fn on_to(&mut self, href: String) -> Answer {
        self.with_cookies(Answer::see(href))
    }

    fn with_cookies(&mut self, mut answer: Answer) -> Answer {
        for cookie in self.cookies.drain(..) {
            answer = answer.with("set-cookie", cookie);
        }
        answer
    }
}

/// Civil time by the last rulebook; by the sample one before the first.
fn offsets(views: &mut dyn ViewReader) -> Result<Vec<Offset>, Fault> {
    let mut found = None;
    for number in 0..RULEBOOKS_MAX {
        match views.versions(CardKind::Rulebook, number)?.pop() {
            Some(Card::Rulebook(card)) => found = Some(card.offsets),
            _ if number == 0 => {}
            _ => break,
        }
    }
    Ok(found.unwrap_or_else(|| Rulebook::sample().calendar.offsets))
}
