//! Persons over time and cases, in words: numbers and codes, and nothing that a vault would know.

use journal::fact::{CaseMoved, CaseOpened, CaseOverdue, ErasureOrdered, Fact};
use journal::kinds::{Purpose, Scope, Scopes};
use terms::number::case_number;

use super::registry::Sentence;
use super::story::Teller;

impl Teller<'_> {
    pub(super) fn of_lives(&self, fact: &Fact) -> Option<Sentence> {
        Some(match fact {
            Fact::ListingsChanged(fact) => (
                "listings_changed",
                vec![
                    ("kind", self.list(fact.list)),
                    ("number", fact.version.to_string()),
                    ("count", fact.listed.len().to_string()),
                    ("other", fact.cleared.len().to_string()),
                ],
            ),
            Fact::AgesChanged(fact) => (
                "ages_changed",
                vec![
                    ("number", fact.age.to_string()),
                    ("count", fact.reached.len().to_string()),
                    ("other", fact.not_reached.len().to_string()),
                ],
            ),
            Fact::IdentificationRecorded(fact) => (
                "identification_recorded",
                vec![
                    ("number", fact.person.to_string()),
                    ("kind", self.word(&format!("identification_method.{}", fact.method.name()))),
                    ("result", self.word(&format!("identification_level.{}", fact.reached.name()))),
                    ("state", self.word(&format!("identification_level.{}", fact.level.name()))),
                ],
            ),
            Fact::ConsentRecorded(fact) => {
                ("consent_recorded", self.consent(fact.person, fact.purpose, fact.scopes))
            }
            Fact::ConsentWithdrawn(fact) => {
                ("consent_withdrawn", self.consent(fact.person, fact.purpose, fact.scopes))
            }
            Fact::CaseOpened(fact) => self.case_opened(fact),
            Fact::CaseMoved(fact) => self.case_moved(fact),
            Fact::CaseOverdue(fact) => self.case_overdue(fact),
            _ => return None,
        })
    }

    pub(super) fn of_endings(&self, fact: &Fact) -> Option<Sentence> {
        Some(match fact {
            Fact::RelationshipStarted(fact) => {
                ("relationship_started", vec![("number", fact.person.to_string())])
            }
            Fact::RelationshipEnded(fact) => (
                "relationship_ended",
                vec![
                    ("number", fact.person.to_string()),
                    ("code", fact.ground.to_string()),
                    ("count", fact.accounts.len().to_string()),
                ],
            ),
            Fact::LegalHoldSet(fact) => (
                "legal_hold_set",
                vec![
                    ("number", fact.person.to_string()),
                    ("other", fact.number.to_string()),
                    ("kind", self.word(&format!("hold_ground.{}", fact.ground.name()))),
                ],
            ),
            Fact::LegalHoldLifted(fact) => (
                "legal_hold_lifted",
                vec![("number", fact.person.to_string()), ("other", fact.number.to_string())],
            ),
            Fact::ErasureOrdered(fact) => ordered(fact),
            Fact::ErasureDone(fact) => (
                "erasure_done",
                vec![("number", fact.person.to_string()), ("digest", fact.act.to_string())],
            ),
            Fact::PersonsMerged(fact) => (
                "persons_merged",
                vec![
                    ("number", fact.kept.to_string()),
                    ("other", fact.gone.to_string()),
                    ("count", fact.moved.len().to_string()),
                    ("from", fact.approver.to_string()),
                    ("until", fact.second_approver.to_string()),
                ],
            ),
            _ => return None,
        })
    }

    fn consent(
        &self,
        person: terms::Person,
        purpose: Purpose,
        scopes: Scopes,
    ) -> Vec<(&'static str, String)> {
        let word = |scope: Scope| self.word(&format!("consent_scope.{}", scope.name()));
        let scopes: Vec<String> = scopes.iter().map(word).collect();
        vec![
            ("number", person.to_string()),
            ("kind", scopes.join(", ")),
            ("name", self.word(&format!("consent_purpose.{}", purpose.name()))),
        ]
    }

    fn case_opened(&self, fact: &CaseOpened) -> Sentence {
        let mut parameters = vec![
            ("code", case_number(fact.year, fact.serial)),
            ("kind", self.word(&format!("case_kind.{}", fact.kind.name()))),
            ("state", self.word(&format!("case_state.{}", fact.state.name()))),
        ];
        let (Some(due), Some(clock)) = (fact.due, fact.clock) else {
            return ("case_opened", parameters);
        };
        parameters.push(("until", self.at(due)));
        parameters.push(("name", self.word(&format!("clock.{}", clock.name()))));
        ("case_opened_due", parameters)
    }

    fn case_moved(&self, fact: &CaseMoved) -> Sentence {
        let parameters = vec![
            ("number", fact.case.to_string()),
            ("kind", self.word(&format!("case_kind.{}", fact.kind.name()))),
            ("from", self.word(&format!("case_state.{}", fact.from.name()))),
            ("state", self.word(&format!("case_state.{}", fact.state.name()))),
        ];
        ("case_moved", parameters)
    }

    fn case_overdue(&self, fact: &CaseOverdue) -> Sentence {
        let parameters = vec![
            ("number", fact.case.to_string()),
            ("kind", self.word(&format!("case_kind.{}", fact.kind.name()))),
            ("name", self.word(&format!("clock.{}", fact.clock.name()))),
            ("until", self.at(fact.due)),
        ];
        ("case_overdue", parameters)
    }
}

fn ordered(fact: &ErasureOrdered) -> Sentence {
    let mut parameters = vec![
        ("number", fact.person.to_string()),
        ("from", fact.approver.to_string()),
        ("until", fact.second_approver.to_string()),
    ];
    match &fact.ground {
        None => ("erasure_ordered", parameters),
        Some(ground) => {
            parameters.push(("code", ground.to_string()));
            ("erasure_ordered_early", parameters)
        }
    }
}
