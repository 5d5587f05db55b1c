//! Organisers, their licences, contracts and desks: who may take a stake on a given day.
//!
//! The hot state keeps what decisions need; the history with its dates is in the journal and in
//! the views (P-08). Dense tables; each question costs one or two look-ups.

use std::collections::VecDeque;

use terms::{Bin, Day, DeskNo, Organiser, Reason, Text, Tiyn, Wallet, choice, record};

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
    /// A licence.
    pub struct Licence {
        /// Its number.
        pub number: Text<64>,
        /// The first day.
        pub issued: Day,
        /// The last day.
        pub expires: Day,
        /// Whether it is suspended.
        pub suspended: bool,
    }
}

record! {
    /// A contract with its money terms.
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
    /// An organiser in the hot state.
    pub struct OrganiserState {
        /// Bookmaker or totalizator.
        pub kind: OrganiserKind,
        /// Its business identification number.
        pub bin: Bin,
        /// Its wallet (R0-8.4), once opened.
        pub wallet: Option<Wallet>,
        /// Its licences, as recorded.
        pub licences: Vec<Licence>,
        /// The contract on exchange of data.
        pub integration: Option<Contract>,
        /// The contract on settlement.
        pub settlement: Option<Contract>,
        /// Its connection.
        pub connection: ConnectionState,
        /// Bets whose payout waits for funds, oldest first, by slot (S-35).
        pub waiting: VecDeque<u32>,
        /// What those bets need together.
        pub waiting_sum: Tiyn,
    }
}

impl OrganiserState {
    /// Whether some licence is in force on that day (R0-16.2j).
    pub fn licensed_on(&self, day: Day) -> bool {
        self.licences
            .iter()
            .any(|licence| !licence.suspended && licence.issued <= day && day <= licence.expires)
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

    fn licence(from: &str, to: &str, suspended: bool) -> Licence {
        Licence {
            number: Text::new("L-1").unwrap(),
            issued: day(from),
            expires: day(to),
            suspended,
        }
    }

    #[test]
    fn a_licence_holds_from_its_first_to_its_last_day() {
        // R0-16.2i, R0-16.2j
        let state = |licences| OrganiserState {
            kind: OrganiserKind::Bookmaker,
            bin: Bin::complete(18_044_000_123).unwrap(),
            wallet: None,
            licences,
            integration: None,
            settlement: None,
            connection: ConnectionState::InOperation,
            waiting: VecDeque::new(),
            waiting_sum: Tiyn::ZERO,
        };
        let cases = [
            ("2026-01-01", false, true),
            ("2026-12-31", false, true),
            ("2025-12-31", false, false),
            ("2027-01-01", false, false),
            ("2026-06-01", true, false),
        ];
        for (on, suspended, want) in cases {
            let organiser = state(vec![licence("2026-01-01", "2026-12-31", suspended)]);
            assert_eq!(organiser.licensed_on(day(on)), want, "{on}");
        }
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
