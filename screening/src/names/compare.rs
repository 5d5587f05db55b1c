//! The score of two names, from a thousand downwards.
//!
//! Every part takes something off and says why; the sum decides. A word of one side that
//! contradicts a word of the other weighs more than a word that is merely not there.

use smallvec::SmallVec;

use super::align::{Alignment, PAIR_MAX, Pair, align, relative};
use super::fold::Sounds;
use super::reason::{Reason, ReasonCode};
use super::word::{Class, Form, Name, Word};

/// Parts of a score.
pub type Reasons = SmallVec<[Reason; 6]>;

/// A score with its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// 0 to 1,000.
    pub score: u16,
    /// What made it so.
    pub reasons: Reasons,
}

const WORDS_DIFFER: u32 = 420;
const WORDS_MISSING: u32 = 350;
const ONE_WORD: u32 = 350;
const ONE_WORD_AND_INITIAL: u32 = 200;
/// Of what the words took already, in hundredths.
const SEVERAL_ALIKE: u32 = 30;
const PATRONYMIC_MISSING: u32 = 40;
const INITIAL_MISSING: u32 = 30;
const COMMON_WORDS: u32 = 90;
const PLAIN_MISSING: u32 = 320;
const PLACE_MISSING: u32 = 250;
const NUMBER_DIFFERS: u32 = 120;
const NUMBER_MISSING: u32 = 180;
const FORM_DIFFERS: u32 = 100;
const NON_PROFIT: u32 = 310;

struct Tally {
    left: u32,
    reasons: Reasons,
}

impl Tally {
    fn new() -> Tally {
        Tally { left: 1_000, reasons: Reasons::new() }
    }

    fn take(&mut self, code: ReasonCode, price: u32) {
        let price = price.min(1_000);
        self.left = self.left.saturating_sub(price);
        // Cannot be cut: the price is at most a thousand.
        self.reasons.push(Reason { code, effect: -(price as i16) });
    }

    fn done(self) -> Score {
        Score { score: self.left as u16, reasons: self.reasons }
    }
}

/// Compares the names of two people. The order of the two does not matter.
pub fn people(a: &Name, b: &Name) -> Score {
    if let Some(score) = signs(a, b) {
        return score;
    }
    let (a, b) = ordered(a, b);
    if let Some(score) = identical(a, b) {
        return score;
    }
    let alignment = align(a, b);
    let syllables = syllables(a, b, &alignment);
    let mut tally = Tally::new();
    let full = pairs(a, &alignment, &mut tally);
    if full == 0 {
        return Score::default();
    }
    if let Some(price) = syllables {
        tally.take(ReasonCode::Syllables, price);
        return tally.done();
    }
    let left = |name: &'_ Name, left: &[u8]| -> SmallVec<[Word; 4]> {
        left.iter().map(|at| name.words[usize::from(*at)].clone()).collect()
    };
    let (left_a, left_b) = (left(a, &alignment.left_a), left(b, &alignment.left_b));
    let contradictions = left_a.len().min(left_b.len());
    if 0 < contradictions {
        let is_father = |word: &Word| matches!(word.class, Class::Patronymic { .. });
        let fathers = left_a.iter().any(is_father) && left_b.iter().any(is_father);
        let code = if fathers { ReasonCode::PatronymicDiffers } else { ReasonCode::WordsDiffer };
        tally.take(code, WORDS_DIFFER * contradictions as u32);
        return tally.done();
    }
    let (more, whole) = if left_a.is_empty() { (left_b, b) } else { (left_a, a) };
    missing(&more, whole, full, &alignment, &mut tally);
    weak(a, full, &more, &alignment, &mut tally);
    tally.done()
}

/// Whether a pair is more than an initial or a particle.
fn is_full(a: &Name, pair: &Pair) -> bool {
    let class = a.words[usize::from(pair.a.0)].class;
    let is_name = 1 < pair.a.1 || !matches!(class, Class::Particle | Class::Title);
    is_name && pair.how != ReasonCode::Initial && 2 <= pair.letters
}

/// What weakens names that agree only roughly or in part: several words that are merely alike, and
/// words that are alike where others are missing.
fn weak(a: &Name, full: usize, more: &[Word], alignment: &Alignment, tally: &mut Tally) {
    let is_initial = |pair: &&Pair| pair.how == ReasonCode::Initial;
    let initials = alignment.pairs.iter().filter(is_initial).count();
    let prices = alignment.pairs.iter().filter(|pair| !is_initial(pair)).map(|pair| pair.price);
    let (alike, sum) = (prices.clone().filter(|price| 0 < *price).count(), prices.sum::<u32>());
    let is_missing = |word: &Word| !matches!(word.class, Class::Patronymic { .. } | Class::Initial);
    let is_missing = more.iter().any(is_missing);
    if 2 <= alike {
        tally.take(ReasonCode::SeveralAlike, sum * SEVERAL_ALIKE / 100);
    }
    if is_missing && 0 < sum {
        tally.take(ReasonCode::AlikeInPart, sum);
    }
    if full == 1 && 0 < initials && (0 < sum || is_missing) {
        tally.take(ReasonCode::OneWord, ONE_WORD_AND_INITIAL);
    }
    if full == 1 && initials == 0 && !more.is_empty() {
        tally.take(ReasonCode::OneWord, ONE_WORD);
    }
    let mut fulls = alignment.pairs.iter().filter(|pair| is_full(a, pair));
    let all_common = fulls.all(|pair| a.words[usize::from(pair.a.0)].is_common);
    if all_common && !more.is_empty() {
        tally.take(ReasonCode::CommonWords, COMMON_WORDS);
    }
}

/// Notes the pairs; gives the number of full ones.
fn pairs(a: &Name, alignment: &Alignment, tally: &mut Tally) -> usize {
    let mut full = 0;
    for pair in &alignment.pairs {
        tally.take(pair.how, pair.price);
        full += usize::from(is_full(a, pair));
    }
    let is_out_of_order = |two: &[Pair]| two[1].b.0 < two[0].b.0;
    let mut in_order = alignment.pairs.clone();
    in_order.sort_unstable_by_key(|pair| pair.a);
    if in_order.windows(2).any(is_out_of_order) {
        tally.take(ReasonCode::OrderDiffers, 0);
    }
    full
}

/// What one side has more.
fn missing(more: &[Word], whole: &Name, full: usize, alignment: &Alignment, tally: &mut Tally) {
    let mut letters = 0;
    for word in more {
        match word.class {
            Class::Patronymic { .. } if 2 <= alignment.pairs.len() && 1 <= full => {
                tally.take(ReasonCode::PatronymicMissing, PATRONYMIC_MISSING);
            }
            Class::Initial => tally.take(ReasonCode::WordsMissing, INITIAL_MISSING),
            Class::Patronymic { .. }
            | Class::Plain
            | Class::Number
            | Class::Place
            | Class::Particle
            | Class::Title => letters += word.sounds.len(),
        }
    }
    if 0 < letters {
        let says = |word: &&Word| !matches!(word.class, Class::Particle | Class::Title);
        let all: usize = whole.words.iter().filter(says).map(|word| word.sounds.len()).sum();
        let price = WORDS_MISSING * letters as u32 / all.max(1) as u32;
        tally.take(ReasonCode::WordsMissing, price);
    }
}

/// The same words in the same order need no rules.
fn identical(a: &Name, b: &Name) -> Option<Score> {
    if a.words.is_empty() || a.words != b.words || a.forms != b.forms {
        return None;
    }
    let mut tally = Tally::new();
    tally.take(ReasonCode::WordsEqual, 0);
    Some(tally.done())
}

/// Names of three short syllables differ in one of them and agree as a whole: Ko Tae Hun.
fn syllables(a: &Name, b: &Name, alignment: &Alignment) -> Option<u32> {
    let is_short =
        |name: &Name| name.words.len() == 3 && name.words.iter().all(|word| word.sounds.len() <= 5);
    let one_left = alignment.left_a.len() == 1 && alignment.left_b.len() == 1;
    if !is_short(a) || !is_short(b) || !one_left {
        return None;
    }
    let given = |name: &Name, words: std::ops::Range<usize>| -> Sounds {
        name.words[words].iter().flat_map(|word| word.sounds.iter().copied()).collect()
    };
    let with_equal = |equal: usize, given_words: std::ops::Range<usize>| {
        if a.words[equal].sounds != b.words[equal].sounds {
            return None;
        }
        relative(&given(a, given_words.clone()), &given(b, given_words), false, PAIR_MAX)
    };
    with_equal(0, 1..3).or_else(|| with_equal(2, 0..2))
}

/// Names in signs on both sides: a sign is a syllable, and another one another name.
fn signs(a: &Name, b: &Name) -> Option<Score> {
    if a.signs.is_empty() || b.signs.is_empty() {
        return None;
    }
    let (a, b) = if a.signs <= b.signs { (&a.signs, &b.signs) } else { (&b.signs, &a.signs) };
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, sign) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let swapped = corner + usize::from(sign != other);
            corner = row[j + 1];
            row[j + 1] = swapped.min(row[j] + 1).min(corner + 1);
        }
    }
    let mut tally = Tally::new();
    let length = a.len().max(b.len()).max(1);
    tally.take(ReasonCode::Signs, (row[b.len()] * 1_000 / length) as u32);
    Some(tally.done())
}

/// Compares the names of two organisations. The order of the two does not matter.
pub fn organisations(a: &Name, b: &Name) -> Score {
    if let Some(score) = signs(a, b) {
        return score;
    }
    let (a, b) = ordered(a, b);
    if let Some(score) = identical(a, b) {
        return score;
    }
    let alignment = align(a, b);
    let mut tally = Tally::new();
    if pairs(a, &alignment, &mut tally) == 0 {
        return Score::default();
    }
    let left = |name: &Name, left: &[u8]| {
        let (mut plain, mut places, mut numbers) = (0u32, 0u32, 0u32);
        for at in left {
            match name.words[usize::from(*at)].class {
                Class::Number => numbers += 1,
                Class::Place => places += 1,
                Class::Plain
                | Class::Patronymic { .. }
                | Class::Initial
                | Class::Particle
                | Class::Title => plain += 1,
            }
        }
        (plain, places, numbers)
    };
    let (plain_a, places_a, numbers_a) = left(a, &alignment.left_a);
    let (plain_b, places_b, numbers_b) = left(b, &alignment.left_b);
    if 0 < plain_a + places_a && 0 < plain_b + places_b {
        tally.take(ReasonCode::WordsDiffer, WORDS_DIFFER);
    } else if 0 < plain_a + plain_b {
        tally.take(ReasonCode::WordsMissing, PLAIN_MISSING * (plain_a + plain_b));
    } else if 0 < places_a + places_b {
        tally.take(ReasonCode::PlaceMissing, PLACE_MISSING * (places_a + places_b));
    }
    if 0 < numbers_a.min(numbers_b) {
        tally.take(ReasonCode::NumberDiffers, NUMBER_DIFFERS);
    } else if numbers_a != numbers_b {
        tally.take(ReasonCode::NumberDiffers, NUMBER_MISSING);
    }
    forms(a, b, &mut tally);
    tally.done()
}

fn forms(a: &Name, b: &Name, tally: &mut Tally) {
    let strict = |name: &Name| -> SmallVec<[Form; 2]> {
        name.forms.iter().copied().filter(|form| *form != Form::Any).collect()
    };
    let (a, b) = (strict(a), strict(b));
    if a.is_empty() || b.is_empty() || a.iter().any(|form| b.contains(form)) {
        return;
    }
    let non_profit = a.contains(&Form::NonProfit) || b.contains(&Form::NonProfit);
    let price = if non_profit { NON_PROFIT } else { FORM_DIFFERS };
    tally.take(ReasonCode::LegalFormDiffers, price);
}

/// The two in an order of their own, so that it does not matter which is which.
fn ordered<'a>(a: &'a Name, b: &'a Name) -> (&'a Name, &'a Name) {
    let key = |name: &'a Name| name.words.iter().map(|word| word.sounds.as_slice());
    if key(a).le(key(b)) { (a, b) } else { (b, a) }
}
