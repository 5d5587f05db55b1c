//! The same messages give the same journal, however they are divided and whatever is below
//! (core 5).

use desk::Message;
use pump::{Options, Pump, Reply, Time};
use register::Basis;
use store::Memory;
use terms::{Hash, Instant};

use crate::world::{S, World, seeded, small};

/// Messages with their instants: stakes, refusals beyond the budget, bets that leave and come
/// back, repeats and conflicts.
fn messages() -> Vec<(Instant, Message)> {
    let mut world = World::new();
    let mut all = Vec::new();
    for message in world.set_up(4) {
        all.push((world.at, message));
    }
    let mut bets = Vec::new();
    for bettor in 0..4 {
        let order = world.order(bettor);
        let stake = world.stake(bettor, &order);
        let cash = world.cash_stake(bettor);
        bets.extend([stake.clone(), cash.clone()]);
        all.extend([order.clone(), stake, cash, order].map(|message| (world.at, message)));
    }
    let result = world.result();
    all.push((world.at, result));
    for bet in &bets {
        let settle = world.settle(bet, Basis::Result, 0);
        all.push((world.at, settle));
    }
    for _ in 0..130 {
        let refused = world.refused();
        all.push((world.at, refused));
    }
    for hour in 0..3 {
        world.at = world.at.plus(3_600 * S);
        all.push((world.at, world.tick()));
        for bet in bets.iter().skip(hour) {
            let settle = world.settle(bet, Basis::Correction, 1 - hour as u32 % 2);
            all.push((world.at, settle));
        }
        for _ in 0..20 {
            let person = world.person();
            all.push((world.at.plus(i64::from(hour as u32) * S), person));
        }
    }
    all
}

fn root(all: &[(Instant, Message)], split: usize, options: Options) -> (u64, Hash) {
    let memory = Memory::new();
    let pump = Pump::start(
        Box::new(memory.journal()),
        split.is_multiple_of(2).then(|| Box::new(memory.snapshots()) as _),
        Some(Box::new(memory.cold())),
        Time::Brought,
        seeded(),
        options,
    )
    .unwrap();
    for part in all.chunks(split) {
        pump.handle().submit_at(part.to_vec(), Reply::none()).unwrap();
    }
    let head = pump.stop().unwrap().head;
    (head.next_seq, head.root)
}

#[test]
fn however_messages_are_divided_the_root_is_the_same() {
    let all = messages();
    let one = root(&all, all.len(), small());
    assert!(200 < one.0, "{one:?}");
    for split in [1, 2, 3, 7, 50, 64, 101] {
        assert_eq!(root(&all, split, small()), one, "in parts of {split}");
    }
    // Nor do frames and memory matter.
    for (commands_per_frame_max, ids_per_generation) in [(1, 8), (3, 1_000), (8_000, 50)] {
        let options = Options { commands_per_frame_max, ids_per_generation, ..small() };
        assert_eq!(root(&all, 20, options), one);
    }
    // The length of a run does: it says when bets may leave.
    let options = Options { run_entries: 900, ids_per_generation: 1_000, ..small() };
    assert_ne!(root(&all, 20, options), one);
}
