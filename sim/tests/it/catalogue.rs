//! What of the catalogue stays in the hot state over a month.

use std::collections::BTreeMap;

use desk::command::{ChangeEvent, ListEvent, ListMarket, PublishResult, Tick};
use desk::{Answer, Command, Manner, Message};
use journal::fact::OutcomeText;
use register::{EventClass, EventState, LegResult};
use sim::machine::Machine;
use sim::scenario;
use terms::id::uuid_v7;
use terms::{Championship, Event, Instant, Market, MessageId, Organiser, Sender, Text};

const EVENTS_A_DAY: u32 = 12;
const MARKETS: usize = 3;
const DAYS: u32 = 31;

fn text<const MAX: usize>(words: &str) -> Text<MAX> {
    Text::new(words).unwrap()
}

fn send(machine: &mut Machine, sender: Sender, command: impl Into<Command>) -> Answer {
    let made = machine.present().ms();
    let mut random = [0; 10];
    random[2..].copy_from_slice(&machine.state().next.0.to_be_bytes());
    let id = MessageId(uuid_v7(made, random));
    let message = Message::new(sender, id, Manner::Single, command.into());
    machine.send(&message).unwrap().answer
}

fn organiser(machine: &mut Machine, command: impl Into<Command>) {
    let sender = Sender::Organiser(Organiser(0));
    assert_eq!(send(machine, sender, command), Answer::Done);
}

fn list(machine: &mut Machine) -> Event {
    let event = machine.state().catalogue.next_event();
    let scheduled = machine.now.plus(Instant::DAY);
    organiser(
        machine,
        ListEvent {
            championship: Championship(0),
            own: text(&event.to_string()),
            name: text("Home - Away"),
            class: EventClass::Sport,
            scheduled,
            confirmed: true,
        },
    );
    for market in 0..MARKETS {
        let outcome = |name: &str| OutcomeText { own: text(name), name: text(name) };
        let outcomes = ["1", "2"].map(outcome).to_vec();
        let own = text(&market.to_string());
        let list = ListMarket { event, own, name: text("Winner"), in_play: false, outcomes };
        organiser(machine, list);
    }
    event
}

fn end(machine: &mut Machine, event: Event) {
    organiser(machine, ChangeEvent { event, state: EventState::Started, time: None });
    for place in 0..MARKETS {
        let market = Market::of(event, place).unwrap();
        let results = vec![LegResult::Won, LegResult::Lost];
        organiser(machine, PublishResult { market, results, reason: None });
    }
    organiser(machine, ChangeEvent { event, state: EventState::Finished, time: None });
}

/// Design 4: the hot state is bounded by what is live, not by what ever was.
#[test]
fn a_month_of_events_leaves_only_those_that_are_live() {
    let mut machine = scenario::machine("world\nrulebook over=2d idle=30d\n+1s").unwrap();
    let first = machine.now;
    // When each event changed last, and whether it is over. E1 of the world is never closed.
    let mut known: BTreeMap<Event, (Instant, bool)> = BTreeMap::new();
    known.insert(Event(0), (first.plus(-Instant::SECOND), false));
    for day in 0..DAYS {
        machine.now = first.plus(i64::from(day) * Instant::DAY);
        for (event, (changed, over)) in &mut known {
            // One of twelve is never closed by its organiser.
            if !event.0.is_multiple_of(12) && !*over {
                end(&mut machine, *event);
                (*changed, *over) = (machine.present(), true);
            }
        }
        for _ in 0..EVENTS_A_DAY {
            let event = list(&mut machine);
            known.insert(event, (machine.present(), false));
        }
        machine.now = machine.now.plus(Instant::DAY / 2);
        while send(&mut machine, Sender::System, Tick { orders_from: 0 }) == Answer::Done {}
        let stays = |(changed, over): &&(Instant, bool)| {
            machine.now.since(*changed) < if *over { 2 } else { 30 } * Instant::DAY
        };
        let live = known.values().filter(stays).count();
        assert_eq!(machine.state().catalogue.len(), live, "day {day}");
    }
    assert_eq!(machine.state().catalogue.next_event().0, 1 + DAYS * EVENTS_A_DAY);
    // Today's, those of two days that are over, and those that nobody closed.
    assert!(machine.state().catalogue.len() < 3 * EVENTS_A_DAY as usize + DAYS as usize);
    machine.finish().unwrap();
}
