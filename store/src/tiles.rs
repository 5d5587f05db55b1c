//! The tree's tiles: the hashes from which proofs are made, derived from the journal and apart
//! from it.
//!
//! ```text
//! DIR/0, DIR/1 …   row r: the roots of complete runs of 256^r leaves, 32 bytes each, in order
//! DIR/cursor       <leaves> <a position, or ->, in decimal: what counts
//! DIR/lock         held by whoever adds
//! ```
//!
//! Tile N of level L as C2SP tlog-tiles has it is the bytes 8192·N to 8192·(N + 1) of file L, a
//! partial tile of width W the first 32·W of them. So `tile/<L>/<N>` and `tile/<L>/<N>.p/<W>` are
//! served by one read of one file, and no tile is written twice.
//!
//! What is below the cursor was durable before the cursor was and never changes; what is beyond it
//! counts for nothing. A row that is missing or cut takes the cursor back to where all rows reach.
//! Nothing here is believed: a proof is checked against the root that the journal states.
//! Cost: a proof reads at most one run of each row per hash; adding writes 32.13 bytes a leaf.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use ::journal::proof::{Hashes, ProveError};
use ::journal::tree::{Frontier, LEAVES_MAX, Span, Subtree, TILE_LEVELS};
use terms::Hash;

use crate::Fault;
use crate::files::{make_directory, rename, writing};

const HASH_BYTES: u64 = 32;

const CURSOR: &str = "cursor";

/// Rows of a tree of [`LEAVES_MAX`] leaves.
const ROWS_MAX: u32 = LEAVES_MAX.ilog2() / TILE_LEVELS + 1;

/// Bytes of a row that are gathered before they are written.
const BUFFER_BYTES: usize = 1 << 18;

/// The name of a tile as C2SP tlog-tiles has it, such as `tile/0/x001/234`.
pub fn tile_name(level: u32, tile: u64) -> String {
    let mut name = format!("{:03}", tile % 1_000);
    let mut rest = tile / 1_000;
    while 0 < rest {
        name = format!("x{:03}/{name}", rest % 1_000);
        rest /= 1_000;
    }
    format!("tile/{level}/{name}")
}

/// How far tiles reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TileCursor {
    /// The leaves whose hashes are there.
    pub leaves: u64,
    /// A position below it that whoever adds wants to find again.
    pub mark: Option<u64>,
}

impl TileCursor {
    /// The cursor after going back to `leaves`. What stood before a mark that is lost is unknown,
    /// so that everything is made anew then.
    pub fn cut(self, leaves: u64) -> TileCursor {
        match self.mark {
            Some(mark) if leaves <= mark => TileCursor::default(),
            mark => TileCursor { leaves: self.leaves.min(leaves), mark },
        }
    }
}

/// Tiles, to read them.
#[derive(Debug)]
pub struct Tiles {
    directory: PathBuf,
    rows: Vec<File>,
    cursor: TileCursor,
}

impl Tiles {
    /// The tiles of a directory; none reach anywhere if there is no directory.
    pub fn open(directory: &Path) -> Result<Tiles, Fault> {
        let stated = stated(directory)?;
        let mut rows = Vec::new();
        for row in 0..ROWS_MAX {
            let path = directory.join(row.to_string());
            match File::open(&path) {
                Ok(file) => rows.push(file),
                Err(error) if error.kind() == ErrorKind::NotFound => break,
                Err(error) => return Err(reading(&path, error)),
            }
        }
        let mut tiles = Tiles { directory: directory.to_owned(), rows, cursor: stated };
        let reach = tiles.reach()?;
        if reach < stated.leaves {
            tiles.cursor = stated.cut(reach);
        }
        Ok(tiles)
    }

    /// How far they reach.
    pub fn cursor(&self) -> TileCursor {
        self.cursor
    }

    /// How far they say that they reach; beyond [`Tiles::cursor`] where files are cut or missing.
    pub fn stated(&self) -> Result<u64, Fault> {
        Ok(stated(&self.directory)?.leaves)
    }

    /// The file of a row.
    pub fn path(&self, row: u32) -> PathBuf {
        self.directory.join(row.to_string())
    }

    /// The root of the tree of the first `size` leaves.
    pub fn root(&self, size: u64) -> Result<Hash, Fault> {
        let peaks = self.peaks(size)?;
        let frontier = Frontier::from_parts(size, &peaks);
        frontier.map(|frontier| frontier.root()).ok_or_else(|| self.beyond(0, size))
    }

    fn peaks(&self, size: u64) -> Result<Vec<Hash>, Fault> {
        let root = |part| {
            self.subtree(part).map_err(|error| match error {
                ProveError::Read(fault) => fault,
                ProveError::Missing(_) | ProveError::Range => self.beyond(0, size),
            })
        };
        Span { first: 0, end: size }.parts().map(root).collect()
    }

    /// The most leaves for which all rows have what they must.
    fn reach(&self) -> Result<u64, Fault> {
        let mut reach = LEAVES_MAX - 1;
        for row in 0..ROWS_MAX {
            let length = match self.rows.get(row as usize) {
                Some(file) => {
                    file.metadata().map_err(|error| reading(&self.path(row), error))?.len()
                }
                None => 0,
            };
            // So many hashes are enough below the next complete run of this row.
            let next = u128::from(length / HASH_BYTES + 1) << (row * TILE_LEVELS);
            reach = reach.min(u64::try_from(next - 1).unwrap_or(u64::MAX));
        }
        Ok(reach)
    }

    fn beyond(&self, row: u32, end: u64) -> Fault {
        let place = self.path(row).display().to_string();
        Fault::damaged(place, None, format!("it does not have the first {end} hashes"))
    }
}

impl Hashes for Tiles {
    type Error = Fault;

    fn row(&self, row: u32, first: u64, count: u32) -> Result<Vec<Hash>, Fault> {
        let end = first.saturating_add(u64::from(count));
        let known = self.cursor.leaves.checked_shr(row * TILE_LEVELS).unwrap_or(0);
        let file = self.rows.get(row as usize).filter(|_| end <= known);
        let file = file.ok_or_else(|| self.beyond(row, end))?;
        let mut bytes = vec![0; count as usize * HASH_BYTES as usize];
        file.read_exact_at(&mut bytes, first * HASH_BYTES)
            .map_err(|error| reading(&self.path(row), error))?;
        let (hashes, _) = bytes.as_chunks();
        Ok(hashes.iter().map(|hash| Hash(*hash)).collect())
    }
}

/// Tiles, to add to them. One writer at a time: a second one waits.
#[derive(Debug)]
pub struct TileWriter {
    directory: PathBuf,
    rows: Vec<BufWriter<File>>,
    frontier: Frontier,
    mark: Option<u64>,
    _lock: File,
}

impl TileWriter {
    /// Goes on where `keep` says, which is asked once nobody else adds; not beyond where the tiles
    /// reach.
    pub fn open(
        directory: &Path,
        keep: impl FnOnce(&Tiles) -> Result<TileCursor, Fault>,
    ) -> Result<TileWriter, Fault> {
        make_directory(directory)?;
        let lock = directory.join("lock");
        let locked = File::create(&lock).and_then(|file| file.lock().map(|()| file));
        let lock =
            locked.map_err(|error| Fault::failed(format!("lock {}", lock.display()), error))?;
        let tiles = Tiles::open(directory)?;
        let TileCursor { leaves, mark } = keep(&tiles)?;
        // Cannot fail: the parts of a span from 0 are the peaks of that size.
        let frontier = Frontier::from_parts(leaves, &tiles.peaks(leaves)?).expect("its own peaks");
        // Back first: what is cut must not count any more when it is written anew.
        put_cursor(directory, TileCursor { leaves, mark })?;
        let mut writer = TileWriter {
            directory: directory.to_owned(),
            rows: Vec::new(),
            frontier,
            mark,
            _lock: lock,
        };
        for row in 0..ROWS_MAX {
            match leaves >> (row * TILE_LEVELS) {
                0 if 0 < row => break,
                hashes => writer.open_row(hashes)?,
            }
        }
        Ok(writer)
    }

    /// How many leaves there are, those that are not durable yet among them.
    pub fn leaves(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) -> Result<(), Fault> {
        let mut done = [(Subtree { level: 0, index: 0 }, leaf); ROWS_MAX as usize];
        let mut count = 1;
        self.frontier.push_noting(leaf, |at, hash| {
            done[count] = (at, hash);
            count += 1;
        });
        for (at, hash) in &done[..count] {
            let row = (at.level / TILE_LEVELS) as usize;
            if self.rows.len() <= row {
                self.open_row(0)?;
            }
            self.rows[row].write_all(&hash.0).map_err(|error| writing(&self.path(row), error))?;
        }
        Ok(())
    }

    /// Wants to find the last leaf again.
    pub fn mark(&mut self) {
        self.mark = self.frontier.size().checked_sub(1);
    }

    /// Makes durable what was added.
    pub fn save(&mut self) -> Result<(), Fault> {
        for row in 0..self.rows.len() {
            let path = self.path(row);
            let row = &mut self.rows[row];
            row.flush().map_err(|error| writing(&path, error))?;
            let synced = row.get_ref().sync_data();
            synced.map_err(|error| Fault::sync(path.display().to_string(), error))?;
        }
        let cursor = TileCursor { leaves: self.frontier.size(), mark: self.mark };
        put_cursor(&self.directory, cursor)
    }

    fn path(&self, row: usize) -> PathBuf {
        self.directory.join(row.to_string())
    }

    /// Opens the next row, cut to so many hashes.
    fn open_row(&mut self, hashes: u64) -> Result<(), Fault> {
        let path = self.path(self.rows.len());
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = opened.and_then(|mut file| {
            file.set_len(hashes * HASH_BYTES)?;
            file.seek(SeekFrom::End(0)).map(|_| file)
        });
        let file = file.map_err(|error| writing(&path, error))?;
        self.rows.push(BufWriter::with_capacity(BUFFER_BYTES, file));
        Ok(())
    }
}

/// Reads the cursor; where there is none, nothing counts.
fn stated(directory: &Path) -> Result<TileCursor, Fault> {
    let path = directory.join(CURSOR);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(TileCursor::default()),
        Err(error) => return Err(reading(&path, error)),
    };
    let read = || {
        let (leaves, mark) = text.strip_suffix('\n')?.split_once(' ')?;
        let leaves = leaves.parse().ok().filter(|leaves| *leaves < LEAVES_MAX)?;
        let mark = if mark == "-" { None } else { Some(mark.parse().ok()?) };
        mark.is_none_or(|mark| mark < leaves).then_some(TileCursor { leaves, mark })
    };
    read().ok_or_else(|| {
        let what = "it does not hold a cursor; remove the directory, the tiles are made again";
        Fault::damaged(path.display().to_string(), None, what)
    })
}

fn put_cursor(directory: &Path, cursor: TileCursor) -> Result<(), Fault> {
    let partial = directory.join("cursor.partial");
    let mark = cursor.mark.map_or_else(|| "-".to_owned(), |mark| mark.to_string());
    let written = File::create(&partial).and_then(|mut file| {
        file.write_all(format!("{} {mark}\n", cursor.leaves).as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| writing(&partial, error))?;
    // This makes the names of new rows durable as well.
    rename(&partial, &directory.join(CURSOR))
}

fn reading(path: &Path, error: std::io::Error) -> Fault {
    Fault::failed(format!("read {}", path.display()), error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::journal::proof::{check_inclusion, prove_inclusion};
    use ::journal::tree::{leaf_hash, perfect_root};

    fn leaf(seq: u64) -> Hash {
        leaf_hash(&seq.to_be_bytes())
    }

    fn all(tiles: &Tiles) -> Result<TileCursor, Fault> {
        Ok(tiles.cursor())
    }

    /// Adds leaves up to `end`, saving every `step`.
    fn grow(directory: &Path, end: u64, step: u64) -> Hash {
        let mut writer = TileWriter::open(directory, all).unwrap();
        for seq in writer.leaves()..end {
            writer.push(leaf(seq)).unwrap();
            if seq % 1_000 == 7 {
                writer.mark();
            }
            if (seq + 1) % step == 0 {
                writer.save().unwrap();
            }
        }
        writer.save().unwrap();
        writer.root()
    }

    fn grown(end: u64) -> Frontier {
        let mut frontier = Frontier::new();
        (0..end).for_each(|seq| frontier.push(leaf(seq)));
        frontier
    }

    #[test]
    fn names_of_c2sp() {
        assert_eq!(tile_name(0, 0), "tile/0/000");
        assert_eq!(tile_name(3, 42), "tile/3/042");
        assert_eq!(tile_name(0, 1_234_067), "tile/0/x001/x234/067");
    }

    #[test]
    fn every_leaf_is_proven_and_every_root_is_found() {
        let home = tempfile::tempdir().unwrap();
        let size = 66_000;
        let root = grow(home.path(), size, 20_011);
        let tiles = Tiles::open(home.path()).unwrap();
        assert_eq!(tiles.cursor(), TileCursor { leaves: size, mark: Some(65_007) });
        assert_eq!(tiles.path(2), home.path().join("2"));
        assert_eq!(fs::metadata(tiles.path(2)).unwrap().len(), 32);
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 66_000] {
            assert_eq!(tiles.root(size).unwrap(), grown(size).root(), "{size}");
        }
        for seq in [0, 1, 255, 256, 40_000, 65_535, 65_536, 65_999] {
            let path = prove_inclusion(seq, size, &tiles).unwrap();
            check_inclusion(leaf(seq), seq, size, &path, root).unwrap();
        }
        assert!(tiles.root(size + 1).is_err());
        // A tile is a run of bytes of its row.
        let row = fs::read(tiles.path(0)).unwrap();
        let hashes: Vec<Hash> =
            row[8_192..16_384].as_chunks().0.iter().map(|hash| Hash(*hash)).collect();
        assert_eq!(perfect_root(&hashes).unwrap(), tiles.row(1, 1, 1).unwrap()[0]);
    }

    #[test]
    fn what_is_beyond_the_cursor_counts_for_nothing() {
        let home = tempfile::tempdir().unwrap();
        grow(home.path(), 600, 100);
        for row in ["0", "1"] {
            let mut file = OpenOptions::new().append(true).open(home.path().join(row)).unwrap();
            file.write_all(&[7; 45]).unwrap();
        }
        assert_eq!(Tiles::open(home.path()).unwrap().root(600).unwrap(), grown(600).root());
        assert_eq!(grow(home.path(), 700, 100), grown(700).root());
        assert_eq!(Tiles::open(home.path()).unwrap().root(700).unwrap(), grown(700).root());
    }

    #[test]
    fn missing_and_cut_rows_take_the_cursor_back() {
        let home = tempfile::tempdir().unwrap();
        let check = |row: &str, length: Option<u64>, reach: u64| {
            grow(home.path(), 66_000, 100_000);
            let path = home.path().join(row);
            match length {
                Some(length) => {
                    OpenOptions::new().write(true).open(&path).unwrap().set_len(length).unwrap();
                }
                None => fs::remove_file(&path).unwrap(),
            }
            let tiles = Tiles::open(home.path()).unwrap();
            assert_eq!(tiles.cursor().leaves, reach, "row {row} with {length:?} bytes");
            assert_eq!(tiles.stated().unwrap(), 66_000);
            assert_eq!(grow(home.path(), 66_000, 100_000), grown(66_000).root());
            let tiles = Tiles::open(home.path()).unwrap();
            assert_eq!(tiles.root(66_000).unwrap(), grown(66_000).root());
        };
        check("0", Some(65_999 * 32 + 31), 65_999);
        // The mark is lost with these, so that everything is made anew.
        check("0", None, 0);
        check("1", None, 0);
        check("2", None, 65_535);
        check("1", Some(256 * 32), 65_791);
        fs::write(home.path().join("cursor"), "12").unwrap();
        assert!(Tiles::open(home.path()).unwrap_err().is_damage());
    }

    #[test]
    fn a_writer_may_go_back() {
        let home = tempfile::tempdir().unwrap();
        grow(home.path(), 600, 100);
        let writer = TileWriter::open(home.path(), |tiles| Ok(tiles.cursor().cut(300))).unwrap();
        assert_eq!((writer.leaves(), writer.root()), (300, grown(300).root()));
        drop(writer);
        assert_eq!(Tiles::open(home.path()).unwrap().cursor().leaves, 300);
        let writer = TileWriter::open(home.path(), |tiles| Ok(tiles.cursor().cut(7))).unwrap();
        assert_eq!((writer.leaves(), writer.root()), (0, grown(0).root()));
    }
}
