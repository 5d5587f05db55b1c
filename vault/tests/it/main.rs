//! The vault over the store in memory and the embedded one.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

mod canary;
mod keepers;
mod people;
mod rotation;
mod tampering;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use store::{MemoryVault, VaultStore};
use tempfile::TempDir;
use terms::{Day, Iin, Instant, Person, Seq};
use vault::{
    Address, AddressKind, BirthDate, Country, Document, DocumentKind, FileKeeper, LookReason,
    Looker, Name, NameForm, Numbered, PersonNumber, PersonRecord, Phone, Photo, PhotoKind, Private,
    Reference, Residency, Seen, Sex, Source, Sourced, StateSystem, Vault,
};

/// A vault with a place for its keys, its copies of keys, and its store if that is a file.
struct World {
    home: TempDir,
    memory: Option<MemoryVault>,
}

impl World {
    fn in_memory() -> World {
        World { home: tempfile::tempdir().unwrap(), memory: Some(MemoryVault::new()) }
    }

    fn on_disk() -> World {
        World { home: tempfile::tempdir().unwrap(), memory: None }
    }

    /// Both kinds.
    fn both() -> [World; 2] {
        [World::in_memory(), World::on_disk()]
    }

    fn keys(&self) -> PathBuf {
        self.home.path().join("keys")
    }

    fn copies(&self) -> PathBuf {
        self.home.path().join("copies")
    }

    fn file(&self) -> PathBuf {
        self.home.path().join("vault.db")
    }

    fn store(&self) -> Box<dyn VaultStore> {
        match &self.memory {
            Some(memory) => Box::new(memory.clone()),
            None => open_file(&self.file()),
        }
    }

    fn vault(&self) -> Vault {
        Vault::open_or_make(self.store(), Arc::new(FileKeeper::at(self.keys()))).unwrap()
    }
}

fn open_file(path: &Path) -> Box<dyn VaultStore> {
    Box::new(store_sqlite::Vault::open(path).unwrap())
}

const AT: Instant = Instant(1_795_000_000_000_000_000);

fn said<T>(value: T) -> Sourced<T> {
    Sourced { value, source: Source::Person, at: AT }
}

fn confirmed<T>(value: T) -> Sourced<T> {
    let consent = Private::new("CANARY-CONSENT-1").unwrap();
    let source = Source::System { system: StateSystem::PopulationRegister, consent };
    Sourced { value, source, at: AT }
}

/// A synthetic number: a birth date, a century, a running number, and the right check digit.
fn iin(number: u32) -> Iin {
    (0..10)
        .filter_map(|check| Iin::parse(&format!("9501013{:04}{check}", number % 10_000)).ok())
        .next()
        .unwrap_or_else(|| iin(number + 5_000))
}

/// Words that are nowhere but in the vault.
fn canaries(number: u32) -> Vec<String> {
    vec![
        iin(number).reveal(),
        format!("Канарейкина{number}"),
        format!("Қанаржан{number}"),
        format!("7701{number:07}"),
        format!("N{number:08}"),
        format!("canary{number}@example.test"),
        format!("Канареечная улица {number}"),
        "CANARY-CONSENT-1".to_owned(),
        "CANARY-PHOTO".to_owned(),
    ]
}

/// A synthetic person, all of whose words are canaries.
fn record(number: u32) -> PersonRecord {
    let name = |form| Name {
        form,
        surname: Private::new(&format!("Канарейкина{number}")).unwrap(),
        given: Private::new(&format!("Қанаржан{number}")).unwrap(),
        patronymic: Some(Private::new("Канарейқызы").unwrap()),
    };
    let kazakhstan = || Country::parse("KAZ").unwrap();
    let date = |year| BirthDate::from(Day::of(year, 1, 1).unwrap());
    PersonRecord {
        number: Some(confirmed(Numbered::Iin(PersonNumber::from(iin(number))))),
        names: vec![said(name(NameForm::Russian)), confirmed(name(NameForm::Kazakh))],
        birth_date: Some(confirmed(date(1995))),
        sex: Some(said(Sex::Female)),
        citizenship: Some(said(kazakhstan())),
        residency: Some(said(Residency::Resident)),
        documents: vec![said(Document {
            kind: DocumentKind::IdentityCard,
            number: Private::new(&format!("N{number:08}")).unwrap(),
            issued: Some(date(2020)),
            issuer: Some(Private::new("МВД РК").unwrap()),
            expires: Some(date(2030)),
            country: kazakhstan(),
        })],
        phones: vec![said(Phone::parse(&format!("+7701{number:07}")).unwrap())],
        email: Some(said(Private::new(&format!("canary{number}@example.test")).unwrap())),
        addresses: vec![said(Address {
            kind: AddressKind::Registered,
            country: kazakhstan(),
            line: Private::new(&format!("Канареечная улица {number}")).unwrap(),
        })],
    }
}

fn photo() -> Photo {
    let bytes = [b"\xff\xd8\xff\xe0".as_slice(), &b"CANARY-PHOTO".repeat(2_000)].concat();
    Photo::new(PhotoKind::Face, AT, bytes).unwrap()
}

fn seen(seq: u64) -> Seen {
    Seen {
        seq: Seq(seq),
        at: AT,
        who: Looker::Staff,
        name: Some(Private::new("operator-7").unwrap()),
        why: LookReason::Identification,
    }
}

/// Admits and confirms so many persons, number n as person n.
fn admit(vault: &mut Vault, numbers: std::ops::Range<u32>) -> Vec<Reference> {
    let admit = |number| {
        let reference = vault.admit(&record(number), &[photo()], AT).unwrap();
        vault.confirm(reference, Person(number)).unwrap();
        reference
    };
    numbers.map(admit).collect()
}
