//! Registration and identification, in the words of the cabinet.

use admission::{Scope, Scopes};
use cabinet::ports::{
    Agreement, Capture, ConsentKind, Document, DocumentKind, Failure, Invitation, Joining,
    Liveness, Motion, Offer, Origin, Outcome, Particulars, Path, Photo, PhotoKind, Private,
    Registration, Sent, Step, Token, Who,
};
use links::identification::Command;
use people::form::Given;
use people::joining::{self, MOTIONS, PHOTOS, Way};
use people::limits::IDENTIFICATION_TRIES;
use phrases::Language;
use terms::{Account, Day, Instant, MessageId};

use super::{House, given, held, sent, told};

impl Joining for House {
    fn offer(&self, language: Language) -> Outcome<Offer> {
        let text = match language {
            Language::Kk => include_str!("offer.kk.txt"),
            Language::Ru => include_str!("offer.ru.txt"),
            Language::En => include_str!("offer.en.txt"),
        };
        Ok(Offer {
            version: self.people.offer(),
            from: OFFER_FROM,
            paragraphs: text.split("\n\n").map(|part| part.trim().replace('\n', " ")).collect(),
        })
    }

    fn invitation(&self, token: &Token) -> Outcome<Invitation> {
        let row = told(self.people.invitation(&held(token)?))?;
        Ok(Invitation { organiser: row.organiser, until: row.until })
    }

    fn begin(
        &self,
        path: Path,
        instructions_shown: Instant,
        invitation: Option<&Token>,
        who: Option<&Who>,
        from: Origin,
    ) -> Outcome<Token> {
        let path = match path {
            Path::Join => joining::Path::Join,
            Path::Renew => joining::Path::Renew,
            Path::LostPhone => joining::Path::LostPhone,
        };
        let invitation = invitation.map(held).transpose()?;
        let session = who.map(|who| held(&who.token)).transpose()?;
        let (invitation, session) = (invitation.as_ref(), session.as_ref());
        told(self.people.begin(path, instructions_shown, invitation, session, from.language))
            .map(|token| given(&token))
    }

    fn registration(&self, token: &Token) -> Outcome<Registration> {
        told(self.people.way(&held(token)?)).map(|way| registration(&way))
    }

    fn agree(&self, token: &Token, agreement: &Agreement) -> Outcome<()> {
        let scope = |kind: &ConsentKind| match kind {
            ConsentKind::Collect => Some(Scope::Collect),
            ConsentKind::Process => Some(Scope::Process),
            ConsentKind::Store => Some(Scope::Store),
            ConsentKind::CrossBorder => Some(Scope::CrossBorder),
            // Asked for by the State service itself, when it is needed.
            ConsentKind::StateService => None,
        };
        let consents = agreement.consents.iter().filter_map(scope);
        let agreement = joining::Agreement {
            offer: agreement.offer,
            consents: consents.fold(Scopes::NONE, Scopes::with),
        };
        told(self.people.agree(&held(token)?, &agreement))
    }

    fn claim_phone(
        &self,
        token: &Token,
        phone: &Private,
        password: &Private,
        from: Origin,
    ) -> Outcome<Sent> {
        let (phone, password) = (phone.reveal(), password.reveal());
        told(self.people.claim_phone(&held(token)?, phone, password, from.language)).map(sent)
    }

    fn confirm_phone(&self, token: &Token, code: &Private) -> Outcome<Token> {
        told(self.people.confirm_phone(&held(token)?, code.reveal())).map(|token| given(&token))
    }

    fn give_data(&self, token: &Token, data: &Particulars) -> Outcome<()> {
        let text = |text: &Private| text.reveal().to_owned();
        let document = &data.document;
        let form = Given {
            iin: text(&data.iin),
            surname: text(&data.surname),
            given_name: text(&data.given_name),
            patronymic: text(&data.patronymic),
            birth_date: text(&data.birth_date),
            address: text(&data.address),
            document_kind: document.kind.map_or_else(String::new, |kind| kind.name().to_owned()),
            document_number: text(&document.number),
            country: text(&document.country),
            document_issuer: text(&document.issuer),
            document_issued: text(&document.issued),
            document_expires: text(&document.expires),
        };
        told(self.people.give_data(&held(token)?, &form))
    }

    fn given_data(&self, token: &Token) -> Outcome<Option<Particulars>> {
        let found = told(self.people.given_data(&held(token)?))?;
        Ok(found.map(|form| Particulars {
            iin: Private::new(form.iin),
            surname: Private::new(form.surname),
            given_name: Private::new(form.given_name),
            patronymic: Private::new(form.patronymic),
            birth_date: Private::new(form.birth_date),
            address: Private::new(form.address),
            document: Document {
                kind: DocumentKind::from_name(&form.document_kind),
                number: Private::new(form.document_number),
                country: Private::new(form.country),
                issued: Private::new(form.document_issued),
                expires: Private::new(form.document_expires),
                issuer: Private::new(form.document_issuer),
            },
        }))
    }

    fn give_photo(&self, token: &Token, photo: Photo) -> Outcome<()> {
        let kind = match photo.kind {
            PhotoKind::DocumentFront => vault::PhotoKind::DocumentFront,
            PhotoKind::DocumentBack => vault::PhotoKind::DocumentBack,
            PhotoKind::Face => vault::PhotoKind::Face,
        };
        told(self.people.give_photo(&held(token)?, kind, photo.bytes))
    }

    fn give_capture(&self, token: &Token, capture: Capture) -> Outcome<()> {
        // The exchange looks at the film itself; the browser's word for its form is not needed.
        told(self.people.give_capture(&held(token)?, "application/octet-stream", capture.bytes))
    }

    fn again(&self, token: &Token) -> Outcome<()> {
        told(self.people.again(&held(token)?))
    }

    fn accept_invitation(
        &self,
        who: &Who,
        invitation: &Token,
        form: MessageId,
    ) -> Outcome<Account> {
        told(self.people.accept_invitation(&held(&who.token)?, &held(invitation)?, form))
    }
}

/// From when the sample of an offer holds.
const OFFER_FROM: Day = Day(20_788);

fn registration(way: &Way) -> Registration {
    let renews = way.path == joining::Path::Renew;
    let first = [Step::Consents, Step::Phone, Step::Code];
    let then = [Step::Data, Step::Photos, Step::Liveness];
    let steps = first.into_iter().filter(|_| !renews).chain(then).collect();
    let missing = PHOTOS.iter().filter(|kind| way.photos >> (kind.code() - 1) & 1 == 0);
    let photos = missing.filter_map(|kind| match kind {
        vault::PhotoKind::DocumentFront => Some(PhotoKind::DocumentFront),
        vault::PhotoKind::DocumentBack => Some(PhotoKind::DocumentBack),
        vault::PhotoKind::Face => Some(PhotoKind::Face),
        vault::PhotoKind::WithDocument => None,
    });
    let liveness = way.exchange.as_ref().map(|exchange| Liveness {
        motions: exchange
            .motions
            .iter()
            .filter_map(|at| MOTIONS.get(usize::from(*at)).copied())
            .map(motion)
            .collect(),
        until: exchange.ends,
        tries: IDENTIFICATION_TRIES.saturating_sub(way.tries),
    });
    Registration {
        path: match way.path {
            // One of a desk has no page in the cabinet.
            joining::Path::Join | joining::Path::Desk => Path::Join,
            joining::Path::Renew => Path::Renew,
            joining::Path::LostPhone => Path::LostPhone,
        },
        steps,
        step: Step::from_code(way.step.code()).unwrap_or(Step::Failed),
        until: way.until,
        invited_by: way.invited_by,
        photos: photos.collect(),
        liveness: liveness.filter(|_| way.step == joining::Step::Liveness),
        failure: way.failure.map(failure),
        account: way.account,
    }
}

fn motion(motion: Command) -> Motion {
    match motion {
        Command::TurnLeft => Motion::TurnLeft,
        Command::TurnRight => Motion::TurnRight,
        Command::Blink => Motion::Blink,
        Command::Smile => Motion::Smile,
        Command::Nod => Motion::LookUp,
        Command::OpenMouth => Motion::OpenMouth,
    }
}

fn failure(failure: joining::Failure) -> Failure {
    match failure {
        // The way waits and goes on by itself.
        joining::Failure::ConsentAwaited => Failure::ListSilent,
        // A desk can do it without that consent (S-57).
        joining::Failure::ConsentRefused => Failure::InPersonOnly,
        other => Failure::from_name(other.name()).unwrap_or(Failure::NotAdmitted),
    }
}
