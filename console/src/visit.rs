//! One request on its way to a page: who asks, in which language, and what a page reads with.

use std::collections::BTreeMap;

use journal::fact::Entry;
use phrases::Language;
use reports::card::{DeskCard, LicenceCard, OrganiserCard};
use reports::{Card, CardKind};
use serde::Serialize;
use store::{Fault, Head, JournalReader, ViewReader};
use terms::rulebook::Rulebook;
use terms::time::Offset;
use terms::{Account, Day, DeskNo, Event, Instant, Organiser, Outcome, Reason, Seq};

use crate::doc::{Cell, Doc};
use crate::hall::{Act, Caller, House, Readers};
use crate::ports::people::NotDone;
use crate::role::Role;
use crate::routes::navigation;
use crate::show::Show;
use crate::staff::Member;
use crate::web::{Answer, Pairs, Request};

/// Organisers, and desks of one, that a page looks at.
const ORGANISERS_MAX: u64 = 2_000;
const DESKS_MAX: u64 = 20_000;
/// For how long a page waits for the entry that it is asked to have, and how often it looks.
const REACH_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);
const REACH_EVERY: std::time::Duration = std::time::Duration::from_millis(10);
/// Views that are further behind than this are said to lag (reference: five seconds).
const LAG_NS: i64 = 5 * Instant::SECOND;

/// Why there is no page.
pub enum Trouble {
    /// There is no such thing, or it is another's.
    Status(u16),
    /// People say no.
    People(NotDone),
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

impl From<NotDone> for Trouble {
    fn from(no: NotDone) -> Trouble {
        Trouble::People(no)
    }
}

impl From<minijinja::Error> for Trouble {
    fn from(error: minijinja::Error) -> Trouble {
        Trouble::Template(error)
    }
}

/// A request that is being answered.
pub struct Visit<'a> {
    pub house: &'a House,
    pub show: Show<'a>,
    /// The path behind the language.
    pub path: String,
    pub query: Pairs,
    pub form: Pairs,
    /// The pieces of the path that stand for `{}`, without the language.
    pub pieces: Vec<String>,
    pub caller: Caller,
    pub views: Box<dyn ViewReader>,
    /// The position that the views are as of: the next fact.
    pub cursor: Seq,
    /// The end of the journal.
    pub head: Head,
    pub now: Instant,
    /// The account whose records are on the page.
    pub about: Option<Account>,
    /// What a page notes by itself instead of its route.
    pub act: Option<Act>,
    /// The fact of the look, once the page has had it written before it looked (core 21).
    pub looked: Option<Seq>,
    /// Whether its form holds personal data.
    pub personal: bool,
    journal: Box<dyn JournalReader>,
    organisers: Option<BTreeMap<Organiser, OrganiserCard>>,
    theme: &'static str,
}

#[derive(Serialize)]
struct Link {
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
        request: &Request,
        query: Pairs,
        form: Pairs,
        pieces: &[&str],
        caller: Caller,
    ) -> Result<Visit<'a>, Fault> {
        let Readers { mut views, mut journal } = house.readers()?;
        let (cursor, head) = (views.cursor()?, journal.head()?);
        let show = house.show(lang, offsets(&mut *views)?);
        let path = request.path.get(3..).unwrap_or_default().to_owned();
        let theme = match crate::web::cookie(&request.cookies, "bej-theme") {
            Some("dark") => "dark",
            Some("light") => "light",
            _ => "auto",
        };
        Ok(Visit {
            house,
            show,
            path,
            query,
            form,
            pieces: pieces.iter().map(|piece| (*piece).to_owned()).collect(),
            caller,
            views,
            cursor,
            head,
            now: house.source.now(),
            about: None,
            act: None,
            looked: None,
            personal: false,
            journal,
            organisers: None,
            theme,
        })
    }

    /// Waits for a moment until the views have an entry; whether they have it.
    pub fn reach(&mut self, entry: u64) -> Result<bool, Fault> {
        let begun = std::time::Instant::now();
        while self.cursor.0 <= entry && begun.elapsed() < REACH_WITHIN {
            std::thread::park_timeout(REACH_EVERY);
            self.cursor = self.views.cursor()?;
        }
        Ok(entry < self.cursor.0)
    }

    /// Gives the readers back, which have failed at nothing.
    pub fn end(self) {
        self.house.keep(Readers { views: self.views, journal: self.journal });
    }

    /// Who asks.
    pub fn member(&self) -> Option<&Member> {
        self.caller.member.as_ref().map(|(member, _)| member)
    }

    /// The role of who asks.
    pub fn role(&self) -> Option<Role> {
        self.member().map(|member| member.role)
    }

    /// The one organiser whose records may be seen; none for all.
    pub fn scope(&self) -> Option<Organiser> {
        self.member().and_then(|member| member.organiser)
    }

    /// Whether an organiser's records may be seen.
    pub fn sees(&self, organiser: Organiser) -> bool {
        self.scope().is_none_or(|own| own == organiser)
    }

    /// The name of what was looked at, for its audit event.
    pub fn record(&self) -> String {
        let mut pairs = Pairs::default();
        let nothing = Pairs::default();
        let form = if self.personal { &nothing } else { &self.form };
        for (name, value) in self.query.iter().chain(form.iter()) {
            if !matches!(name, "token" | "password" | "code" | "name" | "id" | "digest") {
                pairs = pairs.with(name, value);
            }
        }
        format!("{}{}", self.path, pairs.address())
    }

    /// The address of a path in the language of the page.
    pub fn href(&self, path: &str) -> String {
        format!("/{}{path}", self.show.lang.code())
    }

    /// A word of the books.
    pub fn word(&self, key: &str) -> String {
        self.show.word(key)
    }

    /// What a reason is called for who asks: the inner one, or where it stands on a list of
    /// financial monitoring, the outer one (domain 3).
    pub fn reason(&self, reason: Reason) -> Reason {
        let role = self.role();
        let listed = matches!(
            reason,
            Reason::ListedTerrorist | Reason::ListedProliferation | Reason::ListedFinancing
        );
        match role {
            Some(Role::Organiser | Role::Privacy) | None => reason.outer(),
            Some(role) if listed && !role.sees_lists() => reason.outer(),
            Some(_) => reason,
        }
    }

    /// What a reason is called in a table.
    pub fn reason_short(&self, reason: Reason) -> String {
        self.show.phrases.reason(self.show.lang, self.reason(reason)).short.clone()
    }

    /// The day of the last entry: what pages call today.
    pub fn today(&self) -> Day {
        self.show.day_of(if self.head.next_seq == 0 { self.now } else { self.head.at })
    }

    /// The day that the address asks for, else today.
    pub fn day(&self) -> Day {
        self.query.get("day").and_then(Day::parse).unwrap_or_else(|| self.today())
    }

    /// The entry at a position.
    pub fn entry(&mut self, seq: Seq) -> Result<Option<Entry>, Trouble> {
        let Some(bytes) = self.journal.fact(seq.0)? else { return Ok(None) };
        let read = Entry::from_bytes(&bytes);
        let broken = |_| Fault::damaged("the journal", None, format!("entry {seq} cannot be read"));
        Ok(Some(read.map_err(broken)?))
    }

    /// Every organiser as it is now, by number.
    pub fn organisers(&mut self) -> Result<BTreeMap<Organiser, OrganiserCard>, Fault> {
        if self.organisers.is_none() {
            let mut found = BTreeMap::new();
            for number in 0..ORGANISERS_MAX {
                match self.views.versions(CardKind::Organiser, number)?.pop() {
                    Some(Card::Organiser(card)) => found.insert(card.organiser, card),
                    _ => break,
                };
            }
            self.organisers = Some(found);
        }
        let scope = self.scope();
        let all = self.organisers.clone().unwrap_or_default();
        let seen = |organiser: &Organiser| scope.is_none_or(|own| own == *organiser);
        Ok(all.into_iter().filter(|(organiser, _)| seen(organiser)).collect())
    }

    /// The name of an organiser, or its number.
    pub fn organiser_name(&mut self, organiser: Organiser) -> Result<String, Fault> {
        let known = self.organisers()?;
        let card = known.get(&organiser);
        Ok(card.map_or_else(|| organiser.to_string(), |card| card.name.as_str().to_owned()))
    }

    /// A cell with an organiser's name that leads to its page.
    pub fn organiser_cell(&mut self, organiser: Organiser) -> Result<Cell, Fault> {
        let href = self.href(&format!("/organisers/{}", organiser.0));
        Ok(Cell::text(self.organiser_name(organiser)?).to(href))
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

    /// Whose an event is.
    pub fn organiser_of(&mut self, event: Event) -> Result<Option<Organiser>, Fault> {
        let card = self.views.versions(CardKind::Event, u64::from(event.0))?.pop();
        let Some(Card::Event(card)) = card else { return Ok(None) };
        let number = u64::from(card.championship.0);
        Ok(match self.views.versions(CardKind::Championship, number)?.pop() {
            Some(Card::Championship(card)) => Some(card.organiser),
            _ => None,
        })
    }

    /// The versions of an organiser's licences, oldest first.
    pub fn licences(&mut self, organiser: Organiser) -> Result<Vec<LicenceCard>, Fault> {
        let cards = self.views.versions(CardKind::Licence, u64::from(organiser.0))?;
        let licence = |card| match card {
            Card::Licence(card) => Some(card),
            _ => None,
        };
        Ok(cards.into_iter().filter_map(licence).collect())
    }

    /// A desk.
    pub fn desk(&mut self, desk: DeskNo) -> Result<Option<DeskCard>, Fault> {
        Ok(match self.views.versions(CardKind::Desk, u64::from(desk.0))?.pop() {
            Some(Card::Desk(card)) => Some(card),
            _ => None,
        })
    }

    /// Every desk that may be seen; of one organiser, if one is named.
    pub fn desks(&mut self, organiser: Option<Organiser>) -> Result<Vec<DeskCard>, Fault> {
        let mut desks = Vec::new();
        for number in 0..DESKS_MAX {
            let Some(card) = self.desk(DeskNo(number as u32))? else { break };
            let wanted = organiser.is_none_or(|wanted| wanted == card.organiser);
            if wanted && self.sees(card.organiser) {
                desks.push(card);
            }
        }
        Ok(desks)
    }

    /// Whether what the views lack first was there long ago: how old the newest entry is says
    /// nothing where the journal grows.
    fn is_late(&mut self) -> Result<bool, Fault> {
        let first = self.journal.frame_of(self.cursor.0)?;
        let late = |at: Instant| LAG_NS < self.now.0.saturating_sub(at.0);
        Ok(first.is_some_and(|frame| late(frame.head().at)))
    }

    /// A page of a document.
    pub fn page(&mut self, mut doc: Doc) -> Result<Answer, Trouble> {
        let entry = self.cursor.0.checked_sub(1);
        doc.as_of = match entry {
            None => self.word("console.no_entries"),
            Some(entry) => {
                let number = self.show.number(i64::try_from(entry).unwrap_or(i64::MAX));
                let sentence = self.show.say("as_of_entry", &[("entry", &number)]);
                format!(
                    "{sentence} · {} ({})",
                    self.show.moment(self.head.at),
                    self.word("unit.almaty")
                )
            }
        };
        let behind = self.head.next_seq.saturating_sub(self.cursor.0);
        if 0 < behind && self.is_late()? {
            let count = self.show.number(i64::try_from(behind).unwrap_or(i64::MAX));
            doc.lag = Some(self.show.say("views_behind", &[("count", &count)]));
        }
        let first = self.role().is_some_and(|role| role.home() == self.path);
        if first || self.path == "/overview" {
            doc.works = crate::pages::works::near(self)?;
        }
        let refreshing = doc.live && self.query.get("live") == Some("60");
        let address = |pairs: &Pairs| self.href(&format!("{}{}", self.path, pairs.address()));
        let settled = address(&self.query.without("live"));
        let refreshed = address(&self.query.with("live", "60"));
        let context = minijinja::context! { doc, refreshing, settled, refreshed };
        let answer = self.render(200, "page.html", context)?;
        Ok(if refreshing { answer.with("refresh", "60".to_owned()) } else { answer })
    }

    /// A page of a template.
    pub fn render(
        &mut self,
        status: u16,
        template: &str,
        context: minijinja::Value,
    ) -> Result<Answer, Trouble> {
        let member = self.member().cloned();
        let organiser = match self.scope() {
            Some(organiser) => Some(self.organiser_name(organiser)?),
            None => None,
        };
        let body = member.as_ref().map(|member| self.word(&format!("role.{}", member.role.name())));
        let ends = self.caller.member.as_ref().map(|(_, ends)| self.show.time(*ends));
        let nav: Vec<Link> = member.as_ref().map_or_else(Vec::new, |member| {
            let link = |(path, key): &(&str, &str)| Link {
                href: self.href(path),
                text: self.word(key),
                current: *path == self.path,
                lang: self.show.lang.code(),
            };
            navigation(member.role).iter().map(link).collect()
        });
        let here = format!("{}{}", self.path, self.query.address());
        let languages = Language::ALL.map(|lang| Link {
            href: format!("/{}{here}", lang.code()),
            text: self.show.phrases.word(lang, "console.own_language").to_owned(),
            current: lang == self.show.lang,
            lang: lang.code(),
        });
        let context = minijinja::context! {
            lang => self.show.lang.code(),
            languages,
            nav,
            here => self.href(&here),
            theme => self.theme,
            assets => self.house.templates.asset_names(),
            test_realm => self.house.settings.test_realm,
            token => self.house.form_token(&self.caller),
            user => member.as_ref().map(|member| member.name.clone()),
            body,
            organiser,
            ends,
            home => member.as_ref().map(|member| self.href(member.role.home())),
            base => format!("/{}", self.show.lang.code()),
            ..context
        };
        let words = &self.house.words[self.show.lang as usize];
        let html = self.house.templates.render(template, words, context)?;
        Ok(Answer::page(status, html))
    }
}

/// Civil time by the last rulebook; by the sample one before the first.
fn offsets(views: &mut dyn ViewReader) -> Result<Vec<Offset>, Fault> {
    let mut found = None;
    for number in 0..ORGANISERS_MAX {
        match views.versions(CardKind::Rulebook, number)?.pop() {
            Some(Card::Rulebook(card)) => found = Some(card.offsets),
            _ if number == 0 => {}
            _ => break,
        }
    }
    Ok(found.unwrap_or_else(|| Rulebook::sample().calendar.offsets))
}
