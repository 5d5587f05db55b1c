//! The steps of a registration that the person takes himself (state machine D, R4-11.1): offer and
//! consents, phone, data, photographs, a film. What follows from them is in [`crate::drive`].
//!
//! A way is kept at the edge: before the phone is confirmed under the token's hash, afterwards
//! under the client's id, so that it can be gone on from another phone. It holds marks, ids and
//! digests; what was typed lies in the vault from the moment that it was typed without a slip.

use admission::{Scope, Scopes};
use links::identification::Command as Motion;
use phrases::Language;
use sha2::{Digest as _, Sha256};
use terms::{
    Account, CaseNo, Hash, Instant, MessageId, Organiser, Person, Reason, Wallet, choice, record,
};
use vault::{LookReason, Photo, PhotoKind, Reference, Source};

use crate::entrance::{Client, ClientId, Login, Purpose, Sent, read_phone};
use crate::form::{self, FormField, Given, Identity, Slip};
use crate::house::{People, Who, Whom};
use crate::kept::{Kept, Table};
use crate::limits::{IDENTIFICATION_TRIES, REGISTRATION_NS};
use crate::no::{No, Outcome};
use crate::person_record;
use crate::secret::Token;
use crate::text::Notice;

choice! {
    /// What a way leads to.
    pub enum Path {
        /// A first registration.
        Join = 1 "join",
        /// Identification again (S-02).
        Renew = 2 "renew",
        /// Back in with another phone.
        LostPhone = 3 "lost_phone",
        /// A first registration in person, at a desk of the operator (R0-10.7a).
        Desk = 4 "desk",
    }
}

choice! {
    /// Where the person is on his way.
    pub enum Step {
        /// The offer is to be accepted and consents to be given.
        Consents = 1 "consents",
        /// Phone and password are to be given.
        Phone = 2 "phone",
        /// The code that was sent is to be given.
        Code = 3 "code",
        /// The data of the person are to be given.
        Data = 4 "data",
        /// Photographs are to be given.
        Photos = 5 "photos",
        /// The film with the movements is to be given.
        Liveness = 6 "liveness",
        /// An answer is awaited.
        Waiting = 7 "waiting",
        /// It succeeded.
        Done = 8 "done",
        /// It did not.
        Failed = 9 "failed",
    }
}

choice! {
    /// What the system does next on a way; each is done once, whatever happens in between.
    pub enum Stage {
        /// Nothing: the person's turn.
        Nothing = 1 "nothing",
        /// His number is drawn in the journal, and the vault's row made live.
        Register = 2 "register",
        /// His consents become facts.
        Consent = 3 "consent",
        /// His registration becomes a case.
        Open = 4 "open",
        /// Instructions and consents move it.
        Inform = 5 "inform",
        /// Data and photographs move it.
        Give = 6 "give",
        /// The exchange is asked for movements.
        Begin = 7 "begin",
        /// The exchange's answer is awaited.
        Match = 8 "match",
        /// Its answer is recorded.
        Identify = 9 "identify",
        /// Access to data of the state is asked for.
        Access = 10 "access",
        /// Age and document are asked of the population register.
        Population = 11 "population",
        /// The lists are asked.
        Screen = 12 "screen",
        /// The case is decided.
        Decide = 13 "decide",
        /// A wallet is opened.
        Wallet = 14 "wallet",
        /// The relationship begins.
        Establish = 15 "establish",
        /// The account with who invited him is opened.
        Account = 16 "account",
        /// He is told.
        Tell = 17 "tell",
    }
}

choice! {
    /// Why a way failed or waits.
    pub enum Failure {
        /// The movements were not seen.
        Liveness = 1 "liveness",
        /// They were not seen in three tries.
        TriesOver = 2 "tries_over",
        /// The face is another one.
        Face = 3 "face",
        /// The data differ from those of the state.
        Data = 4 "data",
        /// The state has no image to compare with.
        NoReference = 5 "no_reference",
        /// The document has ended or is void.
        Document = 6 "document",
        /// Too young.
        UnderAge = 7 "under_age",
        /// On the list of those who may not gamble.
        Restricted = 8 "restricted",
        /// In debt under an enforcement document.
        Debtor = 9 "debtor",
        /// Not admitted, and no reason is told (I-09).
        NotAdmitted = 10 "not_admitted",
        /// Somebody like him is registered.
        Duplicate = 11 "duplicate",
        /// The phone is another's.
        PhoneNotOwn = 12 "phone_not_own",
        /// The time for the way is over.
        Expired = 13 "expired",
        /// The exchange does not answer.
        ExchangeSilent = 14 "exchange_silent",
        /// A register or list does not answer (S-47).
        ListSilent = 15 "list_silent",
        /// An officer compares (S-48).
        InReview = 16 "in_review",
        /// Only a desk can do it (S-07).
        InPersonOnly = 17 "in_person_only",
        /// He has not answered yet whether the state's data may be asked for.
        ConsentAwaited = 18 "consent_awaited",
        /// He has said no to that (S-57).
        ConsentRefused = 19 "consent_refused",
    }
}

impl Failure {
    /// What a refusal of the desk comes to.
    pub(crate) fn of(reason: Reason) -> Failure {
        match reason {
            Reason::UnderAge => Failure::UnderAge,
            Reason::ListedRestricted => Failure::Restricted,
            Reason::ListedDebtor => Failure::Debtor,
            Reason::NotIdentified | Reason::IdentificationStale => Failure::Data,
            _ => Failure::NotAdmitted,
        }
    }
}

record! {
    /// A session of the exchange.
    pub struct Exchange {
        /// Its id.
        pub id: Vec<u8>,
        /// Its own random word.
        pub nonce: Vec<u8>,
        /// The movements that it asks for, by their places in [`MOTIONS`].
        pub motions: Vec<u8>,
        /// When it was begun.
        pub begun: Instant,
        /// When it ends.
        pub ends: Instant,
    }
}

record! {
    /// A way, as it is kept.
    pub struct Way {
        /// What it leads to.
        pub path: Path,
        /// When the instructions were shown (R0-10.9).
        pub shown: Instant,
        /// When it began.
        pub begun: Instant,
        /// Until when it is kept.
        pub until: Instant,
        /// Of which all ids of commands are made.
        pub seed: [u8; 16],
        /// The language that he is written to in: its place in [`Language::ALL`].
        pub language: u8,
        /// Who invited him.
        pub invited_by: Option<Organiser>,
        /// The hash of the invitation's token.
        pub invitation: Option<[u8; 32]>,
        /// Where he is.
        pub step: Step,
        /// What is done next.
        pub stage: Stage,
        /// The version of the offer that he accepted.
        pub offer: Option<u32>,
        /// What he consented to.
        pub consents: Scopes,
        /// When.
        pub agreed: Option<Instant>,
        /// The vault's reference.
        pub reference: Option<[u8; 16]>,
        /// SHA-256 of what he gave, sealed off from it by the seed.
        pub evidence: Option<Hash>,
        /// Kinds of photographs that are there: bit n for the kind with code n + 1.
        pub photos: u8,
        /// Who is registered already with the same number or document.
        pub twin: Option<Person>,
        /// His number.
        pub person: Option<Person>,
        /// The case.
        pub case: Option<CaseNo>,
        /// The request for consent to data of the state.
        pub access_case: Option<CaseNo>,
        /// Possible matches that an officer looks at.
        pub matches: Vec<CaseNo>,
        /// Whether the lists were asked.
        pub screened: bool,
        /// His wallet.
        pub wallet: Option<Wallet>,
        /// How often identification was tried.
        pub tries: u8,
        /// The exchange's session.
        pub exchange: Option<Exchange>,
        /// SHA-256 of the exchange's signed answer, or of what an officer saw at a desk.
        pub matched: Option<Hash>,
        /// Whether the exchange and the data agree, or an officer compared person and document.
        pub confirmed: bool,
        /// Since when access to data of the state is asked for.
        pub access_since: Option<Instant>,
        /// Why it failed or waits.
        pub failure: Option<Failure>,
        /// Not before this instant is a silent system asked again.
        pub again: Option<Instant>,
        /// The account with who invited him.
        pub account: Option<Account>,
    }
}

impl Way {
    /// A way that begins, of which nothing is known yet.
    pub(crate) fn new(path: Path, step: Step, seed: [u8; 16], now: Instant) -> Way {
        Way {
            path,
            shown: now,
            begun: now,
            until: now.plus(REGISTRATION_NS),
            seed,
            language: 0,
            invited_by: None,
            invitation: None,
            step,
            stage: Stage::Nothing,
            offer: None,
            consents: Scopes::NONE,
            agreed: None,
            reference: None,
            evidence: None,
            photos: 0,
            twin: None,
            person: None,
            case: None,
            access_case: None,
            matches: Vec::new(),
            screened: false,
            wallet: None,
            tries: 0,
            exchange: None,
            matched: None,
            confirmed: false,
            access_since: None,
            failure: None,
            again: None,
            account: None,
        }
    }
}

/// The movements by which the edge keeps them.
pub const MOTIONS: [Motion; 6] = [
    Motion::TurnLeft,
    Motion::TurnRight,
    Motion::Blink,
    Motion::Smile,
    Motion::Nod,
    Motion::OpenMouth,
];

/// Photographs that are wanted, in order (R0-10.10b).
pub const PHOTOS: [PhotoKind; 3] =
    [PhotoKind::DocumentFront, PhotoKind::DocumentBack, PhotoKind::Face];

/// What a person agrees to at the start (R4-11.1.3, R4-11.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The version of the offer that was on the page, if it was accepted.
    pub offer: Option<u32>,
    /// What was marked, each by itself.
    pub consents: Scopes,
}

/// Under which a way is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WayKey {
    Token([u8; 32]),
    Client(ClientId),
    /// At a desk: the id of the form.
    Desk([u8; 16]),
}

impl WayKey {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (kind, rest): (u8, &[u8]) = match self {
            WayKey::Token(digest) => (b't', digest),
            WayKey::Client(client) => (b'c', client),
            WayKey::Desk(form) => (b'd', form),
        };
        [&[kind], rest].concat()
    }
}

impl People {
    /// Begins a way, after the instructions were shown (R0-10.9); gives the token of the way, or of
    /// a session that goes on.
    pub fn begin(
        &self,
        path: Path,
        shown: Instant,
        invitation: Option<&Token>,
        session: Option<&Token>,
        language: Language,
    ) -> Outcome<Token> {
        let now = self.now();
        if now < shown {
            return Err(No::Over);
        }
        let invited = invitation.map(|token| self.invitation(token)).transpose()?;
        let (token, key, step) = match session {
            Some(session) => {
                let client = self.signed_in(session)?.client;
                (*session, WayKey::Client(client), Step::Data)
            }
            None => {
                let token = self.draw_token();
                (token, WayKey::Token(token.digest()), Step::Consents)
            }
        };
        let way = Way {
            shown,
            language: place_of(language),
            invited_by: invited.as_ref().map(|row| row.organiser),
            invitation: invitation.map(Token::digest),
            ..Way::new(path, step, self.draw_id(), now)
        };
        let end = Some(way.until);
        self.shelf
            .change::<Way, ()>(Table::Way, &key.bytes(), now, |_| ((), Some((way.clone(), end))))?;
        if let Some(invitation) = invitation {
            self.note_followed(invitation, &key)?;
        }
        Ok(token)
    }

    /// Where the way of a token stands: of the way itself, or of the session.
    pub fn way(&self, token: &Token) -> Outcome<Way> {
        Ok(self.way_of(token)?.1.value)
    }

    /// Accepts the offer and gives consents: collection, processing and storage are needed, each
    /// with a mark of its own; what goes abroad is not (I-12).
    pub fn agree(&self, token: &Token, agreement: &Agreement) -> Outcome<()> {
        let mut slips = Vec::new();
        if agreement.offer != Some(self.settings.offer) {
            slips.push((FormField::Offer, Slip::Missing));
        }
        for (scope, field) in [
            (Scope::Collect, FormField::Collect),
            (Scope::Process, FormField::Process),
            (Scope::Store, FormField::Store),
        ] {
            if !agreement.consents.has(scope) {
                slips.push((field, Slip::Missing));
            }
        }
        if !slips.is_empty() {
            return Err(No::Wrong(slips));
        }
        let now = self.now();
        self.change_way(token, &[Step::Consents, Step::Phone], |way| {
            (way.offer, way.agreed) = (agreement.offer, Some(now));
            way.consents = agreement.consents;
            way.step = Step::Phone;
        })
    }

    /// Gives phone and password; a code goes to the phone. The same answer for a phone that is
    /// registered: its owner gets a message instead of a code.
    pub fn claim_phone(
        &self,
        token: &Token,
        phone: &str,
        password: &str,
        language: Language,
    ) -> Outcome<Sent> {
        let (_, kept) = self.way_of(token)?;
        let expected = [Step::Phone, Step::Code].contains(&kept.value.step);
        if !expected || kept.value.agreed.is_none() {
            return Err(No::Over);
        }
        let phone = read_phone(phone)?;
        let password = self.new_password(password, &phone)?;
        let known = self.client_of_login(&self.login(&phone))?.map(|(client, _)| client);
        let sent =
            self.send_code(*token, Purpose::Join, known, &phone, Some(password), language)?;
        self.change_way(token, &[Step::Phone, Step::Code], |way| way.step = Step::Code)?;
        Ok(sent)
    }

    /// Tries the code. The client is registered, unidentified (R4-11.1.2, R4-11.1.6); gives the
    /// token of his session.
    pub fn confirm_phone(&self, token: &Token, code: &str) -> Outcome<Token> {
        let proved = self.try_code(token, Purpose::Join, code)?;
        let (key, kept) = self.way_of(token)?;
        let (now, login) = (self.now(), self.login(&proved.phone));
        let id = self.draw_id();
        // First the login, which counts only with its client: a stop in between leaves it free.
        let free = self.shelf.change::<Login, bool>(Table::Login, &login, now, |_| {
            (true, Some((Login { client: id }, None)))
        })?;
        debug_assert!(free, "nothing refuses it");
        let client = Client {
            login,
            password: proved.row.password.ok_or(No::Over)?,
            person: None,
            account: None,
            since: now,
            signed_in: None,
            locked: None,
        };
        self.shelf.put(Table::Client, &id, &client, 0, None, now)?;
        let way = Way { step: Step::Data, ..kept.value };
        let (own, end) = (WayKey::Client(id), Some(way.until));
        self.shelf.put(Table::Way, &own.bytes(), &way, 0, end, now)?;
        if let Some(invitation) = &way.invitation {
            self.note_client(invitation, &own)?;
        }
        let session = self.open_session(id, &proved.phone)?;
        self.shelf.remove(Table::Way, &key.bytes(), now)?;
        self.shelf.remove(Table::Code, &token.digest(), now)?;
        // He is registered, whether the message comes or not (R4-11.1.7).
        if let Err(why) = self.tell(&proved.phone, &Notice::Registered, language_at(way.language)) {
            tracing::warn!("a notice of registration was not sent: {why}");
        }
        Ok(session)
    }

    /// Gives the data. Everything that is wrong comes at once; what is wrong is not kept.
    pub fn give_data(&self, token: &Token, given: &Given) -> Outcome<()> {
        let (_, kept) = self.way_of(token)?;
        let steps = [Step::Data, Step::Photos];
        if !steps.contains(&kept.value.step) {
            return Err(No::Over);
        }
        let identity = form::read(given, self.today()).map_err(No::Wrong)?;
        let phone = self.phone_of(token)?;
        let client = self.signed_in(token)?.client;
        let way = kept.value;
        let twin = self.twin(&identity, &client, way.person)?;
        if let Some(Twin::Client(_)) = twin
            && way.path != Path::LostPhone
        {
            return Err(self.fail_way(token, Failure::Duplicate));
        }
        // What is typed stays apart from what is known until it is shown who typed it.
        let record = person_record::of(&identity, &phone, &Source::Person, self.now())?;
        let now = self.now();
        let reference = match way.person {
            Some(person) => self.amend_person(person, &record)?,
            None => self.with_vault(|vault| vault.admit(&record, &[], now))?,
        };
        let evidence = digest_of(&way.seed, given);
        let twin = twin.map(|twin| match twin {
            Twin::Client(person) | Twin::Person(person) => person,
        });
        self.change_way(token, &steps, |way| {
            (way.reference, way.evidence, way.twin) = (Some(reference.0), Some(evidence), twin);
            (way.photos, way.step) = (0, Step::Photos);
        })
    }

    /// The data that were given, for the page on which they are mended. The look is a fact.
    pub fn given_data(&self, token: &Token) -> Outcome<Option<Given>> {
        let (_, kept) = self.way_of(token)?;
        let Some(reference) = kept.value.reference else { return Ok(None) };
        let whom = kept.value.person.map_or(Whom::Pending, Whom::Person);
        let seen = self.look(whom, Who::Himself, LookReason::OwnRequest)?;
        let held = self.with_vault(|vault| vault.read(Reference(reference), &seen))?;
        Ok(Some(person_record::given(&held.record)))
    }

    /// Gives a photograph. With the last one the person's registration becomes facts, and the
    /// exchange is asked for movements.
    pub fn give_photo(&self, token: &Token, kind: PhotoKind, bytes: Vec<u8>) -> Outcome<()> {
        let (_, kept) = self.way_of(token)?;
        let way = kept.value;
        let Some(reference) = way.reference.filter(|_| way.step == Step::Photos) else {
            return Err(No::Over);
        };
        let photo = Photo::new(kind, self.now(), bytes).map_err(|error| {
            let slip = match error {
                vault::PhotoError::Large => Slip::TooLarge,
                vault::PhotoError::NoImage => Slip::Kind,
            };
            No::wrong(FormField::Photo, slip)
        })?;
        self.with_vault(|vault| vault.add_photo(Reference(reference), &photo))?;
        self.change_way(token, &[Step::Photos], |way| {
            way.photos |= 1 << (kind.code() - 1);
            if PHOTOS.iter().all(|kind| way.photos >> (kind.code() - 1) & 1 == 1) {
                let first = way.twin.is_none() && way.path != Path::Renew;
                way.stage = if first { Stage::Register } else { Stage::Begin };
                way.step = Step::Waiting;
            }
        })?;
        self.advance_of(token)
    }

    /// Gives the film; the exchange is asked.
    pub fn give_capture(&self, token: &Token, kind: &str, film: Vec<u8>) -> Outcome<()> {
        let (_, kept) = self.way_of(token)?;
        let way = kept.value;
        if way.step != Step::Liveness {
            return Err(No::Over);
        }
        self.send_film(token, &way, kind, film)?;
        self.advance_of(token)
    }

    /// Begins a failed way again, where it can be mended.
    pub fn again(&self, token: &Token) -> Outcome<()> {
        let (key, kept) = self.way_of(token)?;
        let way = kept.value;
        let Some(failure) = way.failure.filter(|_| way.step == Step::Failed) else {
            return Err(No::Over);
        };
        let step = match failure {
            Failure::Liveness | Failure::Face | Failure::NoReference => Step::Photos,
            Failure::Data | Failure::Document | Failure::Duplicate => Step::Data,
            Failure::ConsentRefused => Step::Waiting,
            _ => return Err(No::Over),
        };
        if IDENTIFICATION_TRIES <= way.tries {
            return Err(No::Refused(Reason::StepNotPossible));
        }
        self.retry(&way)?;
        self.shelf.change::<Way, ()>(Table::Way, &key.bytes(), self.now(), |kept| {
            let Some(kept) = kept else { return ((), None) };
            let mut next = kept.value.clone();
            (next.step, next.failure, next.exchange) = (step, None, None);
            (next.matched, next.confirmed, next.again) = (None, false, None);
            if step == Step::Photos {
                next.photos = 0;
            }
            if step == Step::Waiting {
                (next.stage, next.access_since) = (Stage::Access, None);
            }
            ((), Some((next, kept.until)))
        })?;
        Ok(())
    }

    /// The way of a token, with the key under which it is.
    pub(crate) fn way_of(&self, token: &Token) -> Outcome<(WayKey, Kept<Way>)> {
        let now = self.now();
        let session = self.session(token)?;
        let key = match session {
            Some(session) => WayKey::Client(session.client),
            None => WayKey::Token(token.digest()),
        };
        let kept = self.shelf.get::<Way>(Table::Way, &key.bytes(), now)?;
        kept.map(|kept| (key, kept)).ok_or(No::Absent)
    }

    /// Changes the way of a token, if it is at one of these steps.
    pub(crate) fn change_way(
        &self,
        token: &Token,
        steps: &[Step],
        mut change: impl FnMut(&mut Way),
    ) -> Outcome<()> {
        let (key, _) = self.way_of(token)?;
        let done =
            self.shelf.change::<Way, bool>(Table::Way, &key.bytes(), self.now(), |kept| {
                let Some(kept) = kept.filter(|kept| steps.contains(&kept.value.step)) else {
                    return (false, None);
                };
                let mut next = kept.value.clone();
                change(&mut next);
                (true, Some((next, kept.until)))
            })?;
        if done { Ok(()) } else { Err(No::Over) }
    }

    fn fail_way(&self, token: &Token, failure: Failure) -> No {
        let failed = self.change_way(token, &[Step::Data, Step::Photos], |way| {
            (way.step, way.failure) = (Step::Failed, Some(failure));
        });
        failed.err().unwrap_or(No::Refused(Reason::AlreadyRegistered))
    }

    fn advance_of(&self, token: &Token) -> Outcome<()> {
        let (key, _) = self.way_of(token)?;
        self.advance(&key)
    }

    /// A person who is registered opens an account with an organiser, by invitation (R0-12.1).
    pub fn accept_invitation(
        &self,
        session: &Token,
        invitation: &Token,
        form: MessageId,
    ) -> Outcome<Account> {
        let (_, person) = self.signed_in_person(session)?;
        let invited = self.invitation(invitation)?;
        let account = self.open_account(person, invited.organiser, form)?;
        self.note_account(&invitation.digest(), account)?;
        Ok(account)
    }
}

/// Somebody who is registered with the same number or document.
enum Twin {
    /// A person without a client, as from a desk.
    Person(Person),
    /// Another client's.
    Client(Person),
}

impl People {
    /// Who else has the same number, or the same document (S-37).
    fn twin(
        &self,
        identity: &Identity,
        client: &ClientId,
        own: Option<Person>,
    ) -> Outcome<Option<Twin>> {
        let found = self.with_vault(|vault| person_record::same(vault, identity))?;
        for found in found {
            let Some(person) = found.number.filter(|person| Some(*person) != own) else { continue };
            return Ok(Some(match self.client_of_person(person)? {
                Some(other) if other != *client => Twin::Client(person),
                _ => Twin::Person(person),
            }));
        }
        Ok(None)
    }

    /// Writes what a person has given now in front of what he gave before.
    pub(crate) fn amend_person(
        &self,
        person: Person,
        newer: &vault::PersonRecord,
    ) -> Outcome<Reference> {
        let seen = self.look(Whom::Person(person), Who::Himself, LookReason::OwnRequest)?;
        Ok(self.with_vault(|vault| {
            let held = vault.read(person, &seen)?;
            vault.amend(&held, &person_record::joined(newer, &held.record))?;
            Ok(held.reference)
        })?)
    }
}

/// SHA-256 of a form, with a seed that nobody knows: it shows that the form is the same one, and
/// nobody can try values against it.
pub(crate) fn digest_of(seed: &[u8; 16], given: &Given) -> Hash {
    let mut hash = Sha256::new();
    hash.update(seed);
    for text in given.texts() {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    Hash(hash.finalize().into())
}

/// The place of a language in [`Language::ALL`].
pub(crate) fn place_of(language: Language) -> u8 {
    match language {
        Language::Kk => 0,
        Language::Ru => 1,
        Language::En => 2,
    }
}

/// The language at a place.
pub(crate) fn language_at(place: u8) -> Language {
    Language::ALL.get(usize::from(place)).copied().unwrap_or(Language::Kk)
}
