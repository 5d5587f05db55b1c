//! The trace that a request belongs to (W3C Trace Context): all attempts of one call are of one
//! trace, each under a number of its own, so that both sides can tell them apart.

use crate::pause::draw;

/// A trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    id: u128,
    /// Whether its owner traces it, and asks the centre to do the same.
    flags: u8,
}

impl Trace {
    /// A new one, which nobody asks to have traced.
    pub fn new() -> Trace {
        Trace { id: (u128::from(draw()) << 64 | u128::from(draw())).max(1), flags: 0 }
    }

    /// Reads a `traceparent` of version 00.
    pub fn read(parent: &str) -> Option<Trace> {
        let parts: Vec<&str> = parent.split('-').collect();
        let &["00", trace, span, flags] = parts.as_slice() else { return None };
        let lower = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        let sized = trace.len() == 32 && span.len() == 16 && flags.len() == 2;
        if !sized || ![trace, span, flags].iter().all(|part| part.chars().all(lower)) {
            return None;
        }
        let id = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
        Some(Trace { id, flags: u8::from_str_radix(flags, 16).ok()? & 1 })
    }

    /// The `traceparent` of an attempt.
    pub fn attempt(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.id, draw().max(1), self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_of_a_call_are_of_one_trace() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let trace = Trace::read(parent).unwrap();
        let [one, two] = [trace.attempt(), trace.attempt()];
        assert!(one.starts_with(&parent[..36]) && one.ends_with("-01"), "{one}");
        assert!(one[..36] == two[..36] && one != two);
        assert_eq!(Trace::read(&Trace::new().attempt()).map(|trace| trace.flags), Some(0));
        for bad in [
            "",
            &parent[1..],
            &parent.to_uppercase(),
            &parent.replace("00-4", "01-4"),
            &format!("{parent}-x"),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &parent.replace("4bf9", "+bf9"),
        ] {
            assert_eq!(Trace::read(bad), None, "{bad}");
        }
    }
}
