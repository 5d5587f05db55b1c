//! The pages: one function each, from what it reads to a document.

mod account;
mod authority;
mod bet;
mod corrections;
mod events;
mod export;
mod filter;
mod hours;
mod monitoring;
mod observed;
mod organisers;
mod overview;
mod patterns;
pub mod people;
mod person;
mod print;
mod queries;
mod registers;
mod sign_in;
mod silence;
mod sums;
mod tax;
mod unmask;
mod verified;
pub mod works;

use crate::routes::Page;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Makes a page.
pub fn make(page: Page, visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    match page {
        // Answered before anything is opened.
        Page::Root | Page::Style => Err(Trouble::Status(404)),
        Page::SignIn => sign_in::form(visit),
        Page::TrySignIn => sign_in::password(visit),
        Page::TryCode => sign_in::code(visit),
        Page::SignOut => sign_in::out(visit),
        Page::Home => sign_in::home(visit),
        Page::Theme => sign_in::theme(visit),
        Page::Overview => overview::page(visit),
        Page::Stakes => registers::stakes(visit),
        Page::Bets => registers::bets(visit),
        Page::Payouts => registers::payouts(visit),
        Page::Desks => registers::desks(visit),
        Page::Refusals => registers::refusals(visit),
        Page::Breaches => registers::breaches(visit),
        Page::Bet => bet::page(visit),
        Page::Entry => bet::entry(visit),
        Page::Account => account::page(visit),
        Page::Organisers => organisers::all(visit),
        Page::OneOrganiser => organisers::one(visit),
        Page::Invariants => verified::page(visit),
        Page::Authority => authority::page(visit),
        Page::Tax => tax::page(visit),
        Page::Monitoring => monitoring::page(visit),
        Page::Export => export::make(visit),
        Page::Corrections => corrections::page(visit),
        Page::Events => events::all(visit),
        Page::OneEvent => events::one(visit),
        Page::Person => person::page(visit),
        Page::Print => print::page(visit),
        Page::Proof => bet::proof_file(visit),
        Page::MayUnmask => unmask::form(visit),
        Page::Unmask => unmask::open(visit),
        Page::Queries => queries::list(visit),
        Page::RunQuery => queries::run(visit),
        Page::SaveQuery => queries::save(visit),
        Page::DropQuery => queries::forget(visit),
        Page::Works => works::page(visit),
        Page::AnnounceWorks => works::announce(visit),
        Page::ChangeWorks => works::change(visit),
        Page::CancelWorks => works::cancel(visit),
        Page::Registrations => people::registrations::list(visit),
        Page::RegisterForm => people::registrations::form(visit),
        Page::Register => people::registrations::register(visit),
        Page::FindForm => people::persons::form(visit),
        Page::Find => people::persons::find(visit),
        Page::MayOpen => people::persons::may_open(visit),
        Page::Open => people::persons::open(visit),
        Page::Matches => people::matches::list(visit),
        Page::OneMatch => people::matches::one(visit),
        Page::DecideMatch => people::matches::decide(visit),
        Page::Lists => people::lists::show(visit),
        Page::Alerts => people::alerts::show(visit),
        Page::ActOnAlert => people::alerts::act(visit),
        Page::Consents => people::privacy::consents(visit),
        Page::TestingAct => people::privacy::testing_act(visit),
        Page::Erasures => people::privacy::erasures(visit),
        Page::OrderErasure => people::privacy::order(visit),
        Page::HoldErasure => people::privacy::hold(visit),
        Page::Terms => people::board::show(visit),
    }
}

/// The key of the word that says what is wrong.
pub fn error_word(status: u16) -> &'static str {
    match status {
        400 => "error.form_broken",
        403 => "error.denied",
        404 => "error.not_found",
        405 => "error.method",
        413 => "error.large",
        _ => "error.unavailable",
    }
}

/// A page that says what is wrong and where to go.
pub fn error(visit: &mut Visit<'_>, status: u16, key: &str) -> Answer {
    let text = visit.word(key);
    let made = visit.render(status, "error.html", minijinja::context! { text, status });
    made.unwrap_or_else(|_| visit.house.plain(status))
}
