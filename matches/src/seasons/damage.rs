//! Rows that are broken on purpose. A spoiled copy follows its original, so every match is still
//! there; blemishes that cost a row no more than a note are put into the originals.

/// Fields of a row of the dated form.
pub(super) const DATED_COLUMNS: usize = 24;
/// Fields of a row of the form of rounds.
pub(super) const ROUNDS_COLUMNS: usize = 12;

/// Which damage is done.
#[derive(Clone, Copy)]
pub(super) enum Damage {
    /// The dated form, first league: names, dates, shape of the row.
    Dated,
    /// The dated form, second league: goals and odds.
    DatedLater,
    /// The form of rounds.
    Rounds,
}

type Spoil = fn(&mut Vec<String>);

const DATE: usize = 0;
const COUNTRY: usize = 1;
const SEASON: usize = 3;
const HOME: usize = 4;
const AWAY: usize = 5;
const GOALS: usize = 6;
const HALF_TIME: usize = 8;
const HOME_CLOSE: usize = 10;
const DRAW_OPEN: usize = 13;
const OVER_CLOSE: usize = 16;
const BOTH_CLOSE: usize = 20;

const DATED: &[Spoil] = &[
    |row| row.truncate(9),
    |row| row.push("1.95".into()),
    |row| row[AWAY].insert(0, '"'),
    |row| row[HOME].clear(),
    |row| row[AWAY] = row[AWAY].repeat(5),
    |row| row[AWAY] = row[HOME].clone(),
    |row| row[SEASON] = "2022-2024".into(),
    |row| row[DATE] = "2023-02-30 15:00:00".into(),
    |row| row[DATE].truncate(10),
    |_| {},
];

const DATED_LATER: &[Spoil] = &[
    |row| row[GOALS].clear(),
    |row| row[GOALS] = "2*".into(),
    |row| row[HALF_TIME] = "12".into(),
    |row| row[HOME_CLOSE].clear(),
    |row| row[HOME_CLOSE] = "evens".into(),
    |row| row[HOME_CLOSE] = "2.10555".into(),
    |row| row[HOME_CLOSE] = "1.00".into(),
    |row| row[DRAW_OPEN] = "10001".into(),
    |row| row[DATE] = "15.10.2022 17:00".into(),
    |_| {},
];

const ROUNDS: &[Spoil] = &[
    |row| row[1] = "\"final\"".into(),
    |row| row[1] = "\"0\"".into(),
    |row| row[8].clear(),
    |row| row[7] = "0.95".into(),
    |row| row.truncate(6),
    |_| {},
];

/// Blemishes by the index of their row: a note each.
const BLEMISHES: &[(usize, Spoil)] = &[
    (31, |row| row[OVER_CLOSE].clear()),
    (52, |row| row[OVER_CLOSE..BOTH_CLOSE].fill(String::new())),
    (71, |row| row[BOTH_CLOSE] = "1".into()),
    (96, |row| row[HALF_TIME].clear()),
    (133, |row| row[COUNTRY] = "Qiyal Eli".into()),
];

/// Rows between two spoiled ones.
const EVERY: usize = 13;

/// The rows with blemishes and spoiled copies among them.
pub(super) fn spoil(mut rows: Vec<Vec<String>>, damage: Damage) -> Vec<Vec<String>> {
    let spoils = match damage {
        Damage::Dated => DATED,
        Damage::DatedLater => DATED_LATER,
        Damage::Rounds => ROUNDS,
    };
    if let Damage::DatedLater = damage {
        for (at, blemish) in BLEMISHES {
            blemish(&mut rows[*at]);
        }
    }
    let mut all = Vec::with_capacity(rows.len() + spoils.len());
    for (index, row) in rows.into_iter().enumerate() {
        let spoil = spoils.get(index / EVERY).filter(|_| index % EVERY == EVERY / 2);
        let spoiled = spoil.map(|spoil| {
            let mut copy = row.clone();
            spoil(&mut copy);
            copy
        });
        all.push(row);
        all.extend(spoiled);
    }
    all
}
