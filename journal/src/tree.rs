//! The Merkle tree over facts (RFC 6962): leaf and node hashes, the frontier that grows with the
//! journal, and the plan of which hashes a proof needs.
//!
//! Contract: a leaf is SHA-256(0x00 ‖ fact bytes), a node SHA-256(0x01 ‖ left ‖ right), the empty
//! tree's root SHA-256 of nothing. The domain bytes keep a node from passing as a fact.
//! Limits: at most 2^63 leaves. Costs: [`Frontier::push`] hashes one node amortised and never
//! allocates; [`Frontier::root`] hashes at most 63 nodes.

use sha2::{Digest as _, Sha256};
use terms::Hash;
use terms::codec::{Broken, Field, Reader, Value};

/// Levels between two kept rows of hashes: a tile has 2^8 = 256 hashes (C2SP tlog-tiles).
pub const TILE_LEVELS: u32 = 8;

/// Leaves under one complete tile of the lowest row.
pub const TILE_LEAVES: usize = 1 << TILE_LEVELS;

/// The most leaves a tree may have; far beyond any journal, it keeps shifts in range.
pub const LEAVES_MAX: u64 = 1 << 63;

/// The most peaks that a tree of [`LEAVES_MAX`] leaves can have.
const PEAKS_MAX: usize = 64;

/// The root of the tree without leaves: SHA-256 of the empty string.
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// The hash of a fact's canonical bytes as a leaf.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
}

/// The hash of a node over two subtrees.
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(&left.0);
    bytes[33..].copy_from_slice(&right.0);
    Hash(Sha256::digest(bytes).into())
}

/// The root over hashes of one level, when they fill a perfect subtree: 1, 2, 4, … 256 of them.
///
/// Given the 256 leaf hashes of a tile it is the tile's root, which a store keeps.
pub fn perfect_root(hashes: &[Hash]) -> Option<Hash> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut row = hashes.to_vec();
    while 1 < row.len() {
        row = row.chunks_exact(2).map(|pair| node_hash(pair[0], pair[1])).collect();
    }
    row.first().copied()
}

/// A perfect subtree: the `index`-th run of 2^`level` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subtree {
    /// Height above the leaves; a leaf itself has level 0.
    pub level: u32,
    /// Position among the subtrees of this level, from 0.
    pub index: u64,
}

/// The peaks of a growing tree: the roots of the perfect subtrees that its leaves fill, largest
/// first. It is all that is needed to append and to know the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Default for Frontier {
    fn default() -> Self {
        Frontier::new()
    }
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Self {
        Frontier { size: 0, peaks: Vec::with_capacity(PEAKS_MAX) }
    }

    /// The frontier with these parts: one peak for each bit set in `size`, largest first.
    pub fn from_parts(size: u64, peaks: &[Hash]) -> Option<Self> {
        if LEAVES_MAX < size || peaks.len() != size.count_ones() as usize {
            return None;
        }
        let mut frontier = Frontier::new();
        frontier.size = size;
        frontier.peaks.extend_from_slice(peaks);
        Some(frontier)
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_noting(leaf, |_, _| ());
    }

    /// Appends a leaf and tells of each tile root that it completes: the subtrees at levels 8, 16,
    /// 24 and so on, lowest first.
    pub fn push_noting(&mut self, leaf: Hash, mut complete: impl FnMut(Subtree, Hash)) {
        assert!(self.size < LEAVES_MAX, "the tree is full");
        let mut node = leaf;
        let mut level = 0;
        while self.size >> level & 1 == 1 {
            // Cannot fail: there is one peak for each bit set in `size`.
            let left = self.peaks.pop().expect("a peak for each bit of the size");
            node = node_hash(left, node);
            level += 1;
            if level % TILE_LEVELS == 0 {
                complete(Subtree { level, index: self.size >> level }, node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the perfect subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }
}

/// The root over perfect subtrees that stand side by side, largest first.
pub(crate) fn fold(parts: &[Hash]) -> Hash {
    let joined = parts.iter().rev().copied().reduce(|right, left| node_hash(left, right));
    joined.unwrap_or(EMPTY_ROOT)
}

impl Field for Frontier {
    fn shape() -> String {
        "Frontier".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.size.put(out);
        for peak in &self.peaks {
            peak.put(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let size = u64::read(from)?;
        let mut peaks = Vec::with_capacity(PEAKS_MAX);
        for _ in 0..size.count_ones() {
            peaks.push(Hash::read(from)?);
        }
        Frontier::from_parts(size, &peaks).ok_or(Broken::Range)
    }
    fn value(&self) -> Value {
        Value::Record(vec![("size", self.size.value()), ("peaks", self.peaks.value())])
    }
}

/// A run of leaves whose root is one hash of a proof: leaves `first` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first leaf.
    pub first: u64,
    /// The leaf after the last.
    pub end: u64,
}

impl Span {
    /// The perfect subtrees that fill the span, left to right; one of them except at the right
    /// edge of the tree.
    pub fn parts(self) -> impl Iterator<Item = Subtree> {
        let Span { mut first, end } = self;
        core::iter::from_fn(move || {
            let left = end.checked_sub(first).filter(|left| 0 < *left)?;
            // A subtree of 2^level leaves starts at a multiple of 2^level.
            let level = left.ilog2().min(first.trailing_zeros());
            let part = Subtree { level, index: first >> level };
            first += 1 << level;
            Some(part)
        })
    }
}

/// The largest power of two below `count`, where RFC 6962 splits `count` leaves; `2 <= count`.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The spans whose roots prove that leaf `index` is in the tree of `size` leaves, from the leaf
/// upwards (RFC 6962, 2.1.1). None if there is no such leaf.
pub fn inclusion_plan(index: u64, size: u64) -> Option<Vec<Span>> {
    if size <= index || LEAVES_MAX < size {
        return None;
    }
    let mut plan = Vec::new();
    let (mut first, mut end) = (0, size);
    while 1 < end - first {
        let middle = first + split(end - first);
        if index < middle {
            plan.push(Span { first: middle, end });
            end = middle;
        } else {
            plan.push(Span { first, end: middle });
            first = middle;
        }
    }
    plan.reverse();
    Some(plan)
}

/// The spans whose roots prove that the tree of `new` leaves extends the tree of `old` leaves
/// (RFC 6962, 2.1.2), in the order of the proof. Empty when `old` is 0 or equals `new`; none if
/// `old` is larger.
pub fn consistency_plan(old: u64, new: u64) -> Option<Vec<Span>> {
    if new < old || LEAVES_MAX < new {
        return None;
    }
    let mut plan = Vec::new();
    if old == 0 || old == new {
        return Some(plan);
    }
    let (mut first, mut end) = (0, new);
    while end != old {
        let middle = first + split(end - first);
        if old <= middle {
            plan.push(Span { first: middle, end });
            end = middle;
        } else {
            plan.push(Span { first, end: middle });
            first = middle;
        }
    }
    // The old tree itself is known to whoever checks; a part of it is not.
    if 0 < first {
        plan.push(Span { first, end });
    }
    plan.reverse();
    Some(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tlog_tiles::tlog;

    /// RFC 6962, 2.1, word for word.
    fn naive(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => Hash(Sha256::digest([]).into()),
            1 => leaves[0],
            n => {
                let mut k = 1;
                while k * 2 < n {
                    k *= 2;
                }
                node_hash(naive(&leaves[..k]), naive(&leaves[k..]))
            }
        }
    }

    fn leaves(count: u32) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    fn grown(leaves: &[Hash]) -> Frontier {
        let mut frontier = Frontier::new();
        leaves.iter().for_each(|leaf| frontier.push(*leaf));
        frontier
    }

    #[test]
    fn known_vectors() {
        // The inputs and roots that Certificate Transparency implementations share.
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root(), EMPTY_ROOT);
        for (input, root) in inputs.iter().zip(roots) {
            frontier.push(leaf_hash(&terms::codec::unhex(input).unwrap()));
            assert_eq!(frontier.root().to_string(), root);
        }
    }

    #[test]
    fn root_is_that_of_the_definition() {
        let all = leaves(600);
        let mut frontier = Frontier::new();
        for size in 0..all.len() {
            assert_eq!(frontier.root(), naive(&all[..size]), "{size} leaves");
            assert_eq!(frontier.size(), size as u64);
            assert_eq!(frontier.peaks().len(), (size as u64).count_ones() as usize);
            frontier.push(all[size]);
        }
    }

    #[test]
    fn root_is_that_of_another_implementation() {
        for size in [1_u32, 2, 3, 255, 256, 257, 1000] {
            let all = leaves(size);
            let mut stored: Vec<tlog::Hash> = Vec::new();
            for (n, leaf) in all.iter().enumerate() {
                let more = tlog::stored_hashes_for_record_hash(
                    n as u64,
                    tlog::Hash(leaf.0),
                    &oracle(&stored),
                );
                stored.extend(more.unwrap());
            }
            let theirs = tlog::tree_hash(u64::from(size), &oracle(&stored)).unwrap();
            assert_eq!(grown(&all).root().0, theirs.0, "{size} leaves");
        }
    }

    pub(crate) struct Oracle<'a>(&'a [tlog::Hash]);

    fn oracle(stored: &[tlog::Hash]) -> Oracle<'_> {
        Oracle(stored)
    }

    impl tlog::HashReader for Oracle<'_> {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
            Ok(indexes.iter().map(|at| self.0[*at as usize]).collect())
        }
    }

    #[test]
    fn completed_tiles_are_told() {
        let all = leaves(TILE_LEAVES as u32 * 3 + 5);
        let mut frontier = Frontier::new();
        let mut told = Vec::new();
        for leaf in &all {
            frontier.push_noting(*leaf, |at, hash| told.push((at, hash)));
        }
        assert_eq!(told.len(), 3);
        for (n, tile) in all.chunks_exact(TILE_LEAVES).enumerate() {
            let root = perfect_root(tile).unwrap();
            assert_eq!(told[n], (Subtree { level: TILE_LEVELS, index: n as u64 }, root));
            assert_eq!(root, naive(tile));
        }
        assert_eq!(perfect_root(&all[..3]), None);
        assert_eq!(perfect_root(&[]), None);
    }

    #[test]
    fn frontier_has_one_byte_form() {
        for size in [0, 1, 2, 7, 300] {
            let frontier = grown(&leaves(size));
            let bytes = frontier.to_bytes();
            assert_eq!(Frontier::from_bytes(&bytes), Ok(frontier.clone()));
            assert_eq!(Frontier::from_parts(u64::from(size), frontier.peaks()), Some(frontier));
        }
        assert_eq!(Frontier::from_parts(3, &[Hash::ZERO]), None);
        assert_eq!(Frontier::from_parts(u64::MAX, &[Hash::ZERO; 64]), None);
        assert_eq!(Frontier::from_bytes(&[3, 0]), Err(Broken::Short));
    }

    #[test]
    fn spans_are_filled_left_to_right() {
        fn check(first: u64, end: u64, parts: &[(u32, u64)]) {
            let found: Vec<_> =
                Span { first, end }.parts().map(|part| (part.level, part.index)).collect();
            assert_eq!(found, parts, "{first}..{end}");
        }
        check(0, 0, &[]);
        check(0, 1, &[(0, 0)]);
        check(0, 8, &[(3, 0)]);
        check(8, 13, &[(2, 2), (0, 12)]);
        check(4, 7, &[(1, 2), (0, 6)]);
    }

    #[test]
    fn plans_of_the_rfc() {
        // RFC 6962, 2.1.3: the tree of seven leaves.
        fn spans(plan: Option<Vec<Span>>) -> Option<Vec<(u64, u64)>> {
            plan.map(|plan| plan.iter().map(|span| (span.first, span.end)).collect())
        }
        assert_eq!(spans(inclusion_plan(0, 7)), Some(vec![(1, 2), (2, 4), (4, 7)]));
        assert_eq!(spans(inclusion_plan(3, 7)), Some(vec![(2, 3), (0, 2), (4, 7)]));
        assert_eq!(spans(inclusion_plan(4, 7)), Some(vec![(5, 6), (6, 7), (0, 4)]));
        assert_eq!(spans(inclusion_plan(6, 7)), Some(vec![(4, 6), (0, 4)]));
        assert_eq!(spans(inclusion_plan(7, 7)), None);
        let third = Some(vec![(2, 3), (3, 4), (0, 2), (4, 7)]);
        assert_eq!(spans(consistency_plan(3, 7)), third);
        assert_eq!(spans(consistency_plan(4, 7)), Some(vec![(4, 7)]));
        assert_eq!(spans(consistency_plan(6, 7)), Some(vec![(4, 6), (6, 7), (0, 4)]));
        assert_eq!(spans(consistency_plan(7, 7)), Some(vec![]));
        assert_eq!(spans(consistency_plan(8, 7)), None);
    }
}
