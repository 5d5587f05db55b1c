//! Registration and identification step by step (R4-11.1, R0-10): the page of the way shows the
//! step on which it stands, each form is one step, and each failure has its own next step.

use site::web::Answer;
use terms::Instant;

use super::fields::{
    check, code, day, digits, go, hinted, line, mark, password, phone, problems, radio, refill,
    typed,
};
use crate::doc::{Block, Button, Doc, Form, Input, Link};
use crate::limits::{PHOTO_BYTES_MAX, VIDEO_BYTES_MAX, WAIT_SECONDS};
use crate::ports::{
    Agreement, Capture, ConsentKind, Document, DocumentKind, Failure, Field, No, Particulars, Path,
    Photo, PhotoKind, Problem, Registration, Step, Token, Who, Wrong,
};
use crate::visit::{Trouble, Visit};

/// The page of the way.
const WAY: &str = "/join";

/// Begins a way, once the instructions were on the screen (R0-10.9).
pub fn begin(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let path = visit.form.get("path").and_then(Path::from_name);
    let shown = visit.form.get("shown").and_then(|ns| ns.parse().ok()).map(Instant);
    let shown = shown.filter(|shown| *shown <= visit.now);
    // What was not shown cannot begin.
    let (Some(path), Some(shown)) = (path, shown) else { return Err(Trouble::Status(400)) };
    let invitation = visit.form.get("invitation").map(|token| Token(token.to_owned()));
    let who = visit.caller.who();
    let joining = &visit.house.ports.joining;
    let token = joining.begin(path, shown, invitation.as_ref(), who.as_ref(), visit.origin)?;
    if who.is_none() {
        visit.hold("bej-way", &token);
    }
    Ok(on(visit))
}

/// Begins identification again, for whoever is signed in (S-02).
pub fn renew(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who: Who = visit.who()?;
    let joining = &visit.house.ports.joining;
    joining.begin(Path::Renew, visit.now, None, Some(&who), visit.origin)?;
    Ok(on(visit))
}

fn on(visit: &mut Visit<'_>) -> Answer {
    let href = visit.href(WAY);
    visit.on_to(href)
}

/// The page of the step on which the way stands.
pub fn way(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    show(visit, &[])
}

/// The same, with what is wrong in what was just sent.
fn show(visit: &mut Visit<'_>, wrong: &[Problem]) -> Result<Answer, Trouble> {
    visit.path = WAY.into();
    let token = visit.way()?;
    let way = visit.house.ports.joining.registration(&token)?;
    let mut blocks = Vec::new();
    if let (Some(failure), false) = (way.failure, way.step == Step::Failed) {
        blocks.push(reason(visit, failure));
    }
    let mut form = step(visit, &token, &way, &mut blocks)?;
    if let Some(form) = &mut form {
        if !wrong.is_empty() {
            refill(visit, form);
        }
        mark(visit, form, wrong);
        blocks.push(Block::Form(Box::new(form.clone())));
    }
    if way.step == Step::Code {
        blocks.push(Block::Form(Box::new(Form {
            buttons: vec![Button { text: visit.word("cabinet.code_again"), ..Button::default() }],
            key: "again".into(),
            ..visit.new_form("/join/code/again")?
        })));
    }
    let title = visit.word(&format!("step.{}", way.step.name()));
    let mark = match wrong.is_empty() {
        true => String::new(),
        false => visit.word("cabinet_error.title"),
    };
    let lead = counted(visit, &way);
    let refresh = (way.step == Step::Waiting).then_some(WAIT_SECONDS);
    let status = if wrong.is_empty() { 200 } else { 422 };
    visit.page_with(status, Doc { title, mark, lead, refresh, blocks, ..Doc::default() })
}

/// «Step 3 of 6», and until when the way is kept.
fn counted(visit: &Visit<'_>, way: &Registration) -> Option<String> {
    let at = way.steps.iter().position(|step| *step == way.step)?;
    let number = |count: usize| visit.show.number(i64::try_from(count).unwrap_or(i64::MAX));
    let (step, of) = (number(at + 1), number(way.steps.len()));
    let until = visit.show.moment(way.until);
    Some(visit.say("step_of", &[("step", &step), ("of", &of), ("until", &until)]))
}

/// What is before the form of a step, and the form.
fn step(
    visit: &Visit<'_>,
    token: &Token,
    way: &Registration,
    blocks: &mut Vec<Block>,
) -> Result<Option<Form>, Trouble> {
    Ok(match way.step {
        Step::Consents => Some(consents(visit)?),
        Step::Phone => Some(Form {
            intro: vec![visit.word("join.phone_intro")],
            fields: vec![phone(visit), password(visit, true)],
            buttons: go(visit, "cabinet.go_on"),
            ..visit.new_form("/join/phone")?
        }),
        Step::Code => Some(code_form(visit, token)?),
        Step::Data => Some(data(visit, token, way)?),
        Step::Photos => photo(visit, way)?,
        Step::Liveness => Some(video(visit, way, blocks)?),
        Step::Waiting => {
            let text = visit.word("join.waiting");
            let link = Link::new(visit.word("cabinet.refresh"), visit.href(WAY));
            blocks.push(Block::Notice { level: "info", text, links: vec![link] });
            None
        }
        Step::Done => {
            let text = visit.word(match way.path {
                Path::LostPhone => "join.done_lost",
                Path::Renew => "join.done_renew",
                Path::Join => "join.done",
            });
            let link = Link::new(visit.word("cabinet.to_home"), visit.href("/home"));
            blocks.push(Block::Notice { level: "good", text, links: vec![link] });
            None
        }
        Step::Failed => failed(visit, way, blocks)?,
    })
}

/// The offer and the consents, each with a mark of its own (R4-11.1.3, R4-11.1.4).
fn consents(visit: &Visit<'_>) -> Result<Form, Trouble> {
    let offer = visit.house.ports.joining.offer(visit.show.lang)?;
    let version = visit.show.number(i64::from(offer.version));
    let accept = visit.say("offer_accept", &[("version", &version)]);
    let link = visit.say("offer_read", &[("version", &version)]);
    let mut fields = vec![Input { hint: link, ..check(visit, Field::Offer, accept) }];
    for (field, kind) in [
        (Field::Collect, ConsentKind::Collect),
        (Field::Process, ConsentKind::Process),
        (Field::Store, ConsentKind::Store),
    ] {
        let label = visit.word(&format!("consent.{}", kind.name()));
        fields.push(check(visit, field, label));
    }
    for kind in [ConsentKind::StateService, ConsentKind::CrossBorder] {
        fields.push(Input {
            name: kind.name(),
            label: visit.word(&format!("consent.{}", kind.name())),
            hint: visit.word(&format!("consent_hint.{}", kind.name())),
            input: "check",
            optional: true,
            ..Input::default()
        });
    }
    Ok(Form {
        intro: vec![visit.word("join.consents_intro"), visit.word("join.recipients")],
        hidden: vec![("version", offer.version.to_string())],
        fields,
        buttons: go(visit, "cabinet.go_on"),
        note: visit.word("join.consents_note"),
        ..visit.new_form("/join/consents")?
    })
}

/// Takes the marks.
pub fn agree(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let marked = |name: &str| visit.form.get(name).is_some();
    let version = visit.form.get("version").and_then(|version| version.parse().ok());
    let offer = version.filter(|_| marked(Field::Offer.name()));
    let kinds = ConsentKind::ALL.iter().copied().filter(|kind| marked(kind.name())).collect();
    let agreement = Agreement { offer, consents: kinds };
    let token = visit.way()?;
    let given = visit.house.ports.joining.agree(&token, &agreement);
    after(visit, given)
}

/// On to the next step, or the same one with what is wrong.
fn after(visit: &mut Visit<'_>, given: Result<(), No>) -> Result<Answer, Trouble> {
    match given {
        Ok(()) => Ok(on(visit)),
        Err(no) => {
            let wrong = problems(no)?;
            show(visit, &wrong)
        }
    }
}

/// Takes phone and password; a code goes to the phone.
pub fn claim_phone(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let token = visit.way()?;
    let (phone, password) = (digits(visit, Field::Phone), typed(visit, Field::Password));
    let joining = &visit.house.ports.joining;
    let sent = joining.claim_phone(&token, &phone, &password, visit.origin);
    after(visit, sent.map(|_| ()))
}

fn code_form(visit: &Visit<'_>, token: &Token) -> Result<Form, Trouble> {
    let sent = visit.house.ports.entrance.sent(token)?;
    Ok(Form {
        intro: vec![visit.say("code_sent", &[("phone", &sent.phone)])],
        fields: vec![code(visit, super::sign_in::code_hint(visit, &sent))],
        buttons: go(visit, "cabinet.confirm"),
        ..visit.new_form("/join/code")?
    })
}

/// Takes the code: from here on there is a session (R4-11.1.6).
pub fn confirm_phone(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let token = visit.way()?;
    let code = digits(visit, Field::Code);
    match visit.house.ports.joining.confirm_phone(&token, &code) {
        Ok(session) => {
            visit.open_session(&session);
            Ok(on(visit))
        }
        Err(no) => after(visit, Err(no)),
    }
}

/// Sends another code.
pub fn phone_code_again(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let token = visit.way()?;
    visit.house.ports.entrance.send_again(&token, visit.origin)?;
    Ok(on(visit))
}

/// The fields of the data, in the order of the document (R0-10.10a).
const DATA: [Field; 12] = [
    Field::Iin,
    Field::Surname,
    Field::GivenName,
    Field::Patronymic,
    Field::BirthDate,
    Field::DocumentKind,
    Field::DocumentNumber,
    Field::DocumentIssued,
    Field::DocumentExpires,
    Field::DocumentIssuer,
    Field::Country,
    Field::Address,
];

fn data(visit: &Visit<'_>, token: &Token, way: &Registration) -> Result<Form, Trouble> {
    let given = visit.house.ports.joining.given_data(token)?;
    let mut fields = Vec::new();
    for field in DATA {
        // Somebody who comes back is known: his number and the new phone are enough.
        if way.path == Path::LostPhone && !matches!(field, Field::Iin | Field::DocumentNumber) {
            continue;
        }
        let mut input = match field {
            Field::Iin => Input { keys: "numeric", max: 14, short: true, ..hinted(visit, field) },
            Field::BirthDate => Input { autocomplete: "bday", ..day(visit, field) },
            Field::DocumentIssued | Field::DocumentExpires => day(visit, field),
            Field::DocumentKind => {
                let word = |kind: &DocumentKind| visit.word(&format!("document.{}", kind.name()));
                let options = DocumentKind::ALL.iter();
                let options = options.map(|kind| (kind.name().to_owned(), word(kind)));
                radio(visit, field, options.collect())
            }
            Field::Surname => Input { autocomplete: "family-name", ..hinted(visit, field) },
            Field::GivenName => Input { autocomplete: "given-name", ..line(visit, field) },
            Field::Patronymic => {
                Input { autocomplete: "additional-name", optional: true, ..hinted(visit, field) }
            }
            Field::Address => Input { autocomplete: "street-address", ..line(visit, field) },
            Field::Country => {
                Input { autocomplete: "country", max: 2, short: true, ..hinted(visit, field) }
            }
            _ => line(visit, field),
        };
        input.value = given.as_ref().map_or_else(String::new, |given| value(given, field));
        if field == Field::Country && input.value.is_empty() {
            input.value = "KZ".into();
        }
        fields.push(input);
    }
    Ok(Form {
        intro: vec![visit.word("join.data_intro")],
        fields,
        buttons: go(visit, "cabinet.go_on"),
        ..visit.new_form("/join/data")?
    })
}

fn value(given: &Particulars, field: Field) -> String {
    let document = &given.document;
    let private = match field {
        Field::Iin => &given.iin,
        Field::Surname => &given.surname,
        Field::GivenName => &given.given_name,
        Field::Patronymic => &given.patronymic,
        Field::BirthDate => &given.birth_date,
        Field::Address => &given.address,
        Field::DocumentNumber => &document.number,
        Field::DocumentIssued => &document.issued,
        Field::DocumentExpires => &document.expires,
        Field::DocumentIssuer => &document.issuer,
        Field::Country => &document.country,
        Field::DocumentKind => {
            return document.kind.map_or_else(String::new, |kind| kind.name().to_owned());
        }
        _ => return String::new(),
    };
    private.reveal().to_owned()
}

/// Takes the data. All errors come at once.
pub fn give_data(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let token = visit.way()?;
    let kind = visit.form.get(Field::DocumentKind.name()).and_then(DocumentKind::from_name);
    let data = Particulars {
        iin: digits(visit, Field::Iin),
        surname: typed(visit, Field::Surname),
        given_name: typed(visit, Field::GivenName),
        patronymic: typed(visit, Field::Patronymic),
        birth_date: typed(visit, Field::BirthDate),
        address: typed(visit, Field::Address),
        document: Document {
            kind,
            number: digits(visit, Field::DocumentNumber),
            country: typed(visit, Field::Country),
            issued: typed(visit, Field::DocumentIssued),
            expires: typed(visit, Field::DocumentExpires),
            issuer: typed(visit, Field::DocumentIssuer),
        },
    };
    let given = visit.house.ports.joining.give_data(&token, &data);
    after(visit, given)
}

/// The next photograph that is wanted (R0-10.10b), one at a time with its limit said before.
fn photo(visit: &Visit<'_>, way: &Registration) -> Result<Option<Form>, Trouble> {
    let Some(kind) = way.photos.first() else { return Ok(None) };
    let capture = match kind {
        PhotoKind::Face => "user",
        PhotoKind::DocumentFront | PhotoKind::DocumentBack => "environment",
    };
    let megabytes = visit.show.number(PHOTO_BYTES_MAX as i64 >> 20);
    let left = visit.show.number(way.photos.len() as i64);
    Ok(Some(Form {
        title: visit.word(&format!("photo.{}", kind.name())),
        intro: vec![
            visit.word(&format!("photo_how.{}", kind.name())),
            visit.say("photo_limit", &[("megabytes", &megabytes), ("left", &left)]),
        ],
        upload: true,
        fields: vec![file(visit, "image/jpeg,image/png", capture)],
        buttons: go(visit, "cabinet.send"),
        note: visit.word("join.photo_note"),
        ..visit.new_form(&format!("/join/photo/{}", kind.name()))?
    }))
}

fn file(visit: &Visit<'_>, accept: &'static str, capture: &'static str) -> Input {
    Input { input: "file", accept, capture, ..line(visit, Field::Photo) }
}

/// The file of a form, or what is wrong with it: nothing, too much, or of another kind.
fn brought(visit: &Visit<'_>, most: usize, known: fn(&[u8]) -> bool) -> Result<Vec<u8>, Problem> {
    let wrong = |wrong| Problem { field: Field::Photo, wrong };
    let part = visit.parts.iter().find(|part| part.file && part.name == Field::Photo.name());
    let bytes = part.map(|part| part.bytes.as_slice()).unwrap_or_default();
    if bytes.is_empty() {
        Err(wrong(Wrong::Missing))
    } else if most < bytes.len() {
        Err(wrong(Wrong::TooLarge))
    } else if !known(bytes) {
        Err(wrong(Wrong::Kind))
    } else {
        Ok(bytes.to_vec())
    }
}

/// A JPEG or a PNG by its first bytes.
fn is_photo(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8, 0xff]) || bytes.starts_with(b"\x89PNG\r\n\x1a\n")
}

/// An MP4 or QuickTime film, or a WebM, by its first bytes.
fn is_video(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp") || bytes.starts_with(&[0x1a, 0x45, 0xdf, 0xa3])
}

/// Takes a photograph.
pub fn give_photo(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let kind = visit.pieces.first().and_then(|name| PhotoKind::from_name(name));
    let kind = kind.ok_or(Trouble::Status(404))?;
    let token = visit.way()?;
    let given = match brought(visit, PHOTO_BYTES_MAX, is_photo) {
        Ok(bytes) => visit.house.ports.joining.give_photo(&token, Photo { kind, bytes }),
        Err(problem) => Err(No::Wrong(vec![problem])),
    };
    after(visit, given)
}

/// The movements that the exchange asks for, and the video of them.
fn video(visit: &Visit<'_>, way: &Registration, blocks: &mut Vec<Block>) -> Result<Form, Trouble> {
    let mut note = String::new();
    if let Some(liveness) = &way.liveness {
        let motions = liveness.motions.iter();
        let items =
            motions.map(|motion| visit.word(&format!("motion.{}", motion.name()))).collect();
        blocks.push(Block::Steps { title: visit.word("join.motions"), items });
        let (until, tries) =
            (visit.show.time(liveness.until), visit.show.number(i64::from(liveness.tries)));
        note = visit.say("video_until", &[("time", &until), ("tries", &tries)]);
    }
    let megabytes = visit.show.number(VIDEO_BYTES_MAX as i64 >> 20);
    Ok(Form {
        intro: vec![
            visit.word("join.video_how"),
            visit.say("video_limit", &[("megabytes", &megabytes)]),
        ],
        upload: true,
        fields: vec![Input {
            label: visit.word("field.video"),
            ..file(visit, "video/mp4,video/quicktime,video/webm", "user")
        }],
        buttons: go(visit, "cabinet.send"),
        note,
        ..visit.new_form("/join/video")?
    })
}

/// Takes the video.
pub fn give_video(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let token = visit.way()?;
    let given = match brought(visit, VIDEO_BYTES_MAX, is_video) {
        Ok(bytes) => visit.house.ports.joining.give_capture(&token, Capture { bytes }),
        Err(problem) => Err(No::Wrong(vec![problem])),
    };
    after(visit, given)
}

/// Why the way failed or waits, and what to do next.
fn reason(visit: &Visit<'_>, failure: Failure) -> Block {
    let name = failure.name();
    let (text, todo) =
        (visit.word(&format!("failure.{name}")), visit.word(&format!("failure_todo.{name}")));
    let level = if waits(failure) { "info" } else { "warn" };
    Block::Notice { level, text: format!("{text} {todo}"), links: Vec::new() }
}

/// Whether the way goes on by itself.
fn waits(failure: Failure) -> bool {
    matches!(failure, Failure::ExchangeSilent | Failure::ListSilent | Failure::InReview)
}

/// Whether the way can be mended by who is on it.
fn can_be_mended(failure: Failure) -> bool {
    match failure {
        Failure::Liveness
        | Failure::Face
        | Failure::Data
        | Failure::Document
        | Failure::PhoneNotOwn
        | Failure::Expired => true,
        Failure::TriesOver
        | Failure::NoReference
        | Failure::UnderAge
        | Failure::Restricted
        | Failure::Debtor
        | Failure::NotAdmitted
        | Failure::Duplicate
        | Failure::ExchangeSilent
        | Failure::ListSilent
        | Failure::InReview
        | Failure::InPersonOnly => false,
    }
}

fn failed(
    visit: &Visit<'_>,
    way: &Registration,
    blocks: &mut Vec<Block>,
) -> Result<Option<Form>, Trouble> {
    let failure = way.failure.unwrap_or(Failure::Expired);
    blocks.push(reason(visit, failure));
    let help = super::help_link(visit);
    blocks.push(Block::Links { title: String::new(), links: vec![help] });
    if !can_be_mended(failure) {
        return Ok(None);
    }
    Ok(Some(Form { buttons: go(visit, "join.again"), ..visit.new_form("/join/again")? }))
}

/// Begins a failed way again.
pub fn again(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let token = visit.way()?;
    let given = visit.house.ports.joining.again(&token);
    after(visit, given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        assert!(is_photo(b"\xff\xd8\xff\xe0") && is_photo(b"\x89PNG\r\n\x1a\n..."));
        for other in [&b""[..], b"GIF89a", b"<svg", b"\xff\xd8", b"%PDF-1.7", b"RIFFxxxxWEBP"] {
            assert!(!is_photo(other));
        }
        assert!(is_video(b"\0\0\0\x18ftypmp42") && is_video(b"\x1a\x45\xdf\xa3"));
        for other in [&b""[..], b"ftypmp42", b"RIFFxxxxAVI ", b"\xff\xd8\xff\xe0"] {
            assert!(!is_video(other));
        }
    }
}
