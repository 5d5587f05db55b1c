//! Systems outside that nobody has connected: none of them answers, so that registrations wait and
//! nobody is admitted for want of an answer (S-47).

use std::sync::Arc;

use links::Error;
use links::consent::{Answer, Asked, Consent, Look};
use links::debtors::{Debtors, Owes};
use links::gateway::{Call, Heard};
use links::identification::{Applicant, Attempt, Film, Identification, Outcome, Session};
use links::messages::{Messages, Receipt, Short};
use links::population::{Person, Population, Search};
use links::restricted::{Restricted, Standing};
use people::Outside;
use terms::{Day, Iin, MessageId};

struct Silent;

/// All of them.
pub fn outside() -> Outside {
    Outside {
        identification: Arc::new(Silent),
        consent: Arc::new(Silent),
        population: Arc::new(Silent),
        restricted: Arc::new(Silent),
        debtors: Arc::new(Silent),
        messages: Arc::new(Silent),
    }
}

impl Identification for Silent {
    fn begin(&self, _: &Call, _: &Applicant) -> Result<Session, Error> {
        Err(Error::Unavailable)
    }
    fn capture(&self, _: &Call, _: &Session, _: &Film) -> Result<Attempt, Error> {
        Err(Error::Unavailable)
    }
    fn look(&self, _: &Call, _: &Session) -> Result<Outcome, Error> {
        Err(Error::Unavailable)
    }
}

impl Consent for Silent {
    fn request(&self, _: &Call, _: &Asked) -> Result<Answer, Error> {
        Err(Error::Unavailable)
    }
    fn history(&self, _: &Call, _: &Iin, _: Day, _: Day) -> Result<Vec<Look>, Error> {
        Err(Error::Unavailable)
    }
}

impl Population for Silent {
    fn find(
        &self,
        _: &Call,
        _: &Search,
        _: &links::consent::Access,
    ) -> Result<Heard<Person>, Error> {
        Err(Error::Unavailable)
    }
}

impl Restricted for Silent {
    fn ask(&self, _: &Call, _: &Iin, _: &links::consent::Access) -> Result<Heard<Standing>, Error> {
        Err(Error::Unavailable)
    }
}

impl Debtors for Silent {
    fn owes(&self, _: &Call, _: &Iin) -> Result<Heard<Owes>, Error> {
        Err(Error::Unavailable)
    }
}

impl Messages for Silent {
    fn send(&self, _: &Call, _: &links::Phone, _: &Short) -> Result<Receipt, Error> {
        Err(Error::Unavailable)
    }
    fn receipt(&self, _: MessageId) -> Result<Receipt, Error> {
        Err(Error::Unavailable)
    }
}
