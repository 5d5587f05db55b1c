//! A registration from the invitation to the order, and each way in which it does not succeed.

use admission::Accept;
use ledger::Block;
use people::invitations::{AskedRow, AskedState, InvitedState};
use people::joining::{Failure, Path, Step};
use people::{No, Token};
use phrases::Language;
use terms::{Instant, Reason, Text, Tiyn};

use crate::world::{FIRST, PASSWORD, World, id, person};

fn token_of(link: &str) -> Token {
    Token::parse(link.rsplit('/').next().unwrap()).unwrap()
}

// E-02: R0-5.1, R0-5.2, R0-10.2, R0-10.7b, R0-10.9, R0-10.12, R0-11.1, R0-12.1, R3-7.6a
#[test]
fn from_invitation_to_order() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1990-03-01");
    let invited = id();
    let (link, _) = people.invite(FIRST, invited).unwrap();
    assert_eq!(people.invite(FIRST, invited).unwrap().0, link, "the same id, the same link");
    let state = || people.invited(FIRST, invited).unwrap().unwrap().0;
    assert_eq!(state(), InvitedState::Invited);
    let session = world.client(&bettor, Some(&token_of(&link)));
    assert_eq!(state(), InvitedState::Begun);
    // R4-11.1.6: registered, unidentified, without a wallet.
    assert_eq!(people.signed_in(&session).unwrap().person, None);
    world.give(&session, &bettor);
    assert_eq!(people.way(&session).unwrap().step, Step::Liveness);
    let way = world.film(&session);
    assert_eq!((way.step, way.failure), (Step::Done, None));
    let account = way.account.unwrap();
    assert_eq!(state(), InvitedState::Open);
    let number = people.signed_in(&session).unwrap().person.unwrap();
    assert_eq!(Some(number), way.person);
    assert_eq!(people.wallets_of(number).len(), 1);

    // S-55: the organiser reads its own bettor, and he sees it; another organiser reads nothing.
    let read = people.disclose(FIRST, account).unwrap().unwrap();
    assert_eq!(read.age_years, 36);
    assert!(people.disclose(terms::Organiser(1), account).unwrap().is_none());
    let looks = people.looks_of(&session, None).unwrap();
    assert!(looks.iter().any(|look| look.who == vault::Looker::Organiser), "{looks:?}");

    // R0-2.3a, R0-5.3: the order is the bettor's own.
    let asked = AskedRow {
        organiser: FIRST,
        account,
        ceiling: Tiyn::of(100_000),
        accept: Accept::Better,
        expires: people.now().plus(600 * Instant::SECOND),
        answer_until: people.now(),
        state: AskedState::Asked,
        order: None,
    };
    let (link, _) = people.ask_order(FIRST, id(), asked).unwrap();
    let form = id();
    let order = people.give_order(&session, &token_of(&link), Accept::Better, form).unwrap();
    let again = people.give_order(&session, &token_of(&link), Accept::Better, form).unwrap();
    assert_eq!(order, again);
    let open = world.pump.read_copy().read(|state| state.orders.get(order).is_some());
    assert!(open, "the order is the desk's");

    // He signs in from another phone.
    let sent = people.sign_in(&bettor.phone, PASSWORD, Language::Kk).unwrap();
    let other = people.sign_in_code(&sent.token, &world.code(&bettor.phone)).unwrap();
    assert_eq!(people.signed_in(&other).unwrap().person, Some(number));
}

// E-02: one refusal for each list, and one under age. R0-5.4, R0-10.2a to R0-10.2f, R3-7.6b, S-47,
// S-57
#[test]
fn each_obstacle_ends_the_way_with_its_own_reason() {
    let world = World::new();
    for (serial, born, want) in [
        ([0, 1, 0], "1991-01-01", Failure::Debtor),
        ([0, 3, 0], "1991-02-01", Failure::Debtor),
        ([0, 4, 0], "1991-03-01", Failure::Restricted),
        ([0, 8, 0], "1991-04-01", Failure::NotAdmitted),
        ([2, 0, 0], "1991-05-01", Failure::ConsentRefused),
        ([0, 0, 2], "1991-06-01", Failure::Face),
        ([0, 0, 4], "1991-07-01", Failure::NoReference),
        ([0, 0, 0], "2010-08-01", Failure::UnderAge),
    ] {
        let bettor = person(serial, born);
        let session = world.client(&bettor, None);
        world.give(&session, &bettor);
        let way = world.film(&session);
        assert_eq!((way.step, way.failure), (Step::Failed, Some(want)), "{serial:?}");
        // R0-5.2, R0-5.4: no wallet for any of them.
        let wallets = way.person.map_or(0, |person| world.people.wallets_of(person).len());
        assert_eq!(wallets, 0, "{serial:?}");
    }
    // R0-10.2: a debt of another kind does not bar.
    let bettor = person([0, 2, 0], "1992-01-01");
    let session = world.client(&bettor, None);
    world.give(&session, &bettor);
    assert_eq!(world.film(&session).step, Step::Done);
    // Nobody with the same number comes in twice (S-37).
    let session = world.people.begin(
        people::joining::Path::Join,
        world.people.now(),
        None,
        None,
        Language::Ru,
    );
    assert!(session.is_ok());
}

// S-45: passwords and codes.
#[test]
fn guesses_are_counted_before_they_are_judged() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1993-01-01");
    world.client(&bettor, None);
    for _ in 0..4 {
        let tried = people.sign_in(&bettor.phone, "not the password", Language::Ru);
        assert!(matches!(tried, Err(No::Wrong(_))), "{tried:?}");
    }
    assert!(people.sign_in(&bettor.phone, "not the password", Language::Ru).is_err());
    let tried = people.sign_in(&bettor.phone, PASSWORD, Language::Ru);
    assert!(matches!(tried, Err(No::Wait(_))), "{tried:?}");
    // All nodes count together.
    let tried = world.again().sign_in(&bettor.phone, PASSWORD, Language::Ru);
    assert!(matches!(tried, Err(No::Wait(_))), "{tried:?}");
    world.pass(20 * 60 * Instant::SECOND);
    let sent = people.sign_in(&bettor.phone, PASSWORD, Language::Ru).unwrap();
    let code = world.code(&bettor.phone);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..2 {
        let tried = people.sign_in_code(&sent.token, wrong);
        assert!(matches!(tried, Err(No::Wrong(_))), "{tried:?}");
    }
    assert!(matches!(people.sign_in_code(&sent.token, wrong), Err(No::Over)));
    assert!(matches!(people.sign_in_code(&sent.token, &code), Err(No::Over)), "tries are over");
    // A code that comes late, and one that is replayed.
    world.pass(60 * Instant::SECOND);
    let sent = people.sign_in(&bettor.phone, PASSWORD, Language::Ru).unwrap();
    let code = world.code(&bettor.phone);
    let session = people.sign_in_code(&sent.token, &code).unwrap();
    assert!(matches!(people.sign_in_code(&sent.token, &code), Err(No::Over)));
    // S-45: fifteen minutes without a request.
    world.pass(14 * 60 * Instant::SECOND);
    assert!(people.session(&session).unwrap().is_some());
    world.pass(16 * 60 * Instant::SECOND);
    assert!(people.session(&session).unwrap().is_none());
    let sent = people.sign_in(&bettor.phone, PASSWORD, Language::Ru).unwrap();
    world.pass(3 * 60 * Instant::SECOND);
    let tried = people.sign_in_code(&sent.token, &world.code(&bettor.phone));
    assert!(matches!(tried, Err(No::Over)), "{tried:?}");
    assert_eq!(Reason::NotIdentified.name(), "not_identified");
}

// S-02, R0-12.1: identification is renewed, and neither consents nor wallets come twice.
#[test]
fn identification_is_renewed() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1987-05-01");
    let session = world.client(&bettor, None);
    world.give(&session, &bettor);
    let way = world.film(&session);
    assert_eq!((way.step, way.failure), (Step::Done, None));
    let number = way.person.unwrap();
    world.pass(3_600 * Instant::SECOND);
    let sent = people.sign_in(&bettor.phone, PASSWORD, Language::Ru).unwrap();
    let session = people.sign_in_code(&sent.token, &world.code(&bettor.phone)).unwrap();
    // A code is spent: of two who send it one comes in.
    assert!(people.sign_in_code(&sent.token, &world.code(&bettor.phone)).is_err());
    people.begin(Path::Renew, people.now(), None, Some(&session), Language::Ru).unwrap();
    world.give(&session, &bettor);
    let again = world.film(&session);
    assert_eq!((again.step, again.failure, again.person), (Step::Done, None, Some(number)));
    assert_eq!(people.wallets_of(number), [way.wallet.unwrap()]);
}

// R4-6.3a: the owner blocks and opens again what he has blocked himself, and nothing else.
#[test]
fn only_an_own_block_is_lifted_by_the_owner() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1988-05-01");
    let session = world.client(&bettor, None);
    world.give(&session, &bettor);
    let wallet = world.film(&session).wallet.unwrap();
    let sent = people.step_up(&session, Language::Ru).unwrap();
    people.step_up_code(&session, &world.code(&bettor.phone)).unwrap();
    assert!(!sent.token.reveal().is_empty());
    people.block_own(&session, wallet, "lost_phone", false, id()).unwrap();
    people.unblock_own(&session, wallet, id()).unwrap();
    let operator = |block| {
        let ground = Text::new("dispute").unwrap();
        world.operate(desk::command::BlockWallet { wallet, block, ground });
    };
    for block in [Block::Blocked, Block::Frozen] {
        operator(block);
        let done = people.unblock_own(&session, wallet, id());
        assert!(matches!(done, Err(No::Refused(Reason::TransitionInvalid))), "{done:?}");
        let done = people.block_own(&session, wallet, "lost_phone", false, id());
        assert!(matches!(done, Err(No::Refused(Reason::TransitionInvalid))), "{done:?}");
    }
    operator(Block::Open);
    people.block_own(&session, wallet, "lost_phone", false, id()).unwrap();
}
