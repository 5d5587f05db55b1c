//! The catalogues of all organisers in the hot state: what is live, and how it leaves.
//!
//! Championships stay: an organiser lists some hundreds a year, of 40 bytes each. An event goes
//! through three steps. It *rests* once nobody has a held or open bet on it; then it stands in one
//! of two queues by the instant of its last change, those that are over apart from those that are
//! not, because their terms differ. When its term is over it is *kept*: a fact holds the whole of
//! it. When the index is durable past that fact, it *leaves*. Any change in between lets it begin
//! anew. So an open bet finds its events here, always.
//!
//! Cost: a look-up is one probe of a hash table; a change of a resting event moves it in its queue,
//! O(log n). Canonical bytes sort the events by number.

use std::collections::{BTreeSet, VecDeque};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use terms::{Broken, Digest, Event, Field, Instant, Outcome, Reader, Seq};

use super::{ChampionshipRow, EventRow, Kept, Placed, Rest};

/// The catalogues of all organisers.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// By number.
    pub championships: Vec<ChampionshipRow>,
    /// Events ever listed: the number that the next one gets.
    listed: u32,
    /// Boxed, so that the table grows by moving pointers.
    events: HashMap<u32, Box<EventRow>, FixedState>,
    /// Events that were kept, oldest first.
    kept: VecDeque<Kept>,
    /// Own ids of championships and of events here; derived.
    names: HashMap<[u8; 16], u32, FixedState>,
    /// Resting events that are over, by last change; derived.
    over: BTreeSet<(Instant, u32)>,
    /// Resting events that are not, by last change; derived.
    idle: BTreeSet<(Instant, u32)>,
}

impl Catalogue {
    /// An empty catalogue; `key` is drawn by the shell and influences no result.
    pub fn new(key: u64) -> Self {
        Catalogue {
            championships: Vec::new(),
            listed: 0,
            events: HashMap::with_hasher(FixedState::with_seed(key)),
            kept: VecDeque::new(),
            names: HashMap::with_hasher(FixedState::with_seed(key)),
            over: BTreeSet::new(),
            idle: BTreeSet::new(),
        }
    }

    /// The number behind an own id of a championship or of an event that is here.
    pub fn named(&self, own: Digest) -> Option<u32> {
        self.names.get(&own.0).copied()
    }

    /// The number that the next event gets.
    pub fn next_event(&self) -> Event {
        Event(self.listed)
    }

    /// How many events are here.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether no event is here.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Whether any event has left.
    pub fn some_left(&self) -> bool {
        self.events.len() < self.listed as usize
    }

    /// An event that is here.
    pub fn event(&self, event: Event) -> Option<&EventRow> {
        self.events.get(&event.0).map(|row| &**row)
    }

    /// Whether an event was listed and has left since.
    pub fn has_left(&self, event: Event) -> bool {
        event.0 < self.listed && !self.events.contains_key(&event.0)
    }

    /// An outcome with its market and event, if they are here.
    pub fn place(&self, outcome: Outcome) -> Option<Placed<'_>> {
        self.event(outcome.event())?.place(outcome)
    }

    /// All events that are here, by number.
    pub fn events(&self) -> Vec<&EventRow> {
        let mut rows: Vec<&EventRow> = self.events.values().map(|row| &**row).collect();
        rows.sort_unstable_by_key(|row| row.event);
        rows
    }

    /// Resting events, those first whose last change is longest ago.
    pub fn resting(&self, rest: Rest) -> impl Iterator<Item = (Instant, &EventRow)> {
        let queue = match rest {
            Rest::Over => &self.over,
            Rest::Idle => &self.idle,
        };
        queue.iter().filter_map(|(at, event)| Some((*at, self.event(Event(*event))?)))
    }

    /// Events that were kept, oldest first.
    pub fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter()
    }

    /// Adds a championship, which gets the next number.
    pub fn add_championship(&mut self, row: ChampionshipRow) {
        self.names.insert(row.own.0, self.championships.len() as u32);
        self.championships.push(row);
    }

    /// Adds an event with the next number. `None` if it has another.
    pub fn list(&mut self, row: EventRow) -> Option<()> {
        if row.event != self.next_event() {
            return None;
        }
        self.listed += 1;
        self.insert(row);
        Some(())
    }

    /// Brings an event back that has left. `None` if it has not.
    pub fn thaw(&mut self, row: &EventRow) -> Option<()> {
        if !self.has_left(row.event) {
            return None;
        }
        self.insert(EventRow { kept: None, ..row.clone() });
        Some(())
    }

    fn insert(&mut self, row: EventRow) {
        self.names.insert(row.own.0, row.event.0);
        self.queue(&row);
        self.events.insert(row.event.0, Box::new(row));
    }

    /// Puts an event among those that rest, if it does.
    fn queue(&mut self, row: &EventRow) {
        let key = (row.changed, row.event.0);
        match row.rest() {
            Some(Rest::Over) => self.over.insert(key),
            Some(Rest::Idle) => self.idle.insert(key),
            None => true,
        };
    }

    /// Takes an event from among those that rest, if it is there.
    fn unqueue(&mut self, row: &EventRow) {
        let key = (row.changed, row.event.0);
        match row.rest() {
            Some(Rest::Over) => self.over.remove(&key),
            Some(Rest::Idle) => self.idle.remove(&key),
            None => true,
        };
    }

    /// Lets `change` work on an event that is here; what it returns.
    pub fn change<R>(
        &mut self,
        event: Event,
        at: Instant,
        change: impl FnOnce(&mut EventRow) -> R,
    ) -> Option<R> {
        let mut row = self.events.remove(&event.0)?;
        self.unqueue(&row);
        row.changed = at;
        row.kept = None;
        let done = change(&mut row);
        self.queue(&row);
        self.events.insert(event.0, row);
        Some(done)
    }

    /// Counts a leg of a bet that is now held or open. `None` if its event is not here.
    pub fn add_bet(&mut self, outcome: Outcome, at: Instant) -> Option<()> {
        let event = outcome.event();
        match self.events.get_mut(&event.0)? {
            row if row.bets == 0 => self.change(event, at, |row| row.bets = 1),
            row => {
                row.bets = row.bets.checked_add(1)?;
                Some(())
            }
        }
    }

    /// Counts a leg of a bet that is no longer held or open. `None` if it was not counted.
    pub fn remove_bet(&mut self, outcome: Outcome, at: Instant) -> Option<()> {
        let event = outcome.event();
        match self.events.get_mut(&event.0)? {
            row if row.bets == 1 => self.change(event, at, |row| row.bets = 0),
            row => {
                row.bets = row.bets.checked_sub(1)?;
                Some(())
            }
        }
    }

    /// A fact keeps a resting event as it stands. `None` if it does not rest or stands otherwise.
    pub fn keep(&mut self, kept: &EventRow, seq: Seq) -> Option<()> {
        let row = self.events.get(&kept.event.0).filter(|row| ***row == *kept)?;
        row.rest()?;
        self.unqueue(kept);
        self.events.get_mut(&kept.event.0)?.kept = Some(seq);
        self.kept.push_back(Kept { event: kept.event, seq });
        Some(())
    }

    /// Lets the event leave that was kept first, unless it has changed since. `None` if none was.
    pub fn leave(&mut self) -> Option<()> {
        let Kept { event, seq } = self.kept.pop_front()?;
        if self.event(event).is_some_and(|row| row.kept == Some(seq))
            && let Some(row) = self.events.remove(&event.0)
        {
            self.names.remove(&row.own.0);
        }
        Some(())
    }

    /// Appends the canonical bytes.
    pub fn put(&self, out: &mut Vec<u8>, spill: &mut dyn FnMut(&mut Vec<u8>)) {
        self.championships.put(out);
        self.listed.put(out);
        self.kept.put(out);
        let events = self.events();
        terms::codec::put_leb(out, events.len() as u64);
        for row in events {
            row.put(out);
            spill(out);
        }
    }

    /// Reads what [`Catalogue::put`] wrote.
    pub fn read(from: &mut Reader<'_>, key: u64) -> Result<Self, Broken> {
        let mut catalogue = Catalogue::new(key);
        for row in Vec::<ChampionshipRow>::read(from)? {
            catalogue.add_championship(row);
        }
        catalogue.listed = u32::read(from)?;
        catalogue.kept = VecDeque::read(from)?;
        let mut before = None;
        for _ in 0..from.leb()? {
            let row = EventRow::read(from)?;
            if row.event.0 < catalogue.listed && before < Some(row.event) {
                before = Some(row.event);
                catalogue.insert(row);
            } else {
                return Err(Broken::Invalid);
            }
        }
        Ok(catalogue)
    }
}

impl PartialEq for Catalogue {
    fn eq(&self, other: &Self) -> bool {
        self.championships == other.championships
            && self.listed == other.listed
            && self.kept == other.kept
            && self.events == other.events
            && self.names == other.names
            && self.over == other.over
            && self.idle == other.idle
    }
}

impl Eq for Catalogue {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{EventClass, EventState, Named, own_id};
    use terms::{Championship, Organiser};

    fn row(event: u32) -> EventRow {
        EventRow {
            event: Event(event),
            organiser: Organiser(0),
            championship: Championship(0),
            own: own_id(Named::Event, 0, &event.to_string()),
            class: EventClass::Sport,
            state: EventState::Finished,
            scheduled: Instant(0),
            started: None,
            confirmed: true,
            since: Instant(0),
            changed: Instant(i64::from(event)),
            bets: 0,
            kept: None,
            markets: Vec::new(),
        }
    }

    fn with(events: u32) -> Catalogue {
        let mut catalogue = Catalogue::new(1);
        for event in 0..events {
            catalogue.list(row(event)).unwrap();
        }
        assert_eq!(catalogue.list(row(events + 1)), None);
        catalogue
    }

    fn over(of: &Catalogue) -> Vec<u32> {
        of.resting(Rest::Over).map(|(_, row)| row.event.0).collect()
    }

    fn check_snapshot(of: &Catalogue) {
        let mut bytes = Vec::new();
        of.put(&mut bytes, &mut |_| ());
        assert_eq!(Catalogue::read(&mut Reader::new(&bytes), 9).as_ref(), Ok(of));
    }

    #[test]
    fn an_event_is_kept_then_leaves_and_comes_back_as_it_was() {
        let mut catalogue = with(3);
        assert_eq!(over(&catalogue), [0, 1, 2]);
        let kept = row(1);
        assert_eq!(catalogue.keep(&EventRow { bets: 1, ..kept.clone() }, Seq(7)), None);
        assert_eq!(catalogue.keep(&kept, Seq(7)), Some(()));
        assert_eq!(catalogue.keep(&kept, Seq(8)), None);
        assert_eq!(over(&catalogue), [0, 2]);
        assert_eq!(catalogue.thaw(&kept), None);
        check_snapshot(&catalogue);
        assert_eq!(catalogue.leave(), Some(()));
        assert_eq!(catalogue.leave(), None);
        assert!(catalogue.has_left(Event(1)) && catalogue.event(Event(1)).is_none());
        assert!(!catalogue.has_left(Event(3)));
        assert_eq!((catalogue.len(), catalogue.named(kept.own)), (2, None));
        check_snapshot(&catalogue);
        assert_eq!(catalogue.thaw(&kept), Some(()));
        assert_eq!((catalogue.event(Event(1)), catalogue.named(kept.own)), (Some(&kept), Some(1)));
        assert_eq!(catalogue, with(3));
    }

    #[test]
    fn a_change_between_keeping_and_leaving_makes_it_stay() {
        type Change = fn(&mut Catalogue) -> Option<()>;
        let changes: [Change; 2] = [
            |of| of.change(Event(1), Instant(9), |row| row.state = EventState::Cancelled),
            |of| of.add_bet(Outcome(1 << 21), Instant(9)),
        ];
        for change in changes {
            let mut catalogue = with(2);
            catalogue.keep(&row(1), Seq(7)).unwrap();
            change(&mut catalogue).unwrap();
            check_snapshot(&catalogue);
            catalogue.leave().unwrap();
            assert_eq!(catalogue.event(Event(1)).map(|row| row.changed), Some(Instant(9)));
        }
    }

    #[test]
    fn bets_keep_an_event_from_resting() {
        let mut catalogue = with(1);
        let outcome = Outcome(3);
        assert_eq!(catalogue.remove_bet(outcome, Instant(5)), None);
        catalogue.add_bet(outcome, Instant(5)).unwrap();
        catalogue.add_bet(outcome, Instant(6)).unwrap();
        assert_eq!(over(&catalogue), []);
        catalogue.remove_bet(outcome, Instant(7)).unwrap();
        assert_eq!(over(&catalogue), []);
        catalogue.remove_bet(outcome, Instant(8)).unwrap();
        assert_eq!(over(&catalogue), [0]);
        assert_eq!(catalogue.event(Event(0)).unwrap().changed, Instant(8));
        assert_eq!(catalogue.add_bet(Outcome(1 << 21), Instant(9)), None);
    }
}
