//! Cases of the cold index.

use std::collections::BTreeMap;

use super::{Bed, noise};
use crate::limits::{COLD_BATCH_ROWS_MAX, COLD_KEYS_MAX};
use crate::{ColdBatch, ColdKey, ColdReader, ColdRow, ColdStore, Fault};

fn id(ms: i64, tail: u8) -> [u8; 16] {
    terms::id::uuid_v7(ms, [tail; 10])
}

/// Writes what a range from the cursor on brings.
fn write(
    cold: &mut dyn ColdStore,
    to: u64,
    ids: &[ColdRow],
    bets: &[ColdRow],
) -> Result<(), Fault> {
    let from = cold.cursor();
    let (ids, bets) = (ids.to_vec(), bets.to_vec());
    cold.write(&ColdBatch { from, to, ids, bets, events: Vec::new() })?;
    assert_eq!(cold.cursor(), to);
    Ok(())
}

fn assert_id(cold: &dyn ColdReader, key: ColdKey, seq: Option<u64>) -> Result<(), Fault> {
    assert_eq!(cold.find_ids(&[key])?, [seq], "{key:?}");
    Ok(())
}

pub(super) fn ids(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    assert_eq!(cold.cursor(), 0);
    assert_eq!(cold.horizon(), []);
    assert_id(&*cold, (16, id(500, 1)), None)?;
    assert_eq!(cold.find_ids(&[])?, []);
    // Out of order, two senders, the same id of both.
    let rows = [(16, id(500, 2), 7), (16, id(400, 1), 6), (17, id(500, 2), 9)];
    write(&mut *cold, 10, &rows, &[])?;
    assert_eq!(cold.horizon(), [(16, 500), (17, 500)]);
    assert_id(&*cold, (16, id(400, 1)), Some(6))?;
    assert_id(&*cold, (16, id(500, 2)), Some(7))?;
    assert_id(&*cold, (17, id(500, 2)), Some(9))?;
    // Absent: another tail at the horizon, above it, below it, another sender.
    assert_id(&*cold, (16, id(500, 3)), None)?;
    assert_id(&*cold, (16, id(501, 2)), None)?;
    assert_id(&*cold, (16, id(1, 2)), None)?;
    assert_id(&*cold, (18, id(500, 2)), None)?;
    // A late id below the horizon, and one above it.
    write(&mut *cold, 13, &[(17, id(100, 5), 11), (16, id(900, 5), 12)], &[])?;
    assert_eq!(cold.horizon(), [(16, 900), (17, 500)]);
    assert_id(&*cold, (17, id(100, 5)), Some(11))?;
    assert_id(&*cold, (16, id(900, 5)), Some(12))?;
    // Many at once, in the order asked, one of them twice.
    let keys = [(16, id(900, 5)), (16, id(900, 6)), (16, id(400, 1)), (16, id(900, 5))];
    assert_eq!(cold.find_ids(&keys)?, [Some(12), None, Some(6), Some(12)]);
    // An id is not a bet.
    assert_eq!(cold.find_bets(&keys)?, [None; 4]);
    assert_eq!(cold.bets_horizon(), None);
    Ok(())
}

pub(super) fn first_stays(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    // Twice in a batch, later first; then again in a later batch.
    write(&mut *cold, 10, &[(16, id(500, 2), 8), (16, id(500, 2), 7)], &[])?;
    assert_id(&*cold, (16, id(500, 2)), Some(7))?;
    write(&mut *cold, 12, &[(16, id(500, 2), 11)], &[])?;
    assert_id(&*cold, (16, id(500, 2)), Some(7))
}

pub(super) fn bets(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    let keys = [(0, id(1_000, 1)), (1, id(1_000, 1)), (0, id(2_000, 2))];
    let row = |key: usize, seq| (keys[key].0, keys[key].1, seq);
    assert_eq!(cold.find_bets(&keys)?, [None; 3]);
    write(&mut *cold, 7, &[], &[row(0, 5), row(1, 6)])?;
    assert_eq!(cold.find_bets(&keys)?, [Some(5), Some(6), None]);
    assert_eq!(cold.bets_horizon(), Some(1_000));
    // Later records, two in one batch, the later one first.
    write(&mut *cold, 11, &[], &[row(0, 9), row(0, 8), row(2, 10)])?;
    assert_eq!(cold.find_bets(&keys)?, [Some(9), Some(6), Some(10)]);
    assert_eq!(cold.bets_horizon(), Some(2_000));
    assert_eq!(cold.horizon(), [], "a bet raises no horizon of ids");
    // A bet is not an id.
    assert_eq!(cold.find_ids(&keys)?, [None; 3]);
    Ok(())
}

/// Many batches of many sizes against a map: whatever an adapter joins, the answers are the same.
pub(super) fn many_batches(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    let (mut first, mut last, mut kept) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for round in 0..60 {
        let from = cold.cursor();
        // Every fourth is large, every seventh brings nothing but its range.
        let count = match round {
            round if round % 7 == 6 => 0,
            round if round % 4 == 3 => 300,
            _ => 1 + round % 5,
        };
        let (mut ids, mut bets, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for seq in from..from + count {
            let random = noise(seq, 4);
            let [sender, old, tail, bet] = [0, 1, 2, 3].map(|at| random[at]);
            // Times run on with the journal; some ids are late, some come again.
            let ms = seq as i64 - i64::from(old % 32);
            let key = (16 + u32::from(sender % 3), id(1_000 + ms, tail % 4));
            ids.push((key.0, key.1, seq));
            first.entry(key).or_insert(seq);
            let key = (u32::from(sender % 2), id(i64::from(bet) * 5, 0));
            bets.push((key.0, key.1, seq));
            last.insert(key, seq);
            let key = (u32::MAX, [bet; 16]);
            events.push((key.0, key.1, seq));
            kept.insert(key, seq);
        }
        cold.write(&ColdBatch { from, to: from + count + 3, ids, bets, events })?;
    }
    assert!(500 < first.len() && 300 < last.len(), "{} {}", first.len(), last.len());
    for handle in [&*cold, &*bed.cold()?] {
        assert_map(&first, &|keys| handle.find_ids(keys))?;
        assert_map(&last, &|keys| handle.find_bets(keys))?;
        assert_map(&kept, &|keys| handle.find_events(keys))?;
        for (sender, horizon) in handle.horizon() {
            let times = first.keys().filter(|key| key.0 == sender);
            assert_eq!(times.map(|key| crate::cold::id_ms(&key.1)).max(), Some(horizon));
        }
    }
    Ok(())
}

type Find<'a> = &'a dyn Fn(&[ColdKey]) -> Result<Vec<Option<u64>>, Fault>;

/// All keys of the map are found, one by one and together; their neighbours are not.
fn assert_map(rows: &BTreeMap<ColdKey, u64>, find: Find<'_>) -> Result<(), Fault> {
    for (key, seq) in rows {
        assert_eq!(find(&[*key])?, [Some(*seq)], "{key:?}");
    }
    // Every second one with its last bit changed, and all in an order of their own.
    let change = |(n, (owner, mut id)): (usize, ColdKey)| {
        id[15] ^= n as u8 % 2;
        (owner, id)
    };
    let keys: Vec<ColdKey> = rows.keys().rev().copied().enumerate().map(change).collect();
    let expected: Vec<_> = keys.iter().map(|key| rows.get(key).copied()).collect();
    assert_eq!(find(&keys)?, expected);
    assert!(expected.contains(&None));
    Ok(())
}

pub(super) fn again(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    let batch = ColdBatch {
        from: 0,
        to: 10,
        ids: vec![(16, id(500, 2), 7)],
        bets: vec![(0, id(1_000, 1), 5)],
        events: vec![(0, id(1_000, 1), 6)],
    };
    cold.write(&batch)?;
    // Nothing at all is written, and a range that brings nothing moves the cursor.
    cold.write(&ColdBatch { from: 10, to: 10, ..ColdBatch::default() })?;
    assert_eq!(cold.cursor(), 10);
    cold.write(&ColdBatch { from: 10, to: 12, ..ColdBatch::default() })?;
    // A second handle goes on where the first one is.
    let mut second = bed.cold()?;
    assert_eq!(second.cursor(), 12);
    assert_id(&*second, (16, id(500, 2)), Some(7))?;
    assert_eq!(second.find_events(&[(0, id(1_000, 1))])?, [Some(6)]);
    write(&mut *second, 20, &[(16, id(501, 2), 19)], &[])?;
    assert_eq!(cold.cursor(), 20);
    assert_id(&*cold, (16, id(501, 2)), Some(19))
}

pub(super) fn refusals(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    write(&mut *cold, 10, &[(16, id(500, 2), 7)], &[])?;
    let row = |seq| (16, id(600, 3), seq);
    let check = |cold: &mut dyn ColdStore, from, to, ids: &[ColdRow], bets: &[ColdRow]| {
        let (ids, bets) = (ids.to_vec(), bets.to_vec());
        let batch = ColdBatch { from, to, ids, events: bets.clone(), bets };
        let refused = cold.write(&batch);
        assert!(matches!(refused, Err(Fault::Refused { .. })), "{from} {to}: {refused:?}");
    };
    // Again, before the cursor, behind a gap, backwards.
    check(&mut *cold, 0, 10, &[row(7)], &[]);
    check(&mut *cold, 9, 12, &[row(11)], &[]);
    check(&mut *cold, 11, 12, &[row(11)], &[]);
    check(&mut *cold, 10, 9, &[], &[]);
    // Positions outside the range.
    check(&mut *cold, 10, 12, &[row(10), row(9)], &[]);
    check(&mut *cold, 10, 12, &[], &[row(12)]);
    check(&mut *cold, 10, 10, &[row(10)], &[]);
    check(&mut *cold, 10, 12, &vec![(0, [0; 16], 10); COLD_BATCH_ROWS_MAX], &[row(10)]);
    let refused = cold.find_ids(&vec![(16, id(1, 1)); COLD_KEYS_MAX + 1]);
    assert!(matches!(refused, Err(Fault::Refused { .. })));
    assert_eq!(cold.cursor(), 10);
    assert_eq!(cold.horizon(), [(16, 500)]);
    assert_id(&*cold, (16, id(600, 3)), None)?;
    write(&mut *cold, 12, &[row(11)], &[])
}

pub(super) fn reader(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    let reader = cold.reader();
    assert_id(&*reader, (16, id(500, 2)), None)?;
    write(&mut *cold, 10, &[(16, id(500, 2), 7)], &[])?;
    assert_eq!(reader.cursor(), 10);
    assert_id(&*reader, (16, id(500, 2)), Some(7))?;
    write(&mut *cold, 11, &[(16, id(501, 2), 10)], &[])?;
    assert_eq!(reader.horizon(), [(16, 501)]);
    let other = std::thread::spawn(move || assert_id(&*reader, (16, id(501, 2)), Some(10)));
    other.join().expect("the thread ends")
}

pub(super) fn forget(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    for n in 0..20 {
        let (ms, seq) = (1_000 * n as i64, 10 * n);
        let rows = [(16, id(ms, 1), seq), (16, id(ms, 2), seq + 1)];
        let bets = vec![(0, id(ms, 1), seq)];
        let events = vec![(0, id(ms, 3), seq)];
        cold.write(&ColdBatch { from: seq, to: seq + 10, ids: rows.to_vec(), bets, events })?;
        // After each batch, so that what is left of old ranges is joined again and again.
        cold.forget(ms - 5_000)?;
    }
    assert_eq!(cold.cursor(), 200);
    assert_eq!(cold.horizon(), [(16, 19_000)]);
    assert_eq!(cold.bets_horizon(), Some(19_000));
    for n in 0..20 {
        let (ms, seq) = (1_000 * n as i64, 10 * n);
        assert_eq!(cold.find_bets(&[(0, id(ms, 1))])?, [Some(seq)], "a bet is never forgotten");
        assert_eq!(cold.find_events(&[(0, id(ms, 3))])?, [Some(seq)], "nor is an event");
        if 14_000 <= ms {
            assert_id(&*cold, (16, id(ms, 2)), Some(seq + 1))?;
        }
    }
    cold.forget(i64::MAX)?;
    assert_id(&*cold, (16, id(19_000, 2)), None)?;
    assert_eq!(cold.horizon(), [(16, 19_000)], "a horizon stays");
    write(&mut *cold, 210, &[(16, id(20_000, 1), 200)], &[])?;
    assert_id(&*cold, (16, id(20_000, 1)), Some(200))?;
    assert_eq!(bed.cold()?.find_bets(&[(0, id(3_000, 1))])?, [Some(30)]);
    Ok(())
}
