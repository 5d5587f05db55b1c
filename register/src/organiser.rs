//! Organisers, their licences, contracts and desks: who may take a stake on a given day.
//!
//! Licences, contracts and connections are dated: what is recorded for later leaves what is in
//! force today as it is, and a late report is judged by what was in force when it happened (domain
//! 1, 19). The hot state keeps a bounded part of that history; all of it is in the journal and in
//! the views (P-08). Dense tables; each question costs one or two look-ups.

use std::collections::VecDeque;

use terms::{
    Bin, Day, DeskNo, Instant, Organiser, Reason, Text, Tiyn, Wallet, choice, limits, record,
};

choice! {
    /// The two kinds of organiser (R0-2.5, R0-2.12).
    pub enum OrganiserKind {
        /// Concludes bets with bettors itself.
        Bookmaker = 1 "bookmaker",
        /// Mediates between bettors.
        Totalizator = 2 "totalizator",
    }
}

choice! {
    /// The two kinds of cash desk (R0-16.2f).
    pub enum DeskKind {
        /// A place with an address.
        Land = 1 "land",
        /// A digital system with a domain or network address (R0-2.13).
        Electronic = 2 "electronic",
    }
}

choice! {
    /// The two contracts of an organiser (R0-3.1, R0-3.2).
    pub enum ContractKind {
        /// Exchange of data.
        Integration = 1 "integration",
        /// Settlement in e-money.
        Settlement = 2 "settlement",
    }
}

choice! {
    /// State of an organiser's connection (state machine B).
    pub enum ConnectionState {
        /// Work on the connection goes on.
        Integrating = 1 "integrating",
        /// The test procedure runs.
        Testing = 2 "testing",
        /// In operation.
        InOperation = 3 "in_operation",
        /// In operation with an outage.
        Degraded = 4 "degraded",
        /// No new stakes; payouts and reports only.
        Suspended = 5 "suspended",
        /// Ended.
        Closed = 6 "closed",
    }
}

record! {
    /// A type of taxable object and how many of them (R0-16.2d).
    pub struct TaxableObject {
        /// The name of the type in the tax code.
        pub kind: Text<64>,
        /// How many.
        pub count: u32,
    }
}

record! {
    /// A licence as it stands from a day on.
    pub struct Licence {
        /// Its number.
        pub number: Text<64>,
        /// From which day on it stands so: until the next record of the same number.
        pub from: Day,
        /// The first day.
        pub issued: Day,
        /// The last day.
        pub expires: Day,
        /// Whether it is suspended.
        pub suspended: bool,
    }
}

record! {
    /// A contract with its money terms. It holds until its last day or the first day of the next
    /// contract of its kind.
    pub struct Contract {
        /// The first day.
        pub from: Day,
        /// The last day, if it is known.
        pub until: Option<Day>,
        /// Commission on a stake, millionths (S-12).
        pub commission_millionths: u32,
        /// Commission on a stake, fixed part.
        pub commission_fixed: Tiyn,
        /// Sum that the organiser's wallet may not fall below by redemption (domain 21).
        pub floor: Tiyn,
    }
}

impl Contract {
    /// Whether it is in force on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// The commission on a stake: percent part half up, fixed part added (S-13).
    pub fn commission(&self, stake: Tiyn) -> Option<Tiyn> {
        stake.share_half_up(self.commission_millionths)?.checked_add(self.commission_fixed)
    }
}

record! {
    /// The state of a connection from an instant on.
    pub struct Connection {
        /// From when: until the next.
        pub from: Instant,
        /// The state.
        pub state: ConnectionState,
    }
}

record! {
    /// An organiser in the hot state.
    pub struct OrganiserState {
        /// Bookmaker or totalizator.
        pub kind: OrganiserKind,
        /// Its business identification number.
        pub bin: Bin,
        /// Its wallet (R0-8.4), once opened.
        pub wallet: Option<Wallet>,
        /// Its licences, as recorded, by first day.
        pub licences: Vec<Licence>,
        /// Its contracts on exchange of data, by first day.
        pub integration: Vec<Contract>,
        /// Its contracts on settlement, by first day.
        pub settlement: Vec<Contract>,
        /// Its connection, by instant; never empty.
        pub connection: Vec<Connection>,
        /// Bets whose payout waits for funds or the end of a block, oldest first, by slot (S-35).
        pub waiting: VecDeque<u32>,
        /// What those bets need together.
        pub waiting_sum: Tiyn,
    }
}

impl OrganiserState {
    /// Whether some licence is in force on that day (R0-16.2j).
    pub fn licensed_on(&self, day: Day) -> bool {
        let known = self.licences.iter().enumerate().filter(|(_, licence)| licence.from <= day);
        let mut good = known.filter(|(_, licence)| {
            !licence.suspended && licence.issued <= day && day <= licence.expires
        });
        good.any(|(index, licence)| {
            let mut later = self.licences[index + 1..].iter();
            !later.any(|other| other.number == licence.number && other.from <= day)
        })
    }

    /// The contracts of a kind.
    pub fn contracts(&self, kind: ContractKind) -> &Vec<Contract> {
        match kind {
            ContractKind::Integration => &self.integration,
            ContractKind::Settlement => &self.settlement,
        }
    }

    /// The last contract of a kind that has begun by that day, whether or not it has ended.
    pub fn latest(&self, kind: ContractKind, day: Day) -> Option<&Contract> {
        self.contracts(kind).iter().rev().find(|contract| contract.from <= day)
    }

    /// The contract of a kind in force on that day (R0-3.1, R0-3.2).
    pub fn contract_on(&self, kind: ContractKind, day: Day) -> Option<&Contract> {
        self.latest(kind, day).filter(|contract| contract.holds_on(day))
    }

    /// The state of the connection at an instant, as far back as is known.
    pub fn connection_at(&self, at: Instant) -> ConnectionState {
        let known = self.connection.iter().rev().find(|row| row.from <= at);
        let row = known.or(self.connection.first());
        row.map_or(ConnectionState::Integrating, |row| row.state)
    }

    /// Whether a licence can be recorded on a day: there is room, or the record that gives way has
    /// ended by then.
    pub fn takes_licence(&self, licence: &Licence, today: Day) -> bool {
        let same = |row: &Licence| (&row.number, row.from) == (&licence.number, licence.from);
        if self.licences.len() < limits::TERMS_KEPT || self.licences.iter().any(same) {
            return true;
        }
        let oldest = self.oldest_licence();
        self.licences.get(oldest).is_some_and(|row| {
            let later = |other: &Licence| other.number == row.number && other.from <= today;
            row.expires < today || self.licences[oldest + 1..].iter().any(later)
        })
    }

    /// The record of a licence that gives way when there is no room: the first that another of the
    /// same number follows, else the first.
    fn oldest_licence(&self) -> usize {
        let followed = |(index, row): (usize, &Licence)| {
            self.licences[index + 1..].iter().any(|other| other.number == row.number)
        };
        (0..).zip(&self.licences).position(followed).unwrap_or(0)
    }

    /// Records a licence; a record of the same number and day is replaced.
    pub fn record_licence(&mut self, licence: Licence) {
        let same = |row: &Licence| (&row.number, row.from) == (&licence.number, licence.from);
        if let Some(row) = self.licences.iter_mut().find(|row| same(row)) {
            *row = licence;
            return;
        }
        if limits::TERMS_KEPT <= self.licences.len() {
            self.licences.remove(self.oldest_licence());
        }
        let at = self.licences.partition_point(|row| row.from <= licence.from);
        self.licences.insert(at, licence);
    }

    /// Whether a contract that begins on a day can be recorded today: there is room, or the oldest
    /// of its kind has ended.
    pub fn takes_contract(&self, kind: ContractKind, from: Day, today: Day) -> bool {
        let rows = self.contracts(kind);
        if rows.len() < limits::TERMS_KEPT || rows.iter().any(|row| row.from == from) {
            return true;
        }
        let ended = rows.get(1).is_some_and(|next| next.from <= today)
            || rows[0].until.is_some_and(|until| until < today);
        ended && rows[0].from < from
    }

    /// Records a contract; one of the same kind and first day is replaced.
    pub fn record_contract(&mut self, kind: ContractKind, contract: Contract) {
        let rows = match kind {
            ContractKind::Integration => &mut self.integration,
            ContractKind::Settlement => &mut self.settlement,
        };
        place(rows, contract, limits::TERMS_KEPT, |row| row.from);
    }

    /// Whether a change of the connection can be recorded now: there is room, or the oldest state
    /// has ended.
    pub fn takes_connection(&self, from: Instant, now: Instant) -> bool {
        self.connection.len() < limits::CONNECTIONS_KEPT
            || self.connection.iter().any(|row| row.from == from)
            || self.connection.get(1).is_some_and(|next| next.from <= now)
    }

    /// Records a state of the connection.
    pub fn record_connection(&mut self, connection: Connection) {
        place(&mut self.connection, connection, limits::CONNECTIONS_KEPT, |row| row.from);
    }
}

/// Puts a row at its place among those that are ordered by `key`, over one with the same key. The
/// first gives way if there is no room.
fn place<T, K: Ord>(rows: &mut Vec<T>, row: T, room: usize, key: impl Fn(&T) -> K) {
    match rows.binary_search_by_key(&key(&row), &key) {
        Ok(index) => rows[index] = row,
        Err(index) => {
            rows.insert(index, row);
            if room < rows.len() {
                rows.remove(0);
            }
        }
    }
}

record! {
    /// A desk in the hot state.
    pub struct DeskState {
        /// Whose it is.
        pub organiser: Organiser,
        /// Land or electronic.
        pub kind: DeskKind,
        /// The first day.
        pub from: Day,
        /// The first day on which it is closed, if it is.
        pub closed_from: Option<Day>,
    }
}

/// All organisers and desks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisers {
    /// By number.
    pub organisers: Vec<OrganiserState>,
    /// By number.
    pub desks: Vec<DeskState>,
}

impl Organisers {
    /// The number that the next organiser gets.
    pub fn next_organiser(&self) -> Organiser {
        Organiser(self.organisers.len() as u32)
    }

    /// The number that the next desk gets.
    pub fn next_desk(&self) -> DeskNo {
        DeskNo(self.desks.len() as u32)
    }

    /// One organiser.
    pub fn get(&self, organiser: Organiser) -> Option<&OrganiserState> {
        self.organisers.get(organiser.index())
    }

    /// One organiser, to change.
    pub fn get_mut(&mut self, organiser: Organiser) -> Option<&mut OrganiserState> {
        self.organisers.get_mut(organiser.index())
    }

    /// One desk of this organiser.
    pub fn desk(&self, organiser: Organiser, desk: DeskNo) -> Option<&DeskState> {
        self.desks.get(desk.index()).filter(|state| state.organiser == organiser)
    }

    /// Why the desk cannot act for the organiser on that day.
    pub fn desk_ground(&self, organiser: Organiser, desk: DeskNo, day: Day) -> Option<Reason> {
        match self.desk(organiser, desk) {
            None => Some(Reason::DeskUnknown),
            Some(state) if day < state.from => Some(Reason::DeskClosed),
            Some(state) if state.closed_from.is_some_and(|closed| closed <= day) => {
                Some(Reason::DeskClosed)
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn organiser() -> OrganiserState {
        OrganiserState {
            kind: OrganiserKind::Bookmaker,
            bin: Bin::complete(18_044_000_123).unwrap(),
            wallet: None,
            licences: Vec::new(),
            integration: Vec::new(),
            settlement: Vec::new(),
            connection: vec![Connection { from: Instant(0), state: ConnectionState::Integrating }],
            waiting: VecDeque::new(),
            waiting_sum: Tiyn::ZERO,
        }
    }

    fn licence(from: &str, to: &str, suspended: bool) -> Licence {
        Licence {
            number: Text::new("L-1").unwrap(),
            from: day(from),
            issued: day(from),
            expires: day(to),
            suspended,
        }
    }

    #[test]
    fn a_licence_holds_from_its_first_to_its_last_day() {
        // R0-16.2i, R0-16.2j
        let cases = [
            ("2026-01-01", false, true),
            ("2026-12-31", false, true),
            ("2025-12-31", false, false),
            ("2027-01-01", false, false),
            ("2026-06-01", true, false),
        ];
        for (on, suspended, want) in cases {
            let mut organiser = organiser();
            organiser.record_licence(licence("2026-01-01", "2026-12-31", suspended));
            assert_eq!(organiser.licensed_on(day(on)), want, "{on}");
        }
    }

    #[test]
    fn a_suspension_has_its_days() {
        // R0-16.2j, domain 19
        let mut organiser = organiser();
        let year = licence("2026-01-01", "2026-12-31", false);
        organiser.record_licence(year.clone());
        let from = |on, suspended| Licence { from: day(on), suspended, ..year.clone() };
        organiser.record_licence(from("2026-03-01", true));
        organiser.record_licence(from("2026-05-01", false));
        organiser.record_licence(from("2026-04-01", false));
        organiser.record_licence(from("2026-04-01", true));
        let cases = [
            ("2026-02-28", true),
            ("2026-03-01", false),
            ("2026-04-01", false),
            ("2026-04-30", false),
            ("2026-05-01", true),
        ];
        for (on, want) in cases {
            assert_eq!(organiser.licensed_on(day(on)), want, "{on}");
        }
        // Another licence is not touched by it.
        let number = Text::new("L-2").unwrap();
        organiser.record_licence(Licence { number, ..licence("2026-02-01", "2026-03-31", false) });
        assert!(organiser.licensed_on(day("2026-03-31")));
        assert!(!organiser.licensed_on(day("2026-04-01")));
    }

    #[test]
    fn a_contract_holds_until_the_next_begins() {
        // R0-3.1, R0-3.2
        let mut organiser = organiser();
        let contract = |from, until: Option<&str>, floor| Contract {
            from: day(from),
            until: until.map(day),
            commission_millionths: 0,
            commission_fixed: Tiyn::ZERO,
            floor: Tiyn::of(floor),
        };
        let kind = ContractKind::Settlement;
        organiser.record_contract(kind, contract("2026-06-01", Some("2026-06-30"), 2));
        organiser.record_contract(kind, contract("2026-01-01", None, 1));
        let cases = [
            ("2025-12-31", None),
            ("2026-01-01", Some(1)),
            ("2026-05-31", Some(1)),
            ("2026-06-01", Some(2)),
            ("2026-06-30", Some(2)),
            // The earlier one does not come back.
            ("2026-07-01", None),
        ];
        for (on, want) in cases {
            let got = organiser.contract_on(kind, day(on)).map(|contract| contract.floor);
            assert_eq!(got, want.map(Tiyn::of), "{on}");
        }
        assert_eq!(organiser.contract_on(ContractKind::Integration, day("2026-01-01")), None);
    }

    #[test]
    fn what_has_ended_gives_way_and_nothing_else() {
        let mut organiser = organiser();
        let contract = |nth: i32| Contract {
            from: Day(20_000 + nth),
            until: None,
            commission_millionths: 0,
            commission_fixed: Tiyn::ZERO,
            floor: Tiyn::ZERO,
        };
        let year = licence("2024-01-01", "2034-12-31", false);
        let number = Text::new("L-2").unwrap();
        organiser.record_licence(Licence { number, ..year.clone() });
        let (kind, kept) = (ContractKind::Integration, limits::TERMS_KEPT as i32);
        for nth in 0..kept {
            organiser.record_contract(kind, contract(nth));
            organiser.record_licence(Licence { from: Day(20_000 + nth), ..year.clone() });
        }
        // All but the first are still to come.
        assert!(!organiser.takes_contract(kind, Day(30_000), Day(20_000)));
        assert!(organiser.takes_contract(kind, Day(20_005), Day(20_000)));
        assert!(organiser.takes_contract(kind, Day(30_000), Day(20_001)));
        assert!(!organiser.takes_contract(kind, Day(19_000), Day(20_001)));
        organiser.record_contract(kind, contract(10_000));
        assert_eq!(organiser.integration.len(), limits::TERMS_KEPT);
        assert_eq!(organiser.integration[0].from, Day(20_001));
        // A licence that nothing has followed stays, however old it is.
        let next = Licence { from: Day(20_000 + kept), ..year.clone() };
        assert!(organiser.takes_licence(&next, Day(20_002)));
        assert!(!organiser.takes_licence(&next, Day(20_001)));
        organiser.record_licence(next);
        assert_eq!(organiser.licences.len(), limits::TERMS_KEPT);
        assert_eq!(organiser.licences[0].number.as_str(), "L-2");
    }

    #[test]
    fn a_connection_is_judged_by_its_instant() {
        // R0-7.1
        let mut organiser = organiser();
        let row = |from, state| Connection { from: Instant(from), state };
        organiser.record_connection(row(10, ConnectionState::InOperation));
        organiser.record_connection(row(30, ConnectionState::Suspended));
        organiser.record_connection(row(20, ConnectionState::Degraded));
        let cases = [
            (-1, ConnectionState::Integrating),
            (10, ConnectionState::InOperation),
            (29, ConnectionState::Degraded),
            (30, ConnectionState::Suspended),
        ];
        for (at, want) in cases {
            assert_eq!(organiser.connection_at(Instant(at)), want, "{at}");
        }
        for at in 31..31 + limits::CONNECTIONS_KEPT as i64 {
            assert!(organiser.takes_connection(Instant(at), Instant(at)));
            organiser.record_connection(row(at, ConnectionState::InOperation));
        }
        assert_eq!(organiser.connection.len(), limits::CONNECTIONS_KEPT);
        assert_eq!(organiser.connection_at(Instant(10)), ConnectionState::InOperation);
        assert!(!organiser.takes_connection(Instant(999), Instant(31)));
        assert!(organiser.takes_connection(Instant(40), Instant(31)));
    }

    #[test]
    fn desks_are_open_from_their_first_day_until_they_close() {
        // R0-16.2e
        let mut all = Organisers::default();
        all.desks.push(DeskState {
            organiser: Organiser(0),
            kind: DeskKind::Land,
            from: day("2026-01-10"),
            closed_from: Some(day("2026-02-01")),
        });
        let cases = [
            (0, 0, "2026-01-10", None),
            (0, 0, "2026-01-31", None),
            (0, 0, "2026-01-09", Some(Reason::DeskClosed)),
            (0, 0, "2026-02-01", Some(Reason::DeskClosed)),
            (1, 0, "2026-01-15", Some(Reason::DeskUnknown)),
            (0, 1, "2026-01-15", Some(Reason::DeskUnknown)),
        ];
        for (organiser, desk, on, want) in cases {
            assert_eq!(all.desk_ground(Organiser(organiser), DeskNo(desk), day(on)), want);
        }
    }

    #[test]
    fn commission_is_percent_half_up_and_a_fixed_part() {
        // S-12, S-13
        let contract = |millionths, fixed| Contract {
            from: day("2026-01-01"),
            until: None,
            commission_millionths: millionths,
            commission_fixed: Tiyn::of(fixed),
            floor: Tiyn::ZERO,
        };
        let cases = [(0, 0, 100_000, 0), (50_000, 20_000, 100_000, 25_000), (50_000, 0, 10, 1)];
        for (millionths, fixed, stake, want) in cases {
            let got = contract(millionths, fixed).commission(Tiyn::of(stake));
            assert_eq!(got, Some(Tiyn::of(want)));
        }
    }
}
