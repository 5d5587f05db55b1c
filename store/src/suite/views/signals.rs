//! Cases of what boards list: signals, the cards that lead from one to many, and hours by form.

use ::journal::kinds::{DeskKind, Form};
use ::reports::card::TwinCard;
use ::reports::{Card, CardKind, REDEEMED_TIYN, SignalKind, SignalRow, WINNING_TIYN};
use terms::{Account, Day, Event, Instant, Organiser};

use super::world::World;
use super::{NOON, PLACES, ViewBed, busy, projected};
use crate::Fault;
use crate::views::{Listing, Page, ROWS_MAX};

/// What of signals tells them apart: organiser, account, and what their kind says.
type Told = (Option<Organiser>, Option<Account>, i64);

fn told(page: &Page<SignalRow>) -> Vec<Told> {
    page.rows.iter().map(|row| (row.organiser, row.account, row.value)).collect()
}

pub(super) fn signals(bed: &dyn ViewBed) -> Result<(), Fault> {
    // R0-15.2, S-68
    let mut world = World::new(NOON, 2, 3, &PLACES);
    let late = |world: &mut World, seconds: i64| {
        let made_at = world.at.plus(-seconds * Instant::SECOND);
        world.report(made_at, (0, 1), &[0], 500, &[])
    };
    let cash = late(&mut world, 7_200);
    late(&mut world, 1);
    world.settle(cash, 900, 0);
    world.settle(cash, 1_100, 0);
    world.pay_in(cash, Form::EMoney);
    let large = world.stake(1, 2, &[3], 1_000);
    world.settle(large, WINNING_TIYN, 0);
    let less = world.stake(1, 2, &[3], 1_000);
    world.settle(less, WINNING_TIYN - 1, 0);
    world.redeem(0, REDEEMED_TIYN);
    world.redeem(0, REDEEMED_TIYN - 1);
    world.differ(0, 3);
    let wallet = world.bettor_wallet(0);
    let (first, second) = (world.account(0, 1), world.account(1, 2));
    let mut views = projected(bed, &mut world)?;
    let all = Listing::newest(10);
    let mut check = |kind: SignalKind, expected: &[Told]| -> Result<(), Fault> {
        let page = views.signals(kind, &all)?;
        assert_eq!(told(&page), expected, "{}", kind.name());
        assert_eq!(page.next, None);
        Ok(())
    };
    let (one, two) = (Some(Organiser(0)), Some(Organiser(1)));
    check(SignalKind::Correction, &[(one, Some(first), 200)])?;
    check(SignalKind::Winning, &[(two, Some(second), WINNING_TIYN)])?;
    check(SignalKind::CashToEmoney, &[(one, Some(first), 1_100)])?;
    check(SignalKind::Redemption, &[(None, None, REDEEMED_TIYN)])?;
    check(SignalKind::ResultsDiffer, &[(None, None, 0)])?;
    check(SignalKind::Late, &[(one, Some(first), 7_200 * Instant::SECOND)])?;
    let redeemed = views.signals(SignalKind::Redemption, &all)?.rows;
    assert_eq!(redeemed[0].wallet, Some(wallet));
    Ok(())
}

/// Pages of signals, narrowed or not, are what is left of all of them.
pub(super) fn pages(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut views = projected(bed, &mut busy(14, 500))?;
    let all = Listing::newest(ROWS_MAX);
    let late = views.signals(SignalKind::Late, &all)?.rows;
    assert!(20 < late.len() && late.is_sorted_by_key(|row| core::cmp::Reverse(row.seq)));
    let middle = late[late.len() / 2].day;
    let accounts = [None, late[0].account];
    for organiser in [None, Some(Organiser(0)), Some(Organiser(9))] {
        for days in [Day(0)..Day(40_000), middle..Day(middle.0 + 2), middle..middle] {
            for account in accounts {
                let mut listing =
                    Listing { organiser, account, days: days.clone(), limit: 7, ..all.clone() };
                let mut found = Vec::new();
                loop {
                    let page = views.signals(SignalKind::Late, &listing)?;
                    found.extend(page.rows);
                    let Some(next) = page.next else { break };
                    listing.before = next;
                }
                let mut expected = late.clone();
                expected.retain(|row| {
                    days.contains(&row.day)
                        && (organiser.is_none() || organiser == row.organiser)
                        && (account.is_none() || account == row.account)
                });
                assert_eq!(found, expected);
            }
        }
    }
    let wide = views.signals(SignalKind::Late, &Listing::newest(ROWS_MAX + 1));
    assert!(matches!(wide, Err(Fault::Refused { .. })));
    Ok(())
}

pub(super) fn cards(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut world = World::new(NOON, 2, 3, &PLACES);
    world.map(0, 0, "central 1");
    world.map(3, 1, "central 1");
    world.map(4, 1, "central 2");
    let expected = [world.account(0, 2), world.account(1, 2)];
    let mut views = projected(bed, &mut world)?;
    let held = views.versions(CardKind::Holding, 2)?;
    let accounts: Vec<Account> = held
        .iter()
        .map(|card| match card {
            Card::Holding(card) => card.account,
            other => panic!("a card of another kind: {other:?}"),
        })
        .collect();
    assert_eq!(accounts, expected);
    let twins = views.versions(CardKind::Twin, TwinCard::number("central 1"))?;
    let events: Vec<Event> = twins
        .iter()
        .map(|card| match card {
            Card::Twin(card) => card.event,
            other => panic!("a card of another kind: {other:?}"),
        })
        .collect();
    assert_eq!(events, [Event(0), Event(3)]);
    match &views.versions(CardKind::Event, 4)?[..] {
        [Card::Event(card)] => {
            assert_eq!(card.central.as_ref().map(|id| id.as_str()), Some("central 2"));
        }
        other => panic!("one event is expected: {other:?}"),
    }
    Ok(())
}

pub(super) fn hours(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut world = World::new(NOON, 2, 3, &PLACES);
    world.stake(0, 1, &[0], 500);
    world.stake(0, 2, &[0], 700);
    let made_at = world.at;
    world.report(made_at, (0, 1), &[0], 900, &[]);
    world.refuse(0, terms::Reason::MarketNotOpen);
    let mut views = projected(bed, &mut world)?;
    let found: Vec<_> = views
        .hours(Day(0)..Day(40_000), Some(Organiser(0)))?
        .into_iter()
        .map(|(key, sums)| (key.hour, key.taken, sums.stakes, sums.staked_tiyn, sums.refused))
        .collect();
    let electronic = Some((DeskKind::Electronic, Form::EMoney));
    let land = Some((DeskKind::Land, Form::Cash));
    let mut expected = [(12, None, 0, 0, 1), (12, land, 1, 900, 0), (12, electronic, 2, 1_200, 0)];
    expected.sort();
    assert_eq!(found, expected);
    Ok(())
}
