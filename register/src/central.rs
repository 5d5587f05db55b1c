//! Central events: which events of several organisers are one and the same (domain 5, S-68).
//!
//! An operator maps them. Nothing is accepted, refused or settled by it: each organiser decides by
//! its own results, and where two of them differ a flag is raised. Ordered tables; a look-up costs
//! the logarithm of the number of events that are mapped.

use std::collections::BTreeMap;

use terms::{Broken, Digest, Event, Field, Market, Organiser, Reader, Text, limits, record};

record! {
    /// A market of a mapped event, under the code by which it is compared with others'.
    pub struct CentralMarket {
        /// The code.
        pub code: Text<32>,
        /// The market.
        pub market: Market,
        /// How many outcomes it has; the same order of outcomes is part of the code's meaning.
        pub count: u32,
    }
}

record! {
    /// An event of an organiser that is mapped to a central one.
    pub struct CentralEvent {
        /// The organiser's event.
        pub event: Event,
        /// Whose it is.
        pub organiser: Organiser,
        /// The id of the central event.
        pub central: Text<64>,
        /// Its markets that are compared.
        pub markets: Vec<CentralMarket>,
    }
}

impl CentralEvent {
    /// The market that a code names.
    pub fn market(&self, code: &Text<32>) -> Option<&CentralMarket> {
        self.markets.iter().find(|row| row.code == *code)
    }

    /// The code under which a market is compared.
    pub fn code(&self, market: Market) -> Option<&Text<32>> {
        self.markets.iter().find(|row| row.market == market).map(|row| &row.code)
    }
}

/// All mapped events, as far as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Centrals {
    events: BTreeMap<u32, CentralEvent>,
    /// By central id; derived from the events.
    groups: BTreeMap<[u8; 16], Vec<u32>>,
}

fn group(central: &Text<64>) -> [u8; 16] {
    Digest::of(central.as_str().as_bytes()).0
}

impl Centrals {
    /// A mapped event.
    pub fn get(&self, event: Event) -> Option<&CentralEvent> {
        self.events.get(&event.0)
    }

    /// The events that are mapped to a central one.
    pub fn of(&self, central: &Text<64>) -> impl Iterator<Item = &CentralEvent> {
        let found = self.groups.get(&group(central)).map_or(&[][..], Vec::as_slice);
        found.iter().filter_map(|event| self.events.get(event))
    }

    /// Maps an event, anew if it was mapped before. The event that was listed first gives way when
    /// there is no room.
    pub fn map(&mut self, event: Event, organiser: Organiser, central: Text<64>) {
        let markets = self.remove(event.0).map_or_else(Vec::new, |before| before.markets);
        self.groups.entry(group(&central)).or_default().push(event.0);
        self.events.insert(event.0, CentralEvent { event, organiser, central, markets });
        if limits::CENTRAL_EVENTS_KEPT < self.events.len()
            && let Some(first) = self.events.keys().next().copied()
        {
            self.remove(first);
        }
    }

    fn remove(&mut self, event: u32) -> Option<CentralEvent> {
        let row = self.events.remove(&event)?;
        let key = group(&row.central);
        if let Some(events) = self.groups.get_mut(&key) {
            events.retain(|other| *other != event);
            if events.is_empty() {
                self.groups.remove(&key);
            }
        }
        Some(row)
    }

    /// Names a market of a mapped event by a code; a code names one market, a market has one code.
    /// `None` if the event is not mapped.
    pub fn map_market(&mut self, event: Event, row: CentralMarket) -> Option<()> {
        let markets = &mut self.events.get_mut(&event.0)?.markets;
        markets.retain(|other| other.code != row.code && other.market != row.market);
        markets.push(row);
        Some(())
    }

    /// Appends the canonical bytes, by number of the event.
    pub fn put(&self, out: &mut Vec<u8>) {
        self.events.values().cloned().collect::<Vec<_>>().put(out);
        // The order within a group is the order in which its events were mapped.
        self.groups.values().cloned().collect::<Vec<_>>().put(out);
    }

    /// Reads what [`Centrals::put`] wrote.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let mut all = Centrals::default();
        for row in Vec::<CentralEvent>::read(from)? {
            all.events.insert(row.event.0, row);
        }
        for events in Vec::<Vec<u32>>::read(from)? {
            let first = events.first().and_then(|event| all.events.get(event));
            let key = group(&first.ok_or(Broken::Invalid)?.central);
            all.groups.insert(key, events);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<const MAX: usize>(of: &str) -> Text<MAX> {
        Text::new(of).unwrap()
    }

    fn numbers(all: &Centrals, central: &str) -> Vec<u32> {
        all.of(&text(central)).map(|row| row.event.0).collect()
    }

    #[test]
    fn an_event_is_of_one_central_event_at_a_time() {
        // S-68
        let mut all = Centrals::default();
        all.map(Event(7), Organiser(0), text("c1"));
        all.map(Event(3), Organiser(1), text("c1"));
        assert_eq!(numbers(&all, "c1"), [7, 3]);
        let row = |code, market| CentralMarket { code: text(code), market, count: 2 };
        assert_eq!(all.map_market(Event(9), row("1x2", Market(1))), None);
        all.map_market(Event(7), row("1x2", Market(1))).unwrap();
        all.map_market(Event(7), row("1x2", Market(2))).unwrap();
        all.map_market(Event(7), row("total", Market(2))).unwrap();
        let seven = all.get(Event(7)).unwrap();
        assert_eq!(seven.code(Market(2)), Some(&text("total")));
        assert!(seven.market(&text("1x2")).is_none() && seven.code(Market(1)).is_none());
        all.map(Event(7), Organiser(0), text("c2"));
        assert_eq!((numbers(&all, "c1"), numbers(&all, "c2")), (vec![3], vec![7]));
        assert!(all.get(Event(7)).unwrap().code(Market(2)).is_some());
        let mut bytes = Vec::new();
        all.put(&mut bytes);
        assert_eq!(Centrals::read(&mut Reader::new(&bytes)), Ok(all));
    }

    #[test]
    fn the_event_listed_first_gives_way() {
        let mut all = Centrals::default();
        for event in 0..limits::CENTRAL_EVENTS_KEPT as u32 + 1 {
            all.map(Event(event), Organiser(event % 2), text(&format!("c{}", event / 2)));
        }
        assert!(all.get(Event(0)).is_none());
        assert_eq!(numbers(&all, "c0"), [1]);
    }
}
