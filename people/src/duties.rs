//! What is done by itself, on the node that decides: ways that wait go on, orders of destruction
//! are followed, rows that wait in vain are dropped, ages are seen to daily, stale lists are told.

use admission::{Level, List};
use desk::command::ChangeAges;
use pump::Class;
use terms::limits::DIFFERENCE_MAX;
use terms::{Day, Instant, Person, Sender};
use vault::{LookReason, Reference};

use crate::house::{People, Who, Whom};
use crate::joining::{Stage, Way};
use crate::kept::Table;
use crate::limits::LIST_ALARM_NS;
use crate::no::Outcome;

/// Values of the edge that are swept in one turn.
const SWEEP_MAX: usize = 10_000;

/// Pending rows of one turn.
const PENDING_PAGE: usize = 1_000;

/// What a turn has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Ways that went on.
    pub ways: usize,
    /// Persons whose data were destroyed.
    pub erased: usize,
    /// Pending rows that were dropped.
    pub dropped: usize,
    /// Values of the edge that had expired.
    pub swept: usize,
    /// Persons who have reached the age.
    pub aged: usize,
    /// Lists whose version is so old that somebody has to act (S-47).
    pub stale: Vec<List>,
}

impl People {
    /// One turn of what cannot wait: every few seconds.
    pub fn turn(&self) -> Outcome<Done> {
        let ways = self.advance_waiting()?;
        let erased = self.follow_erasures()?;
        Ok(Done { ways, erased, ..Done::default() })
    }

    /// What is done now and then: every quarter of an hour.
    pub fn keep_house(&self) -> Outcome<Done> {
        let dropped = self.drop_pending()?;
        let swept = self.shelf.sweep(self.now(), SWEEP_MAX)?;
        let stale = self.stale_lists(LIST_ALARM_NS).into_iter().map(|(list, _)| list).collect();
        Ok(Done { dropped, swept, stale, ..Done::default() })
    }

    /// Drops rows of the vault that have waited a day for their fact (core 20). A row whose way is
    /// about to register it is left alone.
    fn drop_pending(&self) -> Outcome<usize> {
        let now = self.now();
        let mut registering = Vec::new();
        for prefix in [b"c", b"d"] {
            let mut after = None;
            loop {
                let page = self.shelf.list::<Way>(Table::Way, prefix, after.as_deref(), now)?;
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                let waits = page.iter().filter(|(_, kept)| kept.value.stage == Stage::Register);
                registering.extend(waits.filter_map(|(_, kept)| kept.value.reference));
            }
        }
        let (mut dropped, mut after) = (0, None);
        loop {
            let page = self.with_vault(|vault| vault.pending(now, after, PENDING_PAGE))?;
            let Some(last) = page.last() else { return Ok(dropped) };
            after = Some(last.reference);
            for row in &page {
                let Reference(bytes) = row.reference;
                if !registering.contains(&bytes) {
                    let gone = self.with_vault(|vault| vault.drop_pending(row.reference, now))?;
                    dropped += usize::from(gone);
                }
            }
        }
    }

    /// Who has reached the age since yesterday (core 19, S-01): a daily command. Only those are
    /// looked at who are identified and were too young.
    pub fn see_to_ages(&self) -> Outcome<usize> {
        let (now, today) = (self.now(), self.today());
        let young: Vec<Person> = self.copy.read(|state| {
            let persons = (0..).map(Person).zip(&state.people.persons);
            let young =
                persons.filter(|(_, person)| !person.now.of_age && person.now.level == Level::Full);
            young.map(|(person, _)| person).collect()
        });
        let age = self.copy.read(|state| state.rulebook(now).map(|rules| rules.people.age_min));
        let Some(age) = age else { return Ok(0) };
        let mut reached = Vec::new();
        for person in young {
            if self.is_of_age(person, today)? {
                reached.push(person);
            }
        }
        for part in reached.chunks(DIFFERENCE_MAX) {
            let command = ChangeAges { age, reached: part.to_vec(), not_reached: Vec::new() };
            self.put(Class::Control, Sender::Operator, self.message_id(), command)?;
        }
        Ok(reached.len())
    }

    fn is_of_age(&self, person: Person, today: Day) -> Outcome<bool> {
        let seen = self.look(Whom::Person(person), Who::System, LookReason::Screening)?;
        let held = match self.with_vault(|vault| vault.read(person, &seen)) {
            Ok(held) => held,
            // Known by number alone, as in a sandbox, or erased meanwhile.
            Err(vault::VaultFault::Unknown | vault::VaultFault::Destroyed) => return Ok(false),
            Err(fault) => return Err(fault.into()),
        };
        let born = held.record.birth_date.map(|born| *born.value.reveal());
        let now: Instant = self.now();
        Ok(self.copy.read(|state| {
            let rules = &state.rulebook(now)?.people;
            Some(rules.of_age_from(born?)? <= today)
        }) == Some(true))
    }
}
