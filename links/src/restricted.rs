//! The list of persons who have restricted themselves from gambling, asked person by person
//! through the gateway (X-04, R0-10.5).
//!
//! The list is confidential: what is kept of an answer is yes or no, until when, when it was asked
//! and the answer's id. Its form is not public; ours to it is described in
//! `docs/connect-outside.md`.

use std::sync::Arc;

use terms::{Day, Iin};

use crate::consent::{ABSENT, Access, PROCESSED};
use crate::error::Error;
use crate::gateway::{Call, Gateway, Heard, Question, data, fits};
use crate::moment::parse_day;
use crate::xml::{field, need, text};

const SPACE: &str = "urn:bej:restricted:1";

/// The list as its callers see it.
pub trait Restricted: Send + Sync {
    /// Whether a person is restricted. A person that the list has never heard of is `Free`.
    fn ask(&self, call: &Call, person: &Iin, access: &Access) -> Result<Heard<Standing>, Error>;
}

/// What the list says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing bars.
    Free,
    /// Restricted, to the end of this day; without one, until the list says otherwise.
    Until(Option<Day>),
}

/// The list behind the gateway.
#[derive(Debug)]
pub struct Register {
    gateway: Arc<Gateway>,
    service: String,
}

impl Register {
    /// The id under which the simulator is reached.
    pub const PROPOSED: &str = "RESTRICTED_PERSONS";

    /// The list, which the gateway knows under this id.
    pub fn new(gateway: Arc<Gateway>, service: impl Into<String>) -> Register {
        Register { gateway, service: service.into() }
    }
}

impl Restricted for Register {
    fn ask(&self, call: &Call, person: &Iin, access: &Access) -> Result<Heard<Standing>, Error> {
        if access.person != *person || !access.lasts(call.at) {
            return Err(Error::Unsendable("an access of another person, or one that has ended"));
        }
        let mut content = String::new();
        field(&mut content, "iin", &person.reveal());
        field(&mut content, "kdpToken", access.token());
        field(&mut content, "publicKey", access.key());
        let data = data(SPACE, "restrictedRequest", &content);
        let service = fits(&self.service, "the service's id")?;
        let question = Question { service, found: &PROCESSED, absent: &ABSENT, data };
        let mut heard = self.gateway.ask(call, &question, |data| {
            if need(data, "iin")? != person.reveal() {
                return Err(Error::Malformed("the restriction of another person"));
            }
            match need(data, "restricted")?.as_str() {
                "false" => Ok(Standing::Free),
                "true" => match text(data, "until")? {
                    None => Ok(Standing::Until(None)),
                    Some(text) => {
                        let day = parse_day(&text).ok_or(Error::Malformed("until"))?;
                        Ok(Standing::Until(Some(day)))
                    }
                },
                _ => Err(Error::Malformed("restricted")),
            }
        })?;
        heard.found.get_or_insert(Standing::Free);
        Ok(heard)
    }
}
