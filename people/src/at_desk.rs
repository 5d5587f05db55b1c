//! Registration in person, at a desk of the operator (R0-10.7a): an officer compares the person
//! with the document and types what stands there; offer and consents are signed on paper.
//!
//! From then on it is a way like that of a cabinet, without the arrows of the exchange: it is kept
//! at the edge under the id of the form, so that the same form again goes on where it stopped and
//! does nothing twice, and what is silent makes it wait. The person has no login: one who wants to
//! come to the cabinet later registers there and is recognised by the exchange.

use admission::{Scope, Scopes};
use sha2::{Digest as _, Sha256};
use terms::{CaseNo, Hash, Instant, MessageId, Reason};
use vault::{LookReason, Source};

use crate::entrance::read_phone;
use crate::form::{self, FormField, Given, Identity, Slip};
use crate::house::{People, Who, Whom};
use crate::joining::{Path, Stage, Step, Way, WayKey, digest_of};
use crate::kept::Table;
use crate::no::{No, Outcome};
use crate::person_record;
use crate::secret::keyed;

/// The form of a registration at a desk.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct InPerson {
    /// What stands in the document.
    pub given: Given,
    /// The phone.
    pub phone: String,
    /// Whether the officer compared the person with the document.
    pub seen: bool,
    /// Whether offer and consents are signed on paper.
    pub consents: bool,
}

impl std::fmt::Debug for InPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InPerson(***)")
    }
}

impl People {
    /// Registers somebody at a desk, by an officer's form; gives the case of the registration,
    /// which goes on by itself where a system is silent. Everything that is wrong comes at once.
    /// Somebody who is registered already is refused, and it is not told as whom.
    pub fn register_at_desk(&self, by: u32, form: &InPerson, id: MessageId) -> Outcome<CaseNo> {
        let key = WayKey::Desk(id.0);
        if self.desk_way(&key)?.is_none() {
            self.begin_at_desk(by, form, id, &key)?;
        }
        self.advance(&key)?;
        let way = self.desk_way(&key)?.ok_or(No::Over)?;
        let waits = || No::Down("a registration at a desk waits for whoever decides".to_owned());
        way.case.ok_or_else(waits)
    }

    fn desk_way(&self, key: &WayKey) -> Outcome<Option<Way>> {
        let kept = self.shelf.get::<Way>(Table::Way, &key.bytes(), self.now())?;
        Ok(kept.map(|kept| kept.value))
    }

    fn begin_at_desk(&self, by: u32, form: &InPerson, id: MessageId, key: &WayKey) -> Outcome<()> {
        let now = self.now();
        let (identity, phone) = self.read_in_person(form)?;
        let same = self.with_vault(|vault| person_record::same(vault, &identity))?;
        if same.iter().any(|found| found.number.is_some()) {
            return Err(No::Refused(Reason::AlreadyRegistered));
        }
        let record = person_record::of(&identity, &phone, &Source::Operator, now)?;
        let reference = self.with_vault(|vault| vault.admit(&record, &[], now))?;
        // The person's own log tells which officer took him in.
        let seen = self.look(Whom::Pending, Who::Staff(by), LookReason::Identification)?;
        self.with_vault(|vault| vault.read(reference, &seen))?;
        let mut seed = [0; 16];
        seed.copy_from_slice(&keyed(&self.pepper, "registration at a desk", &id.0)[..16]);
        let evidence = digest_of(&seed, &form.given);
        let way = Way {
            stage: Stage::Register,
            offer: Some(self.settings.offer),
            consents: [Scope::Collect, Scope::Process, Scope::Store]
                .into_iter()
                .fold(Scopes::NONE, Scopes::with),
            agreed: Some(now),
            reference: Some(reference.0),
            evidence: Some(evidence),
            matched: Some(shown(evidence, by, now)),
            confirmed: true,
            ..Way::new(Path::Desk, Step::Waiting, seed, now)
        };
        // Whoever sends the same form at the same time may be faster; then his way is the one, and
        // the row that was admitted here is dropped after a day.
        self.shelf.put(Table::Way, &key.bytes(), &way, 0, Some(way.until), now)?;
        Ok(())
    }

    /// The form without slips, or all of them.
    fn read_in_person(&self, form: &InPerson) -> Outcome<(Identity, links::Phone)> {
        let mut slips = Vec::new();
        let identity = form::read(&form.given, self.today());
        let phone = read_phone(&form.phone);
        match &identity {
            Err(wrong) => slips.extend(wrong),
            Ok(identity) if !self.age(identity.birth_date).is_some_and(|(_, of_age)| of_age) => {
                slips.push((FormField::BirthDate, Slip::UnderAge));
            }
            Ok(_) => {}
        }
        if let Err(No::Wrong(wrong)) = &phone {
            slips.extend(wrong);
        }
        for (marked, field) in [(form.seen, FormField::Seen), (form.consents, FormField::Consents)]
        {
            if !marked {
                slips.push((field, Slip::Missing));
            }
        }
        match identity {
            Ok(identity) if slips.is_empty() => Ok((identity, phone?)),
            _ => {
                slips.sort_by_key(|(field, _)| field.code());
                Err(No::Wrong(slips))
            }
        }
    }
}

/// What shows an identification in person: the form, who compared, and when.
fn shown(form: Hash, by: u32, at: Instant) -> Hash {
    let mut hash = Sha256::new();
    hash.update(b"in person");
    hash.update(form.0);
    hash.update(by.to_be_bytes());
    hash.update(at.0.to_be_bytes());
    Hash(hash.finalize().into())
}
