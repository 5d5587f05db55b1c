//! The first page: what is mine, what needs me, open bets, last operations.

use site::web::Answer;
use terms::number::wallet_code;
use terms::{Reason, Tiyn};

use super::bets::{bet_row, newest, waiting_winnings};
use super::told::Theme;
use super::wallet::{movement_row, newest_movements};
use crate::doc::{Block, Doc, Link, Row};
use crate::limits::FEW;
use crate::ports::{Level, Need, Pocket, PocketState, Profile};
use crate::visit::{Trouble, Visit};

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let profile = visit.house.ports.relation.profile(&who)?;
    let pockets = visit.house.ports.purse.pockets(&who)?;
    let mut blocks = Vec::new();
    if who.person.is_some() {
        blocks.extend(mine(visit, &pockets)?);
    }
    blocks.extend(needs(visit, &profile, &pockets));
    if who.person.is_some() {
        let open = newest(visit, Some(reports::Standing::Open), None, FEW)?;
        let rows = open.iter().map(|row| bet_row(visit, row)).collect::<Result<_, _>>()?;
        blocks.push(Block::Rows {
            title: visit.word("home.open_bets"),
            rows,
            more: Some(Link::new(visit.word("home.all_bets"), visit.href("/bets"))),
            empty: visit.word("home.no_open_bets"),
        });
        let movements = newest_movements(visit, &pockets, FEW)?;
        let rows = movements
            .iter()
            .map(|(wallet, row)| movement_row(visit, *wallet, row))
            .collect::<Result<_, _>>()?;
        blocks.push(Block::Rows {
            title: visit.word("home.last_operations"),
            rows,
            more: Some(Link::new(visit.word("home.all_operations"), visit.href("/wallet"))),
            empty: visit.word("home.no_operations"),
        });
    }
    blocks.push(ways(visit, &who));
    let title = visit.word("home.title");
    let as_of = pockets.first().map(|pocket| visit.as_of(pocket.as_of));
    visit.page(Doc { title, as_of, blocks, ..Doc::default() })
}

/// What is available, held, and still to come.
fn mine(visit: &mut Visit<'_>, pockets: &[Pocket]) -> Result<Vec<Block>, Trouble> {
    let sum = |of: fn(&Pocket) -> Tiyn| -> i64 {
        pockets.iter().fold(0, |sum: i64, pocket| sum.saturating_add(of(pocket).get()))
    };
    // What is blocked or frozen is his, and is not available.
    let available = sum(|pocket| match pocket.state {
        PocketState::Open | PocketState::Dormant => pocket.available,
        PocketState::Blocked | PocketState::Frozen | PocketState::Closed => Tiyn::ZERO,
    });
    let over = pockets.iter().any(|pocket| pocket.over_limit);
    let note = if over { visit.word("home.over_limit") } else { String::new() };
    let waiting = waiting_winnings(visit)?;
    let mut rows = vec![
        Row {
            head: visit.word("home.held"),
            href: visit.href("/bets?state=held"),
            figure: visit.show.money(sum(|pocket| pocket.held)),
            ..Row::default()
        },
        Row {
            head: visit.word("home.waiting"),
            href: visit.href("/bets?state=unpaid"),
            figure: visit.show.money(waiting),
            ..Row::default()
        },
    ];
    let seized = sum(|pocket| pocket.seized);
    if seized != 0 {
        rows.push(Row {
            head: visit.word("home.seized"),
            href: visit.href("/wallet"),
            figure: visit.show.money(seized),
            ..Row::default()
        });
    }
    Ok(vec![
        Block::Figure {
            label: visit.word("home.available"),
            figure: visit.show.money(available),
            href: Some(visit.href("/wallet")),
            note,
        },
        Block::Rows { title: String::new(), rows, more: None, empty: String::new() },
    ])
}

/// What needs the person: one sentence and one button each.
fn needs(visit: &Visit<'_>, profile: &Profile, pockets: &[Pocket]) -> Vec<Block> {
    let mut found = Vec::new();
    let mut need = |level: &'static str, text: String, links: Vec<Link>| {
        found.push(Block::Notice { level, text, links });
    };
    for pocket in pockets {
        let code = wallet_code(pocket.wallet);
        match pocket.state {
            PocketState::Blocked => {
                let links = vec![Link::new(visit.word("money.unblock"), visit.href("/unblock"))];
                need("warn", visit.say("pocket_blocked", &[("wallet", &code)]), links);
            }
            PocketState::Frozen => {
                need("warn", visit.say("pocket_frozen", &[("wallet", &code)]), Vec::new());
            }
            PocketState::Open | PocketState::Dormant | PocketState::Closed => {}
        }
    }
    for wanted in &profile.needs {
        let (level, text, link) = match *wanted {
            Need::Identify => {
                let text = match profile.level {
                    Level::Simplified => visit.word("need.simplified"),
                    Level::Unidentified | Level::Full => visit.word("need.identify"),
                };
                ("info", text, Some(("need.identify_go", "/join")))
            }
            Need::Renew(at) => {
                let day = visit.show.day(visit.show.day_of(at));
                let key = if at < visit.now { "need_renew_over" } else { "need_renew" };
                ("warn", visit.say(key, &[("day", &day)]), Some(("need.renew_go", "/me")))
            }
            Need::Document(day) => {
                let over = day < visit.show.day_of(visit.now);
                let day = visit.show.day(day);
                let key = if over { "need_document_over" } else { "need_document" };
                ("warn", visit.say(key, &[("day", &day)]), Some(("need.renew_go", "/me")))
            }
            Need::NotAdmitted(reason) => {
                let theme = Theme::of(outer(reason));
                let text = format!("{} {}", theme.text(visit), theme.todo(visit));
                ("warn", text, Some(("cabinet.help", "/help")))
            }
            Need::RedemptionFailed(seq) => {
                let number = visit.show.number(i64::try_from(seq.0).unwrap_or(i64::MAX));
                let text = visit.say("need_redemption", &[("entry", &number)]);
                ("warn", text, Some(("money.redeem", "/redeem")))
            }
            Need::Consent => {
                ("info", visit.word("need.consent"), Some(("need.consent_go", "/consents")))
            }
            Need::Order => ("info", visit.word("need.order"), None),
        };
        let link = link.map(|(word, path)| Link::new(visit.word(word), visit.href(path)));
        need(level, text, link.into_iter().collect());
    }
    found
}

/// A reason as the bettor may know it: no list of financial monitoring is named (I-09).
fn outer(reason: Reason) -> Reason {
    match reason {
        Reason::ListedTerrorist | Reason::ListedProliferation | Reason::ListedFinancing => {
            Reason::NotAdmitted
        }
        reason => reason,
    }
}

/// The fixed row: block, bar oneself, help; and where else to go.
fn ways(visit: &Visit<'_>, who: &crate::ports::Who) -> Block {
    let link = |word: &str, path: &str| Link::new(visit.word(word), visit.href(path));
    let restrict = Link {
        away: true,
        ..Link::new(visit.word("help.restrict"), visit.house.settings.self_restriction.clone())
    };
    let mut links = Vec::new();
    if who.person.is_some() {
        links.push(link("cabinet.block", "/block"));
    }
    links.push(restrict);
    links.push(link("cabinet.help", "/help"));
    Block::Links { title: String::new(), links }
}
