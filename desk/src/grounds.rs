//! Grounds for a no, in the order of precedence that the rulebook dates (domain 4).

use terms::Reason;
use terms::rulebook::Rulebook;

/// What speaks against a message. The same checks serve requests, which are refused on the ground
/// with the lowest rank, and reports, which are stored with all of them as breaches (domain 1).
pub trait Grounds {
    /// Notes a ground.
    fn note(&mut self, reason: Reason);

    /// Notes a ground if there is one.
    fn note_if(&mut self, reason: Option<Reason>) {
        if let Some(reason) = reason {
            self.note(reason);
        }
    }
}

/// Keeps the ground with the lowest rank.
pub struct Lowest<'a> {
    rules: &'a Rulebook,
    found: Option<(u32, Reason)>,
}

impl<'a> Lowest<'a> {
    /// Nothing speaks against it yet.
    pub fn new(rules: &'a Rulebook) -> Self {
        Lowest { rules, found: None }
    }

    /// The ground to be told, if any.
    pub fn reason(&self) -> Option<Reason> {
        self.found.map(|(_, reason)| reason)
    }

    /// An error if anything speaks against it.
    pub fn verdict(&self) -> Result<(), Reason> {
        self.reason().map_or(Ok(()), Err)
    }
}

impl Grounds for Lowest<'_> {
    fn note(&mut self, reason: Reason) {
        let rank = self.rules.rank(reason);
        if self.found.is_none_or(|(lowest, _)| rank < lowest) {
            self.found = Some((rank, reason));
        }
    }
}

/// Keeps every ground, each once, in the order in which it was found.
#[derive(Default)]
pub struct Every(pub Vec<Reason>);

impl Grounds for Every {
    fn note(&mut self, reason: Reason) {
        if !self.0.contains(&reason) {
            self.0.push(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rank_of_the_rulebook_decides() {
        let mut rules = Rulebook::sample();
        let told = |rules: &Rulebook| {
            let mut grounds = Lowest::new(rules);
            grounds.note(Reason::FundsInsufficient);
            grounds.note(Reason::UnderAge);
            grounds.note(Reason::MarketNotOpen);
            grounds.reason()
        };
        assert_eq!(told(&rules), Some(Reason::MarketNotOpen));
        for row in &mut rules.ranks {
            if row.reason == Reason::UnderAge {
                row.rank = 0;
            }
        }
        assert_eq!(told(&rules), Some(Reason::UnderAge));
    }
}
