//! Pairs of closed segments in order: of one segment, and of several merged.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use store::Fault;

use super::chunk::{self, Index, Pair, Which};
use crate::file::Db;

/// Which way pairs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// The pairs of one segment in order, from a pair on.
#[derive(Debug)]
pub(super) struct Stream {
    index: Index,
    /// None for the open segment, whose pairs are all here.
    segment: Option<i64>,
    way: Way,
    /// The next pair is at the end.
    pairs: Vec<Pair>,
    /// The first pair of the chunk that is here, or the last one going up.
    edge: Pair,
}

impl Stream {
    /// The pairs of a closed segment.
    pub(super) fn closed(
        db: &Db,
        index: Index,
        segment: i64,
        way: Way,
        from: Pair,
    ) -> Result<Stream, Fault> {
        let mut stream =
            Stream { index, segment: Some(segment), way, pairs: Vec::new(), edge: from };
        match chunk::read(db, index, segment, Which::At, from)? {
            Some(pairs) => stream.put(pairs),
            None => stream.refill(db)?,
        }
        stream.skip(db, from)?;
        Ok(stream)
    }

    /// The pairs of the open segment.
    pub(super) fn open(index: Index, way: Way, mut pairs: Vec<Pair>) -> Stream {
        pairs.sort_unstable();
        let mut stream = Stream { index, segment: None, way, pairs: Vec::new(), edge: (0, 0) };
        stream.put(pairs);
        stream
    }

    /// The next pair.
    pub(super) fn peek(&self) -> Option<Pair> {
        self.pairs.last().copied()
    }

    pub(super) fn pop(&mut self, db: &Db) -> Result<(), Fault> {
        self.pairs.pop();
        if self.pairs.is_empty() { self.refill(db) } else { Ok(()) }
    }

    /// Takes the pairs of a chunk, ascending as stored.
    fn put(&mut self, mut pairs: Vec<Pair>) {
        match self.way {
            Way::Up => {
                self.edge = pairs.last().copied().unwrap_or(self.edge);
                pairs.reverse();
            }
            Way::Down => self.edge = pairs.first().copied().unwrap_or(self.edge),
        }
        self.pairs = pairs;
    }

    fn refill(&mut self, db: &Db) -> Result<(), Fault> {
        let Some(segment) = self.segment else { return Ok(()) };
        let which = match self.way {
            Way::Up => Which::After,
            Way::Down => Which::Before,
        };
        if let Some(pairs) = chunk::read(db, self.index, segment, which, self.edge)? {
            self.put(pairs);
        }
        Ok(())
    }

    /// Drops pairs that come before `from`.
    fn skip(&mut self, db: &Db, from: Pair) -> Result<(), Fault> {
        let early = match self.way {
            Way::Up => Ordering::Less,
            Way::Down => Ordering::Greater,
        };
        while self.peek().is_some_and(|pair| pair.cmp(&from) == early) {
            self.pop(db)?;
        }
        Ok(())
    }
}

/// The pairs of several segments in order.
#[derive(Debug)]
pub(super) struct Merged {
    streams: Vec<Stream>,
    /// The next pair of each stream.
    heads: Heads,
}

/// The first of all on top.
#[derive(Debug)]
enum Heads {
    Up(BinaryHeap<Reverse<(Pair, usize)>>),
    Down(BinaryHeap<(Pair, usize)>),
}

impl Merged {
    pub(super) fn new(way: Way, streams: Vec<Stream>) -> Merged {
        let heads = match way {
            Way::Up => Heads::Up(BinaryHeap::new()),
            Way::Down => Heads::Down(BinaryHeap::new()),
        };
        let mut merged = Merged { streams, heads };
        for at in 0..merged.streams.len() {
            merged.push(at);
        }
        merged
    }

    pub(super) fn next(&mut self, db: &Db) -> Result<Option<Pair>, Fault> {
        let next = match &mut self.heads {
            Heads::Up(heads) => heads.pop().map(|Reverse(next)| next),
            Heads::Down(heads) => heads.pop(),
        };
        let Some((pair, at)) = next else { return Ok(None) };
        self.streams[at].pop(db)?;
        self.push(at);
        Ok(Some(pair))
    }

    fn push(&mut self, at: usize) {
        let Some(pair) = self.streams[at].peek() else { return };
        match &mut self.heads {
            Heads::Up(heads) => heads.push(Reverse((pair, at))),
            Heads::Down(heads) => heads.push((pair, at)),
        }
    }
}
