//! The rules of matching, one line each.

use proptest::prelude::*;
use screening::names::{ReasonCode, THRESHOLD, compare};
use screening::{Birth, Entry, EntryKey, Kind, List, ListedName, Names, Quality, Subject};
use terms::{Day, Iin};

use Kind::{Organisation, Person};

/// Both orders, the hit, and a reason that must be among the parts.
fn check(kind: Kind, one: &str, other: &str, is_hit: bool, reason: Option<ReasonCode>) {
    let score = compare(kind, one, other);
    assert_eq!(score, compare(kind, other, one), "{one} | {other}: order matters");
    let (got, parts) = (score.score, &score.reasons);
    assert_eq!(THRESHOLD <= got, is_hit, "{one} | {other}: {got} {parts:?}");
    if let Some(reason) = reason {
        assert!(parts.iter().any(|part| part.code == reason), "{one} | {other}: {parts:?}");
    }
}

#[test]
fn scripts_and_alphabets() {
    // S-48
    let forms = [
        // Kazakh Cyrillic, Russian, passport, alphabets of 2021, 2018, 2017, Arabic script.
        "Нұрқаділов Заманбек Қалабайұлы",
        "Нуркадилов Заманбек Калабаевич",
        "NURKADILOV ZAMANBEK KALABAYULY",
        "Nūrqadılov Zamanbek Qalabaiūly",
        "Nurqadilov Zamanbek Qalabaıuly",
        "Nurqadilov Zamanbek Qalabai'uly",
        "نۇرقادىلوۆ زامانبەك قالابايۇلى",
        "Nurkadilov, Zamanbek",
    ];
    for one in forms {
        for other in forms {
            check(Person, one, other, true, None);
        }
    }
    let pairs = [
        ("Жақсылық Үмбетов", "Zhaksylyk Umbetov"),
        ("Жақсылық Үмбетов", "Jaqsylyq Ümbetov"),
        ("Жақсылық Үмбетов", "Dzhaksylyk Umbetov"),
        ("Ғани Шәріпов", "Gani Sharipov"),
        ("Ғани Шәріпов", "Ğani Şäripov"),
        ("Ерлан Есенов", "Yerlan Yessenov"),
        ("Юлия Щербакова", "Yuliya Shcherbakova"),
        ("Юлия Щербакова", "Iuliia Shcherbakova"),
        ("محمد علي", "Mohamed Ali"),
        ("Владимир Путин", "Wladimir Putin"),
        ("Володимир Зеленський", "Volodymyr Zelenskyy"),
    ];
    for (one, other) in pairs {
        check(Person, one, other, true, None);
    }
}

#[test]
fn patronymics() {
    let equal = Some(ReasonCode::PatronymicEqual);
    let cases = [
        ("Омаров Серік Қайратұлы", "Омаров Серик Кайратович", true, equal),
        ("Омарова Әсел Қайратқызы", "Омарова Асель Кайратовна", true, equal),
        ("Омаров Серік Қайрат ұлы", "Omarov Serik Kairatuly", true, None),
        ("Омаров Серік Елікбайұлы", "Омаров Серик Еликбаевич", true, equal),
        ("Мусин Қанат Талғатұлы", "Мусин Канат Талгатович", true, equal),
        ("Алиев Вагиф Мамед оглы", "Алиев Вагиф Мамедович", true, equal),
        ("Омаров Серік", "Омаров Серик Кайратович", true, Some(ReasonCode::PatronymicMissing)),
        (
            "Омаров Серік Қайратұлы",
            "Омаров Серик Маратович",
            false,
            Some(ReasonCode::PatronymicDiffers),
        ),
        (
            "Омаров Серік Қайратұлы",
            "Омаров Серік Маратұлы",
            false,
            Some(ReasonCode::PatronymicDiffers),
        ),
        ("Ким Женя Олегович", "Ким Женя Олеговна", false, Some(ReasonCode::GenderDiffers)),
        ("Серік Қайратұлы", "Серік Қайрат", true, Some(ReasonCode::FatherAsName)),
    ];
    for (one, other, is_hit, reason) in cases {
        check(Person, one, other, is_hit, reason);
    }
    let with = compare(Person, "Омаров Серік Қайратұлы", "Омаров Серик Кайратович").score;
    let without = compare(Person, "Омаров Серік", "Омаров Серик Кайратович").score;
    assert!(without < with, "a missing patronymic is weaker evidence than an equal one");
}

#[test]
fn order_slips_initials_and_joins() {
    let cases = [
        ("Серік Омаров", "Омаров Серік", true, Some(ReasonCode::OrderDiffers)),
        ("Омаров С.", "Омаров Серік", true, Some(ReasonCode::Initial)),
        ("Омаров Б.", "Омаров Серік", false, Some(ReasonCode::WordsDiffer)),
        ("Омаров С. Қ.", "Омаров Серік Қайратұлы", true, Some(ReasonCode::Initial)),
        ("Омраов Серик", "Омаров Серик", true, Some(ReasonCode::WordsSimilar)),
        ("Омаров Марат", "Омаров Мурат", true, Some(ReasonCode::WordsSimilar)),
        ("Омаровсерик", "Омаров Серик", true, Some(ReasonCode::WordsJoined)),
        ("Sergei Lavrov", "SergeiLavrov", true, None),
        ("Омаров", "Омаров Серик", false, Some(ReasonCode::OneWord)),
        ("С. О.", "Серик Омаров", false, None),
        ("Омаров Серик", "Омаров Болат", false, Some(ReasonCode::WordsDiffer)),
        ("Омар Серик", "Омаров Серик", true, Some(ReasonCode::SurnameEnding)),
        ("Иван Петров", "Пётр Иванов", false, None),
        ("Osama bin Laden", "Usama ibn Ladin", true, None),
        ("Mr. Rami Makhlouf", "Rami Makhlouf", true, None),
        ("Sergey Sergey Shoigu", "Sergey Shoigu", true, None),
        ("习近平", "习近平", true, Some(ReasonCode::Signs)),
        ("习近平", "习近朋", false, Some(ReasonCode::Signs)),
        ("习近平", "Xi Jinping", true, None),
        ("Kim Kyong Min", "Kim Kyong Il", true, Some(ReasonCode::Syllables)),
        ("", "Омаров Серик", false, None),
        ("…", "!!", false, None),
    ];
    for (one, other, is_hit, reason) in cases {
        check(Person, one, other, is_hit, reason);
    }
}

#[test]
fn organisations() {
    let cases = [
        ("ТОО «Ромашка»", "«Ромашка» ЖШС", true, None),
        ("ТОО Ромашка", "Romashka LLP", true, Some(ReasonCode::LegalFormDiffers)),
        ("АҚ «Нұр»", "Joint Stock Company Nur", true, None),
        ("Siemens Aktiengesellschaft", "Siemens AG", true, None),
        ("Siemens Aktiengeselschaft", "Siemens AG", true, None),
        ("A.B.C. Company", "ABC Co.", true, None),
        ("Brigade Forty-Four", "Brigade 44", true, None),
        ("Procter & Gamble Co.", "Procter and Gamble", true, None),
        ("Al Qaeda", "Al-Qa'ida/Islamic Army", true, None),
        ("ANO Iskusstvo", "LLC Iskusstvo", false, Some(ReasonCode::LegalFormDiffers)),
        ("Volkswagen AG", "Siemens AG", false, None),
        ("Saudi Arabian Gas Company", "Saudi Arabian Oil Company", false, None),
        ("Faberlic", "Faberlic Europe", true, Some(ReasonCode::PlaceMissing)),
        ("Fund VI L.P.", "Fund V L.P.", true, Some(ReasonCode::NumberDiffers)),
        ("Bank of China (Singapore) Limited", "Bank of China (Dubai) Limited", false, None),
    ];
    for (one, other, is_hit, reason) in cases {
        check(Organisation, one, other, is_hit, reason);
    }
    check(Kind::Unknown, "Kim Yong-chol", "Kim Yong-chun", true, None);
}

fn listed(name: &str) -> Entry {
    let mut entry = Entry::new(EntryKey::of([name]), Person);
    entry.names.push(ListedName::full(name));
    entry
}

#[test]
fn births_and_numbers_judge_a_hit() {
    let day = |y, m, d| Day::of(y, m, d).unwrap();
    let mut entry = listed("Омаров Серік Қайратұлы");
    entry.births.push(Birth::Day(day(1980, 3, 7)));
    entry.iin = Iin::parse("050712590008").ok();
    let mut weak = listed("Мырза Қазыбек");
    weak.names[0].quality = Quality::Weak;
    let mut part = listed("Абаев Алмас");
    part.part_of_iin = Some("0507125900".into());
    let entries = [entry, weak, part];
    let names = Names::build(&[List { id: 7, entries: &entries }]);
    let ask = |name: &str, born: Option<Day>, iin: Option<&str>| {
        let mut subject = Subject::person(name);
        subject.born = born;
        subject.iin = iin.map(|iin| Iin::parse(iin).unwrap());
        names.query(&subject, 10)
    };
    let has = |hits: &[screening::Hit], code| hits[0].reasons.iter().any(|part| part.code == code);
    let name = "Омаров Серик";
    for (born, code) in [
        (None, ReasonCode::BirthMissing),
        (Some(day(1980, 3, 7)), ReasonCode::BirthEqual),
        (Some(day(1980, 7, 3)), ReasonCode::BirthSwapped),
        (Some(day(1981, 3, 7)), ReasonCode::BirthNear),
    ] {
        let hits = ask(name, born, None);
        assert!(has(&hits, code), "{hits:?}");
        assert_eq!((hits[0].list, hits[0].entry, hits[0].key), (7, 0, entries[0].key));
    }
    assert!(ask(name, Some(day(1991, 5, 9)), None).is_empty(), "a namesake of another year");
    // The number alone decides, whatever the name.
    let hits = ask("Кто-то Другой", None, Some("050712590008"));
    assert!(has(&hits, ReasonCode::NumberEqual) && hits[0].score == 1_000);
    assert!(ask(name, None, Some("050712590909")).is_empty(), "another number is another person");
    assert!(has(&ask("Мырза Қазыбек", None, None), ReasonCode::WeakName));
    let hits = ask("Абаев Алмас", None, Some("050712590909"));
    assert!(!has(&hits, ReasonCode::NumberPart));
    let own = (1..10).find_map(|n| Iin::complete(5_071_259_000 + n)).map(|iin| iin.reveal());
    assert!(has(&ask("Абаев Алмас", None, own.as_deref()), ReasonCode::NumberPart));
}

#[test]
fn the_sum_of_the_parts_is_the_score() {
    let entries = [listed("Омаров Серік Қайратұлы")];
    let names = Names::build(&[List { id: 1, entries: &entries }]);
    for name in ["Омаров Серик", "Омраов Серик Кайратович", "Serik Omarov", "С. Омаров"]
    {
        for hit in names.query(&Subject::person(name), 10) {
            let sum: i32 = hit.reasons.iter().map(|part| i32::from(part.effect)).sum();
            assert_eq!(i32::from(hit.score), (1_000 + sum).clamp(0, 1_000), "{name}: {hit:?}");
        }
    }
}

#[test]
fn the_subject_may_have_several_names() {
    let entries = [listed("Нуркадилов Заманбек"), listed("Омаров Серик")];
    let names = Names::build(&[List { id: 1, entries: &entries }]);
    let mut subject = Subject::person("Кто-то Другой");
    subject.names.push("Omarov Serik".into());
    let hits = names.query(&subject, 10);
    assert_eq!(hits.iter().map(|hit| (hit.entry, hit.subject_name)).collect::<Vec<_>>(), [(1, 1)]);
    assert!(names.query(&subject, 0).is_empty());
    let printed = format!("{subject:?} {names:?} {hits:?}");
    assert!(!printed.contains("Omarov") && !printed.contains("Омаров"), "{printed}");
}

proptest! {
    #[test]
    fn any_text_is_compared_the_same_in_both_orders(one in "\\PC{0,40}", other in "\\PC{0,40}") {
        for kind in [Person, Organisation, Kind::Unknown] {
            prop_assert_eq!(compare(kind, &one, &other), compare(kind, &other, &one));
        }
    }

    #[test]
    fn a_name_is_itself(name in "[A-ZА-Я][a-zа-я]{2,9} [A-ZА-Я][a-zа-я]{2,9}") {
        prop_assert_eq!(compare(Person, &name, &name).score, 1_000);
    }

    #[test]
    fn words_of_the_alphabets_in_any_order(
        words in proptest::collection::vec("[а-яәғқңөұүһі]{3,9}", 2..4), turn in 0usize..3,
    ) {
        let mut turned = words.clone();
        turned.rotate_left(turn % words.len());
        let score = compare(Person, &words.join(" "), &turned.join(" ")).score;
        prop_assert_eq!(score, 1_000);
    }
}
