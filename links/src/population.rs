//! The state's register of persons (GBD FL), through the gateway (X-07, R0-10.2a, R0-11.2).
//!
//! Its form is public: the request of `GBDFLUniversal_token` with the access that the person
//! granted, the answer with persons, their states and documents. Every state is a word of a
//! dictionary; which word means what is configuration ([`Words`]), and a word that is not known is
//! told as such, never taken for the good one.

use std::sync::Arc;

use roxmltree::Node;
use terms::{Day, Iin};

use crate::consent::{ABSENT, Access, PROCESSED};
use crate::error::{Code, Error};
use crate::gateway::{Call, Gateway, Heard, Question, data, fits};
use crate::limits::RECORDS_MAX;
use crate::moment::{local, parse_day};
use crate::private::Private;
use crate::xml::{children, field, maybe, need, one, text};

const SERVICE: &str = "GBDFLUniversal_token";
const SPACE: &str = "http://message.persistence.interactive.nat";

/// The register as its callers see it.
pub trait Population: Send + Sync {
    /// The person, if there is exactly one.
    fn find(&self, call: &Call, search: &Search, access: &Access) -> Result<Heard<Person>, Error>;
}

/// How a person is looked for: one of three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// By his number.
    Iin(Iin),
    /// By his names and the day of his birth.
    Names {
        /// Surname.
        surname: Private,
        /// Name.
        name: Private,
        /// Patronymic, if he has one.
        patronymic: Option<Private>,
        /// Born.
        birth: Birth,
    },
    /// By the number of his document.
    Document(Private),
}

/// A day of birth. It prints as stars.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Birth(pub Day);

impl std::fmt::Debug for Birth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Birth(***)")
    }
}

/// A person as the register has him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// His number.
    pub iin: Iin,
    /// Surname.
    pub surname: Option<Private>,
    /// Name.
    pub name: Option<Private>,
    /// Patronymic.
    pub patronymic: Option<Private>,
    /// Born.
    pub birth: Birth,
    /// Whether a day of death is on record.
    pub died: bool,
    /// The word for his life state.
    pub life: Code,
    /// The word for his capacity by court, if there is an entry.
    pub capacity: Option<Code>,
    /// Whether the register has excluded him.
    pub excluded: bool,
    /// Whether the entry is removed.
    pub removed: bool,
    /// Whether he is missing, or was declared so.
    pub missing: bool,
    /// His documents.
    pub documents: Vec<Document>,
}

/// A document of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The word for its kind.
    pub kind: Code,
    /// Its number.
    pub number: Private,
    /// Issued.
    pub begin: Day,
    /// The last day on which it is good, if it ends.
    pub end: Option<Day>,
    /// The word for its state.
    pub status: Code,
}

/// Which words of the register's dictionaries mean what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Life states of the living.
    pub alive: Vec<String>,
    /// Capacities that a court has not limited.
    pub capable: Vec<String>,
    /// States of documents that are good.
    pub good_documents: Vec<String>,
}

impl Words {
    /// The words that the simulator uses, to be compared with the register's dictionaries before
    /// production.
    pub fn proposed() -> Words {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        Words { alive: words(&["0"]), capable: words(&["0"]), good_documents: words(&["00"]) }
    }
}

/// What stands in the way of identifying a person by the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// He is dead, or the word for his life state is not one of the living.
    NotAlive,
    /// The register has excluded or removed him.
    Excluded,
    /// A court has limited his capacity, or the word is not known.
    Incapable,
    /// He is missing.
    Missing,
    /// No document is good on this day.
    NoDocument,
    /// His day of birth is not the one in his number.
    BirthDiffers,
}

impl Person {
    /// Everything that stands in the way on this day, in order.
    pub fn obstacles(&self, words: &Words, today: Day) -> Vec<Obstacle> {
        let known = |list: &[String], word: &Code| list.iter().any(|one| one == word.as_str());
        let good = |document: &Document| {
            known(&words.good_documents, &document.status)
                && document.begin <= today
                && document.end.is_none_or(|end| today <= end)
        };
        let incapable = self.capacity.as_ref().is_some_and(|word| !known(&words.capable, word));
        let differs = self.iin.birth_date().is_some_and(|day| day != self.birth.0);
        let found = [
            (self.died || !known(&words.alive, &self.life), Obstacle::NotAlive),
            (self.excluded || self.removed, Obstacle::Excluded),
            (incapable, Obstacle::Incapable),
            (self.missing, Obstacle::Missing),
            (!self.documents.iter().any(good), Obstacle::NoDocument),
            (differs, Obstacle::BirthDiffers),
        ];
        found.into_iter().filter(|(stands, _)| *stands).map(|(_, what)| what).collect()
    }
}

/// The register behind the gateway.
#[derive(Debug)]
pub struct Register {
    gateway: Arc<Gateway>,
    /// How we are called in its messages.
    sender: String,
}

impl Register {
    /// The register, which knows us under this code.
    pub fn new(gateway: Arc<Gateway>, sender: impl Into<String>) -> Register {
        Register { gateway, sender: sender.into() }
    }
}

impl Population for Register {
    fn find(&self, call: &Call, search: &Search, access: &Access) -> Result<Heard<Person>, Error> {
        if !access.lasts(call.at) {
            return Err(Error::Unsendable("an access that has ended"));
        }
        let mut content = String::new();
        field(&mut content, "messageId", &call.id.to_string());
        field(&mut content, "messageDate", &local(call.at));
        field(&mut content, "senderCode", fits(&self.sender, "our code")?);
        write_search(&mut content, search, access)?;
        field(&mut content, "kdpToken", access.token());
        field(&mut content, "publicKey", access.key());
        let data = data(SPACE, "Request", &content);
        let question = Question { service: SERVICE, found: &PROCESSED, absent: &ABSENT, data };
        let heard = self.gateway.ask(call, &question, read_persons)?;
        let Heard { found, trace } = heard;
        let found = found.flatten();
        let ours = |person: &Person| person.iin == access.person && answers(search, person);
        if found.as_ref().is_some_and(|person| !ours(person)) {
            return Err(Error::Malformed("the data of another person"));
        }
        Ok(Heard { found, trace })
    }
}

/// Whether the person is the one that was asked for.
fn answers(search: &Search, person: &Person) -> bool {
    match search {
        Search::Iin(iin) => person.iin == *iin,
        Search::Names { birth, .. } => person.birth == *birth,
        Search::Document(number) => {
            person.documents.iter().any(|document| document.number == *number)
        }
    }
}

fn write_search(out: &mut String, search: &Search, access: &Access) -> Result<(), Error> {
    match search {
        Search::Iin(iin) if *iin == access.person => field(out, "iin", &iin.reveal()),
        Search::Iin(_) => return Err(Error::Unsendable("an access of another person")),
        Search::Names { surname, name, patronymic, birth } => {
            field(out, "surname", fits(surname.reveal(), "the surname")?);
            field(out, "name", fits(name.reveal(), "the name")?);
            if let Some(patronymic) = patronymic {
                field(out, "patronymic", fits(patronymic.reveal(), "the patronymic")?);
            }
            field(out, "birthDate", &birth.0.to_string());
        }
        Search::Document(number) => {
            field(out, "documentNumber", fits(number.reveal(), "the document")?);
        }
    }
    Ok(())
}

/// None if the register found nobody; more than one is as good as none, and wants a person's eye.
fn read_persons(data: Node<'_, '_>) -> Result<Option<Person>, Error> {
    let Some(persons) = maybe(data, "persons")? else { return Ok(None) };
    let mut found = children(persons, "person");
    let Some(first) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(Error::Malformed("more than one person"));
    }
    read_person(first).map(Some)
}

fn read_person(node: Node<'_, '_>) -> Result<Person, Error> {
    let private = |name| text(node, name).map(|text| text.map(Private::new));
    let iin = Iin::parse(&need(node, "iin")?).map_err(|_| Error::Malformed("iin"))?;
    let birth = parse_day(&need(node, "birthDate")?).ok_or(Error::Malformed("birthDate"))?;
    let capacity = match maybe(node, "personCapableStatus")? {
        Some(status) => Some(word(status, "capableStatus")?),
        None => None,
    };
    let mut documents = Vec::new();
    if let Some(list) = maybe(node, "documents")? {
        for document in children(list, "document") {
            if RECORDS_MAX <= documents.len() {
                return Err(Error::Malformed("documents"));
            }
            documents.push(read_document(document)?);
        }
    }
    let there = |name| maybe(node, name).map(|found| found.is_some());
    let removed = matches!(text(node, "removed")?.as_deref(), Some("true" | "1"));
    Ok(Person {
        iin,
        surname: private("surname")?,
        name: private("name")?,
        patronymic: private("patronymic")?,
        birth: Birth(birth),
        died: text(node, "deathDate")?.is_some(),
        life: word(node, "lifeStatus")?,
        capacity,
        excluded: there("excludeStatus")?,
        removed,
        missing: there("missingStatus")? || there("disappearStatus")?,
        documents,
    })
}

fn read_document(node: Node<'_, '_>) -> Result<Document, Error> {
    let begin = parse_day(&need(node, "beginDate")?).ok_or(Error::Malformed("beginDate"))?;
    let end = match text(node, "endDate")? {
        Some(text) => Some(parse_day(&text).ok_or(Error::Malformed("endDate"))?),
        None => None,
    };
    let number = Private::new(need(node, "number")?);
    let (kind, status) = (word(node, "type")?, word(node, "status")?);
    Ok(Document { kind, number, begin, end, status })
}

/// A value of a dictionary: its code.
fn word(node: Node<'_, '_>, name: &'static str) -> Result<Code, Error> {
    Ok(Code::of(&need(one(node, name)?, "code")?))
}
