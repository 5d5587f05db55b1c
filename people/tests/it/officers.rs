//! Officers: registration at a desk, looks behind facts, matches, records, and two persons.

use admission::{ConsentWay, HoldGround, IdentificationMethod, List, Relationship};
use casework::{CaseKind, CaseState};
use desk::command::{EndRelationship, NoteAudit};
use journal::fact::{Entry, Fact};
use outside::people::Person as Synthetic;
use people::No;
use people::at_desk::InPerson;
use people::compared::Finding;
use people::form::{FormField, Given, Slip};
use people::lists::Imported;
use people::officers::{Looked, RecordAct, Wanted};
use people::proposals::Standing;
use terms::{
    AuditAct, AuditResult, CaseNo, Code, Hash, Instant, MessageId, Person, Reason, Seq, Text,
};
use vault::{LookReason, Looker};

use crate::world::{World, form, id, person};

const OFFICER: u32 = 7;

fn at_desk(bettor: &Synthetic) -> InPerson {
    let phone = format!("+{}", bettor.phone);
    InPerson { given: form(bettor), phone, seen: true, consents: true }
}

/// Everything that the journal says.
fn facts(world: &World) -> Vec<Fact> {
    let mut journal = store::JournalStore::reader(&world.memory.journal()).unwrap();
    let head = store::JournalReader::head(&mut *journal).unwrap();
    let read = |seq| journal.fact(seq).unwrap().unwrap();
    (0..head.next_seq).map(read).map(|bytes| Entry::from_bytes(&bytes).unwrap().fact).collect()
}

/// The person of a registration, when it is at rest.
fn registered(world: &World, case: CaseNo) -> Person {
    let open = |world: &World| world.pump.read_copy().read(|state| state.cases.get(case).is_some());
    for _ in 0..20 {
        world.caught_up();
        if !open(world) {
            break;
        }
        world.pass(5 * Instant::SECOND);
        world.people.advance_waiting().unwrap();
    }
    let of_case = |fact: &Fact| match fact {
        Fact::CaseOpened(fact) if fact.case == case => fact.person,
        _ => None,
    };
    facts(world).iter().find_map(of_case).unwrap()
}

fn relationship(world: &World, person: Person) -> Relationship {
    world.caught_up();
    world.pump.read_copy().read(|state| state.people.persons[person.index()].relationship)
}

/// The fact of a look of an officer.
fn look(world: &World, user: u32) -> Seq {
    let at = world.people.now();
    let note = NoteAudit {
        started: at,
        act: AuditAct::RecordView,
        user,
        record: Text::new("/persons").unwrap(),
        account: None,
        ended: at,
        result: AuditResult::Done,
    };
    world.operate(note).seq
}

fn looked(world: &World) -> Looked {
    let (who, why) = (Looker::Staff, LookReason::Support);
    Looked { seq: look(world, OFFICER), number: OFFICER, who, why }
}

fn found(world: &World, wanted: &Wanted) -> Vec<(Person, String)> {
    let found = world.people.find_person(wanted, &looked(world)).unwrap();
    found.into_iter().map(|found| (found.person, found.masked)).collect()
}

// R0-10.7a, R0-10.9, R0-11.1, R4-11.1.4, S-07
#[test]
fn somebody_is_registered_at_a_desk_once() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1979-03-01");
    let sent = id();
    let case = people.register_at_desk(OFFICER, &at_desk(&bettor), sent).unwrap();
    let count = facts(&world).len();
    assert_eq!(people.register_at_desk(OFFICER, &at_desk(&bettor), sent).unwrap(), case);
    assert_eq!(facts(&world).len(), count, "the same form does nothing more");
    let number = registered(&world, case);
    assert_eq!(relationship(&world, number), Relationship::Active);
    assert_eq!(people.wallets_of(number).len(), 1);
    let all = facts(&world);
    let identified = all.iter().find_map(|fact| match fact {
        Fact::IdentificationRecorded(fact) if fact.person == number => Some(fact),
        _ => None,
    });
    let identified = identified.unwrap();
    assert_eq!(identified.method, IdentificationMethod::InPerson);
    assert!(identified.until.is_some(), "to the last day of the document");
    let on_paper = |fact: &&Fact| {
        matches!(fact, Fact::ConsentRecorded(fact)
            if fact.person == number && fact.way == ConsentWay::Paper)
    };
    assert_eq!(all.iter().filter(on_paper).count(), 2, "betting and e-money");

    // He is there, and nobody is told as whom.
    let again = people.register_at_desk(OFFICER, &at_desk(&bettor), id());
    assert!(matches!(again, Err(No::Refused(Reason::AlreadyRegistered))), "{again:?}");
    let mut other = at_desk(&person([0, 0, 0], "1978-03-01"));
    other.given.document_number.clone_from(&bettor.document);
    let same_paper = people.register_at_desk(OFFICER, &other, id());
    assert!(matches!(same_paper, Err(No::Refused(Reason::AlreadyRegistered))), "{same_paper:?}");

    // Somebody without a number comes with a foreign passport.
    let mut foreign = at_desk(&person([0, 0, 0], "1977-03-01"));
    foreign.given.iin = String::new();
    foreign.given.country = "UZ".into();
    foreign.given.document_kind = "foreign_passport".into();
    let case = people.register_at_desk(OFFICER, &foreign, id()).unwrap();
    let guest = registered(&world, case);
    assert_eq!(relationship(&world, guest), Relationship::Active);
    // V1: nothing of them is in the journal.
    let words = [bettor.iin.reveal(), bettor.surname.clone(), bettor.document.clone()];
    let mut journal = store::JournalStore::reader(&world.memory.journal()).unwrap();
    for seq in 0..facts(&world).len() as u64 {
        let bytes = journal.fact(seq).unwrap().unwrap();
        for word in &words {
            let holds = bytes.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!holds, "entry {seq} holds personal data");
        }
    }
}

// R0-10.7a, R0-10.10a, S-01
#[test]
fn a_form_with_slips_registers_nobody() {
    let world = World::new();
    let before = facts(&world).len();
    let check = |form: &InPerson, want: &[(FormField, Slip)]| {
        let refused = world.people.register_at_desk(OFFICER, form, id());
        let Err(No::Wrong(slips)) = refused else { panic!("{refused:?}") };
        assert_eq!(slips, want);
    };
    let nothing = world.people.register_at_desk(OFFICER, &InPerson::default(), id());
    let Err(No::Wrong(slips)) = nothing else { panic!("{nothing:?}") };
    assert_eq!(slips.len(), 14, "all at once: {slips:?}");
    let good = at_desk(&person([0, 0, 0], "1979-04-01"));
    let unseen = InPerson { seen: false, consents: false, ..good.clone() };
    check(&unseen, &[(FormField::Seen, Slip::Missing), (FormField::Consents, Slip::Missing)]);
    let phone = InPerson { phone: "1".into(), ..good.clone() };
    check(&phone, &[(FormField::Phone, Slip::Form)]);
    let document_expires = "2020-01-02".to_owned();
    let old = InPerson { given: Given { document_expires, ..good.given.clone() }, ..good.clone() };
    check(&old, &[(FormField::DocumentExpires, Slip::Expired)]);
    let young = at_desk(&person([0, 0, 0], "2009-03-01"));
    check(&young, &[(FormField::BirthDate, Slip::UnderAge)]);
    let iin = "050712590009".to_owned();
    let wrong = InPerson { given: Given { iin, ..good.given.clone() }, ..good };
    check(&wrong, &[(FormField::Iin, Slip::CheckDigit)]);
    assert_eq!(facts(&world).len(), before, "nothing has happened");
}

// S-47, S-57, core 20: a stop anywhere, and who says no to the State service.
#[test]
fn a_registration_at_a_desk_goes_on_after_a_stop() {
    let world = World::new();
    let (bettor, sent) = (person([0, 0, 0], "1979-05-01"), id());
    let stopped = world.deaf().register_at_desk(OFFICER, &at_desk(&bettor), sent);
    assert!(matches!(stopped, Err(No::Down(_))), "{stopped:?}");
    let again = world.again();
    let case = again.register_at_desk(OFFICER, &at_desk(&bettor), sent).unwrap();
    let number = registered(&world, case);
    assert_eq!(relationship(&world, number), Relationship::Active);
    assert_eq!(found(&world, &Wanted::Iin(bettor.iin.reveal())).len(), 1);
    let refuses = person([2, 0, 0], "1979-06-01");
    let case = world.people.register_at_desk(OFFICER, &at_desk(&refuses), id()).unwrap();
    let number = registered(&world, case);
    let state = relationship(&world, number);
    assert_eq!(state, Relationship::Absent, "the list on disk is not there");
    let csv = Some(screening::import::NumberForm::Csv);
    let file = b"#restricted,2026-12-01T00:00:00Z,1\niin,category,until\n050712590008,property,\n";
    world.people.import(List::Restricted, csv, file, (OFFICER, None)).unwrap();
    registered(&world, case);
    assert_eq!(relationship(&world, number), Relationship::Active);
}

// R2-55.11, R0-10.4
#[test]
fn nobody_is_found_or_opened_without_the_fact_of_the_look() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1979-07-01");
    let case = people.register_at_desk(OFFICER, &at_desk(&bettor), id()).unwrap();
    let number = registered(&world, case);
    let letters = |text: &str| text.chars().next().unwrap();
    let masked = format!("{}••• {}•••", letters(&bettor.surname), letters(&bettor.name));
    let wanted = [
        Wanted::Iin(bettor.iin.reveal()),
        Wanted::Phone(format!("+{}", bettor.phone)),
        Wanted::Document(bettor.document.clone(), "KZ".into()),
    ];
    for wanted in &wanted {
        assert_eq!(found(&world, wanted), [(number, masked.clone())]);
    }
    assert!(found(&world, &Wanted::Document(bettor.document.clone(), "UZ".into())).is_empty());
    let broken = people.find_person(&Wanted::Iin("1".into()), &looked(&world));
    assert!(matches!(broken, Err(No::Wrong(_))));
    let opened = people.open_person(number, &looked(&world)).unwrap();
    assert!(opened.name.starts_with(&bettor.surname));
    assert_eq!((opened.iin, opened.born), (Some(bettor.iin), Some(bettor.birth)));
    // Another's look, one that is no look, and one that is not there yet.
    let other = Looked { seq: look(&world, 8), ..looked(&world) };
    let none = Looked { seq: Seq(0), ..looked(&world) };
    let later = Looked { seq: Seq(u64::from(u32::MAX)), ..looked(&world) };
    for looked in [&other, &none, &later] {
        assert!(matches!(people.open_person(number, looked), Err(No::Absent)));
        assert!(matches!(people.find_person(&wanted[0], looked), Err(No::Absent)));
    }
    assert!(matches!(people.open_person(Person(9_999), &looked(&world)), Err(No::Absent)));
}

/// A list of one person without his number.
fn namesake(bettor: &Synthetic) -> Vec<u8> {
    let (year, month, day) = bettor.birth.date();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml><persons>\n\
         <person><num>1</num><lname>{}</lname><fname>{}</fname><mname>{}</mname>\
         <birthdate>{day:02}.{month:02}.{year}</birthdate><iin></iin><note></note>\
         <correction></correction></person>\n</persons><organisations></organisations>\
         <organisationscis></organisationscis></xml>",
        bettor.surname,
        bettor.name,
        bettor.patronymic.clone().unwrap_or_default(),
    )
    .into_bytes()
}

/// The open possible match, and the position of the fact that opened it.
fn match_of(world: &World) -> (CaseNo, Seq) {
    world.caught_up();
    let row = world.people.open_cases(CaseKind::PossibleMatch).pop().unwrap();
    let opened = facts(world)
        .iter()
        .position(|fact| matches!(fact, Fact::CaseOpened(fact) if fact.case == row.case));
    (row.case, Seq(opened.unwrap() as u64))
}

// S-48, R0-10.2d
#[test]
fn an_officer_decides_a_possible_match_on_what_he_saw() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1979-08-01");
    let file = namesake(&bettor);
    let done = people.import(List::Financing, None, &file, (OFFICER, None)).unwrap();
    assert!(matches!(done, Imported::Done { .. }));
    // He registers under that name, and waits.
    let case = people.register_at_desk(OFFICER, &at_desk(&bettor), id()).unwrap();
    let number = registered(&world, case);
    assert_eq!(relationship(&world, number), Relationship::Absent);
    let (found, opened) = match_of(&world);
    let compared = people.possible_match(found, opened).unwrap();
    assert_eq!((compared.person, compared.list), (number, List::Financing));
    let sides = people.sides(&compared, &looked(&world)).unwrap();
    let theirs = sides.theirs.unwrap();
    assert!(theirs.score > 900 && !theirs.parts.is_empty(), "{}", theirs.score);
    assert!(theirs.entry.names[0].text.to_uppercase().contains(&bettor.surname));
    let (yes, no) = (Finding::Same, Finding::Different);
    let stale = people.decide_match(&compared, no, &Hash([0; 32]), id());
    assert!(matches!(stale, Err(No::Refused(Reason::SecondPersonRequired))), "{stale:?}");
    assert!(matches!(people.possible_match(found, Seq(0)), Err(No::Absent)));
    let sent = id();
    people.decide_match(&compared, no, &compared.digest, sent).unwrap();
    assert!(people.is_done(sent).unwrap() && !people.is_done(id()).unwrap());
    assert!(matches!(people.possible_match(found, opened), Err(No::Absent)), "decided");
    registered(&world, case);
    assert_eq!(relationship(&world, number), Relationship::Active, "it was another");
    // The list comes with somebody else, who is one of ours.
    let other = person([0, 0, 0], "1979-09-01");
    let case = people.register_at_desk(OFFICER, &at_desk(&other), id()).unwrap();
    let listed = registered(&world, case);
    people.import(List::Terrorism, None, &namesake(&other), (OFFICER, None)).unwrap();
    let (found, opened) = match_of(&world);
    let compared = people.possible_match(found, opened).unwrap();
    let sides = people.sides(&compared, &looked(&world)).unwrap();
    assert!(sides.theirs.is_some(), "the entry of the case");
    people.decide_match(&compared, yes, &compared.digest, id()).unwrap();
    let lists = people.admission(listed).unwrap().lists;
    assert!(lists.has(List::Terrorism));

    // D-38: being listed is a record that is reported.
    let record = people.open_cases(CaseKind::AmlRecord).pop().unwrap();
    assert_eq!((record.person, record.state), (Some(listed), CaseState::ReportDue));
    let act = |act| people.act_on_record(record.case, act, "report 12-4", id());
    let early = act(RecordAct::Acknowledge);
    assert!(matches!(early, Err(No::Refused(Reason::StepNotPossible))), "{early:?}");
    act(RecordAct::Report).unwrap();
    act(RecordAct::Acknowledge).unwrap();
    assert!(people.open_cases(CaseKind::AmlRecord).is_empty());
    let over = act(RecordAct::Take);
    assert!(matches!(over, Err(No::Refused(Reason::CaseUnknown))), "{over:?}");
    let strange = people.act_on_record(CaseNo(0), RecordAct::Take, "", id());
    assert!(strange.is_err(), "a registration is no record: {strange:?}");
}

// R0-10.5, R0-10.6, S-47, P-53
#[test]
fn lists_and_the_testing_act_are_told_as_they_are() {
    let world = World::new();
    let people = &world.people;
    let (before, most_ns) = people.lists_in_force();
    assert_eq!(most_ns, Instant::DAY);
    assert!(before.iter().all(|row| row.file.is_none()), "put in force without a file");
    let file = namesake(&person([0, 0, 0], "1979-10-01"));
    people.import(List::Financing, None, &file, (OFFICER, None)).unwrap();
    world.caught_up();
    let (after, _) = people.lists_in_force();
    let row = after.iter().find(|row| row.list == List::Financing).unwrap();
    assert_eq!(row.file.map(|(_, entries)| entries), Some(1));
    assert_eq!(people.testing_act().unwrap(), (None, 10));
}

// D-07, S-42, P-20
#[test]
fn two_persons_order_a_destruction_when_its_term_has_come() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1979-11-01");
    let case = people.register_at_desk(OFFICER, &at_desk(&bettor), id()).unwrap();
    let number = registered(&world, case);
    let ground = Code::new("own_request").unwrap();
    world.operate(EndRelationship { person: number, ground });
    assert!(people.due_erasures(10).unwrap().is_empty(), "its term has not come");
    let agree = |by, seen: &Hash, form| people.agree_erasure(by, number, seen, form);
    assert!(matches!(agree(7, &Hash([0; 32]), id()), Err(No::Absent)));
    world.pass(6 * 366 * Instant::DAY);
    let later =
        || MessageId(terms::id::uuid_v7(people.now().ms(), id().0[6..].try_into().unwrap()));
    let due = people.due_erasures(10).unwrap().pop().unwrap();
    assert_eq!((due.person, &due.standing), (number, &Standing::Due));
    let stale = agree(7, &Hash([0; 32]), later());
    assert!(matches!(stale, Err(No::Refused(Reason::SecondPersonRequired))), "{stale:?}");
    let first = later();
    assert_eq!(agree(7, &due.digest, first).unwrap(), Standing::Proposed);
    assert_eq!(agree(7, &due.digest, first).unwrap(), Standing::Proposed, "once more");
    let alone = agree(7, &due.digest, later());
    assert!(matches!(alone, Err(No::Refused(Reason::SecondPersonRequired))), "{alone:?}");
    assert_eq!(people.open_cases(CaseKind::Erasure).len(), 1);

    // A court holds it, and the proposal is called off.
    people.hold_erasure(number, HoldGround::Court, "act 4-12", later()).unwrap();
    assert!(people.open_cases(CaseKind::Erasure).is_empty());
    let held = people.due_erasures(10).unwrap().pop().unwrap();
    assert_eq!(held.standing, Standing::Held(vec![HoldGround::Court]));
    let refused = agree(8, &held.digest, later());
    assert!(matches!(refused, Err(No::Refused(Reason::LegalHoldStands))), "{refused:?}");
    let lift = desk::command::LiftLegalHold { person: number, number: 1, evidence: Hash([1; 32]) };
    operates(&world, lift, later());
    let due = people.due_erasures(10).unwrap().pop().unwrap();
    assert_eq!((&due.standing, due.by), (&Standing::Due, None), "what was proposed before is over");

    agree(7, &due.digest, later()).unwrap();
    let second = later();
    assert_eq!(agree(8, &due.digest, second).unwrap(), Standing::Ordered);
    assert_eq!(agree(8, &due.digest, second).unwrap(), Standing::Ordered, "once more");
    let ordered = people.due_erasures(10).unwrap().pop().unwrap();
    assert_eq!((ordered.by, ordered.second), (Some(7), Some(8)));
    assert_eq!(people.follow_erasures().unwrap(), 1);
    world.caught_up();
    assert!(people.due_erasures(10).unwrap().is_empty());
    assert_eq!(relationship(&world, number), Relationship::Erased);
    assert!(people.open_cases(CaseKind::Erasure).is_empty(), "the case has ended");
}

/// The operator does something under an id of the moved clock.
fn operates(world: &World, command: desk::command::LiftLegalHold, id: MessageId) {
    let message = desk::Message::new(
        terms::Sender::Operator,
        id,
        desk::command::Manner::Single,
        command.into(),
    );
    let verdict = world.pump.handle().ask(pump::Class::Control, message).unwrap();
    assert_eq!(verdict.outcome, pump::Outcome::Done);
    let seq = verdict.receipt.unwrap().seq;
    world.pump.read_copy().wait_for(seq, std::time::Duration::from_secs(5));
}
