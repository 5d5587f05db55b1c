//! The edge: versions guard its values, expiry ends them.

use terms::Instant;

use super::noise;
use crate::edge::{EdgeRow, Put};
use crate::limits::{EDGE_KEY_BYTES_MAX, EDGE_PAGE_MAX, EDGE_VALUE_BYTES_MAX};
use crate::{EdgeStore, Fault};

/// A fresh edge, and several ways into it.
pub trait EdgeBed {
    /// Opens it, once more each time.
    fn edge(&self) -> Result<Box<dyn EdgeStore>, Fault>;
}

impl EdgeBed for crate::MemoryEdge {
    fn edge(&self) -> Result<Box<dyn EdgeStore>, Fault> {
        Ok(Box::new(self.clone()))
    }
}

type Case = fn(&dyn EdgeBed) -> Result<(), Fault>;

const CASES: &[(&str, Case)] = &[
    ("values come back as they were put", put_and_get),
    ("a version is given once", versions),
    ("what has expired is not there", expiry),
    ("of many who change a value at once none is lost", at_once),
    ("a prefix is listed in pages", list),
    ("a copy is the same", copy),
    ("values have limits", limits),
];

/// Runs every case, each on an edge of its own.
pub fn run_all(make: &dyn Fn() -> Box<dyn EdgeBed>) {
    for (name, case) in CASES {
        let bed = make();
        if let Err(fault) = case(&*bed) {
            panic!("{name}: {}", fault.chain());
        }
    }
}

const NOW: Instant = Instant(1_000);

fn row(table: u16, key: &[u8], value: &[u8]) -> EdgeRow {
    EdgeRow { table, key: key.to_vec(), value: value.to_vec(), version: 0, expires_at: None }
}

fn until(end: i64, row: EdgeRow) -> EdgeRow {
    EdgeRow { expires_at: Some(Instant(end)), ..row }
}

/// Puts a value that has to be taken: its version.
fn put(edge: &mut dyn EdgeStore, row: &EdgeRow, expected: u64) -> Result<u64, Fault> {
    match edge.put(row, expected, NOW)? {
        Put::Done(version) => Ok(version),
        Put::Moved => panic!("{row:?} has moved"),
    }
}

fn put_and_get(bed: &dyn EdgeBed) -> Result<(), Fault> {
    let (mut edge, mut other) = (bed.edge()?, bed.edge()?);
    assert_eq!(edge.get(1, b"a", NOW)?, None);
    assert_eq!(edge.put(&row(1, b"a", b"x"), 7, NOW)?, Put::Moved);
    let first = put(&mut *edge, &row(1, b"a", b"x"), 0)?;
    assert_eq!(other.put(&row(1, b"a", b"y"), 0, NOW)?, Put::Moved);
    let second = put(&mut *other, &until(9_000, row(1, b"a", b"")), first)?;
    assert!(first < second);
    let want = EdgeRow { version: second, ..until(9_000, row(1, b"a", b"")) };
    assert_eq!(edge.get(1, b"a", NOW)?, Some(want));
    assert_eq!(edge.get(2, b"a", NOW)?, None, "tables are apart");
    assert!(!edge.delete(1, b"a", first)?);
    assert!(edge.delete(1, b"a", second)?);
    assert!(!edge.delete(1, b"a", second)?);
    assert_eq!(other.another()?.get(1, b"a", NOW)?, None);
    edge.upkeep()
}

fn versions(bed: &dyn EdgeBed) -> Result<(), Fault> {
    let mut edge = bed.edge()?;
    let mut last = 0;
    for _ in 0..5 {
        let version = put(&mut *edge, &row(1, b"a", b"x"), 0)?;
        assert!(last < version, "what was removed and made again is another value");
        assert!(!edge.delete(1, b"a", last)?);
        assert!(edge.delete(1, b"a", version)?);
        last = version;
    }
    Ok(())
}

fn expiry(bed: &dyn EdgeBed) -> Result<(), Fault> {
    let mut edge = bed.edge()?;
    let version = put(&mut *edge, &until(2_000, row(1, b"a", b"x")), 0)?;
    put(&mut *edge, &until(3_000, row(1, b"b", b"x")), 0)?;
    put(&mut *edge, &row(1, b"c", b"x"), 0)?;
    let there = |edge: &mut dyn EdgeStore, at: i64| -> Result<Vec<Vec<u8>>, Fault> {
        let rows = edge.list(1, b"", None, Instant(at))?;
        Ok(rows.into_iter().map(|row| row.key).collect())
    };
    assert_eq!(there(&mut *edge, 1_999)?, [b"a", b"b", b"c"]);
    assert_eq!(there(&mut *edge, 2_000)?, [b"b", b"c"]);
    assert_eq!(edge.get(1, b"a", Instant(2_000))?, None);
    // Its place is free, whether it was swept or not.
    let over = Instant(2_000);
    assert_eq!(edge.put(&row(1, b"a", b"y"), version, over)?, Put::Moved);
    assert!(matches!(edge.put(&until(2_500, row(1, b"a", b"y")), 0, over)?, Put::Done(_)));
    assert_eq!(edge.sweep(Instant(2_499), 10)?, 0);
    assert_eq!(edge.sweep(Instant(3_000), 1)?, 1);
    assert_eq!(edge.sweep(Instant(3_000), 10)?, 1);
    assert_eq!(there(&mut *edge, 0)?, [b"c"]);
    Ok(())
}

fn at_once(bed: &dyn EdgeBed) -> Result<(), Fault> {
    const ROUNDS: u64 = 20;
    let handles = [bed.edge()?, bed.edge()?, bed.edge()?];
    let done = std::thread::scope(|scope| {
        let threads = handles.map(|mut edge| {
            scope.spawn(move || -> Result<u64, Fault> {
                let mut done = 0;
                while done < ROUNDS {
                    let there = edge.get(1, b"count", NOW)?;
                    let version = there.as_ref().map_or(0, |row| row.version);
                    let count = there.map_or(0, |row| {
                        // Cannot fail: this case alone writes it.
                        u64::from_be_bytes(row.value.try_into().expect("eight bytes"))
                    });
                    let next = row(1, b"count", &(count + 1).to_be_bytes());
                    done += u64::from(edge.put(&next, version, NOW)? != Put::Moved);
                }
                Ok(done)
            })
        });
        // Cannot fail: a panic there is one of this case.
        threads.map(|thread| thread.join().expect("a thread"))
    });
    let done: u64 = done.into_iter().sum::<Result<u64, Fault>>()?;
    let count = bed.edge()?.get(1, b"count", NOW)?.map(|row| row.value);
    assert_eq!(count, Some(done.to_be_bytes().to_vec()), "no change took another's place");
    Ok(())
}

fn list(bed: &dyn EdgeBed) -> Result<(), Fault> {
    let mut edge = bed.edge()?;
    let keys: [&[u8]; 6] = [b"a", b"ab", b"ab\0", b"ab\xff\xff", b"ac", b"b"];
    for key in keys {
        put(&mut *edge, &row(1, key, b"x"), 0)?;
    }
    put(&mut *edge, &row(2, b"ab", b"x"), 0)?;
    let listed = |edge: &mut dyn EdgeStore, prefix: &[u8], after: Option<&[u8]>| {
        let rows = edge.list(1, prefix, after, NOW)?;
        Ok::<_, Fault>(rows.into_iter().map(|row| row.key).collect::<Vec<_>>())
    };
    assert_eq!(listed(&mut *edge, b"", None)?, keys);
    assert_eq!(listed(&mut *edge, b"ab", None)?, keys[1..4]);
    assert_eq!(listed(&mut *edge, b"ab", Some(b"ab"))?, keys[2..4]);
    assert_eq!(listed(&mut *edge, b"ab", Some(b"ab\xff\xff"))?, Vec::<Vec<u8>>::new());
    assert_eq!(listed(&mut *edge, b"ab", Some(b"a"))?, keys[1..4], "what is before begins there");
    assert_eq!(listed(&mut *edge, b"\xff", None)?, Vec::<Vec<u8>>::new());
    let large = noise(1, EDGE_VALUE_BYTES_MAX);
    for number in 0..4_u8 {
        put(&mut *edge, &row(3, &[number], &large), 0)?;
    }
    let first = edge.list(3, b"", None, NOW)?;
    assert_eq!(first.len(), 2, "a page is bounded in bytes");
    let rest = edge.list(3, b"", Some(&first[1].key), NOW)?;
    assert_eq!(rest.len(), 2);
    assert_eq!(rest[1].value, large);
    Ok(())
}

fn copy(bed: &dyn EdgeBed) -> Result<(), Fault> {
    let mut edge = bed.edge()?;
    for number in 0..5_u8 {
        put(&mut *edge, &until(5_000, row(number.into(), &[number], &noise(1, 99))), 0)?;
    }
    let mut rows = Vec::new();
    edge.dump(&mut |row| {
        rows.push(row);
        Ok(())
    })?;
    let mut other = crate::MemoryEdge::new();
    other.load(&rows)?;
    let mut again = Vec::new();
    other.dump(&mut |row| {
        again.push(row);
        Ok(())
    })?;
    assert_eq!((again.len(), &again), (5, &rows));
    assert!(edge.load(&rows[..1]).is_err(), "what is there is never written over");
    let new = EdgeRow { version: 900, ..row(9, b"new", b"x") };
    assert!(edge.load(&[new.clone(), rows[0].clone()]).is_err());
    assert_eq!(edge.get(9, b"new", NOW)?, None, "all or nothing");
    edge.load(&[new])?;
    let next = put(&mut *edge, &row(9, b"newer", b"x"), 0)?;
    assert!(900 < next, "versions go on behind those of the copy");
    Ok(())
}

fn limits(bed: &dyn EdgeBed) -> Result<(), Fault> {
    let mut edge = bed.edge()?;
    let refused = |done: Result<Put, Fault>| matches!(done, Err(Fault::Refused { .. }));
    assert!(refused(edge.put(&row(1, b"", b"x"), 0, NOW)));
    assert!(refused(edge.put(&row(1, &[1; EDGE_KEY_BYTES_MAX + 1], b"x"), 0, NOW)));
    let large = vec![0; EDGE_VALUE_BYTES_MAX + 1];
    assert!(refused(edge.put(&row(1, b"a", &large), 0, NOW)));
    put(&mut *edge, &row(u16::MAX, &[u8::MAX; EDGE_KEY_BYTES_MAX], &large[1..]), 0)?;
    for number in 0..=EDGE_PAGE_MAX as u32 {
        put(&mut *edge, &row(1, &number.to_be_bytes(), b""), 0)?;
    }
    assert_eq!(edge.list(1, b"", None, NOW)?.len(), EDGE_PAGE_MAX);
    Ok(())
}
