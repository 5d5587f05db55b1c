//! What is known of a person and the relationship with him, in the words of the cabinet.

use admission::{Purpose, Scope, Scopes};
use cabinet::ports::{
    Consent, ConsentKind, ConsentWay, Level, Look, LookGround, Need, No, Outcome, Private, Profile,
    Recipient, Relation, Watcher, Who,
};
use people::relation::ConsentRow;
use terms::{Account, Instant, MessageId, Organiser, Reason, Seq, Wallet};
use vault::{LookReason, Looker};

use super::{House, held, told};

/// Each scope that a consent is told by, with its kind.
const KINDS: [(Purpose, Scope, ConsentKind); 5] = [
    (Purpose::Betting, Scope::Collect, ConsentKind::Collect),
    (Purpose::Betting, Scope::Process, ConsentKind::Process),
    (Purpose::Betting, Scope::Store, ConsentKind::Store),
    (Purpose::Betting, Scope::CrossBorder, ConsentKind::CrossBorder),
    (Purpose::StateData, Scope::Collect, ConsentKind::StateService),
];

impl Relation for House {
    fn profile(&self, who: &Who) -> Outcome<Profile> {
        let token = held(&who.token)?;
        let session = told(self.people.signed_in(&token))?;
        let phone = told(self.people.masked_phone(&token))?;
        let blank = Profile {
            name: None,
            phone,
            level: Level::Unidentified,
            identified_until: None,
            document_ends: None,
            since: session.opened,
            needs: vec![Need::Identify],
        };
        let Some(person) = session.person else { return Ok(blank) };
        let Some(row) = self.people.admission(person) else { return Ok(blank) };
        let record = told(self.people.own_record(&token))?;
        let name = record.names.first().map(|name| &name.value);
        let name = name
            .map(|name| Private::new(format!("{} {}", name.given.reveal(), name.surname.reveal())));
        let document = record.documents.first().and_then(|paper| paper.value.expires.as_ref());
        let now = self.people.now();
        let mut needs = Vec::new();
        if row.level != admission::Level::Full {
            needs.push(Need::Identify);
        }
        // Who is told of the lists of financial monitoring is another's to say (I-09).
        if let Some(list) = row.lists.iter().next() {
            let reason = if list.freezes() { Reason::NotAdmitted } else { list.reason() };
            needs.push(Need::NotAdmitted(reason));
        }
        if let Some(until) = row.identified_until
            && until < now.plus(SOON_NS)
        {
            needs.push(Need::Renew(until));
        }
        Ok(Profile {
            name,
            level: match row.level {
                admission::Level::Unidentified => Level::Unidentified,
                admission::Level::Simplified => Level::Simplified,
                admission::Level::Full => Level::Full,
            },
            identified_until: row.identified_until,
            document_ends: document.map(|day| *day.reveal()),
            since: row.since,
            needs,
            ..blank
        })
    }

    fn looks(&self, who: &Who, before: Option<Seq>, limit: usize) -> Outcome<Vec<Look>> {
        let found = told(self.people.looks_of(&held(&who.token)?, before))?;
        // A look at a possible hit would tell of a list (I-09).
        let told = found.into_iter().filter(|look| look.why != LookReason::Hit).map(look);
        Ok(told.take(limit).collect())
    }

    fn consents(&self, who: &Who) -> Outcome<Vec<Consent>> {
        let rows = told(self.people.consents_of(&held(&who.token)?))?;
        let mut found: Vec<Consent> = rows.iter().flat_map(consents).collect();
        found.sort_by_key(|consent| (consent.withdrawn.is_some(), consent.number));
        Ok(found)
    }

    fn give_consent(&self, who: &Who, kind: ConsentKind, form: MessageId) -> Outcome<()> {
        let row = KINDS.iter().find(|(_, _, known)| *known == kind);
        let (purpose, scope, _) = row.ok_or(No::Absent)?;
        let scopes = Scopes::NONE.with(*scope);
        told(self.people.give_consent(&held(&who.token)?, *purpose, scopes, form))
    }

    fn withdraw_consent(&self, who: &Who, number: u64, form: MessageId) -> Outcome<()> {
        let row = KINDS.iter().find(|(purpose, scope, _)| number_of(*purpose, *scope) == number);
        let (purpose, scope, _) = row.ok_or(No::Absent)?;
        let scopes = Scopes::NONE.with(*scope);
        told(self.people.withdraw(&held(&who.token)?, *purpose, scopes, form))
    }

    fn hindrances(&self, who: &Who) -> Outcome<Vec<Reason>> {
        told(self.people.hindrances(&held(&who.token)?))
    }

    fn close(&self, who: &Who, form: MessageId) -> Outcome<()> {
        told(self.people.end_relationship(&held(&who.token)?, form))
    }

    fn bind(&self, who: &Who, account: Account, wallet: Wallet, form: MessageId) -> Outcome<()> {
        told(self.people.bind_wallet(&held(&who.token)?, account, wallet, form))
    }
}

/// A week before an identification ends its owner is told.
const SOON_NS: i64 = 7 * Instant::DAY;

fn number_of(purpose: Purpose, scope: Scope) -> u64 {
    u64::from(purpose.code()) * 8 + u64::from(scope.code())
}

fn consents(row: &ConsentRow) -> Vec<Consent> {
    let of = KINDS.iter().filter(|(purpose, scope, _)| {
        *purpose == row.purpose && (row.scopes.has(*scope) || row.withdrawn.is_some())
    });
    of.map(|(purpose, scope, kind)| Consent {
        number: number_of(*purpose, *scope),
        kind: *kind,
        recipients: vec![Recipient::Operator, Recipient::Issuer, Recipient::PartnerBank],
        way: match row.way {
            admission::ConsentWay::Message1414 => ConsentWay::Message1414,
            admission::ConsentWay::OneTimeCode => ConsentWay::Code,
            admission::ConsentWay::OwnMeans | admission::ConsentWay::Proactive => {
                ConsentWay::Portal
            }
            admission::ConsentWay::Logging => ConsentWay::ByLaw,
            admission::ConsentWay::Paper => ConsentWay::InPerson,
            admission::ConsentWay::Cabinet => ConsentWay::Cabinet,
        },
        given: row.given,
        until: None,
        withdrawn: row.withdrawn.filter(|_| !row.scopes.has(*scope)),
        uses: 0,
    })
    .collect()
}

fn look(look: vault::Look) -> Look {
    let name = look.name.as_ref().map(|name| name.reveal());
    let organiser = match look.who {
        Looker::Organiser => name.and_then(|name| name.parse().ok()).map(Organiser),
        _ => None,
    };
    Look {
        seq: look.seq,
        at: look.at,
        watcher: match look.who {
            Looker::Himself => Watcher::Oneself,
            Looker::Staff => Watcher::Operator,
            Looker::Organiser => Watcher::Organiser,
            Looker::Authority => Watcher::Gambling,
            Looker::System => Watcher::System,
        },
        organiser,
        ground: match look.why {
            LookReason::OwnRequest | LookReason::Disclosure | LookReason::Support => {
                LookGround::Service
            }
            LookReason::Identification | LookReason::Screening | LookReason::Erasure => {
                LookGround::Duty
            }
            LookReason::Hit | LookReason::Duplicate => LookGround::Match,
            LookReason::Request => LookGround::Request,
            LookReason::Check => LookGround::Inspection,
        },
        case: None,
        account: None,
    }
}
