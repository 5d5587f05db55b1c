//! What verification found, as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde_json::json;
use store::{Fault, Head};
use terms::Hash;

/// The first bad record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bad {
    /// The file.
    pub part: Option<String>,
    /// The frame.
    pub frame: Option<u64>,
    /// The entry, where it is known.
    pub seq: Option<u64>,
    /// The invariant that it breaks, where it is one.
    pub invariant: Option<String>,
    /// What is wrong.
    pub what: String,
}

impl Bad {
    /// What the store found.
    pub fn of_fault(fault: &Fault) -> Bad {
        let (part, frame) = match fault {
            Fault::Damaged { place, frame, .. } => (Some(place.clone()), *frame),
            _ => (None, None),
        };
        Bad { part, frame, what: fault.chain(), ..Bad::default() }
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "part": self.part,
            "frame": self.frame,
            "seq": self.seq,
            "invariant": self.invariant,
            "what": self.what,
        })
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = String::new();
        let parts = [
            self.part.clone(),
            self.frame.map(|frame| format!("frame {frame}")),
            self.seq.map(|seq| format!("entry {seq}")),
            self.invariant.clone(),
        ];
        for part in parts.into_iter().flatten() {
            line.push_str(&part);
            line.push_str(", ");
        }
        line.truncate(line.len().saturating_sub(2));
        if line.is_empty() { f.write_str(&self.what) } else { write!(f, "{line}: {}", self.what) }
    }
}

/// What was recomputed, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The end of what was recomputed.
    pub head: Option<Head>,
    /// The state hash there.
    pub state_hash: Option<Hash>,
    /// How often each invariant was checked.
    pub invariants: BTreeMap<String, u64>,
    /// What else was compared, in words.
    pub compared: Vec<String>,
    /// The first bad record.
    pub bad: Option<Bad>,
    /// Whether `bad` is beside the journal, so that a bad record of the journal goes before it.
    beside: bool,
}

impl Report {
    /// A store that could not be opened.
    pub fn unopened(bad: Bad) -> Report {
        Report { bad: Some(bad), ..Report::default() }
    }

    /// Notes a bad record of the journal; the first one stays, unless it is less precise.
    pub fn find(&mut self, bad: Bad) {
        let known = self.bad.as_ref().filter(|_| !self.beside);
        let earlier = known.is_none_or(|known| match (known.frame, bad.frame) {
            (Some(frame), Some(found)) => found < frame || (found == frame && known.seq.is_none()),
            (None, _) => true,
            (Some(_), None) => false,
        });
        if earlier {
            self.bad = Some(bad);
            self.beside = false;
        }
    }

    /// Whether nothing bad was found in the journal itself.
    pub fn is_whole(&self) -> bool {
        self.bad.is_none() || self.beside
    }

    /// Notes damage beside the journal's facts.
    pub fn find_beside(&mut self, bad: Bad) {
        if self.bad.is_none() {
            self.bad = Some(bad);
            self.beside = true;
        }
    }

    /// Adds checks of an invariant.
    pub fn count(&mut self, invariant: &str, checks: u64) {
        *self.invariants.entry(invariant.to_owned()).or_default() += checks;
    }

    /// One object.
    pub fn json(&self) -> serde_json::Value {
        let head = self.head;
        json!({
            "ok": self.bad.is_none(),
            "entries": head.map_or(0, |head| head.next_seq),
            "frames": head.map_or(0, |head| head.frame),
            "root": head.map(|head| head.root.to_string()),
            "head": head.map(|head| json!({
                "frame": head.frame,
                "term": head.term,
                "next_seq": head.next_seq,
                "hash": head.hash.to_string(),
                "root": head.root.to_string(),
                "at_ns": head.at.0,
            })),
            "state_hash": self.state_hash.map(|hash| hash.to_string()),
            "invariants": self.invariants,
            "compared": self.compared,
            "first_bad": self.bad.as_ref().map(Bad::json),
        })
    }

    /// A report for people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let head = self.head.unwrap_or(Head::empty());
        // Writing to a string does not fail.
        let _ = writeln!(text, "entries    {}", head.next_seq);
        let _ = writeln!(text, "frames     {}", head.frame);
        let _ = writeln!(text, "root       {}", head.root);
        if let Some(hash) = self.state_hash {
            let _ = writeln!(text, "state      {hash}");
        }
        for (invariant, checks) in &self.invariants {
            let _ = writeln!(text, "{invariant:<10} {checks} checks");
        }
        for line in &self.compared {
            let _ = writeln!(text, "compared   {line}");
        }
        match &self.bad {
            None => text.push_str("verified: everything is as it should be\n"),
            Some(bad) => {
                let _ = writeln!(text, "NOT VERIFIED: {}", bad);
                text.push_str(if self.beside {
                    "Every record of the journal is whole. Views, snapshots, tiles and index can \
                     be made again from it; if it is the database file that is damaged, restore \
                     the newest backup that verifies.\n"
                } else {
                    "Stop the writer, keep these files as they are, and restore the newest backup \
                     that verifies.\n"
                });
            }
        }
        text
    }
}
