//! Invented clubs of invented towns. Some names are in Cyrillic, so that Unicode is exercised.

/// A team and its strength: goals in an average match, in hundredths.
#[derive(Clone, Copy)]
pub(super) struct Team {
    pub(super) name: &'static str,
    pub(super) attack: u32,
    pub(super) concedes: u32,
}

const fn team(name: &'static str, attack: u32, concedes: u32) -> Team {
    Team { name, attack, concedes }
}

pub(super) const DALA: [Team; 10] = [
    team("Zheldikent Qyran", 195, 85),
    team("Qumisqala Sunqar", 170, 95),
    team("Мұнартөбе Дауыл", 160, 110),
    team("Tumandykol Tulpar", 150, 120),
    team("Boranqala Arlan", 135, 115),
    team("Аққұмкент Найзағай", 130, 130),
    team("Qarlyozek Kokserek", 115, 135),
    team("Samalkent Zhebe", 105, 150),
    team("Гүлөзенді Шапағат", 95, 160),
    team("Zhuldyzqum Batpaq", 85, 185),
];

pub(super) const SEVERNAYA: [Team; 10] = [
    team("Vetrogorsk Meteor", 185, 90),
    team("Ledostavl Polyus", 175, 100),
    team("Кедроречье Рысь", 155, 105),
    team("Tumanograd Parus", 145, 115),
    team("Zvonkolesye Iskra", 140, 125),
    team("Снегоборск Маяк", 125, 125),
    team("Polynnogorye Step", 120, 140),
    team("Журавлеград Вихрь", 110, 145),
    team("Yantarobor Volna", 100, 155),
    team("Rosograd Zarnitsa", 80, 175),
];

pub(super) const OZEN: [Team; 10] = [
    team("Kokmunarsai Zhiger", 180, 90),
    team("Saryqanat Alau", 165, 105),
    team("Көкжелкен Толқын", 155, 100),
    team("Boztorgaikent Qaisar-Su", 145, 120),
    team("Altynsaqa Mergen", 135, 120),
    team("Tastulpar Qamal", 125, 130),
    team("Ayazbel Qorgan", 120, 135),
    team("Moyilshoqy Sal", 110, 150),
    team("Бұлақбасы Шұғыла", 95, 150),
    team("Qongyrzhel Sapar", 90, 180),
];
