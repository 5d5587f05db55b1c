//! Registration and identification: state machine D of the requirements, as a way of steps
//! (R4-11.1, R0-10.7 to R0-10.12, S-02).

use phrases::Language;
use terms::{Account, Day, Instant, MessageId, Organiser, choice};

use super::{ConsentKind, Origin, Outcome, Private, Sent, Token, Who};

choice! {
    /// What the way leads to.
    pub enum Path {
        /// A first registration.
        Join = 1 "join",
        /// Identification again, when the last one or the document has ended (S-02).
        Renew = 2 "renew",
        /// Back in with another phone, when the old one is lost.
        LostPhone = 3 "lost_phone",
    }
}

choice! {
    /// A step of the way. Each is kept as it is given, so that the way can be gone on later.
    pub enum Step {
        /// The offer is accepted and consents are given, each with a mark of its own.
        Consents = 1 "consents",
        /// Phone and password are given.
        Phone = 2 "phone",
        /// The code that was sent to the phone is given.
        Code = 3 "code",
        /// The data of the person are given.
        Data = 4 "data",
        /// Photographs are given.
        Photos = 5 "photos",
        /// The video with the movements is given.
        Liveness = 6 "liveness",
        /// The answer of the exchange of identification data, the lists, or an officer is awaited.
        Waiting = 7 "waiting",
        /// It succeeded: there is a person, with a wallet.
        Done = 8 "done",
        /// It did not; [`Registration::failure`] says why.
        Failed = 9 "failed",
    }
}

choice! {
    /// What a photograph shows.
    pub enum PhotoKind {
        /// The side of the document with the face.
        DocumentFront = 1 "document_front",
        /// The other side.
        DocumentBack = 2 "document_back",
        /// The person's face.
        Face = 3 "face",
    }
}

choice! {
    /// A movement that the exchange asks for, to see that somebody alive is there.
    pub enum Motion {
        /// Turn the head to the left.
        TurnLeft = 1 "turn_left",
        /// Turn the head to the right.
        TurnRight = 2 "turn_right",
        /// Look up.
        LookUp = 3 "look_up",
        /// Close and open the eyes.
        Blink = 4 "blink",
        /// Smile.
        Smile = 5 "smile",
        /// Open the mouth.
        OpenMouth = 6 "open_mouth",
    }
}

choice! {
    /// Why a way failed or waits; each has its own next step on the page.
    pub enum Failure {
        /// The movements were not seen; another try is left.
        Liveness = 1 "liveness",
        /// The movements were not seen in three tries.
        TriesOver = 2 "tries_over",
        /// The face is not that of the document or of the state's image.
        Face = 3 "face",
        /// The data differ from those of the state.
        Data = 4 "data",
        /// The state has no image to compare with.
        NoReference = 5 "no_reference",
        /// The document has ended or is void.
        Document = 6 "document",
        /// The person is not as old as the law wants.
        UnderAge = 7 "under_age",
        /// He is on the list of those who may not take part in gambling.
        Restricted = 8 "restricted",
        /// He owes under an enforcement document.
        Debtor = 9 "debtor",
        /// He is not admitted, and no reason is told (I-09).
        NotAdmitted = 10 "not_admitted",
        /// Somebody with the same number or document is registered, which an officer looks at.
        Duplicate = 11 "duplicate",
        /// The phone is in another's name (R4-11.1.1a).
        PhoneNotOwn = 12 "phone_not_own",
        /// The time for the way is over.
        Expired = 13 "expired",
        /// The exchange does not answer: the way waits and goes on by itself.
        ExchangeSilent = 14 "exchange_silent",
        /// A list does not answer: the way waits and goes on by itself (S-47).
        ListSilent = 15 "list_silent",
        /// An officer compares the data, within one working day (S-48).
        InReview = 16 "in_review",
        /// This way is not open to him: somebody without a number comes to a desk (S-07).
        InPersonOnly = 17 "in_person_only",
    }
}

choice! {
    /// A document of identity.
    pub enum DocumentKind {
        /// The identity card of a citizen.
        IdentityCard = 1 "identity_card",
        /// The passport of a citizen.
        Passport = 2 "passport",
        /// The residence permit of a foreigner.
        ResidencePermit = 3 "residence_permit",
        /// A foreign passport.
        ForeignPassport = 4 "foreign_passport",
    }
}

/// The public offer, as the operator published it (R4-11.1.3). Its text is the operator's, not of
/// the phrasebooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its version.
    pub version: u32,
    /// From when it holds.
    pub from: Day,
    /// Its paragraphs, in the language that was asked for.
    pub paragraphs: Vec<String>,
}

/// An organiser's invitation to register or to open an account (`POST /v1/registrations`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Who invites.
    pub organiser: Organiser,
    /// Until when.
    pub until: Instant,
}

/// What a person agrees to at the start (R4-11.1.3, R4-11.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The version of the offer that was on the page, if it was accepted.
    pub offer: Option<u32>,
    /// Consents that were marked, each by itself.
    pub consents: Vec<ConsentKind>,
}

/// The document of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: Option<DocumentKind>,
    /// Its number.
    pub number: Private,
    /// The country that issued it, two letters.
    pub country: Private,
    /// When it was issued, as typed.
    pub issued: Private,
    /// When it ends, as typed.
    pub expires: Private,
    /// Who issued it.
    pub issuer: Private,
}

/// The data of a person as typed: dates as `YYYY-MM-DD`, what is not given is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Particulars {
    /// The individual identification number.
    pub iin: Private,
    /// The family name.
    pub surname: Private,
    /// The given name.
    pub given_name: Private,
    /// The patronymic, if there is one.
    pub patronymic: Private,
    /// The date of birth.
    pub birth_date: Private,
    /// Where he lives.
    pub address: Private,
    /// His document.
    pub document: Document,
}

/// A photograph.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// What it shows.
    pub kind: PhotoKind,
    /// The file: a JPEG or PNG by its first bytes, at most [`crate::limits::PHOTO_BYTES_MAX`].
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({}, {} bytes)", self.kind.name(), self.bytes.len())
    }
}

/// The video of the movements.
#[derive(Clone, PartialEq, Eq)]
pub struct Capture {
    /// The file, at most [`crate::limits::VIDEO_BYTES_MAX`].
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Capture({} bytes)", self.bytes.len())
    }
}

/// What the exchange asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Liveness {
    /// Movements, in this order.
    pub motions: Vec<Motion>,
    /// Until when.
    pub until: Instant,
    /// Tries that are left.
    pub tries: u8,
}

/// Where somebody stands on his way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// What it leads to.
    pub path: Path,
    /// The steps that he has to take himself, in order; the page counts them.
    pub steps: Vec<Step>,
    /// Where he is.
    pub step: Step,
    /// Until when the way is kept.
    pub until: Instant,
    /// The organiser that invited him.
    pub invited_by: Option<Organiser>,
    /// Photographs that are wanted and have not been given yet, in order.
    pub photos: Vec<PhotoKind>,
    /// The movements, at that step.
    pub liveness: Option<Liveness>,
    /// Why it failed, or why it waits longer than usual.
    pub failure: Option<Failure>,
    /// The account with the organiser that invited him, once it is open.
    pub account: Option<Account>,
}

/// Registration and identification. `token` is that of the way until the phone is confirmed, and
/// that of the session from then on.
pub trait Joining: Send + Sync {
    /// The offer that holds now.
    fn offer(&self, language: Language) -> Outcome<Offer>;

    /// The invitation of a link, while it holds.
    fn invitation(&self, token: &Token) -> Outcome<Invitation>;

    /// Begins a way, after the instructions were shown at that instant (R0-10.9). Gives the token
    /// of the way; of a person who is signed in and renews, his session's own.
    fn begin(
        &self,
        path: Path,
        instructions_shown: Instant,
        invitation: Option<&Token>,
        who: Option<&Who>,
        from: Origin,
    ) -> Outcome<Token>;

    /// Where the way stands; absent if there is none.
    fn registration(&self, token: &Token) -> Outcome<Registration>;

    /// Accepts the offer and gives consents.
    fn agree(&self, token: &Token, agreement: &Agreement) -> Outcome<()>;

    /// Gives phone and password; a code goes to the phone. The same answer for a phone that is
    /// registered already: its owner gets a message instead of a code.
    fn claim_phone(
        &self,
        token: &Token,
        phone: &Private,
        password: &Private,
        from: Origin,
    ) -> Outcome<Sent>;

    /// Tries the code. Gives the token of a session: the client is registered, unidentified
    /// (R4-11.1.6).
    fn confirm_phone(&self, token: &Token, code: &Private) -> Outcome<Token>;

    /// Gives the data. Everything that is wrong comes at once; what is wrong is not kept.
    fn give_data(&self, token: &Token, data: &Particulars) -> Outcome<()>;

    /// The data that were given, for the page on which they are mended.
    fn given_data(&self, token: &Token) -> Outcome<Option<Particulars>>;

    /// Gives a photograph, in place of an earlier one of its kind.
    fn give_photo(&self, token: &Token, photo: Photo) -> Outcome<()>;

    /// Gives the video; the exchange is asked.
    fn give_capture(&self, token: &Token, capture: Capture) -> Outcome<()>;

    /// Begins a failed way again, where it can be mended.
    fn again(&self, token: &Token) -> Outcome<()>;

    /// Opens an account with an organiser for a person who is registered already, by invitation
    /// (R0-12.1).
    fn accept_invitation(&self, who: &Who, invitation: &Token, form: MessageId)
    -> Outcome<Account>;
}
