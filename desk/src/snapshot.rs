//! The state as canonical bytes: for snapshots, for the state hash, and for starting from one.
//!
//! A stream of pieces of at most 1 MiB; the store checks each. Recent ids are no part of it: they
//! are the index's and the journal's. What can be derived from the rest is derived.

use std::collections::BTreeMap;

use admission::{Orders, People};
use casework::Cases;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use ledger::Ledger;
use register::central::Centrals;
use register::organiser::{DeskState, OrganiserState};
use register::works::Agenda;
use register::{BetState, Catalogue, Organisers};
use sha2::{Digest as _, Sha256};
use terms::codec::{Broken, Field, Reader, put_leb};
use terms::rulebook::{Rulebook, Rulebook1};
use terms::{Account, Hash, Instant, Seq, Table, limits};

use crate::holdings::{Hits, Purses};
use crate::ids::Recent;
use crate::state::State;

/// The version of the encoding. A binary reads its own and the one before (core 17): version 1 had
/// rulebooks without rules about persons, persons without relationship and consents, accounts
/// without counts of bets, and no cases.
pub const VERSION: u64 = 2;

/// The version before.
const BEFORE: u64 = 1;

/// Bytes of a piece.
pub const PIECE_BYTES: usize = 1 << 20;

impl State {
    /// Hands the canonical bytes to `sink`, in pieces of at most [`PIECE_BYTES`].
    pub fn write_pieces<E>(&self, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut failed = None;
        let mut spill = |out: &mut Vec<u8>| {
            if PIECE_BYTES <= out.len() {
                let whole = out.len() / PIECE_BYTES * PIECE_BYTES;
                for piece in out[..whole].chunks(PIECE_BYTES) {
                    if failed.is_none() {
                        failed = sink(piece).err();
                    }
                }
                out.drain(..whole);
            }
        };
        let mut out = Vec::with_capacity(2 * PIECE_BYTES);
        self.put(&mut out, &mut spill);
        spill(&mut out);
        match failed {
            Some(error) => Err(error),
            None if out.is_empty() => Ok(()),
            None => sink(&out),
        }
    }

    /// SHA-256 of the canonical bytes.
    pub fn hash(&self) -> Hash {
        let mut hasher = Sha256::new();
        let done: Result<(), core::convert::Infallible> = self.write_pieces(|piece| {
            hasher.update(piece);
            Ok(())
        });
        match done {
            Ok(()) => Hash(hasher.finalize().into()),
        }
    }

    fn put(&self, out: &mut Vec<u8>, spill: &mut dyn FnMut(&mut Vec<u8>)) {
        put_leb(out, VERSION);
        self.next.put(out);
        self.at.put(out);
        self.rulebooks.put(out);
        self.organisers.organisers.put(out);
        self.organisers.desks.put(out);
        self.catalogue.put(out, spill);
        self.centrals.put(out);
        self.works.put(out);
        spill(out);
        self.bets.put(out, spill);
        self.people.put(out, spill);
        self.orders.put(out, spill);
        self.ledger.put(out, spill);
        self.lists.put(out);
        self.closed.put(out);
        self.work.put(out);
        self.released.put(out);
        self.left_ms.put(out);
        spill(out);
        self.cases.put(out, spill);
        self.hits.put(out);
        put_leb(out, u64::from(self.key.is_some()));
        self.key.put(out);
    }

    /// Reads the canonical bytes into a state with this memory of ids. `key` is drawn by the shell
    /// and influences no result.
    pub fn read(bytes: &[u8], key: u64, ids: Recent) -> Result<State, Broken> {
        let mut from = Reader::new(bytes);
        let from = &mut from;
        let version = from.leb()?;
        if version != VERSION && version != BEFORE {
            return Err(Broken::Unknown);
        }
        let mut state = State::with_ids(key, ids);
        state.next = Seq::read(from)?;
        state.at = Instant::read(from)?;
        state.rulebooks = if version == BEFORE {
            Vec::<Rulebook1>::read(from)?.into_iter().map(Rulebook::from).collect()
        } else {
            Vec::read(from)?
        };
        state.organisers = Organisers {
            organisers: Vec::<OrganiserState>::read(from)?,
            desks: Vec::<DeskState>::read(from)?,
        };
        state.catalogue = Catalogue::read(from, key)?;
        state.centrals = Centrals::read(from)?;
        state.works = Agenda::read(from)?;
        state.bets = Table::read(from, key, limits::BETS_RESERVED)?;
        state.people = if version == BEFORE { People::read_1(from)? } else { People::read(from)? };
        state.orders = Orders::read(from, key)?;
        state.ledger = Ledger::read(from)?;
        state.lists = Vec::read(from)?;
        state.closed = Field::read(from)?;
        state.work = Field::read(from)?;
        state.released = Field::read(from)?;
        state.left_ms = i64::read(from)?;
        if version != BEFORE {
            state.cases = Cases::read(from)?;
            state.hits = Hits::read(from)?;
        }
        state.key = match from.leb()? {
            0 => None,
            1 => Some(Hash::read(from)?),
            _ => return Err(Broken::Invalid),
        };
        from.end()?;
        if version == BEFORE {
            state.derive_accounts()?;
        }
        state.derive(key);
        Ok(state)
    }

    /// Makes what is derived from the rest.
    fn derive(&mut self, key: u64) {
        self.timers = self
            .bets
            .iter()
            .filter_map(|(slot, bet)| Some((bet.hold.as_ref()?.expires, slot)))
            .collect();
        self.purses = Purses::of(&self.ledger);
        let accounts = &self.people.accounts;
        // The newest of a pair is the one that is no other's earlier one.
        let mut newest = vec![true; accounts.len()];
        for earlier in accounts.iter().filter_map(|row| row.earlier) {
            if let Some(newest) = newest.get_mut(earlier.index()) {
                *newest = false;
            }
        }
        self.pairs = HashMap::with_capacity_and_hasher(accounts.len(), FixedState::with_seed(key));
        let numbered = (0..).zip(accounts).zip(newest);
        for ((number, row), _) in numbered.filter(|(_, newest)| *newest) {
            self.pairs.insert((row.person.0, row.organiser.0), number);
        }
    }

    /// Makes what version 1 did not say of accounts: open bets and those that wait for money never
    /// leave the hot state, so they can be counted.
    fn derive_accounts(&mut self) -> Result<(), Broken> {
        let mut newest: BTreeMap<(u32, u32), Account> = BTreeMap::new();
        for (number, row) in (0..).zip(&mut self.people.accounts) {
            row.earlier = newest.insert((row.person.0, row.organiser.0), Account(number));
        }
        for (_, bet) in self.bets.iter() {
            let row = self.people.account_mut(bet.account).ok_or(Broken::Invalid)?;
            row.open += u32::from(bet.state != BetState::Settled);
            row.waiting += u32::from(bet.settlement.as_ref().is_some_and(|state| state.waiting));
        }
        Ok(())
    }
}
