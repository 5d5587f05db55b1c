//! What is known of me, who looked at it, what I agreed to, and how it ends.

use site::web::Answer;
use terms::Seq;

use super::told::Theme;
use crate::doc::{Block, Button, Cell, Doc, Form, Link, Row};
use crate::limits::PAGE;
use crate::ports::{Consent, ConsentKind, Look, Watcher};
use crate::visit::{Trouble, Visit};

/// What is known, and where it can be changed.
pub fn me(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let profile = visit.house.ports.relation.profile(&who)?;
    let mut rows = Vec::new();
    if let Some(name) = &profile.name {
        rows.push((visit.word("me.name"), Cell::text(name.reveal())));
    }
    rows.push((visit.word("field.phone"), Cell::text(profile.phone.clone())));
    let level = visit.word(&format!("identification_level.{}", profile.level.name()));
    rows.push((visit.word("me.level"), Cell::text(level)));
    if let Some(until) = profile.identified_until {
        rows.push((visit.word("me.identified_until"), Cell::text(visit.show.moment(until))));
    }
    if let Some(day) = profile.document_ends {
        rows.push((visit.word("me.document_ends"), Cell::text(visit.show.day(day))));
    }
    rows.push((visit.word("me.since"), Cell::text(visit.show.moment(profile.since))));
    if let Some((_, session)) = &visit.caller.session
        && let Some(before) = session.before
    {
        rows.push((visit.word("me.before"), Cell::text(visit.show.moment(before))));
    }
    let link = |word: &str, path: &str| Link::new(visit.word(word), visit.href(path));
    let links = vec![
        link("relation.looks", "/looks"),
        link("relation.consents", "/consents"),
        link("settings.phone", "/phone"),
        link("settings.password", "/password"),
        link("relation.close", "/close"),
    ];
    let form = |action, word, note: &str, key: &str| -> Result<Block, Trouble> {
        Ok(Block::Form(Box::new(Form {
            buttons: vec![Button { text: visit.word(word), ..Button::default() }],
            note: visit.word(note),
            key: key.into(),
            ..visit.new_form(action)?
        })))
    };
    let blocks = vec![
        Block::Facts { title: String::new(), rows },
        Block::Links { title: String::new(), links },
        form("/renew", "start.begin_renew", "me.renew_note", "renew")?,
        form("/sessions/end", "cabinet.end_others", "me.end_others_note", "others")?,
        form("/sign-out", "cabinet.sign_out", "me.sign_out_note", "out")?,
    ];
    visit.page(Doc { title: visit.word("me.title"), blocks, ..Doc::default() })
}

/// Who looked at my data: when, who, why (R2-55.11).
pub fn looks(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let before = visit.query.get("before").and_then(|seq| seq.parse().ok()).map(Seq);
    let mut found = visit.house.ports.relation.looks(&who, before, PAGE + 1)?;
    let more = if PAGE < found.len() { found.get(PAGE - 1).map(|look| look.seq) } else { None };
    found.truncate(PAGE);
    let more = more.map(|seq| {
        Link::new(visit.word("cabinet.older"), visit.href(&format!("/looks?before={seq}")))
    });
    let rows = found.iter().map(|look| look_row(visit, look)).collect::<Result<_, _>>()?;
    let list =
        Block::Rows { title: String::new(), rows, more, empty: visit.word("relation.no_looks") };
    let title = visit.word("relation.looks");
    let (lead, as_of) = (Some(visit.word("relation.looks_lead")), Some(visit.as_of(visit.cursor)));
    visit.page(Doc { title, lead, as_of, blocks: vec![list], ..Doc::default() })
}

fn look_row(visit: &mut Visit<'_>, look: &Look) -> Result<Row, Trouble> {
    let mut head = visit.word(&format!("watcher.{}", look.watcher.name()));
    if let (Watcher::Organiser, Some(organiser)) = (look.watcher, look.organiser) {
        head = visit.organiser_name(organiser)?;
    }
    let ground = visit.word(&format!("look_ground.{}", look.ground.name()));
    let mut notes = vec![ground, visit.show.moment(look.at)];
    if let Some(case) = &look.case {
        notes.push(visit.say("look_case", &[("case", case)]));
    }
    let number = visit.show.number(i64::try_from(look.seq.0).unwrap_or(i64::MAX));
    notes.push(format!("№\u{a0}{number}"));
    Ok(Row { head, notes, ..Row::default() })
}

/// Consents that were given, with a button to withdraw each, and those that can be given.
pub fn consents(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let consents = visit.house.ports.relation.consents(&who)?;
    let mut blocks = vec![Block::Notice {
        level: "info",
        text: visit.word("relation.consents_note"),
        links: Vec::new(),
    }];
    let in_force = |consent: &Consent| {
        consent.withdrawn.is_none() && consent.until.is_none_or(|until| visit.now < until)
    };
    for consent in &consents {
        blocks.push(facts(visit, consent, in_force(consent)));
        if in_force(consent) {
            let path = format!("/consents/{}/withdraw", consent.number);
            blocks.push(Block::Form(Box::new(Form {
                buttons: vec![Button {
                    text: visit.word("relation.withdraw"),
                    ..Button::default()
                }],
                key: consent.number.to_string(),
                ..visit.new_form(&path)?
            })));
        }
    }
    let given = |kind: ConsentKind| {
        consents.iter().any(|consent| consent.kind == kind && in_force(consent))
    };
    for kind in ConsentKind::ALL.iter().filter(|kind| !given(**kind)) {
        blocks.push(Block::Form(Box::new(Form {
            title: visit.word(&format!("consent_name.{}", kind.name())),
            intro: vec![visit.word(&format!("consent.{}", kind.name()))],
            hidden: vec![("kind", kind.name().to_owned())],
            buttons: vec![Button { text: visit.word("relation.give"), ..Button::default() }],
            key: kind.name().into(),
            ..visit.new_form("/consents")?
        })));
    }
    visit.page(Doc { title: visit.word("relation.consents"), blocks, ..Doc::default() })
}

fn facts(visit: &Visit<'_>, consent: &Consent, in_force: bool) -> Block {
    let word = |group: &str, name: &str| visit.word(&format!("{group}.{name}"));
    let recipients: Vec<String> =
        consent.recipients.iter().map(|who| word("recipient", who.name())).collect();
    let state = match (consent.withdrawn, in_force) {
        (Some(_), _) => Cell::state("none", visit.word("relation.withdrawn")),
        (None, true) => Cell::state("good", visit.word("relation.in_force")),
        (None, false) => Cell::state("none", visit.word("relation.expired")),
    };
    let moment = |at| Cell::text(visit.show.moment(at));
    let mut rows = vec![
        (visit.word("label.state"), state),
        (visit.word("relation.recipients"), Cell::text(recipients.join(", "))),
        (visit.word("relation.way"), Cell::text(word("consent_way", consent.way.name()))),
        (visit.word("relation.given"), moment(consent.given)),
    ];
    rows.extend(consent.until.map(|until| (visit.word("relation.until"), moment(until))));
    rows.extend(consent.withdrawn.map(|at| (visit.word("relation.withdrawn"), moment(at))));
    let uses = visit.show.number(i64::from(consent.uses));
    rows.push((visit.word("relation.uses"), Cell::text(uses)));
    Block::Facts { title: word("consent_name", consent.kind.name()), rows }
}

/// Gives a consent.
pub fn give_consent(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (who, form) = (visit.who()?, visit.form_id()?);
    let kind = visit.form.get("kind").and_then(ConsentKind::from_name);
    let kind = kind.ok_or(Trouble::Status(400))?;
    visit.house.ports.relation.give_consent(&who, kind, form)?;
    let href = visit.href("/consents");
    Ok(visit.on_to(href))
}

/// Withdraws one: first what follows of it, then, confirmed, the deed (S-56).
pub fn withdraw_consent(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let number = visit.pieces.first().and_then(|number| number.parse().ok());
    let number: u64 = number.ok_or(Trouble::Status(404))?;
    let who = visit.who()?;
    if visit.form.get("do") == Some("withdraw") {
        let form = visit.form_id()?;
        visit.house.ports.relation.withdraw_consent(&who, number, form)?;
        let href = visit.href("/consents");
        return Ok(visit.on_to(href));
    }
    let consents = visit.house.ports.relation.consents(&who)?;
    let consent = consents.iter().find(|consent| consent.number == number);
    let consent = consent.ok_or(Trouble::Status(404))?;
    visit.path = "/consents".into();
    let name = consent.kind.name();
    let form = Form {
        title: visit.word(&format!("consent_name.{name}")),
        intro: vec![visit.word(&format!("consent_end.{name}"))],
        buttons: vec![Button {
            text: visit.word("relation.withdraw"),
            value: "withdraw",
            look: "danger",
        }],
        ..visit.new_form(&format!("/consents/{number}/withdraw"))?
    };
    let back = Link::new(visit.word("cabinet.back"), visit.href("/consents"));
    let blocks =
        vec![Block::Form(Box::new(form)), Block::Links { title: String::new(), links: vec![back] }];
    visit.page(Doc { title: visit.word("relation.withdraw_title"), blocks, ..Doc::default() })
}

/// The end of the relationship: what hinders it, what follows of it.
pub fn close_form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let hindrances = visit.house.ports.relation.hindrances(&who)?;
    let words = ["close_wallets", "close_data", "close_proofs"];
    let items = words.map(|word| visit.word(&format!("relation.{word}"))).to_vec();
    let mut blocks = vec![Block::Steps { title: visit.word("relation.close_what"), items }];
    if hindrances.is_empty() {
        let form = Form {
            buttons: vec![Button {
                text: visit.word("relation.close_now"),
                value: "close",
                look: "danger",
            }],
            note: visit.word("relation.close_note"),
            ..visit.new_form("/close")?
        };
        blocks.push(Block::Form(Box::new(form)));
    }
    for reason in hindrances {
        let key = match reason {
            terms::Reason::BetNotSettled => "relation.hindered_bets".to_owned(),
            terms::Reason::SumInvalid => "relation.hindered_money".to_owned(),
            reason => {
                let text = Theme::of(reason).text(visit);
                blocks.push(Block::Notice { level: "warn", text, links: Vec::new() });
                continue;
            }
        };
        let text = visit.word(&key);
        blocks.push(Block::Notice { level: "warn", text, links: Vec::new() });
    }
    visit.page(Doc { title: visit.word("relation.close"), blocks, ..Doc::default() })
}

/// Ends it, and with it every session.
pub fn close(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (who, form) = (visit.who()?, visit.form_id()?);
    visit.house.ports.relation.close(&who, form)?;
    visit.hold("bej-cabinet", &crate::ports::Token(String::new()));
    visit.caller.session = None;
    visit.path = String::new();
    let text = visit.word("relation.closed");
    let blocks = vec![Block::Notice { level: "good", text, links: Vec::new() }];
    visit.page(Doc { title: visit.word("relation.close"), blocks, ..Doc::default() })
}
