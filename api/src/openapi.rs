//! The OpenAPI 3.1 document, made of the same types that read messages and write answers.
//!
//! Each route has one row here; a test compares the rows with the routes and the document with
//! `docs/openapi.json`.

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use wire::{
    AccountNo, BetStory, BettorCard, Caller, ChampionshipCards, Changed, Changes, DailyManifests,
    Definitions, Eligibilities, Eligibility, EligibilityCheck, EventCard, EventCards, EventNo,
    HoldPlaced, HoldReleased, Id, Invitation, InvitationProgress, Kind, LineVerdict, Listed,
    MessageFate, Notices, Order, OrderGiven, OrderRequest, OrderRequestProgress, PREFIX,
    PlannedWorksList, Problem, ReasonPage, ReasonPages, Registration, Reported, Request, SCHEMA,
    Settled, StakeAccepted, TimeNow, Validation, WalletState, Wire,
};

use crate::limits::PAGE_MAX;
use crate::problem::{Answer, body};

type Schema = fn(&mut Definitions) -> Value;

/// A route that asks. Its address is under the prefix, unless it begins with two strokes.
struct Question {
    path: &'static str,
    says: &'static str,
    answer: Schema,
    query: &'static [&'static str],
}

const QUESTIONS: &[Question] = &[
    ask("/time", "The time at the centre.", TimeNow::schema),
    ask("/caller", "Who is calling, by the certificate.", Caller::schema),
    ask("/wallet", "The caller's own wallet.", WalletState::schema),
    ask("/health", "How the centre is.", health),
    ask("/changes", "What each version of the schema brought.", Changes::schema),
    ask("/reasons", "Every code that an answer may carry.", ReasonPages::schema),
    ask("/reasons/{code}", "One code.", ReasonPage::schema),
    ask(
        "//problems/{code}",
        "The same: what the `type` of a problem leads to.",
        ReasonPage::schema,
    ),
    ask("/bets/{bet}", "A bet with its whole story.", BetStory::schema),
    ask("/stakes/{bet}", "The same, by the id of the stake.", BetStory::schema),
    ask("/messages/{id}", "What became of a message, for ever.", MessageFate::schema),
    ask("/receipts/{id}", "The same: the receipt of a message.", MessageFate::schema),
    ask(
        "/accounts/{account}/eligibility",
        "Whether an account may stake now.",
        Eligibility::schema,
    ),
    ask(
        "/accounts/{account}/bettor",
        "The caller's own bettor; each look is on record, and he sees it.",
        BettorCard::schema,
    ),
    ask(
        "/registrations/{id}",
        "How far somebody is whom the caller invited to register.",
        InvitationProgress::schema,
    ),
    ask(
        "/order-requests/{id}",
        "Where an order stands that the caller asked a bettor for.",
        OrderRequestProgress::schema,
    ),
    ask("/catalogue/championships", "All championships and sports.", ChampionshipCards::schema),
    Question {
        path: "/catalogue/events",
        says: "A page of events by number, or the one with an own id.",
        answer: EventCards::schema,
        query: &["after", "limit", "own"],
    },
    ask("/catalogue/events/{event}", "An event with its markets.", EventCard::schema),
    Question {
        path: "/daily-files",
        says: "The newest versions of the caller's daily files, newest day first.",
        answer: DailyManifests::schema,
        query: &["before", "limit"],
    },
    ask("/works", "The planned works at the centre that are not over.", PlannedWorksList::schema),
    Question {
        path: "/events",
        says: "What the caller is told: gapless, oldest first, the same for ever.",
        answer: Notices::schema,
        query: &["after", "limit"],
    },
];

const fn ask(path: &'static str, says: &'static str, answer: Schema) -> Question {
    Question { path, says, answer, query: &[] }
}

/// What the shell tells of its parts; further fields may follow.
fn health(_: &mut Definitions) -> Value {
    json!({
        "type": "object",
        "properties": { "state": { "type": "string" } },
        "required": ["state"],
    })
}

/// The document as it is served, made once.
pub fn answer() -> Answer {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = TEXT.get_or_init(|| document().to_string().into());
    body(StatusCode::OK, "application/json", text.clone())
}

/// The answer to a message of a kind that was done.
fn receipt(kind: Kind, definitions: &mut Definitions) -> Value {
    match kind {
        Kind::Stake | Kind::HoldConfirmation => StakeAccepted::schema(definitions),
        Kind::Hold => HoldPlaced::schema(definitions),
        Kind::HoldRelease => HoldReleased::schema(definitions),
        Kind::Settlement | Kind::Resettlement | Kind::Void => Settled::schema(definitions),
        Kind::DeskStake | Kind::DeskPayout | Kind::ClaimSettlement => Reported::schema(definitions),
        Kind::Championship | Kind::Event | Kind::Market => Listed::schema(definitions),
        Kind::EventChange | Kind::MarketChange | Kind::MarketResult => Changed::schema(definitions),
    }
}

/// The document.
pub fn document() -> Value {
    let mut definitions = Definitions::new();
    let mut paths = Map::new();
    for kind in Kind::ALL {
        let sent = kind.schema_of(&mut definitions);
        let got = receipt(*kind, &mut definitions);
        let post = command(kind.name(), "A message of this kind, alone.", sent, got);
        put(&mut paths, kind.path(), "post", post);
    }
    others(&mut definitions, &mut paths);
    for question in QUESTIONS {
        let got = (question.answer)(&mut definitions);
        let asked = get(question, "application/json", got, &mut definitions);
        put(&mut paths, question.path, "get", asked);
    }
    let proof = ask("/receipts/{id}/proof", "The proof of a message's record.", Problem::schema);
    let text = json!({ "type": "string" });
    let asked = get(&proof, "text/plain", text, &mut definitions);
    put(&mut paths, proof.path, "get", asked);
    let own = ask("/openapi.json", "This document.", Problem::schema);
    let any = json!({ "type": "object" });
    let asked = get(&own, "application/json", any, &mut definitions);
    put(&mut paths, own.path, "get", asked);
    put(&mut paths, DAILY_FILE.path, "get", daily_file(&mut definitions));
    Problem::schema(&mut definitions);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "БЕЖ: the API of organisers",
            "version": SCHEMA,
            "description": "Mutual TLS 1.3; the certificate says which organiser speaks. Every \
                message carries an id that its sender made; a repeat gets the same answer again.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": { "session": { "type": "http", "scheme": "bearer" } },
        },
    })
}

const DAILY_FILE: Question = ask(
    "/daily-files/{day}/{name}",
    "A daily file, its manifest or the signature of that; a name means the same bytes for ever.",
    Problem::schema,
);

/// A file is sent as it is, whole or in part.
fn daily_file(definitions: &mut Definitions) -> Value {
    let bytes = json!({ "type": "string", "format": "binary" });
    let kinds = ["text/csv", "application/x-ndjson", "application/json", "text/plain"];
    let contents: Map<String, Value> =
        kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": bytes }))).collect();
    let mut operation = get(&DAILY_FILE, "text/csv", bytes.clone(), definitions);
    operation["responses"]["416"] = problems(&["416"])["416"].clone();
    operation["responses"]["304"] = json!({ "description": "Still what `If-None-Match` names." });
    for (status, says) in [("200", "The file."), ("206", "The part that `Range` asks for.")] {
        operation["responses"][status] = json!({ "description": says, "content": contents });
    }
    operation
}

/// The routes that post something else than a message of one kind.
fn others(definitions: &mut Definitions, paths: &mut Map<String, Value>) {
    let line = Request::line_schema(definitions);
    let got = Validation::schema(definitions);
    let validate = question("validate", "Every check of a message, no effect.", line.clone(), got);
    put(paths, "/validate", "post", validate);
    let (sent, got) = (EligibilityCheck::schema(definitions), Eligibilities::schema(definitions));
    let check = question("eligibility_check", "Whether many accounts may stake.", sent, got);
    put(paths, "/eligibility-checks", "post", check);
    let (sent, got) = (Registration::schema(definitions), Invitation::schema(definitions));
    let invite = command("registration", "Invites somebody to register at БЕЖ.", sent, got);
    put(paths, "/registrations", "post", invite);
    let (sent, got) = (OrderRequest::schema(definitions), Invitation::schema(definitions));
    let ask = command("order_request", "Asks a bettor for an order at БЕЖ.", sent, got);
    put(paths, "/order-requests", "post", ask);
    let (sent, got) = (Order::schema(definitions), OrderGiven::schema(definitions));
    let mut order = command("order", "The bettor's order, by his session.", sent, got);
    order["security"] = json!([{ "session": [] }]);
    put(paths, "/me/orders", "post", order);
    let verdict = LineVerdict::schema(definitions);
    let mut batch = json!({
        "operationId": "batch",
        "summary": "Messages of any kinds, one a line; a verdict a line, in the same order.",
        "requestBody": {
            "required": true,
            "content": { "application/x-ndjson": { "itemSchema": line } },
        },
        "responses": problems(&["400", "408", "413", "415", "421", "503"]),
    });
    batch["responses"]["200"] = json!({
        "description": "One verdict for each line.",
        "content": { "application/x-ndjson": { "itemSchema": verdict } },
    });
    put(paths, "/batches", "post", batch);
}

fn put(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let whole = match path.strip_prefix('/') {
        Some(outside) if outside.starts_with('/') => outside.to_owned(),
        _ => format!("{PREFIX}{path}"),
    };
    let at = paths.entry(whole).or_insert_with(|| json!({}));
    at[method] = operation;
}

fn command(name: &str, says: &str, sent: Value, got: Value) -> Value {
    let mut operation = posted(name, says, sent);
    operation["responses"] =
        problems(&["400", "401", "403", "408", "413", "415", "421", "422", "429", "503"]);
    operation["responses"]["201"] = json!({
        "description": "It was done; a repeat has the header `Bej-Repeated: ?1`.",
        "content": { "application/json": { "schema": got } },
    });
    operation
}

fn question(name: &str, says: &str, sent: Value, got: Value) -> Value {
    let mut operation = posted(name, says, sent);
    operation["responses"] = problems(&["400", "403", "408", "413", "415", "421", "429", "503"]);
    operation["responses"]["200"] = json!({
        "description": "The answer.",
        "content": { "application/json": { "schema": got } },
    });
    operation
}

fn posted(name: &str, says: &str, sent: Value) -> Value {
    json!({
        "operationId": name,
        "summary": says,
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": sent } },
        },
    })
}

/// A name in an address and what may stand for it.
fn named(name: &str, definitions: &mut Definitions) -> Value {
    match name {
        "account" => AccountNo::schema(definitions),
        "event" => EventNo::schema(definitions),
        "day" => json!({ "type": "string", "format": "date" }),
        "name" => {
            json!({ "type": "string", "pattern": "^[a-z]{1,16}\\.v[0-9]{1,9}\\.[a-z.]{1,8}$" })
        }
        "code" => json!({ "type": "string", "pattern": "^[a-z_]{1,64}$" }),
        _ => Id::schema(definitions),
    }
}

/// A name behind the question mark and what may stand for it.
fn asked(name: &str) -> Value {
    match name {
        "after" => json!({ "type": "integer", "minimum": 0, "maximum": wire::INTEGER_MAX }),
        "before" => json!({ "type": "string", "format": "date" }),
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX }),
        _ => json!({ "type": "string", "minLength": 1, "maxLength": 64 }),
    }
}

fn get(question: &Question, kind: &str, got: Value, definitions: &mut Definitions) -> Value {
    let name: String = question
        .path
        .trim_start_matches('/')
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let mut parameters = Vec::new();
    for part in question.path.split('/') {
        if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            parameters.push(json!({
                "name": name, "in": "path", "required": true, "schema": named(name, definitions),
            }));
        }
    }
    for name in question.query {
        parameters.push(json!({ "name": name, "in": "query", "schema": asked(name) }));
    }
    let mut operation = json!({
        "operationId": format!("get_{name}"),
        "summary": question.says,
        "parameters": parameters,
        "responses": problems(&["400", "403", "404", "429", "503"]),
    });
    if question.path.starts_with("/accounts/") {
        operation["responses"]["421"] = problems(&["421"])["421"].clone();
    }
    operation["responses"]["200"] = json!({
        "description": "The answer.",
        "content": { kind: { "schema": got } },
    });
    operation
}

fn problems(statuses: &[&str]) -> Value {
    let problem = json!({
        "description": "A problem document (RFC 9457).",
        "content": {
            "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" },
            },
        },
    });
    let all = statuses.iter().map(|status| ((*status).to_owned(), problem.clone()));
    Value::Object(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_in_docs_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
        let text = format!("{:#}\n", document());
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(kept, text, "docs/openapi.json is stale: run this test with BLESS=1");
    }

    #[test]
    fn the_document_has_the_routes_and_no_others() {
        let document = document();
        let mut documented: Vec<(String, String)> = Vec::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            let methods = operations.as_object().unwrap().keys();
            documented.extend(methods.map(|method| (path.clone(), method.to_uppercase())));
        }
        let mut routed: Vec<(String, String)> = crate::routes::routes()
            .into_iter()
            .map(|route| (route.path, route.method.to_owned()))
            .collect();
        routed.sort();
        documented.sort();
        assert_eq!(documented, routed);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        let mut found = 0;
        for part in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
            found += 1;
        }
        assert!(100 < found, "{found}");
    }
}
