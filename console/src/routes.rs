//! The one table of routes and roles. What is not in it does not exist; who is not named is
//! denied. The authorisation tests are generated from it.

use site::routes::Found;
use terms::AuditAct;

use crate::role::Role::{self, Aml, Gambling, Monitoring, Operator, Organiser, Privacy, Tax};

/// Every page, by what answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its path in the table")]
pub enum Page {
    Root,
    Style,
    SignIn,
    TrySignIn,
    TryCode,
    SignOut,
    Home,
    Theme,
    Overview,
    Stakes,
    Bets,
    Payouts,
    Desks,
    Refusals,
    Breaches,
    Bet,
    Entry,
    Account,
    Organisers,
    OneOrganiser,
    Invariants,
    Authority,
    Tax,
    Monitoring,
    Export,
    Corrections,
    Events,
    OneEvent,
    Person,
    Print,
    Proof,
    MayUnmask,
    Unmask,
    Queries,
    RunQuery,
    SaveQuery,
    DropQuery,
    Works,
    AnnounceWorks,
    ChangeWorks,
    CancelWorks,
    Registrations,
    RegisterForm,
    Register,
    FindForm,
    Find,
    MayOpen,
    Open,
    Matches,
    OneMatch,
    DecideMatch,
    Lists,
    Alerts,
    ActOnAlert,
    Consents,
    TestingAct,
    Erasures,
    OrderErasure,
    HoldErasure,
    Terms,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Everybody, signed in or not.
    Anyone,
    /// Those who are signed in with one of these roles.
    Roles(&'static [Role]),
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// What answers.
    pub page: Page,
    /// Whether it is asked by GET, else by POST.
    pub reads: bool,
    /// The path; `{}` stands for one piece. The first piece of most is the language.
    pub path: &'static str,
    /// Who may ask.
    pub may: May,
    /// As what it is noted, if bettors' records are on it or something changes (R2-55.11).
    pub audit: Option<AuditAct>,
    /// Whether its form holds personal data, which then are no part of the record's name.
    pub personal: bool,
}

/// All who look at bettors' records.
const RECORDS: May = May::Roles(&[Operator, Gambling, Tax, Monitoring, Organiser]);
/// All who are signed in.
const STAFF: May = May::Roles(Role::ALL);
/// The operator alone: what is decided here is decided for everybody.
const OPERATOR: May = May::Roles(&[Operator]);
/// The state's bodies and the operator.
const STATE: May = May::Roles(&[Operator, Gambling, Tax, Monitoring]);
/// Those who judge refusals and breaches.
const JUDGES: May = May::Roles(&[Operator, Gambling, Monitoring, Organiser]);

/// Those who watch events over all organisers.
const WATCHERS: May = May::Roles(&[Operator, Gambling, Monitoring]);
/// Those who may see, with a reason, whose refusal it was.
const UNMASKERS: May = May::Roles(&[Operator, Gambling, Monitoring]);

const fn get(page: Page, path: &'static str, may: May) -> Route {
    Route { page, reads: true, path, may, audit: None, personal: false }
}

const fn post(page: Page, path: &'static str, may: May) -> Route {
    Route { page, reads: false, path, may, audit: None, personal: false }
}

const fn noted(route: Route, act: AuditAct) -> Route {
    Route { audit: Some(act), ..route }
}

const fn personal(route: Route) -> Route {
    Route { personal: true, ..route }
}

/// Those who register people and find them.
const DESK: May = May::Roles(&[Operator]);
/// Those who compare people with lists.
const COMPARERS: May = May::Roles(&[Operator, Aml]);
/// Those who may see, with a reason, who a person is.
const OPENERS: May = May::Roles(&[Operator, Gambling, Monitoring, Aml]);
/// Those who watch the lists.
const LISTERS: May = May::Roles(&[Operator, Aml, Monitoring]);
/// Those who know of alerts.
const ALERTED: May = May::Roles(&[Aml, Monitoring]);
/// Those who answer for personal data.
const KEEPERS: May = May::Roles(&[Privacy]);
/// Those with terms of their own.
const TERMED: May = May::Roles(&[Operator, Aml, Privacy]);

/// The table.
pub const ROUTES: &[Route] = &[
    get(Page::Root, "/", May::Anyone),
    get(Page::Style, "/assets/{}", May::Anyone),
    get(Page::SignIn, "/{}/sign-in", May::Anyone),
    post(Page::TrySignIn, "/{}/sign-in", May::Anyone),
    post(Page::TryCode, "/{}/sign-in/code", May::Anyone),
    post(Page::Theme, "/{}/theme", May::Anyone),
    post(Page::SignOut, "/{}/sign-out", STAFF),
    get(Page::Home, "/{}", STAFF),
    get(Page::Overview, "/{}/overview", RECORDS),
    noted(get(Page::Stakes, "/{}/stakes", RECORDS), AuditAct::RegisterView),
    noted(get(Page::Bets, "/{}/bets", RECORDS), AuditAct::RegisterView),
    noted(get(Page::Payouts, "/{}/payouts", RECORDS), AuditAct::RegisterView),
    get(Page::Desks, "/{}/desks", RECORDS),
    noted(get(Page::Refusals, "/{}/refusals", JUDGES), AuditAct::RegisterView),
    noted(get(Page::Breaches, "/{}/breaches", JUDGES), AuditAct::RegisterView),
    noted(get(Page::Bet, "/{}/bets/{}/{}", RECORDS), AuditAct::RecordView),
    noted(get(Page::Entry, "/{}/entries/{}", May::Roles(&[Operator])), AuditAct::RecordView),
    noted(get(Page::Account, "/{}/accounts/{}", RECORDS), AuditAct::AccountView),
    get(Page::Organisers, "/{}/organisers", STATE),
    get(Page::OneOrganiser, "/{}/organisers/{}", RECORDS),
    get(Page::Invariants, "/{}/invariants", STAFF),
    get(Page::Authority, "/{}/authority", May::Roles(&[Gambling, Operator])),
    get(Page::Tax, "/{}/tax", May::Roles(&[Tax])),
    noted(
        get(Page::Monitoring, "/{}/monitoring", May::Roles(&[Monitoring])),
        AuditAct::RegisterView,
    ),
    noted(post(Page::Export, "/{}/export/{}", RECORDS), AuditAct::Export),
    noted(post(Page::Print, "/{}/print/{}", RECORDS), AuditAct::Export),
    noted(get(Page::Proof, "/{}/bets/{}/{}/proof/{}", RECORDS), AuditAct::Export),
    noted(get(Page::Corrections, "/{}/corrections", RECORDS), AuditAct::RegisterView),
    get(Page::Events, "/{}/events", WATCHERS),
    get(Page::OneEvent, "/{}/events/{}", WATCHERS),
    noted(get(Page::Person, "/{}/people/{}", May::Roles(&[Monitoring])), AuditAct::AccountView),
    get(Page::MayUnmask, "/{}/unmask/{}", UNMASKERS),
    noted(post(Page::Unmask, "/{}/unmask/{}", UNMASKERS), AuditAct::AccountView),
    get(Page::Queries, "/{}/queries", RECORDS),
    get(Page::RunQuery, "/{}/queries/{}", RECORDS),
    noted(post(Page::SaveQuery, "/{}/queries", RECORDS), AuditAct::Change),
    noted(post(Page::DropQuery, "/{}/queries/{}/delete", RECORDS), AuditAct::Change),
    get(Page::Works, "/{}/works", STAFF),
    noted(post(Page::AnnounceWorks, "/{}/works", OPERATOR), AuditAct::Change),
    noted(post(Page::ChangeWorks, "/{}/works/{}", OPERATOR), AuditAct::Change),
    noted(post(Page::CancelWorks, "/{}/works/{}/cancel", OPERATOR), AuditAct::Change),
    noted(get(Page::Registrations, "/{}/registrations", DESK), AuditAct::RegisterView),
    get(Page::RegisterForm, "/{}/registrations/new", DESK),
    personal(noted(post(Page::Register, "/{}/registrations/new", DESK), AuditAct::Change)),
    get(Page::FindForm, "/{}/persons", COMPARERS),
    personal(noted(post(Page::Find, "/{}/persons", COMPARERS), AuditAct::RegisterView)),
    get(Page::MayOpen, "/{}/persons/{}", OPENERS),
    noted(post(Page::Open, "/{}/persons/{}", OPENERS), AuditAct::RecordView),
    noted(get(Page::Matches, "/{}/matches", COMPARERS), AuditAct::RegisterView),
    noted(get(Page::OneMatch, "/{}/matches/{}", COMPARERS), AuditAct::RecordView),
    noted(post(Page::DecideMatch, "/{}/matches/{}", COMPARERS), AuditAct::Change),
    get(Page::Lists, "/{}/lists", LISTERS),
    noted(get(Page::Alerts, "/{}/alerts", ALERTED), AuditAct::RegisterView),
    noted(post(Page::ActOnAlert, "/{}/alerts/{}", May::Roles(&[Aml])), AuditAct::Change),
    noted(get(Page::Consents, "/{}/consents", KEEPERS), AuditAct::RegisterView),
    get(Page::TestingAct, "/{}/consents/act", KEEPERS),
    noted(get(Page::Erasures, "/{}/erasures", KEEPERS), AuditAct::RegisterView),
    noted(post(Page::OrderErasure, "/{}/erasures/{}", KEEPERS), AuditAct::Change),
    noted(post(Page::HoldErasure, "/{}/erasures/{}/hold", KEEPERS), AuditAct::Change),
    get(Page::Terms, "/{}/terms", TERMED),
];

/// What the table says of a path.
#[derive(Debug)]
pub enum Match<'a> {
    /// This row, with the pieces of the path that stand for `{}`.
    Route(&'static Route, Vec<&'a str>),
    /// The path is there, with the other method.
    Method,
    /// There is no such path.
    None,
}

/// Looks a path up.
pub fn find(path: &str, reads: bool) -> Match<'_> {
    let rows = ROUTES.iter().map(|route| (route.path, route.reads));
    match site::routes::find(rows, path, reads) {
        Found::Row(at, pieces) => Match::Route(&ROUTES[at], pieces),
        Found::Method => Match::Method,
        Found::None => Match::None,
    }
}

/// The pages that stand in the navigation of a role, in order: path and key of the word.
pub fn navigation(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::Aml => &[
            ("/alerts", "nav.alerts"),
            ("/matches", "nav.matches"),
            ("/lists", "nav.lists"),
            ("/persons", "nav.persons"),
            ("/terms", "nav.terms"),
            ("/works", "nav.works"),
            ("/invariants", "nav.invariants"),
        ],
        Role::Privacy => &[
            ("/consents", "nav.consents"),
            ("/consents/act", "nav.testing_act"),
            ("/erasures", "nav.erasures"),
            ("/terms", "nav.terms"),
            ("/works", "nav.works"),
            ("/invariants", "nav.invariants"),
        ],
        Role::Administrator => &[("/invariants", "nav.invariants"), ("/works", "nav.works")],
        Role::Operator => &[
            ("/overview", "nav.overview"),
            ("/registrations", "nav.registrations"),
            ("/persons", "nav.persons"),
            ("/matches", "nav.matches"),
            ("/lists", "nav.lists"),
            ("/terms", "nav.terms"),
            ("/stakes", "nav.stakes"),
            ("/bets", "nav.bets"),
            ("/payouts", "nav.payouts"),
            ("/desks", "nav.desks"),
            ("/refusals", "nav.refusals"),
            ("/breaches", "nav.breaches"),
            ("/corrections", "nav.corrections"),
            ("/events", "nav.events"),
            ("/organisers", "nav.organisers"),
            ("/queries", "nav.queries"),
            ("/works", "nav.works"),
            ("/invariants", "nav.invariants"),
        ],
        Role::Gambling => &[
            ("/authority", "nav.authority"),
            ("/overview", "nav.overview"),
            ("/stakes", "nav.stakes"),
            ("/bets", "nav.bets"),
            ("/payouts", "nav.payouts"),
            ("/refusals", "nav.refusals"),
            ("/breaches", "nav.breaches"),
            ("/corrections", "nav.corrections"),
            ("/events", "nav.events"),
            ("/organisers", "nav.organisers"),
            ("/queries", "nav.queries"),
            ("/works", "nav.works"),
            ("/invariants", "nav.invariants"),
        ],
        Role::Tax => &[
            ("/tax", "nav.tax"),
            ("/overview", "nav.overview"),
            ("/stakes", "nav.stakes"),
            ("/bets", "nav.bets"),
            ("/payouts", "nav.payouts"),
            ("/desks", "nav.desks"),
            ("/corrections", "nav.corrections"),
            ("/organisers", "nav.organisers"),
            ("/queries", "nav.queries"),
            ("/works", "nav.works"),
            ("/invariants", "nav.invariants"),
        ],
        Role::Monitoring => &[
            ("/monitoring", "nav.monitoring"),
            ("/alerts", "nav.alerts"),
            ("/lists", "nav.lists"),
            ("/overview", "nav.overview"),
            ("/stakes", "nav.stakes"),
            ("/bets", "nav.bets"),
            ("/payouts", "nav.payouts"),
            ("/refusals", "nav.refusals"),
            ("/events", "nav.events"),
            ("/organisers", "nav.organisers"),
            ("/queries", "nav.queries"),
            ("/works", "nav.works"),
            ("/invariants", "nav.invariants"),
        ],
        Role::Organiser => &[
            ("/overview", "nav.overview"),
            ("/stakes", "nav.stakes"),
            ("/bets", "nav.bets"),
            ("/payouts", "nav.payouts"),
            ("/desks", "nav.desks"),
            ("/refusals", "nav.refusals"),
            ("/breaches", "nav.breaches"),
            ("/corrections", "nav.corrections"),
            ("/queries", "nav.queries"),
            ("/works", "nav.works"),
            ("/invariants", "nav.invariants"),
        ],
    }
}

impl Route {
    /// Whether a role may ask; nobody without a role, but for what is open to anyone.
    pub fn allows(&self, role: Option<Role>) -> bool {
        match self.may {
            May::Anyone => true,
            May::Roles(roles) => role.is_some_and(|role| roles.contains(&role)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn navigation_leads_where_the_role_may_go() {
        for role in Role::ALL {
            for (path, _) in navigation(*role) {
                let path = format!("/ru{path}");
                let Match::Route(route, _) = find(&path, true) else { panic!("{path}") };
                assert!(route.allows(Some(*role)), "{path} for {}", role.name());
            }
            assert!(navigation(*role).len() <= 18);
            let home = format!("/kk{}", role.home());
            let Match::Route(route, _) = find(&home, true) else { panic!("{home}") };
            assert!(route.allows(Some(*role)));
        }
    }

    #[test]
    fn paths_are_found_whole() {
        assert!(matches!(find("/ru/bets/1/x", true), Match::Route(route, pieces)
            if route.page == Page::Bet && pieces == ["ru", "1", "x"]));
        for path in ["/ru/bets/1", "/ru//bets", "/ru/stakes/", "//", "/ru/../stakes", ""] {
            assert!(matches!(find(path, true), Match::None), "{path}");
        }
        assert!(matches!(find("/ru/stakes", false), Match::Method));
    }

    #[test]
    fn what_shows_bettors_records_is_audited() {
        // R2-55.11
        use Page::{Account, Bet, Bets, Breaches, Entry, Export, Payouts, Refusals, Stakes};
        for page in [Account, Bet, Bets, Breaches, Entry, Export, Payouts, Refusals, Stakes] {
            let route = ROUTES.iter().find(|route| route.page == page).unwrap();
            assert!(route.audit.is_some(), "{}", route.path);
            assert!(!route.allows(None) && !route.allows(Some(Role::Administrator)));
        }
    }
}
