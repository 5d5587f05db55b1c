//! Facts of the registers and of the catalogue in words: a sentence and its parameters.

use journal::fact::{AdmissionChanged, Fact, OrganiserChanged, ResultPublished};
use journal::kinds::{Block, List};
use terms::number::wallet_code;

use super::story::Teller;

/// The key of a sentence, and its parameters.
pub(super) type Sentence = (&'static str, Vec<(&'static str, String)>);

impl Teller<'_> {
    /// The sentence of a fact that is not told with its bet or account.
    pub(super) fn sentence(&self, fact: &Fact) -> Option<Sentence> {
        self.of_organisers(fact)
            .or_else(|| self.of_desks_and_keys(fact))
            .or_else(|| self.of_people(fact))
            .or_else(|| self.of_catalogue(fact))
            .or_else(|| self.of_upkeep(fact))
            .or_else(|| self.of_works(fact))
            .or_else(|| self.of_lives(fact))
            .or_else(|| self.of_endings(fact))
    }

    fn of_organisers(&self, fact: &Fact) -> Option<Sentence> {
        Some(match fact {
            Fact::OrganiserRegistered(fact) => (
                "organiser_registered",
                vec![
                    ("number", fact.organiser.to_string()),
                    ("name", fact.name.to_string()),
                    ("kind", self.word(&format!("organiser_kind.{}", fact.kind.name()))),
                    ("bin", fact.bin.to_string()),
                    ("place", fact.address.to_string()),
                    ("from", fact.from.to_string()),
                ],
            ),
            Fact::OrganiserChanged(fact) => (
                "organiser_changed",
                vec![
                    ("number", fact.organiser.to_string()),
                    ("name", changes(fact)),
                    ("from", fact.from.to_string()),
                ],
            ),
            Fact::LicenceRecorded(fact) => {
                let state = if fact.suspended { "suspended" } else { "in_operation" };
                (
                    "licence_recorded",
                    vec![
                        ("code", fact.number.to_string()),
                        ("number", fact.organiser.to_string()),
                        ("state", self.word(&format!("licence_state.{state}"))),
                        ("from", fact.from.max(fact.issued).to_string()),
                        ("until", fact.expires.to_string()),
                    ],
                )
            }
            Fact::ContractRecorded(fact) => (
                "contract_recorded",
                vec![
                    ("number", fact.organiser.to_string()),
                    ("kind", self.word(&format!("contract_kind.{}", fact.kind.name()))),
                    ("from", fact.from.to_string()),
                ],
            ),
            Fact::ConnectionChanged(fact) => (
                "connection_changed",
                vec![
                    ("number", fact.organiser.to_string()),
                    ("state", self.word(&format!("connection_state.{}", fact.state.name()))),
                    ("from", self.at(fact.from)),
                ],
            ),
            _ => return None,
        })
    }

    fn of_desks_and_keys(&self, fact: &Fact) -> Option<Sentence> {
        Some(match fact {
            Fact::RulebookAdopted1(fact) => {
                ("rulebook_adopted", vec![("digest", fact.digest.to_string())])
            }
            Fact::RulebookAdopted(fact) => {
                ("rulebook_adopted", vec![("digest", fact.digest.to_string())])
            }
            Fact::DeskOpened(fact) => (
                "desk_opened",
                vec![
                    ("desk", fact.desk.to_string()),
                    ("number", fact.organiser.to_string()),
                    ("kind", self.word(&format!("desk_kind.{}", fact.kind.name()))),
                    ("place", fact.place.to_string()),
                    ("from", fact.from.to_string()),
                ],
            ),
            Fact::DeskClosed(fact) => (
                "desk_closed",
                vec![("desk", fact.desk.to_string()), ("from", fact.from.to_string())],
            ),
            Fact::KeyAnnounced(fact) => ("key_announced", vec![("code", fact.key.to_string())]),
            _ => return None,
        })
    }

    fn of_people(&self, fact: &Fact) -> Option<Sentence> {
        Some(match fact {
            Fact::PersonRegistered(fact) => {
                ("person_registered", vec![("number", fact.person.to_string())])
            }
            Fact::AdmissionChanged(fact) => self.admission(fact),
            Fact::ListInForce(fact) => (
                "list_in_force",
                vec![("kind", self.list(fact.list)), ("number", fact.version.to_string())],
            ),
            Fact::WalletOpened(fact) => (
                "wallet_opened",
                vec![
                    ("wallet", wallet_code(fact.wallet)),
                    ("kind", self.word(&format!("ledger_class.{}", fact.class.name()))),
                ],
            ),
            Fact::WalletBlockChanged(fact) => {
                let key = match fact.block {
                    Block::Open => "wallet_open",
                    Block::Blocked => "wallet_blocked",
                    Block::Frozen => "wallet_frozen",
                };
                let ground = fact.ground.to_string();
                (key, vec![("wallet", wallet_code(fact.wallet)), ("code", ground)])
            }
            Fact::AccountRebound(fact) => (
                "account_rebound",
                vec![("number", fact.account.to_string()), ("wallet", wallet_code(fact.wallet))],
            ),
            Fact::AccountClosed(fact) => {
                ("account_closed", vec![("number", fact.account.to_string())])
            }
            _ => return None,
        })
    }

    fn of_catalogue(&self, fact: &Fact) -> Option<Sentence> {
        Some(match fact {
            Fact::ChampionshipListed(fact) => (
                "championship_listed",
                vec![
                    ("number", fact.organiser.to_string()),
                    ("name", fact.name.to_string()),
                    ("kind", fact.sport.to_string()),
                ],
            ),
            Fact::EventListed(fact) => (
                "event_listed",
                vec![
                    ("event", fact.event.to_string()),
                    ("name", fact.name.to_string()),
                    ("kind", self.word(&format!("event_class.{}", fact.class.name()))),
                    ("at", self.at(fact.scheduled)),
                ],
            ),
            Fact::EventConfirmed(fact) => (
                "event_confirmed",
                vec![
                    ("event", fact.event.to_string()),
                    ("name", fact.name.to_string()),
                    ("at", self.at(fact.scheduled)),
                ],
            ),
            Fact::EventChanged(fact) => (
                "event_changed",
                vec![
                    ("event", fact.event.to_string()),
                    ("state", self.word(&format!("event_state.{}", fact.state.name()))),
                    ("at", self.at(fact.started.unwrap_or(fact.scheduled))),
                ],
            ),
            Fact::EventMapped(fact) => (
                "event_mapped",
                vec![
                    ("event", fact.event.to_string()),
                    ("number", fact.organiser.to_string()),
                    ("name", fact.central.to_string()),
                ],
            ),
            Fact::MarketListed(fact) => {
                let outcomes: Vec<&str> =
                    fact.outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
                (
                    "market_listed",
                    vec![
                        ("market", fact.market.to_string()),
                        ("event", fact.event.to_string()),
                        ("name", fact.name.to_string()),
                        ("kind", outcomes.join(", ")),
                    ],
                )
            }
            Fact::MarketChanged(fact) => (
                "market_changed",
                vec![
                    ("market", fact.market.to_string()),
                    ("state", self.word(&format!("market_state.{}", fact.state.name()))),
                ],
            ),
            Fact::MarketMapped(fact) => (
                "market_mapped",
                vec![("market", fact.market.to_string()), ("code", fact.code.to_string())],
            ),
            Fact::ResultPublished(fact) => self.result(fact),
            _ => return None,
        })
    }

    fn admission(&self, fact: &AdmissionChanged) -> Sentence {
        let on: Vec<String> = List::ALL
            .iter()
            .filter(|list| fact.lists.has(**list))
            .map(|list| self.list(*list))
            .collect();
        let lists = if on.is_empty() { "–".to_owned() } else { on.join(", ") };
        (
            "admission_changed",
            vec![
                ("number", fact.person.to_string()),
                ("state", self.word(&format!("identification_level.{}", fact.level.name()))),
                ("kind", lists),
            ],
        )
    }

    pub(super) fn list(&self, list: List) -> String {
        self.phrases.reason(self.lang, list.reason()).short.clone()
    }

    fn result(&self, fact: &ResultPublished) -> Sentence {
        let result =
            |result: &journal::kinds::LegResult| self.word(&format!("leg.{}", result.name()));
        let results: Vec<String> = fact.results.iter().map(result).collect();
        let mut parameters =
            vec![("market", fact.market.to_string()), ("result", results.join(", "))];
        let Some(earlier) = fact.corrects else { return ("result_published", parameters) };
        let reason = fact.reason.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
        parameters.extend([("other", earlier.to_string()), ("reason", reason)]);
        ("result_corrected", parameters)
    }
}

/// What an organiser's particulars are from now on, as far as they change.
fn changes(fact: &OrganiserChanged) -> String {
    let name = fact.name.iter().map(ToString::to_string);
    let address = fact.address.iter().map(ToString::to_string);
    let objects = fact.taxable.iter().flatten();
    let objects = objects.map(|object| format!("{} × {}", object.kind, object.count));
    name.chain(address).chain(objects).collect::<Vec<_>>().join("; ")
}
