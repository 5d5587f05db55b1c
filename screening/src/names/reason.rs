//! Why a score is what it is: codes with what each took or gave.

use terms::choice;

choice! {
    /// A part of a score.
    pub enum ReasonCode {
        /// Words agree to the letter, after folding.
        WordsEqual = 1 "words_equal",
        /// Words agree but for slips and spellings.
        WordsSimilar = 2 "words_similar",
        /// Words agree that one side writes apart.
        WordsJoined = 3 "words_joined",
        /// A letter stands for a name.
        Initial = 4 "initial",
        /// The fathers' names agree, whatever the endings.
        PatronymicEqual = 5 "patronymic_equal",
        /// The fathers' names agree but for spellings.
        PatronymicSimilar = 6 "patronymic_similar",
        /// One side has no patronymic.
        PatronymicMissing = 7 "patronymic_missing",
        /// The fathers' names differ.
        PatronymicDiffers = 8 "patronymic_differs",
        /// The father's name of one side is a name without ending on the other.
        FatherAsName = 9 "father_as_name",
        /// A surname has -ov, -ev, -in on one side only.
        SurnameEnding = 10 "surname_ending",
        /// One side has words that the other has not.
        WordsMissing = 11 "words_missing",
        /// Both sides have words that nothing on the other stands for.
        WordsDiffer = 12 "words_differ",
        /// The patronymics are a son's and a daughter's.
        GenderDiffers = 13 "gender_differs",
        /// Only words agree that many people bear.
        CommonWords = 14 "common_words",
        /// One word alone agrees.
        OneWord = 15 "one_word",
        /// Signs of Chinese, Japanese or Korean are compared by themselves.
        Signs = 16 "signs",
        /// Legal forms contradict each other.
        LegalFormDiffers = 17 "legal_form_differs",
        /// Numbers in the names differ.
        NumberDiffers = 18 "number_differs",
        /// One side names a place more: perhaps a branch.
        PlaceMissing = 19 "place_missing",
        /// Short syllables agree as a whole.
        Syllables = 20 "syllables",
        /// The words stand in another order.
        OrderDiffers = 21 "order_differs",
        /// Several words agree only but for slips and spellings.
        SeveralAlike = 23 "several_alike",
        /// Words agree but for slips and spellings, and others are missing.
        AlikeInPart = 24 "alike_in_part",
        /// The list itself calls the name weak.
        WeakName = 22 "weak_name",
        /// The same birth date.
        BirthEqual = 30 "birth_equal",
        /// The same year, as far as is known.
        BirthYear = 31 "birth_year",
        /// Day and month are swapped.
        BirthSwapped = 32 "birth_swapped",
        /// A year apart, or one part of the date differs.
        BirthNear = 33 "birth_near",
        /// Other births.
        BirthDiffers = 34 "birth_differs",
        /// One side has none.
        BirthMissing = 35 "birth_missing",
        /// The same number: nothing else matters.
        NumberEqual = 40 "number_equal",
        /// The number has the digits that the list has.
        NumberPart = 41 "number_part",
        /// Two different numbers: two people, if the list is right.
        NumbersDiffer = 42 "numbers_differ",
    }
}

/// A part of a score with what it did, in thousandths; parts without effect explain as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What it is.
    pub code: ReasonCode,
    /// What it took (below zero) or gave.
    pub effect: i16,
}
