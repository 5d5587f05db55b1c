//! Cases of the cold index.

use super::Bed;
use crate::limits::COLD_ROWS_MAX;
use crate::{ColdBatch, ColdBet, ColdId, ColdReader, Fault, FoundId};

fn id(ms: i64, tail: u8) -> [u8; 16] {
    terms::id::uuid_v7(ms, [tail; 10])
}

fn spent(sender: u32, ms: i64, tail: u8, seq: u64) -> ColdId {
    ColdId { sender, id: id(ms, tail), found: FoundId { seq, digest: [tail; 16] } }
}

fn bet(organiser: u32, tail: u8, seq: u64, row: &str) -> ColdBet {
    ColdBet { organiser, bet: id(1_000, tail), seq, row: row.as_bytes().to_vec() }
}

fn batch_of_ids(ids: &[ColdId]) -> ColdBatch {
    ColdBatch { ids: ids.to_vec(), bets: vec![] }
}

fn assert_id(
    cold: &mut (impl ColdReader + ?Sized),
    key: (u32, [u8; 16]),
    seq: Option<u64>,
) -> Result<(), Fault> {
    let found = cold.find_ids(&[key])?;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].map(|found| found.seq), seq, "{key:?}");
    Ok(())
}

pub(super) fn ids(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    assert_eq!(cold.cursor()?, 0);
    assert_eq!(cold.horizon()?, []);
    assert_id(&mut *cold, (16, id(500, 1)), None)?;
    // Out of order, two senders, the same id of both.
    let rows = [spent(16, 500, 2, 7), spent(16, 400, 1, 6), spent(17, 500, 2, 9)];
    cold.write(&batch_of_ids(&rows), 10)?;
    assert_eq!(cold.cursor()?, 10);
    assert_eq!(cold.horizon()?, [(16, 500), (17, 500)]);
    assert_id(&mut *cold, (16, id(400, 1)), Some(6))?;
    assert_id(&mut *cold, (16, id(500, 2)), Some(7))?;
    assert_id(&mut *cold, (17, id(500, 2)), Some(9))?;
    // Absent: another tail at the horizon, above it, below it, another sender.
    assert_id(&mut *cold, (16, id(500, 3)), None)?;
    assert_id(&mut *cold, (16, id(501, 2)), None)?;
    assert_id(&mut *cold, (16, id(1, 2)), None)?;
    assert_id(&mut *cold, (18, id(500, 2)), None)?;
    // A late id below the horizon, and one above it.
    cold.write(&batch_of_ids(&[spent(17, 100, 5, 11), spent(16, 900, 5, 12)]), 13)?;
    assert_eq!(cold.horizon()?, [(16, 900), (17, 500)]);
    assert_id(&mut *cold, (17, id(100, 5)), Some(11))?;
    assert_id(&mut *cold, (16, id(900, 5)), Some(12))?;
    // Many at once, in the order asked.
    let keys = [(16, id(900, 5)), (16, id(900, 6)), (16, id(400, 1))];
    let seqs: Vec<_> = cold.find_ids(&keys)?.iter().map(|found| found.map(|f| f.seq)).collect();
    assert_eq!(seqs, [Some(12), None, Some(6)]);
    // Another handle finds the same.
    let mut again = bed.cold()?;
    assert_eq!(again.cursor()?, 13);
    assert_id(&mut *again, (16, id(400, 1)), Some(6))
}

pub(super) fn bets(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    let keys = [(0, id(1_000, 1)), (1, id(1_000, 1)), (0, id(1_000, 2))];
    let write = |cold: &mut dyn crate::ColdStore, bets: &[ColdBet], cursor| {
        cold.write(&ColdBatch { ids: vec![], bets: bets.to_vec() }, cursor)
    };
    let rows = |cold: &mut dyn crate::ColdStore| {
        let found = cold.find_bets(&keys)?;
        let text = |row: Vec<u8>| String::from_utf8_lossy(&row).into_owned();
        Ok::<_, Fault>(found.into_iter().map(|row| row.map(text)).collect::<Vec<_>>())
    };
    assert_eq!(rows(&mut *cold)?, [None, None, None]);
    write(&mut *cold, &[bet(0, 1, 5, "first"), bet(1, 1, 6, "other organiser")], 7)?;
    assert_eq!(rows(&mut *cold)?, [Some("first".into()), Some("other organiser".into()), None]);
    // A later row, twice in one batch; an earlier row never replaces it.
    write(&mut *cold, &[bet(0, 1, 8, "second"), bet(0, 1, 9, "third")], 10)?;
    write(&mut *cold, &[bet(0, 1, 5, "first"), bet(0, 2, 11, "")], 12)?;
    let third = Some("third".to_owned());
    assert_eq!(rows(&mut *cold)?, [third, Some("other organiser".into()), Some(String::new())]);
    Ok(())
}

pub(super) fn again(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    let batch = ColdBatch {
        ids: vec![spent(16, 500, 2, 7), spent(16, 400, 1, 6)],
        bets: vec![bet(0, 1, 5, "row")],
    };
    for _ in 0..3 {
        cold.write(&batch, 10)?;
        assert_eq!(cold.cursor()?, 10);
        assert_eq!(cold.horizon()?, [(16, 500)]);
        assert_id(&mut *cold, (16, id(500, 2)), Some(7))?;
        assert_eq!(cold.find_bets(&[(0, id(1_000, 1))])?, [Some(b"row".to_vec())]);
    }
    // What an id was first spent on stays.
    cold.write(&batch_of_ids(&[spent(16, 500, 2, 99)]), 11)?;
    assert_id(&mut *cold, (16, id(500, 2)), Some(7))?;
    // An empty batch moves the cursor alone.
    cold.write(&ColdBatch::default(), 12)?;
    assert_eq!(cold.cursor()?, 12);
    Ok(())
}

pub(super) fn refusals(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    cold.write(&batch_of_ids(&[spent(16, 500, 2, 7)]), 10)?;
    let refused = cold.write(&batch_of_ids(&[spent(16, 600, 3, 8)]), 9);
    assert!(matches!(refused, Err(Fault::Refused { .. })), "{refused:?}");
    let large = vec![spent(16, 700, 3, 8); COLD_ROWS_MAX + 1];
    let refused = cold.write(&batch_of_ids(&large), 11);
    assert!(matches!(refused, Err(Fault::Refused { .. })), "{refused:?}");
    let refused = cold.find_ids(&vec![(16, id(1, 1)); COLD_ROWS_MAX + 1]);
    assert!(matches!(refused, Err(Fault::Refused { .. })));
    assert_eq!(cold.cursor()?, 10);
    assert_eq!(cold.horizon()?, [(16, 500)]);
    assert_id(&mut *cold, (16, id(600, 3)), None)
}

pub(super) fn reader(bed: &dyn Bed) -> Result<(), Fault> {
    let mut cold = bed.cold()?;
    let mut reader = cold.reader()?;
    assert_id(&mut *reader, (16, id(500, 2)), None)?;
    cold.write(&batch_of_ids(&[spent(16, 500, 2, 7)]), 10)?;
    assert_eq!(reader.cursor()?, 10);
    assert_id(&mut *reader, (16, id(500, 2)), Some(7))?;
    cold.write(&batch_of_ids(&[spent(16, 501, 2, 8)]), 11)?;
    assert_eq!(reader.horizon()?, [(16, 501)]);
    assert_id(&mut *reader, (16, id(501, 2)), Some(8))
}
