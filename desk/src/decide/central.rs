//! Central events, and the flag where two organisers' results of one differ (S-68).
//!
//! Of an event that has left, mapping and comparing read what was kept; it does not come back.

use journal::fact::{EventMapped, Fact, MarketMapped, ResultsDiffer};
use register::LegResult;
use register::catalogue::{MarketRow, MarketState};
use register::central::CentralEvent;
use terms::{Market, Reason, Seq, Text, limits};

use super::events::no_market;
use super::{Case, Stop};
use crate::command::{MapEvent, MapMarket};

impl Case<'_> {
    /// Of each organiser one event at most is a central event.
    pub(super) fn map_event(&self, command: &MapEvent, facts: &mut Vec<Fact>) -> Result<(), Stop> {
        let organiser = self.any_event(command.event)?.organiser;
        let others = || self.state.centrals.of(&command.central);
        if others().any(|other| other.organiser == organiser) {
            return Err(Reason::AlreadyListed.into());
        }
        // Its markets may have codes already, from a central event that was the wrong one.
        let mapped = self.state.centrals.get(command.event);
        let markets = mapped.map_or(&[][..], |mapped| &mapped.markets);
        let fits = markets.iter().all(|row| {
            others().all(|other| other.market(&row.code).is_none_or(|own| own.count == row.count))
        });
        if limits::EVENTS_PER_CENTRAL_MAX <= others().count() || !fits {
            return Err(Reason::ShapeInvalid.into());
        }
        for row in markets {
            self.need_results(&command.central, &row.code)?;
        }
        facts.push(
            EventMapped {
                cause: self.cause.clone(),
                event: command.event,
                organiser,
                central: command.central.clone(),
            }
            .into(),
        );
        for row in markets {
            let result = self.result_of(row.market);
            self.differences(&command.central, (row.market, &row.code), result, facts);
        }
        Ok(())
    }

    pub(super) fn map_market(
        &self,
        command: &MapMarket,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let row = self.any_event(command.market.event()).map_err(no_market)?;
        let row = row.market(command.market).ok_or(Reason::MarketUnknown)?;
        let event = self.state.centrals.get(command.market.event());
        let event = event.ok_or(Reason::EventUnknown)?;
        if event.code(command.market) == Some(&command.code) {
            return Err(Reason::AlreadyListed.into());
        }
        let others = self.state.centrals.of(&event.central);
        let differs = |other: &CentralEvent| {
            let own = other.event != event.event;
            own && other.market(&command.code).is_some_and(|other| other.count != row.count)
        };
        if limits::CENTRAL_MARKETS_MAX <= event.markets.len() || others.into_iter().any(differs) {
            return Err(Reason::ShapeInvalid.into());
        }
        self.need_results(&event.central, &command.code)?;
        facts.push(
            MarketMapped {
                cause: self.cause.clone(),
                market: command.market,
                outcomes: row.count,
                code: command.code.clone(),
            }
            .into(),
        );
        let result = self.result_of(command.market);
        let market = (command.market, &command.code);
        self.differences(&event.central, market, result, facts);
        Ok(())
    }

    /// The central event and the code under which a market is compared, if it is and stands; asks
    /// for the events with which it is compared.
    pub(super) fn need_compared(
        &self,
        market: Market,
        row: &MarketRow,
    ) -> Result<Option<(&Text<64>, &Text<32>)>, Stop> {
        let event = self.state.centrals.get(market.event());
        let event = event.filter(|_| row.state != MarketState::Void);
        let Some((event, code)) = event.and_then(|event| Some((event, event.code(market)?))) else {
            return Ok(None);
        };
        self.need_results(&event.central, code)?;
        Ok(Some((&event.central, code)))
    }

    /// Asks for each event with a market of this code that has left.
    fn need_results(&self, central: &Text<64>, code: &Text<32>) -> Result<(), Stop> {
        let compared = self.state.centrals.of(central).filter_map(|other| other.market(code));
        compared.map(|row| row.market.event()).try_for_each(|event| self.need_event(event))
    }

    /// A flag for each other organiser whose result of the same market is another one.
    pub(super) fn differences(
        &self,
        central: &Text<64>,
        (market, code): (Market, &Text<32>),
        result: Option<(Seq, &[LegResult])>,
        facts: &mut Vec<Fact>,
    ) {
        let Some((seq, results)) = result else { return };
        for other in self.state.centrals.of(central) {
            let Some(other) = other.market(code).filter(|other| other.market != market) else {
                continue;
            };
            let Some((other_seq, told)) = self.result_of(other.market) else { continue };
            if told != results && facts.len() < limits::FACTS_PER_COMMAND_MAX {
                facts.push(
                    ResultsDiffer {
                        nonce: self.nonce(facts.len()),
                        central: central.clone(),
                        code: code.clone(),
                        market,
                        result: seq,
                        other: other.market,
                        other_result: other_seq,
                    }
                    .into(),
                );
            }
        }
    }

    /// The result of a market that stands.
    fn result_of(&self, market: Market) -> Option<(Seq, &[LegResult])> {
        let row = self.event(market.event())?.market(market)?;
        let stands = row.state != MarketState::Void;
        row.result.filter(|_| stands).map(|seq| (seq, &row.results[..]))
    }
}
