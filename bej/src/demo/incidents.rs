//! What supervisors look for, played into the weeks before a demonstration, so that each board of
//! the console has something to find: large winnings and such as stay just below the threshold,
//! money that comes and goes with little betting, cash that becomes e-money, a bettor on a list of
//! financial monitoring, results on which the organisers differ, late reports, a correction of a
//! month that is over, a licence that ends soon.
//!
//! The persons are guests beside the bettors of the season, so that what happens in it does not
//! depend on them.

use admission::{Level, List, Lists};
use desk::command::{
    ChangeAdmission, IssueEmoney, MapEvent, MapMarket, RecordLicence, RedeemEmoney,
};
use journal::fact::Fact;
use sim::sandbox;
use terms::{BetId, Day, Event, Instant, Market, Organiser, Person, Reason, Sender};

use super::stage::{CODE, Game, Stage, Wish, sum, text};
use crate::reference::WITH_LAND_DESK;

/// Guests: one is lucky, one is lucky at many small sums, one passes money on, one is listed.
const GUESTS: u32 = 4;
/// From these days before the last on, the operator maps the season's events to central ones.
const MAPPED_DAYS: usize = 9;
const DAY: i64 = Instant::DAY;
const MINUTE: i64 = 60 * Instant::SECOND;
/// How late the late reports are, minutes.
const LATE: [i64; 7] = [4, 9, 38, 52, 5 * 60, 31 * 60, 50 * 60];
/// Why a result is corrected after its month.
const PROTOCOL: &str = "the protocol was corrected by the federation";

/// A game on which a guest bets: the organiser, its name, the odds in ten-thousandths, the stake in
/// tenge, and how it ends.
struct Bout(u32, &'static str, u32, u32, End);

#[derive(PartialEq, Eq)]
enum End {
    Won,
    Lost,
}

/// The incidents, as far as they have come.
pub struct Incidents {
    /// The first of the guests.
    first: u32,
    /// The bet that is settled anew when its month is over.
    old: Option<(Game, BetId)>,
    /// The event on which late bets are.
    late: Option<Game>,
    /// Entries whose events are mapped or too old for that.
    mapped: u64,
}

impl Incidents {
    /// Brings the guests into the world, behind its bettors.
    pub fn begin(stage: &mut Stage<'_>, bettors: u32) -> anyhow::Result<Incidents> {
        for person in bettors..bettors + GUESTS {
            for command in sandbox::bettor(Person(person)) {
                stage.operate(command)?;
            }
        }
        let mut incidents = Incidents { first: bettors, old: None, late: None, mapped: 0 };
        let game = stage.list(Organiser(0), "Final of the cup", DAY)?;
        let wish = incidents.wish(game, 0, 21_000, 60_000);
        let bet = stage.stake(wish)?;
        stage.play(game, 0)?;
        stage.settle(Organiser(0), bet, None)?;
        incidents.old = Some((game, bet));
        Ok(incidents)
    }

    /// What happens on a day of matches, once so many are left.
    pub fn day(&mut self, stage: &mut Stage<'_>, left: usize) -> anyhow::Result<()> {
        match left {
            30 => self.large(stage)?,
            18 => self.below(stage)?,
            12 => self.passed_on(stage)?,
            8 => self.cash_to_emoney(stage)?,
            6 => self.late = Some(stage.list(WITH_LAND_DESK, "Grand prix of Almaty", 20 * DAY)?),
            5 => self.differing(stage)?,
            _ => {}
        }
        if left < MAPPED_DAYS {
            self.map(stage)?;
        } else {
            self.mapped = stage.entries()?;
        }
        Ok(())
    }

    /// What happens on the day of the demonstration.
    pub fn today(&mut self, stage: &mut Stage<'_>, today: Day) -> anyhow::Result<()> {
        self.listed(stage)?;
        if let Some((game, bet)) = self.old {
            stage.result(game, 1, Some(PROTOCOL))?;
            stage.settle(game.organiser, bet, Some(PROTOCOL))?;
        }
        if let Some(game) = self.late {
            for (nth, minutes) in (0..).zip(LATE) {
                let wish = Wish { place: 1, ..self.wish(game, 1, 17_500 + nth, 4_000) };
                stage.cash(wish, stage.now().plus(-minutes * MINUTE))?;
            }
        }
        let from = Day(today.0 - 700);
        stage.operate(RecordLicence {
            organiser: WITH_LAND_DESK,
            number: text(&format!("SB-{WITH_LAND_DESK}"))?,
            issued: from,
            expires: Day(today.0 + 19),
            suspended: false,
            from: today,
        })
    }

    fn person(&self, guest: u32) -> Person {
        Person(self.first + guest)
    }

    fn wish(&self, game: Game, guest: u32, odds_e4: u32, tenge: u32) -> Wish {
        Wish { game, person: self.person(guest), place: 0, odds_e4, tenge }
    }

    fn brings(&self, stage: &mut Stage<'_>, guest: u32, tenge: u32) -> anyhow::Result<()> {
        stage.operate(IssueEmoney {
            wallet: sandbox::wallet(self.person(guest)),
            amount: sum(tenge)?,
            bank_reference: text("transfer")?,
        })
    }

    /// A guest bets on games of his own.
    fn bouts(&self, stage: &mut Stage<'_>, guest: u32, bouts: &[Bout]) -> anyhow::Result<()> {
        for Bout(organiser, own, odds_e4, tenge, end) in bouts {
            let game = stage.list(Organiser(*organiser), own, DAY)?;
            let bet = stage.stake(self.wish(game, guest, *odds_e4, *tenge))?;
            stage.play(game, usize::from(*end == End::Lost))?;
            stage.settle(game.organiser, bet, None)?;
        }
        Ok(())
    }

    /// Two winnings above the threshold, after some losses.
    fn large(&self, stage: &mut Stage<'_>) -> anyhow::Result<()> {
        self.brings(stage, 0, 3_000_000)?;
        let bouts = [
            Bout(0, "Title bout, flyweight", 31_000, 900_000, End::Lost),
            Bout(1, "Title bout, middleweight", 28_000, 950_000, End::Lost),
            Bout(0, "Title bout, lightweight", 54_000, 250_000, End::Won),
            Bout(1, "Title bout, heavyweight", 36_000, 300_000, End::Won),
        ];
        self.bouts(stage, 0, &bouts)
    }

    /// Several winnings of one person and day, each just below the threshold.
    fn below(&self, stage: &mut Stage<'_>) -> anyhow::Result<()> {
        self.brings(stage, 1, 2_500_000)?;
        let bouts = [
            Bout(1, "Opening bout", 26_000, 900_000, End::Lost),
            Bout(0, "Semi-final, first", 38_000, 250_000, End::Won),
            Bout(1, "Semi-final, second", 39_400, 250_000, End::Won),
            Bout(0, "Match for the third place", 49_000, 200_000, End::Won),
            Bout(0, "Closing bout", 24_000, 900_000, End::Lost),
        ];
        self.bouts(stage, 1, &bouts)
    }

    /// Money comes, hardly any of it is betted, and it goes again.
    fn passed_on(&self, stage: &mut Stage<'_>) -> anyhow::Result<()> {
        self.brings(stage, 2, 1_500_000)?;
        let game = stage.list(Organiser(0), "Charity bout", DAY)?;
        let bet = stage.stake(Wish { place: 1, ..self.wish(game, 2, 15_000, 40_000) })?;
        stage.play(game, 0)?;
        stage.settle(game.organiser, bet, None)?;
        stage.operate(RedeemEmoney {
            wallet: sandbox::wallet(self.person(2)),
            amount: sum(1_400_000)?,
            bank_reference: text("transfer")?,
        })
    }

    /// A stake in cash whose winning goes to the wallet.
    fn cash_to_emoney(&self, stage: &mut Stage<'_>) -> anyhow::Result<()> {
        let game = stage.list(WITH_LAND_DESK, "Night of boxing", DAY)?;
        let bet = stage.cash(self.wish(game, 2, 22_000, 300_000), stage.now())?;
        stage.play(game, 0)?;
        stage.settle(WITH_LAND_DESK, bet, None)?;
        stage.pay_in_emoney(WITH_LAND_DESK, bet, 660_000)
    }

    /// Both organisers have the same bout, and each another winner.
    fn differing(&self, stage: &mut Stage<'_>) -> anyhow::Result<()> {
        let own = "Bout of the year";
        for organiser in [0, 1].map(Organiser) {
            let game = stage.list(organiser, own, DAY)?;
            map_event(stage, game.event, own)?;
            map_market(stage, game.market, CODE)?;
            let mut bets = Vec::new();
            for (guest, step) in (0..3).zip([0, 1_500, 3_000]) {
                let odds_e4 = 17_000 + step + organiser.0 * 2_500;
                bets.push(stage.stake(self.wish(game, guest, odds_e4, 8_000))?);
            }
            stage.play(game, organiser.index())?;
            for bet in bets {
                stage.settle(organiser, bet, None)?;
            }
        }
        Ok(())
    }

    /// A guest comes onto a list of financial monitoring, and is refused.
    fn listed(&self, stage: &mut Stage<'_>) -> anyhow::Result<()> {
        stage.operate(ChangeAdmission {
            person: self.person(3),
            level: Level::Full,
            identified_until: None,
            of_age: true,
            lists: Lists::NONE.with(List::Terrorism),
        })?;
        let game = stage.list(Organiser(0), "Evening bout", DAY)?;
        stage.refused(self.wish(game, 3, 18_000, 20_000), Reason::ListedTerrorist)
    }

    /// The operator maps events and markets that both organisers have listed since the last look.
    fn map(&mut self, stage: &mut Stage<'_>) -> anyhow::Result<()> {
        let facts = stage.since(self.mapped)?;
        self.mapped += facts.len() as u64;
        let mut mapped: Vec<Event> = Vec::new();
        for fact in &facts {
            if let Fact::EventListed(listed) = fact
                && let Sender::Organiser(_) = listed.cause.sender
                && let Some(own) = listed.own.as_str().strip_prefix("before: ")
            {
                map_event(stage, listed.event, &format!("season {own}"))?;
                mapped.push(listed.event);
            }
        }
        for fact in &facts {
            if let Fact::MarketListed(listed) = fact
                && mapped.contains(&listed.event)
                && !listed.in_play
            {
                map_market(stage, listed.market, listed.own.as_str())?;
            }
        }
        Ok(())
    }
}

fn map_event(stage: &mut Stage<'_>, event: Event, central: &str) -> anyhow::Result<()> {
    stage.operate(MapEvent { event, central: text(central)? })
}

fn map_market(stage: &mut Stage<'_>, market: Market, code: &str) -> anyhow::Result<()> {
    stage.operate(MapMarket { market, code: text(code)? })
}
