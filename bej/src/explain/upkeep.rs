//! What the system and its staff do themselves, in words: looks at records, planned works, and
//! what leaves the working memory.

use journal::fact::{AuditNoted, Fact};
use register::works::WorksWindow;

use super::registry::Sentence;
use super::story::Teller;

impl Teller<'_> {
    pub(super) fn of_upkeep(&self, fact: &Fact) -> Option<Sentence> {
        Some(match fact {
            Fact::AuditNoted(fact) => self.audit(fact),
            Fact::RefusalsSuppressed(fact) => (
                "refusals_suppressed",
                vec![
                    ("count", fact.count.to_string()),
                    ("name", self.called(fact.sender)),
                    ("reason", self.phrases.reason(self.lang, fact.reason).short.clone()),
                ],
            ),
            Fact::StartChecked(fact) if fact.done => {
                ("start_checked", vec![("event", fact.event.to_string())])
            }
            Fact::StartChecked(fact) => (
                "start_checked_part",
                vec![("event", fact.event.to_string()), ("number", fact.next.to_string())],
            ),
            Fact::OrdersSwept(fact) => {
                // The last place is not in what was looked through.
                let until = fact.to.saturating_sub(1);
                (
                    "orders_swept",
                    vec![("from", fact.from.to_string()), ("until", until.to_string())],
                )
            }
            Fact::BetsLeft(fact) => ("bets_left", vec![("count", fact.count.to_string())]),
            Fact::EventKept(fact) => ("event_kept", vec![("event", fact.row.event.to_string())]),
            Fact::EventsLeft(fact) => ("events_left", vec![("count", fact.count.to_string())]),
            _ => return None,
        })
    }

    pub(super) fn of_works(&self, fact: &Fact) -> Option<Sentence> {
        let (key, window) = match fact {
            Fact::WorksAnnounced(fact) => ("works_announced", &fact.window),
            Fact::WorksChanged(fact) => ("works_changed", &fact.window),
            Fact::WorksCancelled(fact) => ("works_cancelled", &fact.window),
            _ => return None,
        };
        Some((key, self.window(window)))
    }

    fn window(&self, window: &WorksWindow) -> Vec<(&'static str, String)> {
        vec![
            ("number", window.works.to_string()),
            ("kind", self.word(&format!("works_kind.{}", window.kind.name()))),
            ("scope", self.word(&format!("works_scope.{}", window.scope.name()))),
            ("from", self.at(window.from)),
            ("until", self.at(window.until)),
        ]
    }

    fn audit(&self, fact: &AuditNoted) -> Sentence {
        let key = if fact.user == 0 { "audit_noted_nobody" } else { "audit_noted" };
        let mut parameters = vec![
            ("kind", self.word(&format!("audit_act.{}", fact.act.name()))),
            ("state", self.word(&format!("audit_result.{}", fact.result.name()))),
            ("name", fact.record.to_string()),
            ("from", self.at(fact.started)),
            ("until", self.at(fact.ended)),
        ];
        if fact.user != 0 {
            parameters.push(("number", fact.user.to_string()));
        }
        (key, parameters)
    }
}
