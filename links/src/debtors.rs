//! The register of debtors of enforcement proceedings (АИС ОИП), through the gateway (X-05,
//! R0-10.2c, S-46).
//!
//! A person may be in it for other matters than money: only unfulfilled recoveries of property bar
//! from betting. A category that is not known bars and wants an officer's eye. The form of the
//! service's data is not public; ours to it is described in `docs/connect-outside.md`.

use std::sync::Arc;

use terms::Iin;

use crate::consent::{ABSENT, PROCESSED};
use crate::error::Error;
use crate::gateway::{Call, Gateway, Heard, Question, data, fits};
use crate::limits::RECORDS_MAX;
use crate::xml::{children, field, need};

const SPACE: &str = "urn:bej:debtors:1";

/// The register as its callers see it.
pub trait Debtors: Send + Sync {
    /// Whether a person owes, and what kind. `found` is empty when he is not in the register.
    fn owes(&self, call: &Call, person: &Iin) -> Result<Heard<Owes>, Error>;
}

/// What a person owes by executive documents, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owes {
    /// Recovery of property: bars (R0-10.2c).
    Property,
    /// A category that we do not know: bars until an officer has looked.
    Unknown,
    /// Something else than property: does not bar.
    Other,
}

impl Owes {
    /// Whether it bars from betting.
    pub fn bars(self) -> bool {
        match self {
            Owes::Property | Owes::Unknown => true,
            Owes::Other => false,
        }
    }
}

/// Which words mean what, and under which id the service is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The service's id in the gateway's register.
    pub service: String,
    /// Categories of recovery of property.
    pub property: Vec<String>,
    /// Categories of other matters.
    pub other: Vec<String>,
}

impl Words {
    /// The words that the simulator uses.
    pub fn proposed() -> Words {
        Words {
            service: "AISOIP_DEBTOR".into(),
            property: vec!["PROPERTY".into()],
            other: vec!["NON_PROPERTY".into()],
        }
    }
}

/// The register behind the gateway.
#[derive(Debug)]
pub struct Register {
    gateway: Arc<Gateway>,
    words: Words,
}

impl Register {
    /// The register, with these words.
    pub fn new(gateway: Arc<Gateway>, words: Words) -> Register {
        Register { gateway, words }
    }

    fn category(&self, word: &str) -> Owes {
        let among = |list: &[String]| list.iter().any(|one| one == word);
        match (among(&self.words.property), among(&self.words.other)) {
            (true, _) => Owes::Property,
            (false, true) => Owes::Other,
            (false, false) => Owes::Unknown,
        }
    }
}

impl Debtors for Register {
    fn owes(&self, call: &Call, person: &Iin) -> Result<Heard<Owes>, Error> {
        let mut content = String::new();
        field(&mut content, "iin", &person.reveal());
        let data = data(SPACE, "debtorRequest", &content);
        let service = fits(&self.words.service, "the service's id")?;
        let question = Question { service, found: &PROCESSED, absent: &ABSENT, data };
        let heard = self.gateway.ask(call, &question, |data| {
            if need(data, "iin")? != person.reveal() {
                return Err(Error::Malformed("the debts of another person"));
            }
            let mut records = Vec::new();
            for record in children(data, "record") {
                if RECORDS_MAX <= records.len() {
                    return Err(Error::Malformed("record"));
                }
                records.push(self.category(&need(record, "category")?));
            }
            Ok(records.into_iter().min())
        })?;
        Ok(Heard { found: heard.found.flatten(), trace: heard.trace })
    }
}
