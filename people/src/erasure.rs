//! Destruction of personal data (R0-20.2, D-07, S-41, S-42), driven by the journal.
//!
//! Two persons order it and the order is a fact; then the vault destroys the key with everything
//! under it, the edge forgets the client, and a second fact says so (core 20). All of it may be
//! done again, and is: the cursor moves after the last step, and after a restore from a backup
//! everything that was ever ordered is destroyed anew before anything is served.

use desk::command::{ConfirmErasure, OrderErasure};
use journal::fact::{Entry, Fact};
use pump::Class;
use sha2::{Digest as _, Sha256};
use terms::{CaseNo, Code, Hash, Instant, MessageId, Person, Reason, Sender, Seq, record};
use vault::Destroyed;

use crate::entrance::Client;
use crate::house::{People, refusal};
use crate::joining::WayKey;
use crate::kept::Table;
use crate::no::{No, Outcome};
use crate::relation::ClientOf;

/// The kind of the fact that orders a destruction.
const ERASURE_ORDERED: u8 = 28;

/// Frames that are read at a time.
const FRAMES: usize = 64;

record! {
    /// Where a duty that follows the journal goes on.
    pub struct Place {
        /// The last frame that was read.
        pub frame: u64,
    }
}

/// An order of destruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose data.
    pub person: Person,
    /// The case that it belongs to.
    pub case: Option<CaseNo>,
    /// Why, before the term is over.
    pub ground: Option<Code>,
    /// Who orders it, and who else.
    pub by: (u32, u32),
}

impl People {
    /// Orders a destruction: two persons of the staff, no legal hold, the term over or a ground.
    pub fn order_erasure(&self, order: &Order, id: MessageId) -> Outcome<Seq> {
        let command = OrderErasure {
            person: order.person,
            case: order.case,
            ground: order.ground.clone(),
            approver: order.by.0,
            second_approver: order.by.1,
        };
        Ok(self.put(Class::Control, Sender::Operator, id, command)?.seq)
    }

    /// Destroys what the journal orders, from where it was left; how many were destroyed.
    pub fn follow_erasures(&self) -> Outcome<usize> {
        let (key, now) = (b"erasures".as_slice(), self.now());
        let kept = self.shelf.get::<Place>(Table::Duty, key, now)?;
        let frame = kept.map_or(0, |kept| kept.value.frame);
        let (done, reached) = self.destroy_ordered(frame)?;
        if frame < reached {
            self.shelf.change::<Place, ()>(Table::Duty, key, now, |_| {
                ((), Some((Place { frame: reached }, None)))
            })?;
        }
        Ok(done)
    }

    /// Destroys anew everything that was ever ordered; before anything is served from a restored
    /// vault.
    pub fn erase_after_restore(&self) -> Outcome<usize> {
        Ok(self.destroy_ordered(0)?.0)
    }

    fn destroy_ordered(&self, after: u64) -> Outcome<(usize, u64)> {
        let mut journal = self.open_journal()?;
        let (mut frame, mut done) = (after, 0);
        loop {
            let frames = journal.frames(frame, FRAMES)?;
            if frames.is_empty() {
                return Ok((done, frame));
            }
            for read in frames {
                for fact in read.facts() {
                    let (seq, bytes) = fact.map_err(|error| No::Down(error.to_string()))?;
                    if bytes.first() != Some(&ERASURE_ORDERED) {
                        continue;
                    }
                    let entry = Entry::from_bytes(bytes);
                    let entry = entry.map_err(|_| No::Down(format!("entry {seq}")))?;
                    if let Fact::ErasureOrdered(ordered) = entry.fact {
                        self.destroy(ordered.person, entry.seq, entry.at)?;
                        done += 1;
                    }
                }
                frame = read.number;
            }
        }
    }

    /// One destruction: the vault first, then the edge, then the fact.
    fn destroy(&self, person: Person, ordered: Seq, at: Instant) -> Outcome<()> {
        // Whoever was merged into him is kept under his own number.
        self.wait_until_read(ordered);
        let merged: Vec<Person> = self.copy.read(|state| state.people.aliases(person).collect());
        for gone in merged {
            self.with_vault(|vault| vault.destroy(gone, ordered))?;
            self.forget_client(gone)?;
        }
        let destroyed = self.with_vault(|vault| vault.destroy(person, ordered))?;
        if destroyed != Destroyed::Before {
            tracing::info!("personal data of one person were destroyed as ordered at {ordered}");
        }
        self.forget_client(person)?;
        let mut act = Sha256::new();
        act.update(b"destruction");
        act.update(person.0.to_be_bytes());
        act.update(ordered.0.to_be_bytes());
        let command = ConfirmErasure { person, act: Hash(act.finalize().into()) };
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&ordered.0.to_be_bytes());
        match refusal(self.put_derived(&seed, at, command))? {
            // It was confirmed before, under an id that is too old to be known.
            Ok(_) | Err(Reason::TransitionInvalid | Reason::IdTooOld) => Ok(()),
            Err(reason) => Err(No::Refused(reason)),
        }
    }

    /// The edge forgets a person: login, client, sessions, way.
    fn forget_client(&self, person: Person) -> Outcome<()> {
        let (key, now) = (person.0.to_be_bytes(), self.now());
        let Some(kept) = self.shelf.get::<ClientOf>(Table::ClientOf, &key, now)? else {
            return Ok(());
        };
        let client = kept.value.client;
        self.end_sessions(&client, None)?;
        if let Some(row) = self.shelf.get::<Client>(Table::Client, &client, now)? {
            self.shelf.remove(Table::Login, &row.value.login, now)?;
        }
        self.shelf.remove(Table::Client, &client, now)?;
        self.shelf.remove(Table::Way, &WayKey::Client(client).bytes(), now)?;
        self.shelf.remove(Table::ClientOf, &key, now)?;
        Ok(())
    }
}
