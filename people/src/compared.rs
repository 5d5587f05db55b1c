//! Possible matches (S-48): somebody is called and born like an entry of a list that has no number.
//! An officer sees both records side by side with the reasons of the score, and decides.
//!
//! The decision is taken on what was on the page: who decides names its digest, which changes with
//! the version of the list. That it is the same person makes him listed; that he is another lets a
//! registration go on that waits for it.

use admission::List;
use casework::{CaseKind, CaseStep};
use desk::command::{ChangeListings, MoveCase};
use journal::fact::Fact;
use screening::entry::Entry;
use screening::names::Reason as ScorePart;
use sha2::{Digest as _, Sha256};
use terms::{CaseNo, Hash, MessageId, Person, Reason, Seq};
use vault::PersonRecord;

use crate::drive::digest;
use crate::house::People;
use crate::lists::subject;
use crate::no::{No, Outcome};
use crate::officers::{Looked, code, id_at};

/// A possible match as its case states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The case.
    pub case: CaseNo,
    /// Who may be listed.
    pub person: Person,
    /// On which list.
    pub list: List,
    /// The version that is in force.
    pub version: u32,
    /// The digest of what is compared.
    pub digest: Hash,
    /// The entry that the case was opened for, where it names one.
    entry: Option<Hash>,
}

/// Both records.
pub struct Sides {
    /// What is known of the person.
    pub ours: PersonRecord,
    /// The entry of the list; none if the list has it no more.
    pub theirs: Option<Theirs>,
}

/// The entry that is likest to the person.
pub struct Theirs {
    /// What the list has.
    pub entry: Entry,
    /// 0 to 1,000.
    pub score: u16,
    /// What made it so.
    pub parts: Vec<ScorePart>,
}

/// What an officer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is the same person.
    Same,
    /// It is another one.
    Different,
}

/// Entries of the lists among which the one of a case is looked for.
const CANDIDATES_MAX: usize = 1_000;

impl People {
    /// A possible match that waits, by the fact that opened its case.
    pub fn possible_match(&self, case: CaseNo, opened: Seq) -> Outcome<Compared> {
        let row = self.open_case_of(case, CaseKind::PossibleMatch)?;
        let Fact::CaseOpened(fact) = self.fact(opened)? else { return Err(No::Absent) };
        let (Some(person), Some(hit)) = (row.person, fact.hit) else { return Err(No::Absent) };
        if fact.case != case {
            return Err(No::Absent);
        }
        let (list, version) = (hit.list, self.version_in_force(hit.list));
        let digest = digest(&[
            b"possible match",
            &case.0.to_be_bytes(),
            &person.0.to_be_bytes(),
            &[list.code()],
            &version.to_be_bytes(),
        ]);
        Ok(Compared { case, person, list, version, digest, entry: fact.evidence })
    }

    /// Both records of a match, behind a look.
    pub fn sides(&self, compared: &Compared, looked: &Looked) -> Outcome<Sides> {
        let ours = self.record_behind(compared.person, looked)?;
        let screens = self.screens();
        let Some(listing) = screens.listing(compared.list) else {
            return Ok(Sides { ours, theirs: None });
        };
        let code = u16::from(compared.list.code());
        let hits = screens.likest(&subject(&ours), CANDIDATES_MAX);
        let mut hits = hits.into_iter().filter(|hit| hit.list == code);
        let theirs = match compared.entry {
            Some(wanted) => {
                let of = |key: &[u8]| Hash(Sha256::digest(key).into()) == wanted;
                hits.find(|hit| of(&hit.key.0))
            }
            None => hits.next(),
        };
        let theirs = theirs.and_then(|hit| {
            let entry = listing.entries.get(hit.entry as usize)?.clone();
            Some(Theirs { entry, score: hit.score, parts: hit.reasons.to_vec() })
        });
        Ok(Sides { ours, theirs })
    }

    /// Decides a possible match on what was seen. Refused [`Reason::SecondPersonRequired`] when
    /// that has changed since, so that it is looked at again.
    pub fn decide_match(
        &self,
        compared: &Compared,
        finding: Finding,
        digest: &Hash,
        id: MessageId,
    ) -> Outcome<()> {
        if compared.digest != *digest {
            return Err(No::Refused(Reason::SecondPersonRequired));
        }
        let (step, ground) = match finding {
            Finding::Same => {
                self.list_matched(compared, id)?;
                (CaseStep::Confirm, code("same_person")?)
            }
            Finding::Different => (CaseStep::Reject, code("another_person")?),
        };
        let command =
            MoveCase { case: compared.case, step, ground: Some(ground), evidence: Some(*digest) };
        self.own_step(CaseKind::PossibleMatch, command, id)
    }

    /// The person is on the list from now on; done before the case ends, and harmless twice.
    fn list_matched(&self, compared: &Compared, id: MessageId) -> Outcome<()> {
        let command = ChangeListings {
            list: compared.list,
            version: compared.version.max(1),
            case: Some(compared.case),
            listed: vec![compared.person],
            cleared: Vec::new(),
        };
        self.put_derived(&id.0, id_at(id), command).map(drop)
    }
}
