//! Before anybody is known: the welcome with its instructions (R0-10.9), the offer, help, an
//! organiser's invitation, and what to do when the phone is lost.

use site::web::Answer;

use super::fields::go;
use super::{help_link, start_link};
use crate::code;
use crate::doc::{Block, Doc, Form, Link};
use crate::ports::{Invitation, Path, Token};
use crate::visit::{Trouble, Visit};

/// The welcome, for whoever is not signed in.
pub fn welcome(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    if visit.caller.session.is_some() {
        return Ok(Answer::see(visit.href("/home")));
    }
    let enter = Link::new(visit.word("cabinet.sign_in"), visit.href("/sign-in"));
    let enter = enter.noted(visit.word("cabinet.sign_in_note"));
    let mut blocks = vec![Block::Links { title: String::new(), links: vec![enter] }];
    blocks.extend(instructions(visit));
    blocks.push(Block::Form(Box::new(beginning(visit, Path::Join, None)?)));
    let title = visit.word("cabinet.welcome_title");
    let lead = Some(visit.word("cabinet.welcome_lead"));
    visit.page(Doc { title, lead, blocks, ..Doc::default() })
}

/// What is needed, how it goes, and how else it can be done.
fn instructions(visit: &Visit<'_>) -> Vec<Block> {
    let words =
        |keys: &[&str]| keys.iter().map(|key| visit.word(&format!("start.{key}"))).collect();
    vec![
        Block::Steps {
            title: visit.word("start.need_title"),
            items: words(&["need_age", "need_document", "need_phone", "need_light"]),
        },
        Block::Steps {
            title: visit.word("start.way_title"),
            items: words(&["way_consents", "way_phone", "way_data", "way_photos", "way_video"]),
        },
        Block::Fold {
            title: visit.word("start.checks_title"),
            paragraphs: words(&["checks", "checks_lists", "checks_kept"]),
        },
        Block::Fold {
            title: visit.word("start.else_title"),
            paragraphs: words(&["else_desk", "else_no_iin", "else_simplified"]),
        },
    ]
}

/// The form that begins a way. It holds when the instructions were shown.
fn beginning(visit: &Visit<'_>, path: Path, invitation: Option<&str>) -> Result<Form, Trouble> {
    let key = match path {
        Path::Join => "start.begin",
        Path::Renew => "start.begin_renew",
        Path::LostPhone => "start.begin_lost",
    };
    let mut hidden = vec![("path", path.name().to_owned()), ("shown", visit.now.0.to_string())];
    hidden.extend(invitation.map(|token| ("invitation", token.to_owned())));
    Ok(Form {
        hidden,
        buttons: go(visit, key),
        note: visit.word("start.begin_note"),
        ..visit.new_form("/join")?
    })
}

/// The offer that holds now.
pub fn offer(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let offer = visit.house.ports.joining.offer(visit.show.lang)?;
    let from = visit.show.day(offer.from);
    let version = visit.show.number(i64::from(offer.version));
    let lead = visit.say("offer_version", &[("version", &version), ("from", &from)]);
    let blocks = vec![Block::Text { title: String::new(), paragraphs: offer.paragraphs }];
    let title = visit.word("cabinet.offer");
    visit.page(Doc { title, lead: Some(lead), blocks, ..Doc::default() })
}

/// Help: what to do when something is wrong, and where to find help with gambling.
pub fn help(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let settings = &visit.house.settings;
    let bar = Link {
        away: true,
        ..Link::new(visit.word("help.restrict"), settings.self_restriction.clone())
    };
    let bar = bar.noted(visit.word("help.restrict_note"));
    let call =
        Link::new(settings.help_phone.clone(), format!("tel:{}", dial(&settings.help_phone)));
    let call = call.noted(visit.word("help.call_note"));
    let mut lost = vec![Link::new(visit.word("cabinet.lost_phone"), visit.href("/lost-phone"))];
    if visit.caller.session.is_some() {
        lost.insert(0, Link::new(visit.word("cabinet.block"), visit.href("/block")));
    }
    let operators = settings.phones.iter();
    let operators = operators.map(|phone| Link::new(phone.clone(), format!("tel:{}", dial(phone))));
    let title = |key: &str| visit.word(&format!("help.{key}"));
    let blocks = vec![
        Block::Links { title: title("gambling_title"), links: vec![bar, call] },
        Block::Text { title: String::new(), paragraphs: vec![title("gambling")] },
        Block::Links { title: title("lost_title"), links: lost },
        Block::Links { title: title("operator_title"), links: operators.collect() },
        Block::Fold { title: title("refused_title"), paragraphs: vec![title("refused")] },
        Block::Fold { title: title("paid_title"), paragraphs: vec![title("paid")] },
        Block::Fold { title: title("proof_title"), paragraphs: vec![title("proof")] },
        Block::Fold { title: title("claim_title"), paragraphs: vec![title("claim")] },
        Block::Links { title: String::new(), links: vec![start_link(visit)] },
    ];
    visit.page(Doc { title: visit.word("cabinet.help"), blocks, ..Doc::default() })
}

/// A phone as a link dials it.
fn dial(phone: &str) -> String {
    phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

fn invited(visit: &Visit<'_>) -> Result<(Token, Invitation), Trouble> {
    let token = Token(visit.pieces.first().cloned().unwrap_or_default());
    let invitation = visit.house.ports.joining.invitation(&token)?;
    Ok((token, invitation))
}

/// An organiser's invitation: for whoever is signed in, an account; for others, a registration.
pub fn invitation(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (token, invitation) = invited(visit)?;
    let organiser = visit.organiser_name(invitation.organiser)?;
    let until = visit.show.moment(invitation.until);
    let lead = visit.say("invited_by", &[("organiser", &organiser), ("until", &until)]);
    let mut blocks = Vec::new();
    if visit.person().is_some() {
        let form = Form {
            intro: vec![visit.word("start.accept_intro")],
            buttons: go(visit, "start.accept"),
            ..visit.new_form(&format!("/r/{}", token.0))?
        };
        blocks.push(Block::Form(Box::new(form)));
    } else {
        let next = site::web::encode(&visit.href(&visit.path));
        let enter = Link::new(
            visit.word("cabinet.sign_in"),
            format!("{}?next={next}", visit.href("/sign-in")),
        );
        let enter = enter.noted(visit.word("cabinet.sign_in_note"));
        blocks.push(Block::Links { title: String::new(), links: vec![enter] });
        blocks.extend(instructions(visit));
        let form = beginning(visit, Path::Join, Some(&token.0))?;
        blocks.push(Block::Form(Box::new(form)));
    }
    // For whoever has opened it on a computer: the phone goes on from here.
    let href = format!("{}/r/{}", visit.house.settings.address, token.0);
    let name = site::web::escape(&visit.word("start.code_name"));
    if let Some(svg) = code::svg(&href, &name) {
        let caption = visit.say("code_until", &[("time", &until)]);
        blocks.push(Block::Code { svg, href, caption });
    }
    let title = visit.word("start.invitation_title");
    visit.page(Doc { title, lead: Some(lead), blocks, ..Doc::default() })
}

/// Opens an account with the organiser that invites (R0-12.1).
pub fn accept_invitation(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (token, _) = invited(visit)?;
    let (who, form) = (visit.who()?, visit.form_id()?);
    visit.house.ports.joining.accept_invitation(&who, &token, form)?;
    let href = visit.href("/accounts");
    Ok(visit.on_to(href))
}

/// What to do when the phone is lost: block first, then come back in.
pub fn lost_phone(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let words =
        |keys: &[&str]| keys.iter().map(|key| visit.word(&format!("start.{key}"))).collect();
    let operators = visit.house.settings.phones.iter();
    let operators = operators.map(|phone| Link::new(phone.clone(), format!("tel:{}", dial(phone))));
    let mut links: Vec<Link> = operators.collect();
    links.push(help_link(visit));
    let blocks = vec![
        Block::Steps {
            title: visit.word("start.lost_steps"),
            items: words(&["lost_block", "lost_new", "lost_face", "lost_password"]),
        },
        Block::Form(Box::new(beginning(visit, Path::LostPhone, None)?)),
        Block::Links { title: visit.word("start.lost_call"), links },
    ];
    visit.page(Doc { title: visit.word("cabinet.lost_phone"), blocks, ..Doc::default() })
}
