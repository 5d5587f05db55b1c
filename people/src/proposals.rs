//! Destructions whose term has come, which two persons order (D-07, S-42): what the first proposes
//! is kept at the edge with the digest of what he saw, and becomes a case; the second confirms the
//! same thing, and both stand in the order (see [`crate::erasure`]).
//!
//! A hold puts a destruction off and calls a proposal off. A proposal that nobody confirms lapses.

use admission::{HoldGround, Relationship};
use casework::{CaseKind, CaseState, CaseStep};
use desk::State;
use desk::command::{MoveCase, OpenCase, SetLegalHold};
use pump::Class;
use terms::rulebook::Rulebook;
use terms::{CaseNo, Day, Hash, Instant, MessageId, Person, Reason, Sender, record};

use crate::drive::digest;
use crate::erasure::Order;
use crate::house::People;
use crate::kept::Table;
use crate::limits::PROPOSAL_NS;
use crate::no::{No, Outcome};
use crate::officers::{code, id_at};

record! {
    /// What a first person proposes.
    pub struct Proposal {
        /// Who.
        pub by: u32,
        /// The digest of what he saw.
        pub seen: Hash,
        /// The id of his form.
        pub form: MessageId,
        /// Who has confirmed it.
        pub second: Option<u32>,
        /// The id of that form.
        pub second_form: Option<MessageId>,
    }
}

/// Where a destruction stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its term has come.
    Due,
    /// A first person has proposed it.
    Proposed,
    /// Two persons have ordered it.
    Ordered,
    /// It is put off. The grounds are none where the person stands on a list that freezes, which is
    /// told to nobody here (I-09).
    Held(Vec<HoldGround>),
}

/// A destruction whose term has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Whose data.
    pub person: Person,
    /// When the relationship ended.
    pub ended: Instant,
    /// The last day on which the data were to be kept.
    pub kept_until: Day,
    /// Where it stands.
    pub standing: Standing,
    /// Who has proposed it.
    pub by: Option<u32>,
    /// Who has confirmed it.
    pub second: Option<u32>,
    /// The digest of all this but of who proposes.
    pub digest: Hash,
}

impl People {
    /// Destructions whose term has come and that are not done, those whose term came first in
    /// front; at most so many.
    pub fn due_erasures(&self, limit: usize) -> Outcome<Vec<Due>> {
        let now = self.now();
        let mut found: Vec<Due> = self.copy.read(|state| {
            let Some(rules) = state.rulebook(now) else { return Vec::new() };
            let ended = state.people.ended.iter();
            ended.filter_map(|(person, at)| due(state, rules, now, *person, *at)).collect()
        });
        found.sort_by_key(|due| (due.ended, due.person));
        found.truncate(limit);
        for due in &mut found {
            let key = due.person.0.to_be_bytes();
            let kept = self.shelf.get::<Proposal>(Table::Proposal, &key, now)?;
            let Some(row) = kept.map(|kept| kept.value) else { continue };
            if row.seen == due.digest || row.second.is_some() {
                (due.by, due.second) = (Some(row.by), row.second);
            }
            if row.seen == due.digest && due.standing == Standing::Due {
                due.standing = Standing::Proposed;
            }
        }
        Ok(found)
    }

    /// Proposes a destruction as the first person, or orders it as the second, who saw the same
    /// thing; where it stands then. Refused [`Reason::SecondPersonRequired`] for who confirms his
    /// own proposal, or has seen something else.
    pub fn agree_erasure(
        &self,
        by: u32,
        person: Person,
        seen: &Hash,
        form: MessageId,
    ) -> Outcome<Standing> {
        let (key, now) = (person.0.to_be_bytes(), self.now());
        let kept = self.shelf.get::<Proposal>(Table::Proposal, &key, now)?;
        let row = kept.map(|kept| kept.value);
        match &row {
            Some(row) if row.second_form == Some(form) => return Ok(Standing::Ordered),
            Some(row) if row.form == form => return Ok(Standing::Proposed),
            Some(_) | None => {}
        }
        let due = self.copy.read(|state| {
            due(state, state.rulebook(now)?, now, person, *state.people.ended.get(&person)?)
        });
        let due = due.ok_or(No::Absent)?;
        match due.standing {
            Standing::Due | Standing::Proposed => {}
            Standing::Ordered => return Err(No::Refused(Reason::TransitionInvalid)),
            Standing::Held(_) => return Err(No::Refused(Reason::LegalHoldStands)),
        }
        if due.digest != *seen {
            return Err(No::Refused(Reason::SecondPersonRequired));
        }
        match row.filter(|row| row.seen == *seen) {
            Some(row) if row.by == by => Err(No::Refused(Reason::SecondPersonRequired)),
            Some(row) => {
                let case = self.proposed_case(person);
                let order = Order { person, case, ground: None, by: (row.by, by) };
                let ordered = self.order_erasure(&order, form)?;
                self.wait_until_read(ordered);
                let done = Proposal { second: Some(by), second_form: Some(form), ..row };
                self.keep_proposal(person, &done)?;
                Ok(Standing::Ordered)
            }
            None => {
                if self.proposed_case(person).is_none() {
                    self.open_erasure(person, form)?;
                }
                let (second, second_form) = (None, None);
                let row = Proposal { by, seen: *seen, form, second, second_form };
                self.keep_proposal(person, &row)?;
                Ok(Standing::Proposed)
            }
        }
    }

    /// Puts a destruction off (S-42), and calls a proposal off. What shows the ground is written in
    /// the audit fact of the act; the hold has its digest.
    pub fn hold_erasure(
        &self,
        person: Person,
        ground: HoldGround,
        written: &str,
        form: MessageId,
    ) -> Outcome<()> {
        let evidence = digest(&[&form.0, written.as_bytes()]);
        let command = SetLegalHold { person, ground, evidence };
        let receipt = self.put(Class::Control, Sender::Operator, form, command)?;
        self.wait_until_read(receipt.seq);
        if let Some(case) = self.proposed_case(person) {
            let ground = Some(code("legal_hold")?);
            let command = MoveCase { case, step: CaseStep::Cancel, ground, evidence: None };
            let receipt = self.put_derived(&form.0, id_at(form), command)?;
            self.wait_until_read(receipt.seq);
        }
        self.shelf.remove(Table::Proposal, &person.0.to_be_bytes(), self.now())?;
        Ok(())
    }

    /// The case of a proposal that stands.
    fn proposed_case(&self, person: Person) -> Option<CaseNo> {
        self.copy.read(|state| {
            let mut cases = state.cases.of_person(person);
            let own =
                cases.find(|row| row.kind == CaseKind::Erasure && row.state == CaseState::Proposed);
            own.map(|row| row.case)
        })
    }

    fn open_erasure(&self, person: Person, form: MessageId) -> Outcome<()> {
        let command = OpenCase {
            kind: CaseKind::Erasure,
            step: CaseStep::Open,
            person: Some(person),
            other: None,
            organiser: None,
            list: None,
            related: None,
            evidence: None,
        };
        let receipt = self.put_derived(&form.0, id_at(form), command)?;
        self.wait_until_read(receipt.seq);
        Ok(())
    }

    fn keep_proposal(&self, person: Person, row: &Proposal) -> Outcome<()> {
        let (key, now) = (person.0.to_be_bytes(), self.now());
        let end = Some(now.plus(PROPOSAL_NS));
        self.shelf.change::<Proposal, ()>(Table::Proposal, &key, now, |_| {
            ((), Some((row.clone(), end)))
        })?;
        Ok(())
    }
}

/// The destruction of a relationship that ended, if its term has come.
fn due(
    state: &State,
    rules: &Rulebook,
    now: Instant,
    person: Person,
    ended: Instant,
) -> Option<Due> {
    let kept_until = rules.people.kept_until(rules.day(ended));
    if rules.day(now) <= kept_until {
        return None;
    }
    let row = state.people.persons.get(person.index())?;
    let holds: Vec<HoldGround> =
        state.people.holds(person).iter().map(|hold| hold.ground).collect();
    let standing = match row.relationship {
        Relationship::Ended if !holds.is_empty() || row.now.lists.freezes() => {
            Standing::Held(holds)
        }
        Relationship::Ended => Standing::Due,
        Relationship::ErasureOrdered => Standing::Ordered,
        Relationship::Absent
        | Relationship::Active
        | Relationship::Erased
        | Relationship::Merged => return None,
    };
    let next_hold = state.people.holds.get(&person).map_or(1, |holding| holding.next);
    let digest = digest(&[
        b"destruction",
        &person.0.to_be_bytes(),
        &ended.0.to_be_bytes(),
        &kept_until.0.to_be_bytes(),
        &next_hold.to_be_bytes(),
    ]);
    Some(Due { person, ended, kept_until, standing, by: None, second: None, digest })
}
