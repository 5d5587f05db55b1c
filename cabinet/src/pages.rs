//! The pages: one function each, from what it reads to a document.

mod bets;
mod fields;
mod home;
mod joining;
mod money;
mod orders;
mod relation;
mod settings;
mod sign_in;
mod start;
mod told;
mod wallet;

use terms::{Instant, Reason};

use crate::doc::{Block, Doc, Link};
use crate::routes::Page;
use crate::visit::{Trouble, Visit};
use site::web::Answer;

/// Makes a page.
pub fn make(page: Page, visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    match page {
        // Answered before anything is opened.
        Page::Root | Page::Asset | Page::ShortInvitation | Page::ShortOrder => {
            Err(Trouble::Status(404))
        }
        Page::Welcome => start::welcome(visit),
        Page::Help => start::help(visit),
        Page::Offer => start::offer(visit),
        Page::Theme => settings::theme(visit),
        Page::Invitation => start::invitation(visit),
        Page::AcceptInvitation => start::accept_invitation(visit),
        Page::LostPhone => start::lost_phone(visit),
        Page::Begin => joining::begin(visit),
        Page::Way => joining::way(visit),
        Page::Agree => joining::agree(visit),
        Page::ClaimPhone => joining::claim_phone(visit),
        Page::ConfirmPhone => joining::confirm_phone(visit),
        Page::PhoneCodeAgain => joining::phone_code_again(visit),
        Page::GiveData => joining::give_data(visit),
        Page::GivePhoto => joining::give_photo(visit),
        Page::GiveVideo => joining::give_video(visit),
        Page::Again => joining::again(visit),
        Page::SignIn => sign_in::form(visit),
        Page::TrySignIn => sign_in::try_password(visit),
        Page::SignInCode => sign_in::code_form(visit),
        Page::TrySignInCode => sign_in::try_code(visit),
        Page::SignInCodeAgain => sign_in::code_again(visit),
        Page::SignOut => sign_in::out(visit),
        Page::StepUp => sign_in::step_up_form(visit),
        Page::SendStepUp => sign_in::send_step_up(visit),
        Page::TryStepUp => sign_in::step_up(visit),
        Page::Home => home::page(visit),
        Page::Bets => bets::list(visit),
        Page::Bet => bets::one(visit),
        Page::Proof => bets::proof(visit),
        Page::Refusals => told::page(visit),
        Page::Wallet => wallet::page(visit),
        Page::OpenWallet => wallet::open(visit),
        Page::Receipt => wallet::receipt(visit),
        Page::TopUp => wallet::top_up(visit),
        Page::Block => money::block_form(visit),
        Page::DoBlock => money::block(visit),
        Page::Unblock => money::unblock_form(visit),
        Page::DoUnblock => money::unblock(visit),
        Page::Redeem => money::redeem_form(visit),
        Page::DoRedeem => money::redeem(visit),
        Page::Accounts => wallet::accounts(visit),
        Page::Bind => wallet::bind(visit),
        Page::Looks => relation::looks(visit),
        Page::Consents => relation::consents(visit),
        Page::GiveConsent => relation::give_consent(visit),
        Page::WithdrawConsent => relation::withdraw_consent(visit),
        Page::Me => relation::me(visit),
        Page::Renew => joining::renew(visit),
        Page::EndOthers => settings::end_others(visit),
        Page::Password => settings::password_form(visit),
        Page::ChangePassword => settings::change_password(visit),
        Page::Phone => settings::phone_form(visit),
        Page::ChangePhone => settings::change_phone(visit),
        Page::NewPhone => settings::new_phone_form(visit),
        Page::ConfirmNewPhone => settings::confirm_new_phone(visit),
        Page::Close => relation::close_form(visit),
        Page::DoClose => relation::close(visit),
        Page::Order => orders::form(visit),
        Page::AnswerOrder => orders::answer(visit),
    }
}

/// The key of the word that says what is wrong.
pub fn error_word(status: u16) -> &'static str {
    match status {
        400 => "cabinet_error.broken",
        403 => "cabinet_error.form",
        404 => "cabinet_error.not_found",
        405 => "cabinet_error.method",
        413 => "cabinet_error.large",
        429 => "cabinet_error.often",
        _ => "cabinet_error.unavailable",
    }
}

/// Where somebody begins: home, or the welcome.
fn start_link(visit: &Visit<'_>) -> Link {
    match visit.caller.session {
        Some(_) => Link::new(visit.word("cabinet.to_home"), visit.href("/home")),
        None => Link::new(visit.word("cabinet.to_welcome"), visit.href("")),
    }
}

fn told(visit: &mut Visit<'_>, status: u16, title: &str, block: Block) -> Answer {
    let links = vec![start_link(visit), help_link(visit)];
    let blocks = vec![block, Block::Links { title: String::new(), links }];
    let made = visit.page_with(status, Doc { title: title.to_owned(), blocks, ..Doc::default() });
    made.unwrap_or_else(|_| visit.house.plain(status))
}

fn help_link(visit: &Visit<'_>) -> Link {
    Link::new(visit.word("cabinet.help"), visit.href("/help"))
}

/// A page that says what is wrong and where to go.
pub fn error(visit: &mut Visit<'_>, status: u16, key: &str) -> Answer {
    // Its address may hold anything: the other languages begin at the beginning.
    visit.path = String::new();
    visit.query = site::web::Pairs::default();
    let (title, text) = (visit.word("cabinet_error.title"), visit.word(key));
    let block = Block::Notice { level: "bad", text, links: Vec::new() };
    told(visit, status, &title, block)
}

/// A page that says that a rule said no, and what to do.
pub fn refused(visit: &mut Visit<'_>, reason: Reason) -> Answer {
    visit.path = "/home".into();
    let theme = told::Theme::of(reason);
    let title = visit.word("cabinet.refused_title");
    let text = format!("{} {}", theme.text(visit), theme.todo(visit));
    let block = Block::Notice { level: "bad", text, links: theme.links(visit) };
    told(visit, 422, &title, block)
}

/// A page that says when to try again (S-45).
pub fn wait(visit: &mut Visit<'_>, until: Instant) -> Answer {
    visit.path = String::new();
    let title = visit.word("cabinet_error.title");
    let text = waiting(visit, until);
    let block = Block::Notice { level: "warn", text, links: Vec::new() };
    told(visit, 429, &title, block)
}

/// The sentence of it.
fn waiting(visit: &Visit<'_>, until: Instant) -> String {
    let least = 60 * Instant::SECOND;
    let long = visit.show.long((until.0.saturating_sub(visit.now.0)).max(least));
    visit.say("try_later", &[("time", &long)])
}

/// A page that says that what was begun is over.
pub fn over(visit: &mut Visit<'_>) -> Answer {
    visit.path = String::new();
    let title = visit.word("cabinet.over_title");
    let text = visit.word("cabinet.over");
    let link = Link::new(visit.word("cabinet.sign_in"), visit.href("/sign-in"));
    let block = Block::Notice { level: "warn", text, links: vec![link] };
    told(visit, 410, &title, block)
}
