//! The one table of routes. What is not in it does not exist; who is not named is denied. The
//! authorisation tests are generated from it.

use site::routes::Found;

/// Every page, by what answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is named after its path in the table")]
pub enum Page {
    Root,
    Asset,
    ShortInvitation,
    ShortOrder,
    Welcome,
    Help,
    Offer,
    Theme,
    Invitation,
    AcceptInvitation,
    LostPhone,
    Begin,
    Way,
    Agree,
    ClaimPhone,
    ConfirmPhone,
    PhoneCodeAgain,
    GiveData,
    GivePhoto,
    GiveVideo,
    Again,
    SignIn,
    TrySignIn,
    SignInCode,
    TrySignInCode,
    SignInCodeAgain,
    SignOut,
    StepUp,
    SendStepUp,
    TryStepUp,
    Home,
    Bets,
    Bet,
    Proof,
    Refusals,
    Wallet,
    OpenWallet,
    Receipt,
    TopUp,
    Block,
    DoBlock,
    Unblock,
    DoUnblock,
    Redeem,
    DoRedeem,
    Accounts,
    Bind,
    Looks,
    Consents,
    GiveConsent,
    WithdrawConsent,
    Me,
    Renew,
    EndOthers,
    Password,
    ChangePassword,
    Phone,
    ChangePhone,
    NewPhone,
    ConfirmNewPhone,
    Close,
    DoClose,
    Order,
    AnswerOrder,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum May {
    /// Everybody, signed in or not.
    Anyone,
    /// Whoever is on a way of registration, or signed in.
    OnTheWay,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and has given a code in the last minutes.
    Fresh,
}

/// What the body of a form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brings {
    /// Fields.
    Fields,
    /// A photograph.
    Photo,
    /// A video.
    Video,
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
    /// What a form brings.
    pub brings: Brings,
}

const fn get(page: Page, path: &'static str, may: May) -> Route {
    Route { page, reads: true, path, may, brings: Brings::Fields }
}

const fn post(page: Page, path: &'static str, may: May) -> Route {
    Route { page, reads: false, path, may, brings: Brings::Fields }
}

const fn bringing(route: Route, brings: Brings) -> Route {
    Route { brings, ..route }
}

/// The table.
pub const ROUTES: &[Route] = &[
    get(Page::Root, "/", May::Anyone),
    get(Page::Asset, "/assets/{}", May::Anyone),
    get(Page::ShortInvitation, "/r/{}", May::Anyone),
    get(Page::ShortOrder, "/confirm/{}", May::Anyone),
    get(Page::Welcome, "/{}", May::Anyone),
    get(Page::Help, "/{}/help", May::Anyone),
    get(Page::Offer, "/{}/offer", May::Anyone),
    post(Page::Theme, "/{}/theme", May::Anyone),
    get(Page::Invitation, "/{}/r/{}", May::Anyone),
    post(Page::AcceptInvitation, "/{}/r/{}", May::SignedIn),
    get(Page::LostPhone, "/{}/lost-phone", May::Anyone),
    post(Page::Begin, "/{}/join", May::Anyone),
    get(Page::Way, "/{}/join", May::OnTheWay),
    post(Page::Agree, "/{}/join/consents", May::OnTheWay),
    post(Page::ClaimPhone, "/{}/join/phone", May::OnTheWay),
    post(Page::ConfirmPhone, "/{}/join/code", May::OnTheWay),
    post(Page::PhoneCodeAgain, "/{}/join/code/again", May::OnTheWay),
    post(Page::GiveData, "/{}/join/data", May::OnTheWay),
    bringing(post(Page::GivePhoto, "/{}/join/photo/{}", May::OnTheWay), Brings::Photo),
    bringing(post(Page::GiveVideo, "/{}/join/video", May::OnTheWay), Brings::Video),
    post(Page::Again, "/{}/join/again", May::OnTheWay),
    get(Page::SignIn, "/{}/sign-in", May::Anyone),
    post(Page::TrySignIn, "/{}/sign-in", May::Anyone),
    get(Page::SignInCode, "/{}/sign-in/code", May::Anyone),
    post(Page::TrySignInCode, "/{}/sign-in/code", May::Anyone),
    post(Page::SignInCodeAgain, "/{}/sign-in/code/again", May::Anyone),
    post(Page::SignOut, "/{}/sign-out", May::SignedIn),
    get(Page::StepUp, "/{}/code", May::SignedIn),
    post(Page::SendStepUp, "/{}/code/send", May::SignedIn),
    post(Page::TryStepUp, "/{}/code", May::SignedIn),
    get(Page::Home, "/{}/home", May::SignedIn),
    get(Page::Bets, "/{}/bets", May::SignedIn),
    get(Page::Bet, "/{}/bets/{}/{}", May::SignedIn),
    get(Page::Proof, "/{}/bets/{}/{}/proof/{}", May::SignedIn),
    get(Page::Refusals, "/{}/refusals", May::SignedIn),
    get(Page::Wallet, "/{}/wallet", May::SignedIn),
    post(Page::OpenWallet, "/{}/wallet/open", May::SignedIn),
    get(Page::Receipt, "/{}/receipts/{}", May::SignedIn),
    get(Page::TopUp, "/{}/top-up", May::SignedIn),
    get(Page::Block, "/{}/block", May::SignedIn),
    post(Page::DoBlock, "/{}/block", May::SignedIn),
    get(Page::Unblock, "/{}/unblock", May::Fresh),
    post(Page::DoUnblock, "/{}/unblock", May::Fresh),
    get(Page::Redeem, "/{}/redeem", May::Fresh),
    post(Page::DoRedeem, "/{}/redeem", May::Fresh),
    get(Page::Accounts, "/{}/accounts", May::SignedIn),
    post(Page::Bind, "/{}/accounts/{}/wallet", May::SignedIn),
    get(Page::Looks, "/{}/looks", May::SignedIn),
    get(Page::Consents, "/{}/consents", May::SignedIn),
    post(Page::GiveConsent, "/{}/consents", May::SignedIn),
    post(Page::WithdrawConsent, "/{}/consents/{}/withdraw", May::SignedIn),
    get(Page::Me, "/{}/me", May::SignedIn),
    post(Page::Renew, "/{}/renew", May::SignedIn),
    post(Page::EndOthers, "/{}/sessions/end", May::SignedIn),
    get(Page::Password, "/{}/password", May::Fresh),
    post(Page::ChangePassword, "/{}/password", May::Fresh),
    get(Page::Phone, "/{}/phone", May::Fresh),
    post(Page::ChangePhone, "/{}/phone", May::Fresh),
    get(Page::NewPhone, "/{}/phone/code", May::Fresh),
    post(Page::ConfirmNewPhone, "/{}/phone/code", May::Fresh),
    get(Page::Close, "/{}/close", May::Fresh),
    post(Page::DoClose, "/{}/close", May::Fresh),
    get(Page::Order, "/{}/confirm/{}", May::SignedIn),
    post(Page::AnswerOrder, "/{}/confirm/{}", May::SignedIn),
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

/// Looks a path up. The first row that fits counts: `/r/{}` and `/assets/{}` stand before the
/// pages of a language, which have two letters.
pub fn find(path: &str, reads: bool) -> Match<'_> {
    let rows = ROUTES.iter().map(|route| (route.path, route.reads));
    match site::routes::find(rows, path, reads) {
        Found::Row(at, pieces) => Match::Route(&ROUTES[at], pieces),
        Found::Method => Match::Method,
        Found::None => Match::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_leads_to_one_page() {
        let mut pages: Vec<Page> = ROUTES.iter().map(|route| route.page).collect();
        pages.sort_unstable();
        pages.dedup();
        assert_eq!(pages.len(), ROUTES.len());
        for route in ROUTES {
            let path = route.path.replace("/{}/", "/kk/").replace("{}", "7");
            let path = if path == "/7" { "/kk".to_owned() } else { path };
            let Match::Route(found, _) = find(&path, route.reads) else { panic!("{path}") };
            assert_eq!(found.page, route.page, "{path}");
        }
        for path in ["", "//", "/kk/", "/kk//home", "/kk/home/", "/kk/../home", "/kk/bets/1"] {
            assert!(matches!(find(path, true), Match::None), "{path}");
        }
        assert!(matches!(find("/kk/join/data", true), Match::Method));
    }

    #[test]
    fn what_moves_money_or_ends_something_wants_a_fresh_code() {
        // S-02, R4-6.3a: blocking never waits for a code.
        for route in ROUTES {
            let wants = matches!(
                route.page,
                Page::Redeem
                    | Page::DoRedeem
                    | Page::Unblock
                    | Page::DoUnblock
                    | Page::Phone
                    | Page::ChangePhone
                    | Page::NewPhone
                    | Page::ConfirmNewPhone
                    | Page::Close
                    | Page::DoClose
                    | Page::Password
                    | Page::ChangePassword
            );
            assert_eq!(route.may == May::Fresh, wants, "{}", route.path);
        }
    }
}
