//! Proofs: that a fact is in the journal, and that a later journal extends an earlier one.
//!
//! Making a proof reads hashes through [`Hashes`]; checking one needs nothing but the proof, the
//! roots, and for a file the public key. The file form is C2SP tlog-proof with the fact's bytes as
//! its extra data, so that it stands alone:
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <base64 of the fact's canonical bytes>
//! index <seq, decimal>
//! <base64 hash>              one line each, from the leaf's sibling upwards; may be none
//!                            an empty line
//! <checkpoint>               to the end, verbatim
//! ```
//!
//! Limits: a path has at most 63 hashes, a consistency proof 64. Cost: at most 64 reads of up to
//! 128 hashes, and as many node hashes.

use core::fmt;

use terms::Hash;

use crate::checkpoint::{self, CheckpointError, CheckpointVerifier};
use crate::tree::{self, Span, Subtree, TILE_LEVELS};

/// The first line of a proof file.
pub const PROOF_MAGIC: &str = "c2sp.org/tlog-proof@v1";

/// A reader of the hashes that a proof needs, as C2SP tiles keep them.
pub trait Hashes {
    /// Why a read fails.
    type Error;

    /// The hashes `first` to before `first + count` of a row. Row 0 is the leaf hashes, row r the
    /// roots of complete runs of 256^r leaves. For a proof `count` is at most 128, and all are
    /// within one tile.
    fn row(&self, row: u32, first: u64, count: u32) -> Result<Vec<Hash>, Self::Error>;

    /// The root of a perfect subtree.
    fn subtree(&self, at: Subtree) -> Result<Hash, ProveError<Self::Error>> {
        let (row, above) = (at.level / TILE_LEVELS, at.level % TILE_LEVELS);
        let count = 1_u32 << above;
        let hashes = self.row(row, at.index << above, count).map_err(ProveError::Read)?;
        let root = tree::perfect_root(&hashes).filter(|_| hashes.len() == count as usize);
        root.ok_or(ProveError::Missing(at))
    }
}

/// Why a proof cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProveError<E> {
    /// There is no such leaf or no such earlier size.
    Range,
    /// The reader has not all hashes of a subtree.
    Missing(Subtree),
    /// The reader failed.
    Read(E),
}

impl<E> fmt::Display for ProveError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProveError::Range => f.write_str("the journal of this size has no such entry"),
            ProveError::Missing(Subtree { level, index }) => {
                write!(f, "the hashes of subtree {index} at level {level} are not all there")
            }
            ProveError::Read(_) => f.write_str("the hashes for a proof cannot be read"),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for ProveError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            ProveError::Read(source) => Some(source),
            ProveError::Range | ProveError::Missing(_) => None,
        }
    }
}

/// The path that proves leaf `index` in the tree of `size` leaves: hashes from the leaf's sibling
/// upwards.
pub fn prove_inclusion<H: Hashes>(
    index: u64,
    size: u64,
    hashes: &H,
) -> Result<Vec<Hash>, ProveError<H::Error>> {
    roots(tree::inclusion_plan(index, size).ok_or(ProveError::Range)?, hashes)
}

/// The hashes that prove that the tree of `new` leaves begins with the tree of `old` leaves.
pub fn prove_consistency<H: Hashes>(
    old: u64,
    new: u64,
    hashes: &H,
) -> Result<Vec<Hash>, ProveError<H::Error>> {
    roots(tree::consistency_plan(old, new).ok_or(ProveError::Range)?, hashes)
}

/// The root of each span.
fn roots<H: Hashes>(plan: Vec<Span>, hashes: &H) -> Result<Vec<Hash>, ProveError<H::Error>> {
    let root = |span: Span| {
        let parts: Result<Vec<Hash>, _> = span.parts().map(|part| hashes.subtree(part)).collect();
        parts.map(|parts| tree::fold(&parts))
    };
    plan.into_iter().map(root).collect()
}

/// Why a proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The tree of this size has no such leaf, or the earlier size is larger.
    Range,
    /// A proof of these sizes has another number of hashes.
    Count {
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// The hashes do not lead to the root.
    Root,
    /// The hashes do not lead to the earlier root.
    OldRoot,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofError::Range => f.write_str("the checkpoint's journal has no such entry"),
            ProofError::Count { expected, found } => {
                write!(f, "the proof must have {expected} hashes and has {found}")
            }
            ProofError::Root => f.write_str("the proof does not lead to the root"),
            ProofError::OldRoot => f.write_str("the proof does not lead to the earlier root"),
        }
    }
}

impl core::error::Error for ProofError {}

/// Checks that `leaf` is leaf `index` of the tree with `size` leaves and this root.
pub fn check_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    let plan = tree::inclusion_plan(index, size).ok_or(ProofError::Range)?;
    let mut node = leaf;
    for (span, hash) in paired(plan, path)? {
        node = if span.first <= index {
            tree::node_hash(hash, node)
        } else {
            tree::node_hash(node, hash)
        };
    }
    if node == root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `new` leaves with root `new_root` begins with the tree of `old` leaves
/// with root `old_root`.
pub fn check_consistency(
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    let plan = tree::consistency_plan(old, new).ok_or(ProofError::Range)?;
    let proof = paired(plan, proof)?;
    if old == 0 {
        // Every tree begins with the empty one.
        return if old_root == tree::EMPTY_ROOT { Ok(()) } else { Err(ProofError::OldRoot) };
    }
    // Both roots grow from the last perfect part of the old tree, which is the old tree itself
    // when it is perfect, and else the first hash.
    let (mut was, mut is) = (old_root, old_root);
    for (span, hash) in proof {
        if old <= span.first {
            is = tree::node_hash(is, hash);
        } else if span.end == old {
            (was, is) = (hash, hash);
        } else {
            (was, is) = (tree::node_hash(hash, was), tree::node_hash(hash, is));
        }
    }
    if was != old_root {
        return Err(ProofError::OldRoot);
    }
    if is == new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// Each span of a plan with its hash.
fn paired(
    plan: Vec<Span>,
    hashes: &[Hash],
) -> Result<impl Iterator<Item = (Span, Hash)>, ProofError> {
    if plan.len() != hashes.len() {
        return Err(ProofError::Count { expected: plan.len(), found: hashes.len() });
    }
    Ok(plan.into_iter().zip(hashes.iter().copied()))
}

/// A fact with everything that proves it, apart from the public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// The fact's canonical bytes.
    pub fact: Vec<u8>,
    /// Its place in the journal.
    pub seq: u64,
    /// The inclusion path.
    pub path: Vec<Hash>,
    /// The text of a checkpoint of a journal that has the fact.
    pub checkpoint: String,
}

/// What a checked proof shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The leaf hash of the fact.
    pub leaf: Hash,
    /// How many facts the journal of the checkpoint has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

impl ProofFile {
    /// Checks the proof offline: the checkpoint by the key, the fact by path and root.
    ///
    /// It shows that these bytes are entry `seq`; whether they decode to what somebody claims is
    /// for whoever reads the fact.
    pub fn check(&self, verifier: &CheckpointVerifier) -> Result<Proven, ProofFileError> {
        let opened = checkpoint::open(&self.checkpoint, verifier);
        let (size, root) = opened.map_err(ProofFileError::Checkpoint)?;
        let leaf = tree::leaf_hash(&self.fact);
        let checked = check_inclusion(leaf, self.seq, size, &self.path, root);
        checked.map_err(ProofFileError::Path)?;
        Ok(Proven { leaf, size, root })
    }

    /// Reads the file form. Strict: there is one text of a proof, and what is printed is it.
    pub fn parse(text: &str) -> Result<ProofFile, ProofFileError> {
        let mut lines = Lines { rest: text, line: 0 };
        if lines.next()? != PROOF_MAGIC {
            return Err(lines.wrong("the first line is not that of a proof file"));
        }
        let fact = lines.next()?.strip_prefix("extra ").and_then(crate::from_base64);
        let fact = fact.ok_or(lines.wrong("not `extra` and the fact in base64"))?;
        let seq = lines.next()?.strip_prefix("index ").and_then(decimal);
        let seq = seq.ok_or(lines.wrong("not `index` and a number"))?;
        let mut path = Vec::new();
        loop {
            let line = lines.next()?;
            if line.is_empty() {
                break;
            }
            let hash = crate::from_base64(line).and_then(|bytes| bytes.try_into().ok());
            path.push(Hash(hash.ok_or(lines.wrong("not a hash in base64"))?));
        }
        Ok(ProofFile { fact, seq, path, checkpoint: lines.rest.to_owned() })
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{PROOF_MAGIC}")?;
        writeln!(f, "extra {}", crate::to_base64(&self.fact))?;
        writeln!(f, "index {}", self.seq)?;
        for hash in &self.path {
            writeln!(f, "{}", crate::to_base64(&hash.0))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The one decimal form of a number.
fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// Lines that end with a line feed, counted.
struct Lines<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Result<&'a str, ProofFileError> {
        self.line += 1;
        let cut = self.rest.split_once('\n');
        let (line, rest) = cut.ok_or(self.wrong("the file ends here"))?;
        self.rest = rest;
        Ok(line)
    }

    fn wrong(&self, what: &'static str) -> ProofFileError {
        ProofFileError::Line { line: self.line, what }
    }
}

/// Which part of a proof file is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofFileError {
    /// A line is not what it must be.
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The checkpoint is not one that is trusted.
    Checkpoint(CheckpointError),
    /// The fact or the path is not that of the checkpoint.
    Path(ProofError),
}

impl fmt::Display for ProofFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofFileError::Line { line, what } => write!(f, "line {line}: {what}"),
            ProofFileError::Checkpoint(_) => f.write_str("the checkpoint of the proof is refused"),
            ProofFileError::Path(_) => {
                f.write_str("the fact is not at this place of the checkpoint's journal")
            }
        }
    }
}

impl core::error::Error for ProofFileError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            ProofFileError::Checkpoint(source) => Some(source),
            ProofFileError::Path(source) => Some(source),
            ProofFileError::Line { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::{CheckpointKey, Origin};
    use crate::tree::{Frontier, TILE_LEAVES};
    use tlog_tiles::tlog;

    /// Leaf hashes, and rows of tile roots as a store keeps them.
    struct Rows(Vec<Vec<Hash>>);

    impl Rows {
        fn of(leaves: u32) -> Rows {
            let mut rows = vec![Vec::new(), Vec::new(), Vec::new()];
            let mut frontier = Frontier::new();
            for n in 0..leaves {
                let leaf = tree::leaf_hash(&n.to_be_bytes());
                rows[0].push(leaf);
                frontier.push_noting(leaf, |at, hash| {
                    rows[(at.level / TILE_LEVELS) as usize].push(hash);
                });
            }
            Rows(rows)
        }

        fn root(&self, size: u64) -> Hash {
            let mut frontier = Frontier::new();
            self.0[0].iter().take(size as usize).for_each(|leaf| frontier.push(*leaf));
            frontier.root()
        }
    }

    impl Hashes for Rows {
        type Error = ();
        fn row(&self, row: u32, first: u64, count: u32) -> Result<Vec<Hash>, ()> {
            assert!(count <= 128);
            let row = self.0.get(row as usize).ok_or(())?;
            let hashes = row.iter().skip(first as usize).take(count as usize);
            Ok(hashes.copied().collect())
        }
    }

    fn theirs(hashes: &[Hash]) -> Vec<tlog::Hash> {
        hashes.iter().map(|hash| tlog::Hash(hash.0)).collect()
    }

    fn check_both(index: u64, size: u64, rows: &Rows, root: Hash) {
        let leaf = rows.0[0][index as usize];
        let path = prove_inclusion(index, size, rows).unwrap();
        assert_eq!(check_inclusion(leaf, index, size, &path, root), Ok(()), "{index} of {size}");
        let (leaf, root) = (tlog::Hash(leaf.0), tlog::Hash(root.0));
        tlog::check_record(&theirs(&path), size, root, index, leaf).unwrap();
    }

    #[test]
    fn every_leaf_of_small_trees_is_proven() {
        for size in 1..=70 {
            let rows = Rows::of(size);
            let root = rows.root(u64::from(size));
            (0..size).for_each(|index| check_both(u64::from(index), u64::from(size), &rows, root));
        }
    }

    #[test]
    fn leaves_of_tiled_trees_are_proven() {
        for size in [256, 257, 511, 512, 1_000, 65_536, 66_049] {
            let rows = Rows::of(size);
            let root = rows.root(u64::from(size));
            for index in [0, 1, 255, 256, 300, 65_535, 65_536, 66_048, size - 1] {
                if index < size {
                    check_both(u64::from(index), u64::from(size), &rows, root);
                }
            }
        }
    }

    #[test]
    fn every_prefix_of_small_trees_is_consistent() {
        let rows = Rows::of(70);
        let roots: Vec<Hash> = (0..=70).map(|size| rows.root(size)).collect();
        for new in 0..=70 {
            for old in 0..=new {
                let proof = prove_consistency(old, new, &rows).unwrap();
                let (was, is) = (roots[old as usize], roots[new as usize]);
                assert_eq!(check_consistency((old, was), (new, is), &proof), Ok(()));
                if 0 < old {
                    let (was, is) = (tlog::Hash(was.0), tlog::Hash(is.0));
                    tlog::check_tree(&theirs(&proof), new, is, old, was).unwrap();
                }
                let wrong = tree::leaf_hash(b"wrong");
                let refused = check_consistency((old, wrong), (new, is), &proof);
                assert!(refused.is_err(), "{old} of {new}");
                if 0 < old {
                    let refused = check_consistency((old, was), (new, wrong), &proof);
                    assert!(refused.is_err(), "{old} of {new}");
                }
                for at in 0..proof.len() {
                    let mut changed = proof.clone();
                    changed[at].0[31] ^= 1;
                    let refused = check_consistency((old, was), (new, is), &changed);
                    assert!(refused.is_err(), "{old} of {new}, hash {at}");
                }
            }
        }
    }

    #[test]
    fn wrong_inclusions_are_refused() {
        let rows = Rows::of(13);
        let (leaf, root) = (rows.0[0][9], rows.root(13));
        let path = prove_inclusion(9, 13, &rows).unwrap();
        let check = |leaf, index, size, path: &[Hash], root, why| {
            assert_eq!(check_inclusion(leaf, index, size, path, root), Err(why));
        };
        check(leaf, 8, 13, &path, root, ProofError::Root);
        check(leaf, 13, 13, &path, root, ProofError::Range);
        check(Hash::ZERO, 9, 13, &path, root, ProofError::Root);
        check(leaf, 9, 13, &path, Hash::ZERO, ProofError::Root);
        let count = ProofError::Count { expected: path.len(), found: path.len() - 1 };
        check(leaf, 9, 13, &path[1..], root, count);
        for at in 0..path.len() {
            let mut changed = path.clone();
            changed[at].0[0] ^= 0x80;
            check(leaf, 9, 13, &changed, root, ProofError::Root);
        }
        assert_eq!(check_consistency((2, root), (1, root), &[]), Err(ProofError::Range));
        assert_eq!(check_consistency((1, leaf), (1, root), &[]), Err(ProofError::Root));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let mut rows = Rows::of(TILE_LEAVES as u32 * 2);
        assert_eq!(prove_inclusion(512, 512, &rows), Err(ProveError::Range));
        assert_eq!(prove_consistency(3, 2, &rows), Err(ProveError::Range));
        rows.0[1].pop();
        let missing = ProveError::Missing(Subtree { level: 8, index: 1 });
        assert_eq!(prove_inclusion(0, 512, &rows), Err(missing));
        rows.0.truncate(1);
        assert_eq!(prove_inclusion(0, 512, &rows), Err(ProveError::Read(())));
    }

    fn file() -> (ProofFile, CheckpointVerifier) {
        let rows = Rows::of(13);
        let origin = Origin::of("demo").unwrap();
        let key = CheckpointKey::from_seed([3; 32]);
        let path = prove_inclusion(9, 13, &rows).unwrap();
        let checkpoint = checkpoint::sign(&origin, 13, rows.root(13), &key);
        let fact = 9_u32.to_be_bytes().to_vec();
        (ProofFile { fact, seq: 9, path, checkpoint }, key.verifier(&origin))
    }

    #[test]
    fn files_stand_alone() {
        let (file, verifier) = file();
        let text = file.to_string();
        crate::golden::check("proof.tlog-proof", text.as_bytes());
        let read = ProofFile::parse(&text).unwrap();
        assert_eq!(read, file);
        let proven = read.check(&verifier).unwrap();
        assert_eq!((proven.size, proven.leaf), (13, tree::leaf_hash(&file.fact)));
    }

    #[test]
    fn any_changed_character_of_a_file_is_refused() {
        let (file, verifier) = file();
        let text = file.to_string();
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                let refused = ProofFile::parse(&changed).and_then(|read| read.check(&verifier));
                assert!(refused.is_err(), "byte {at}, bit {bit}: {changed}");
            }
        }
    }

    #[test]
    fn files_say_which_part_is_bad() {
        let (file, verifier) = file();
        let text = file.to_string();
        let check = |from: &str, to: &str, why: &str| {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from:?} is not in the file");
            let read = ProofFile::parse(&changed).and_then(|read| read.check(&verifier));
            assert_eq!(read.unwrap_err().to_string(), why, "{from:?} → {to:?}");
        };
        check("@v1", "@v2", "line 1: the first line is not that of a proof file");
        check("extra ", "Extra ", "line 2: not `extra` and the fact in base64");
        check("AAAACQ==", "AAAACR==", "line 2: not `extra` and the fact in base64");
        check("index 9", "index 09", "line 3: not `index` and a number");
        check("index 9\n", "index 9\nAAAA\n", "line 4: not a hash in base64");
        check("AAAACQ==", "AAAACA==", "the fact is not at this place of the checkpoint's journal");
        check("index 9", "index 8", "the fact is not at this place of the checkpoint's journal");
        check("\n13\n", "\n14\n", "the checkpoint of the proof is refused");
        let cut = ProofFile::parse("c2sp.org/tlog-proof@v1\n").unwrap_err();
        assert_eq!(cut.to_string(), "line 2: the file ends here");
    }
}
