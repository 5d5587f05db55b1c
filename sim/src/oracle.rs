//! A naive second opinion: wallets, holds, bets and payouts as plain maps and wide numbers.
//!
//! It shares no code with `ledger` or `register` but the names of things. It reads facts, finds by
//! itself who is owner of what, and says which invariant is broken: L1 to L4, B1, B3, A1, and that
//! a pair of bettor and organiser pays through its bound wallet alone (R0-12.5).

use std::collections::BTreeMap;

use admission::{IdentificationMethod, Level, Lists};
use desk::State;
use journal::fact::{
    BetSettled, Entry, Fact, HoldPlaced, IdentificationRecorded, PayoutPosted, PayoutReported,
    PersonsMerged, StakeAccepted,
};
use ledger::Class;
use register::Form;
use terms::{Instant, Sender, Seq, Tiyn, Wallet};

/// Who issues: the first wallet. Where commission goes: the second.
const ISSUER: u32 = 0;
const COMMISSION: u32 = 1;

type BetKey = (u32, [u8; 16]);
type Verdict = Result<(), String>;

#[derive(Clone, Debug)]
struct PersonFlags {
    level: Level,
    until: Option<Instant>,
    of_age: bool,
    lists: Lists,
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    person: u32,
    organiser: u32,
    wallet: u32,
    closed: bool,
}

#[derive(Clone, Debug, Default)]
struct Known {
    e_money: bool,
    /// Wallet and sum of a hold.
    held: Option<(u32, i128)>,
    settled: Option<Seq>,
    due: i128,
    refund: i128,
    paid: i128,
    refund_paid: i128,
    repaid: i128,
}

impl Known {
    /// Pays a sum, of which what is left of the refund must come first.
    fn pay(&mut self, paid: i128, refund: i128) -> Verdict {
        let left = (self.refund - self.refund_paid).max(0);
        self.paid += paid;
        self.refund_paid += refund;
        if refund == left.min(paid) {
            Ok(())
        } else {
            Err(format!("R0-16.3j: {refund} of a payout of {paid} is called a refund"))
        }
    }
}

/// The oracle.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    balances: BTreeMap<u32, i128>,
    held: BTreeMap<u32, i128>,
    owners: BTreeMap<u32, (Class, u32)>,
    issued: i128,
    redeemed: i128,
    persons: BTreeMap<u32, PersonFlags>,
    accounts: BTreeMap<u32, Bound>,
    bets: BTreeMap<BetKey, Known>,
    stakes: u64,
    full: bool,
}

fn sum(tiyn: Tiyn) -> i128 {
    i128::from(tiyn.get())
}

fn organiser(sender: Sender) -> Result<u32, String> {
    match sender {
        Sender::Organiser(organiser) => Ok(organiser.0),
        other => Err(format!("{other} is no organiser")),
    }
}

impl Oracle {
    /// Follows one entry.
    pub fn step(&mut self, entry: &Entry) -> Verdict {
        match &entry.fact {
            Fact::RulebookAdopted1(fact) => {
                self.full = fact.rulebook.switches.full_identification;
            }
            Fact::RulebookAdopted(fact) => self.full = fact.rulebook.switches.full_identification,
            Fact::PersonRegistered(fact) => {
                let lists = Lists::NONE;
                let level = Level::Unidentified;
                let flags = PersonFlags { level, until: None, of_age: false, lists };
                self.persons.insert(fact.person.0, flags);
            }
            Fact::AdmissionChanged(fact) => {
                let flags = PersonFlags {
                    level: fact.level,
                    until: fact.identified_until,
                    of_age: fact.of_age,
                    lists: fact.lists,
                };
                self.persons.insert(fact.person.0, flags);
            }
            Fact::ListingsChanged(fact) => {
                for person in &fact.listed {
                    let flags = self.flags(person.0)?;
                    flags.lists = flags.lists.with(fact.list);
                }
                for person in &fact.cleared {
                    let flags = self.flags(person.0)?;
                    flags.lists = flags.lists.without(fact.list);
                }
            }
            Fact::AgesChanged(fact) => {
                for person in &fact.reached {
                    self.flags(person.0)?.of_age = true;
                }
                for person in &fact.not_reached {
                    self.flags(person.0)?.of_age = false;
                }
            }
            Fact::IdentificationRecorded(fact) => self.identified(entry.at, fact)?,
            Fact::RelationshipEnded(fact) => {
                let person = fact.person.0;
                let of = |bound: &&Bound| bound.person == person && !bound.closed;
                if self.accounts.values().filter(of).count() != fact.accounts.len() {
                    return Err("R0-20.2: an account is left open".into());
                }
                let owned = |(_, owner): &(&u32, &(Class, u32))| **owner == (Class::Bettor, person);
                let held = |wallet: &u32| self.balances.get(wallet).is_some_and(|sum| *sum != 0);
                if self.owners.iter().filter(owned).any(|(wallet, _)| held(wallet)) {
                    return Err("R0-20.2: a relationship ends with money in a wallet".into());
                }
                for account in &fact.accounts {
                    self.close(account.0)?;
                }
            }
            Fact::ErasureDone(fact) => {
                let (level, lists) = (Level::Unidentified, Lists::NONE);
                *self.flags(fact.person.0)? =
                    PersonFlags { level, until: None, of_age: false, lists };
            }
            Fact::PersonsMerged(fact) => self.merge(fact)?,
            Fact::WalletOpened(fact) => {
                self.owners.insert(fact.wallet.0, (fact.class, fact.owner));
            }
            Fact::AccountOpened(fact) => {
                let bound = Bound {
                    person: fact.person.0,
                    organiser: fact.organiser.0,
                    wallet: fact.wallet.0,
                    closed: false,
                };
                let pair = |other: &Bound| (other.person, other.organiser);
                if self.accounts.values().any(|other| !other.closed && pair(other) == pair(&bound))
                {
                    return Err("R0-12.1: a second account of one pair".into());
                }
                self.accounts.insert(fact.account.0, bound);
            }
            Fact::AccountClosed(fact) => {
                let bound = self.accounts.get_mut(&fact.account.0).ok_or("no such account")?;
                bound.closed = true;
            }
            Fact::AccountRebound(fact) => {
                let bound = self.accounts.get_mut(&fact.account.0).ok_or("no such account")?;
                bound.wallet = fact.wallet.0;
            }
            Fact::EmoneyIssued(fact) => {
                self.issued += sum(fact.amount);
                self.post(ISSUER, fact.wallet.0, sum(fact.amount))?;
            }
            Fact::EmoneyRedeemed(fact) => {
                self.redeemed += sum(fact.amount);
                self.post(fact.wallet.0, ISSUER, sum(fact.amount))?;
            }
            Fact::StakeAccepted(fact) => self.stake(entry.at, fact)?,
            Fact::HoldPlaced(fact) => self.hold(entry.at, fact)?,
            Fact::HoldReleased(fact) => {
                let known = self.bets.remove(&(fact.organiser.0, fact.bet.0));
                self.release(known.and_then(|known| known.held).ok_or("no hold to release")?);
            }
            Fact::StakeReported(fact) => {
                let key = (organiser(fact.cause.sender)?, fact.cause.id.0);
                self.open(key, Known::default())?;
            }
            Fact::BetSettled(fact) => self.settle(entry.seq, fact)?,
            Fact::PayoutPosted(fact) => self.pay(fact)?,
            Fact::PayoutReported(fact) => self.paid_at_desk(fact)?,
            Fact::ClaimSettled(fact) => {
                let key = (organiser(fact.cause.sender)?, fact.bet.0);
                self.bet(key)?.repaid += sum(fact.amount);
            }
            _ => {}
        }
        Ok(())
    }

    fn flags(&mut self, person: u32) -> Result<&mut PersonFlags, String> {
        self.persons.get_mut(&person).ok_or_else(|| "no such person".into())
    }

    fn close(&mut self, account: u32) -> Verdict {
        let bound = self.accounts.get_mut(&account).ok_or("no such account")?;
        if core::mem::replace(&mut bound.closed, true) {
            return Err("R0-12.1: an account is closed twice".into());
        }
        Ok(())
    }

    /// R0-10.12, I-03: full is who was identified wholly and not by video.
    fn identified(&mut self, at: Instant, fact: &IdentificationRecorded) -> Verdict {
        let flags = self.flags(fact.person.0)?;
        if (fact.level, fact.until) != (flags.level, flags.until) {
            let wholly = fact.established && fact.confirmed;
            let video = [IdentificationMethod::VideoSession, IdentificationMethod::LivenessVideo];
            let level = if video.contains(&fact.method) { Level::Simplified } else { Level::Full };
            if !wholly || fact.level != level || fact.until.is_none_or(|until| until <= at) {
                return Err("R0-10.12: a level that was not reached".into());
            }
        }
        (flags.level, flags.until) = (fact.level, fact.until);
        Ok(())
    }

    /// S-37: one person with the accounts, wallets and lists of both.
    fn merge(&mut self, fact: &PersonsMerged) -> Verdict {
        let (kept, gone) = (fact.kept.0, fact.gone.0);
        for account in &fact.closed {
            self.close(account.0)?;
        }
        for bound in self.accounts.values_mut().filter(|bound| bound.person == gone) {
            bound.person = kept;
        }
        for owner in self.owners.values_mut().filter(|owner| **owner == (Class::Bettor, gone)) {
            owner.1 = kept;
        }
        let of = self.accounts.values().filter(|bound| bound.person == kept && !bound.closed);
        let mut organisers: Vec<u32> = of.map(|bound| bound.organiser).collect();
        organisers.sort_unstable();
        if !organisers.is_sorted_by(|a, b| a < b) {
            return Err("R0-12.1: two open accounts of one pair".into());
        }
        let theirs = self.flags(gone)?.lists;
        let flags = self.flags(kept)?;
        flags.lists = flags.lists.and(theirs);
        Ok(())
    }

    fn bet(&mut self, key: BetKey) -> Result<&mut Known, String> {
        self.bets.get_mut(&key).ok_or_else(|| "no such bet".into())
    }

    fn open(&mut self, key: BetKey, known: Known) -> Verdict {
        match self.bets.insert(key, known) {
            None => Ok(()),
            Some(_) => Err("B3: a second stake of one bet".into()),
        }
    }

    fn post(&mut self, from: u32, to: u32, moved: i128) -> Verdict {
        let class = |wallet| self.owners.get(&wallet).map(|(class, _)| *class);
        if class(from) == Some(Class::Bettor) && class(to) == Some(Class::Bettor) {
            return Err("L4: money moves between bettors".into());
        }
        if moved < 0 {
            return Err("L1: a negative sum".into());
        }
        *self.balances.entry(from).or_default() -= moved;
        *self.balances.entry(to).or_default() += moved;
        if from != ISSUER && self.balances[&from] < self.held.get(&from).copied().unwrap_or(0) {
            return Err(format!("L2: wallet {from} falls below what is set aside"));
        }
        Ok(())
    }

    /// A1, and the bound wallet of the pair.
    fn admitted(&self, at: Instant, account: u32, sender: Sender) -> Result<u32, String> {
        let bound = self.accounts.get(&account).ok_or("no such account")?;
        if bound.organiser != organiser(sender)? {
            return Err("A1: an account of another organiser".into());
        }
        let person = self.persons.get(&bound.person).ok_or("no such person")?;
        let identified = match person.level {
            Level::Unidentified => false,
            Level::Simplified => !self.full,
            Level::Full => true,
        };
        let fresh = person.until.is_none_or(|until| at < until);
        if identified && fresh && person.of_age && person.lists.is_empty() {
            Ok(bound.wallet)
        } else {
            Err("A1: a request of an inadmissible person was accepted".into())
        }
    }

    fn organiser_wallet(&self, organiser: u32) -> Option<u32> {
        let own = |(class, owner): &(Class, u32)| *class == Class::Organiser && *owner == organiser;
        self.owners.iter().find(|(_, owner)| own(owner)).map(|(wallet, _)| *wallet)
    }

    fn stake(&mut self, at: Instant, fact: &StakeAccepted) -> Verdict {
        let sender = fact.cause.sender;
        let bound = self.admitted(at, fact.bet.account.0, sender)?;
        let organiser = organiser(sender)?;
        let key = (organiser, fact.bet_id().0);
        let total = sum(fact.bet.amount) + sum(fact.commission);
        let wallet = match fact.hold {
            None => bound,
            Some(_) => {
                let held = self.bets.remove(&key).and_then(|known| known.held);
                let held = held.ok_or("B3: a confirmation without a hold")?;
                if held.1 != total {
                    return Err("B3: another sum than was held".into());
                }
                self.release(held);
                held.0
            }
        };
        let to = self.organiser_wallet(organiser).ok_or("R0-8.4: no wallet of the organiser")?;
        if fact.bettor_wallet != Wallet(wallet) || fact.organiser_wallet != Wallet(to) {
            return Err("R0-12.5: not through the bound wallet".into());
        }
        self.open(key, Known { e_money: true, ..Known::default() })?;
        self.stakes += 1;
        self.post(wallet, to, sum(fact.bet.amount))?;
        self.post(wallet, COMMISSION, sum(fact.commission))
    }

    fn hold(&mut self, at: Instant, fact: &HoldPlaced) -> Verdict {
        let sender = fact.cause.sender;
        let wallet = self.admitted(at, fact.bet.account.0, sender)?;
        let total = sum(fact.bet.amount) + sum(fact.commission);
        let held = Some((wallet, total));
        self.open((organiser(sender)?, fact.cause.id.0), Known { held, ..Known::default() })?;
        let set_aside = self.held.entry(wallet).or_default();
        *set_aside += total;
        if self.balances.get(&wallet).copied().unwrap_or(0) < *set_aside {
            return Err("L2: more is set aside than there is".into());
        }
        Ok(())
    }

    fn release(&mut self, (wallet, total): (u32, i128)) {
        *self.held.entry(wallet).or_default() -= total;
    }

    fn settle(&mut self, seq: Seq, fact: &BetSettled) -> Verdict {
        let known = self.bet((organiser(fact.cause.sender)?, fact.bet.0))?;
        if known.held.is_some() || known.settled != fact.corrects {
            return Err("B1: a second effective settlement".into());
        }
        if fact.net_due != fact.gross.checked_sub(fact.tax).ok_or("B1: tax above the sum")? {
            return Err("B1: the sum due does not follow".into());
        }
        known.settled = Some(seq);
        known.due = sum(fact.net_due);
        known.refund = sum(fact.refund);
        Ok(())
    }

    fn pay(&mut self, fact: &PayoutPosted) -> Verdict {
        let bound = *self.accounts.get(&fact.account.0).ok_or("no such account")?;
        let paid = sum(fact.winning) + sum(fact.refund);
        let known = self.bet((fact.organiser.0, fact.bet.0))?;
        known.pay(paid, sum(fact.refund))?;
        if !known.e_money || known.settled.is_none() || known.due < known.paid - known.repaid {
            return Err("B1: more is paid than is due".into());
        }
        let from = self.organiser_wallet(fact.organiser.0).ok_or("no wallet of the organiser")?;
        if (fact.organiser_wallet.0, fact.bettor_wallet.0) != (from, bound.wallet) {
            return Err("R0-13.1: not to the bound wallet".into());
        }
        self.post(from, bound.wallet, paid)
    }

    fn paid_at_desk(&mut self, fact: &PayoutReported) -> Verdict {
        let organiser = organiser(fact.cause.sender)?;
        let known = self.bet((organiser, fact.bet.0))?;
        if known.e_money {
            return Err("R0-8.2: a desk pays an e-money stake".into());
        }
        known.pay(sum(fact.amount), sum(fact.refund))?;
        let above = known.due < known.paid - known.repaid;
        if above && fact.breaches.is_empty() {
            return Err("A2: a payout above the winning without a breach".into());
        }
        if (fact.form == Form::EMoney) != fact.posting.is_some() {
            return Err("R0-13.2: the posting does not fit the form".into());
        }
        let bound = *self.accounts.get(&fact.account.0).ok_or("no such account")?;
        if fact.posting.is_some() {
            let from = self.organiser_wallet(organiser).ok_or("no wallet of the organiser")?;
            self.post(from, bound.wallet, sum(fact.amount))?;
        }
        Ok(())
    }

    /// Whether the state says the same.
    pub fn compare(&self, state: &State) -> Verdict {
        let circulating: i128 =
            self.balances.iter().filter(|(wallet, _)| **wallet != ISSUER).map(|(_, b)| b).sum();
        if circulating != self.issued - self.redeemed {
            return Err("L3: what circulates is not what was issued less redeemed".into());
        }
        for (number, person) in (0..).zip(&state.people.persons) {
            let flags = self.persons.get(&number).ok_or("A1: a person too many")?;
            let now = &person.now;
            let same = (now.level, now.identified_until, now.of_age, now.lists)
                == (flags.level, flags.until, flags.of_age, flags.lists);
            if !same {
                return Err(format!("A1: something else is known of person {number}"));
            }
        }
        for (wallet, row) in state.ledger.all() {
            let want = (
                self.balances.get(&wallet.0).copied().unwrap_or(0),
                self.held.get(&wallet.0).copied().unwrap_or(0),
            );
            let got = (i128::from(row.balance), sum(row.held));
            if got != want {
                return Err(format!("L1: wallet {wallet} holds {got:?}, the oracle says {want:?}"));
            }
        }
        if self.bets.values().filter(|known| known.e_money).count() as u64 != self.stakes {
            return Err("B3: stakes and postings differ".into());
        }
        for (_, bet) in state.bets.iter() {
            let known = self.bets.get(&(bet.organiser.0, bet.id.0)).ok_or("an unknown bet")?;
            let Some(row) = bet.settlement.as_deref() else { continue };
            let kept = known.paid - known.repaid;
            let (outstanding, claim) = (sum(row.outstanding()), sum(row.claim()));
            if kept != known.due - outstanding + claim || (0 < outstanding && 0 < claim) {
                return Err("B1: payouts are not the effective winning and open claims".into());
            }
        }
        Ok(())
    }
}
