//! People on the console: looks before data, two persons, grounds, and who sees what.

use console::ports::people::{AlertAct, HoldGround, Verdict};
use console::role::Role;
use terms::{AuditAct, AuditResult};

use crate::folk::{Deed, IIN, NAME};
use crate::pages::forward;
use crate::world::{World, header, named, text};

/// The action and the hidden fields of the form whose action begins so.
fn form(html: &str, action: &str) -> Vec<(String, String)> {
    let wanted = format!("action=\"{action}\"");
    let (_, rest) = html.split_once(&wanted).unwrap_or_else(|| panic!("no {action} in {html}"));
    let form = rest.split("</form>").next().unwrap();
    let value = |piece: &str, name: &str| {
        let (_, rest) = piece.split_once(&format!("{name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    form.split("<input type=\"hidden\"")
        .skip(1)
        .map(|piece| piece.split('>').next().unwrap())
        .map(|piece| (value(piece, "name").unwrap(), value(piece, "value").unwrap()))
        .collect()
}

struct Desk {
    world: World,
    cookies: String,
}

impl Desk {
    fn new(role: Role) -> Desk {
        let world = World::new(named("Book"));
        let cookies = world.sign_in(role);
        forward(&world);
        Desk { world, cookies }
    }

    fn get(&self, path: &str) -> String {
        let answer = self.world.get(path, &self.cookies);
        assert_eq!(answer.status, 200, "{path}");
        text(&answer).replace("&#x2f;", "/")
    }

    /// Sends the form of a page that goes to an address, with some fields filled in.
    fn send(&self, page: &str, action: &str, fill: &[(&str, &str)]) -> console::web::Answer {
        let fields = form(&self.get(page), action);
        let mut all: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| fill.iter().all(|(filled, _)| filled != name))
            .collect();
        all.extend(fill);
        self.world.post(action, &self.cookies, &all)
    }

    fn deeds(&self) -> Vec<Deed> {
        self.world.folk.deeds.lock().unwrap().iter().map(|(_, deed)| deed.clone()).collect()
    }
}

#[test]
fn a_person_is_found_and_opened_behind_facts_that_hold_nothing_personal() {
    // R2-55.11, R0-10.4
    let desk = Desk::new(Role::Operator);
    desk.world.log.events.lock().unwrap().clear();
    let wanted = [("by", "iin"), ("wanted", "9501 0130 0016")];
    let answer = desk.send("/en/persons", "/en/persons", &wanted);
    let html = text(&answer).replace("&#x2f;", "/");
    assert!(html.contains("Қ••• Ә•••") && html.contains("/en/persons/5"), "{html}");
    assert!(!html.contains(NAME) && !html.contains(IIN));
    let opened = [("ground", "complaint"), ("case", "12-4/881")];
    let answer = desk.send("/en/persons/5", "/en/persons/5", &[("ground", "curiosity")]);
    assert_eq!(answer.status, 422);
    assert!(!text(&answer).contains(NAME));
    let answer = desk.send("/en/persons/5", "/en/persons/5", &opened);
    assert!(text(&answer).contains(NAME) && text(&answer).contains(IIN));
    assert_eq!(header(&answer, "refresh"), Some("270; url=/en/persons/5"));
    let events = desk.world.log.events.lock().unwrap().clone();
    let acts: Vec<_> = events.iter().map(|event| (event.act, event.result)).collect();
    assert_eq!(
        acts,
        [
            (AuditAct::RegisterView, AuditResult::Done),
            (AuditAct::RecordView, AuditResult::Failed),
            (AuditAct::RecordView, AuditResult::Done),
        ]
    );
    assert_eq!(desk.world.folk.looks.lock().unwrap().len(), 2, "one for each that was opened");
    for event in &events {
        assert!(!event.record.contains("9501") && !event.record.contains("wanted"), "{event:?}");
    }
    assert!(events[2].record.contains("ground=complaint"), "{:?}", events[2]);
    // Without its fact nothing is opened.
    *desk.world.log.broken.lock().unwrap() = true;
    let answer = desk.send("/en/persons/5", "/en/persons/5", &opened);
    assert_eq!(answer.status, 503);
    assert_eq!(desk.world.folk.looks.lock().unwrap().len(), 2);
}

#[test]
fn somebody_is_registered_at_a_desk_once() {
    // R0-10.7a, S-07
    let desk = Desk::new(Role::Operator);
    desk.world.log.events.lock().unwrap().clear();
    let page = "/en/registrations/new";
    let answer = desk.send(page, page, &[("given_name", "Ғабит"), ("seen", "no")]);
    assert_eq!(answer.status, 422);
    let html = text(&answer);
    assert!(html.contains("Family name: fill this in") && html.contains("Date of birth"));
    assert!(html.contains("value=\"Ғабит\""));
    let typed = [
        ("surname", "Қоңырбаев"),
        ("given_name", "Ғабит"),
        ("birth_date", "1995-01-01"),
        ("document_kind", "foreign_passport"),
        ("seen", "yes"),
        ("consents", "yes"),
    ];
    let fields = form(&desk.get(page), page);
    let mut all: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend(typed);
    for _ in 0..2 {
        let answer = desk.world.post(page, &desk.cookies, &all);
        assert_eq!(header(&answer, "location"), Some("/en/registrations"));
    }
    let deeds = desk.deeds();
    assert!(matches!(&deeds[..], [Deed::Registered(form)] if form.iin.reveal().is_empty()));
    assert!(!format!("{deeds:?}").contains("Ғабит"), "what is personal never prints");
    for event in desk.world.log.events.lock().unwrap().iter() {
        assert_eq!(event.record, "/registrations/new");
    }
}

#[test]
fn a_match_is_decided_with_its_ground_on_what_was_seen() {
    // S-48
    let desk = Desk::new(Role::Aml);
    let html = desk.get("/en/matches/3");
    assert!(
        html.contains("КОНЫРБАЕВА АСЕМГУЛЬ &lt;b&gt;") && html.contains("spelling or alphabet")
    );
    assert!(html.contains("+62.0%") && html.contains("−4.0%"), "{html}");
    let verdict = [("verdict", "different")];
    assert_eq!(desk.send("/en/matches/3", "/en/matches/3", &verdict).status, 422);
    let decided = [("verdict", "different"), ("ground", "another date of birth")];
    assert_eq!(desk.send("/en/matches/3", "/en/matches/3", &decided).status, 303);
    let stale = [("verdict", "same"), ("ground", "x"), ("digest", "of yesterday")];
    let answer = desk.send("/en/matches/3", "/en/matches/3", &stale);
    assert_eq!(answer.status, 422);
    assert!(text(&answer).contains("second person"));
    assert_eq!(desk.deeds(), [Deed::Decided(3, Verdict::Different)]);
    let events = desk.world.log.events.lock().unwrap().clone();
    let kept = events.iter().any(|event| event.record.contains("ground=another"));
    assert!(kept, "the ground stands in the audit fact: {events:?}");
    // An entry that the list has no more.
    assert!(desk.get("/en/matches/4").contains("no more"));
    assert_eq!(desk.world.get("/en/matches/99", &desk.cookies).status, 404);
}

#[test]
fn guarded_lists_and_alerts_are_for_those_entitled() {
    // I-09, D-38, domain 3
    let desk = Desk::new(Role::Operator);
    for path in ["/en/lists", "/en/matches", "/en/terms", "/en/registrations"] {
        assert!(!desk.get(path).to_lowercase().contains("terror"), "{path}");
    }
    assert_eq!(desk.world.get("/en/matches/5", &desk.cookies).status, 404);
    assert_eq!(desk.world.get("/en/alerts", &desk.cookies).status, 403);
    let desk = Desk::new(Role::Aml);
    assert!(desk.get("/en/lists").contains("terrorism and extremism"));
    let html = desk.get("/en/alerts");
    assert!(html.contains("late: ") && html.contains("left: "));
    let act = [("act", "take"), ("ground", "a hit of today")];
    assert_eq!(desk.send("/en/alerts", "/en/alerts/1", &act).status, 303);
    assert_eq!(desk.deeds(), [Deed::Acted(1, AlertAct::Take)]);
    // What is raised cannot be closed at once.
    assert!(html.matches("value=\"close\"").count() == 1 && html.contains("acknowledge"));
    let desk = Desk::new(Role::Monitoring);
    assert!(!desk.get("/en/alerts").contains("action=\"/en/alerts/"), "it reads, and acts not");
}

#[test]
fn a_list_tells_its_age_and_an_erasure_wants_two_persons() {
    // R0-10.5, D-07, S-42, P-20
    let html = Desk::new(Role::Operator).get("/en/lists");
    assert!(html.contains("stale") && html.contains("fresh") && html.contains("3,512,004"));
    let desk = Desk::new(Role::Privacy);
    let html = desk.get("/en/erasures");
    assert!(html.contains("The data of 1 person are destroyed for good."));
    // The second is his own proposal, the third another's; the fifth is held.
    assert!(
        html.contains("action=\"/en/erasures/1\"") && html.contains("action=\"/en/erasures/3\"")
    );
    assert!(
        !html.contains("action=\"/en/erasures/2\"") && !html.contains("action=\"/en/erasures/5\"")
    );
    assert_eq!(desk.send("/en/erasures", "/en/erasures/3", &[]).status, 303);
    let other = [("digest", "digest-4")];
    assert_eq!(desk.send("/en/erasures", "/en/erasures/3", &other).status, 422);
    assert!(html.contains("held: a court: a dispute that is not over"), "{html}");
    let why = [("hold", "court"), ("shown", "4-12/881")];
    assert_eq!(desk.send("/en/erasures", "/en/erasures/1/hold", &why).status, 303);
    assert_eq!(desk.deeds(), [Deed::Ordered(3), Deed::Held(1, HoldGround::Court)]);
}

#[test]
fn the_testing_act_counts_to_ten() {
    // P-52, P-53, R3-7.1, R3-7.2, R3-7.3, R3-7.4, R3-7.6c, R3-11.1, R3-11.2
    let desk = Desk::new(Role::Privacy);
    let html = desk.get("/en/consents/act");
    assert!(html.contains("Successful answers: 9 of 10") && html.contains("answer-0008"));
    let html = desk.get("/en/consents");
    for word in ["by 1414", "by own means", "proactive service", "transfer to third parties"] {
        assert!(html.contains(word), "{word}");
    }
}
