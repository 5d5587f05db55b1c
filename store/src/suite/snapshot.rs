//! Cases of snapshots.

use super::{Bed, noise};
use crate::limits::PIECE_BYTES_MAX;
use crate::{Fault, SnapshotReader, SnapshotStore};

/// The pieces that these cases write at a position.
fn pieces(seq: u64) -> Vec<Vec<u8>> {
    let lengths = [1, 1_000, PIECE_BYTES_MAX, 70_000];
    lengths.iter().map(|length| noise(seq, *length)).collect()
}

fn write(snapshots: &mut dyn SnapshotStore, seq: u64) -> Result<(), Fault> {
    let mut writer = snapshots.begin(seq)?;
    for piece in pieces(seq) {
        writer.piece(&piece)?;
    }
    writer.finish()
}

fn read(mut reader: SnapshotReader) -> Result<Vec<Vec<u8>>, Fault> {
    let mut found = Vec::new();
    while let Some(piece) = reader.piece()? {
        found.push(piece);
    }
    assert_eq!(reader.piece()?, None, "the end stays the end");
    Ok(found)
}

/// The newest whole snapshot is this one; so many newer ones are damaged.
fn assert_latest(
    snapshots: &mut dyn SnapshotStore,
    seq: Option<u64>,
    damaged: usize,
) -> Result<(), Fault> {
    let latest = snapshots.latest()?;
    assert_eq!(latest.reader.as_ref().map(SnapshotReader::seq), seq);
    assert_eq!(latest.damaged.len(), damaged, "{:?}", latest.damaged);
    assert!(latest.damaged.iter().all(Fault::is_damage));
    if let (Some(reader), Some(seq)) = (latest.reader, seq) {
        assert_eq!(read(reader)?, pieces(seq));
    }
    Ok(())
}

pub(super) fn write_and_read(bed: &dyn Bed) -> Result<(), Fault> {
    let mut snapshots = bed.snapshots()?;
    assert_latest(&mut *snapshots, None, 0)?;
    for seq in [0, 9, 10, 5_000_000] {
        write(&mut *snapshots, seq)?;
        assert_latest(&mut *snapshots, Some(seq), 0)?;
        assert_latest(&mut *bed.snapshots()?, Some(seq), 0)?;
    }
    snapshots.begin(6_000_000)?.finish()?;
    let latest = snapshots.latest()?;
    let empty = latest.reader.map(read).transpose()?;
    assert_eq!(empty, Some(vec![]), "a snapshot without pieces is one");
    Ok(())
}

pub(super) fn unfinished(bed: &dyn Bed) -> Result<(), Fault> {
    let mut snapshots = bed.snapshots()?;
    write(&mut *snapshots, 5)?;
    let mut writer = snapshots.begin(6)?;
    writer.piece(b"half")?;
    assert_latest(&mut *snapshots, Some(5), 0)?;
    drop(writer);
    assert_latest(&mut *snapshots, Some(5), 0)?;
    write(&mut *snapshots, 6)?;
    assert_latest(&mut *snapshots, Some(6), 0)
}

pub(super) fn fall_back(bed: &dyn Bed) -> Result<(), Fault> {
    let mut snapshots = bed.snapshots()?;
    for seq in [1, 2, 3] {
        write(&mut *snapshots, seq)?;
    }
    bed.damage_latest_snapshot();
    assert_latest(&mut *snapshots, Some(2), 1)?;
    write(&mut *snapshots, 4)?;
    assert_latest(&mut *snapshots, Some(4), 0)?;
    // Now 3, damaged, and 4 are kept.
    bed.damage_latest_snapshot();
    assert_latest(&mut *snapshots, None, 2)
}

pub(super) fn piece_limits(bed: &dyn Bed) -> Result<(), Fault> {
    let mut snapshots = bed.snapshots()?;
    let mut writer = snapshots.begin(1)?;
    for length in [0, PIECE_BYTES_MAX + 1] {
        let refused = writer.piece(&vec![1; length]);
        assert!(matches!(refused, Err(Fault::Refused { .. })), "{length} bytes: {refused:?}");
    }
    Ok(())
}
