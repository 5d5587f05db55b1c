//! The single values of the wire: ids as strings, money as integer tiyn, odds as integers in
//! ten-thousandths, times of RFC 3339, and closed lists of words.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use terms::number::{account_number, parse_account_number, parse_wallet_code, wallet_code};
use terms::text::TextError;
use terms::{
    Account, Championship, Day, DeskNo, Event, Instant, Market, MessageId, Organiser, Outcome,
    Text, Wallet,
};

use crate::fault::Faults;
use crate::shape::{Definitions, Wire, integer, integer_faults};
use crate::tree::Node;

/// The largest integer that every JSON reader keeps exact.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// The largest number of a market: that of its last outcome is [`INTEGER_MAX`].
const MARKET_MAX: u64 = INTEGER_MAX / terms::limits::OUTCOMES_PER_MARKET_MAX as u64;

/// What a string of the wire is, and how it reads and prints.
macro_rules! strings {
    ($( $(#[$meta:meta])* $name:ident($inner:ty) $form:literal $pattern:expr; $example:literal
        $parse:expr, $print:expr; )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl $name {
            /// Reads the one form that it has.
            pub fn parse(text: &str) -> Option<$name> {
                let parse: fn(&str) -> Option<$inner> = $parse;
                parse(text).map($name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let print: fn(&$inner) -> String = $print;
                f.write_str(&print(&self.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(from)?;
                $name::parse(&text).ok_or_else(|| D::Error::custom($form))
            }
        }

        impl Wire for $name {
            fn schema(_: &mut Definitions) -> Value {
                json!({
                    "type": "string",
                    "format": $form,
                    "pattern": $pattern,
                    "examples": [$example],
                })
            }

            fn faults(node: &Node, at: &str, faults: &mut Faults) {
                match node {
                    Node::Text(text) if $name::parse(text).is_some() => {}
                    Node::Text(_) => faults.note(at, "format", Some($form), None),
                    _ => faults.kind(at, "string", node.kind()),
                }
            }
        }
    )* };
}

strings! {
    /// An id that its sender makes: a UUID of version 7 in lower case.
    Id(MessageId) "uuid-v7"
        "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";
        "01a2020d-f980-7a31-8c55-0d2f6b1e9a44"
        |text| MessageId::parse(text).filter(|id| id.to_string() == text),
        MessageId::to_string;
    /// A time from 1900 to 2199 with its offset from UTC, at most nine decimals; printed in UTC.
    Time(Instant) "date-time" time_pattern();
        "2026-11-22T12:00:00.120+05:00"
        parse_time, Instant::to_string;
    /// The number of a bettor's account: sixteen digits, the last a check digit.
    AccountNo((Organiser, Account)) "account-number" "^01[0-9]{14}$"; "0100000000000009"
        parse_account_number,
        |(organiser, account)| account_number(*organiser, *account);
    /// The code of a wallet: fourteen digits, the last a check digit.
    WalletCode(Wallet) "wallet-code" "^7[0-9]{13}$"; "70000000000000"
        parse_wallet_code, |wallet| wallet_code(*wallet);
    /// The number of an organiser in the register, as a string.
    OrganiserNo(Organiser) "number" number_pattern(u32::MAX.into()); "0"
        |text| parse_number(text).map(Organiser), |number| number.to_string();
    /// The number of a cash desk in the register, as a string.
    Desk(DeskNo) "number" number_pattern(u32::MAX.into()); "0"
        |text| parse_number(text).map(DeskNo), |number| number.to_string();
    /// The number of a championship in the catalogue, as a string.
    ChampionshipNo(Championship) "number" number_pattern(u32::MAX.into()); "3"
        |text| parse_number(text).map(Championship), |number| number.to_string();
    /// The number of an event in the catalogue, as a string.
    EventNo(Event) "number" number_pattern(u32::MAX.into()); "17"
        |text| parse_number(text).map(Event), |number| number.to_string();
    /// The number of a market in the catalogue, as a string.
    MarketNo(Market) "number" number_pattern(MARKET_MAX); "69632"
        |text| parse_number(text).filter(|number| *number <= MARKET_MAX).map(Market),
        |number| number.to_string();
    /// The number of an outcome in the catalogue, as a string.
    OutcomeNo(Outcome) "number" number_pattern(INTEGER_MAX); "35651584"
        |text| parse_number(text).map(Outcome), |number| number.to_string();
}

/// The numbers up to `most` in the one form that they have.
fn number_pattern(most: u64) -> String {
    let digits = most.to_string();
    let mut forms = vec!["0".to_owned()];
    if 1 < digits.len() {
        forms.push(format!("[1-9][0-9]{{0,{}}}", digits.len() - 2));
    }
    for (place, digit) in digits.char_indices() {
        let least = if place == 0 { '1' } else { '0' };
        if let Some(less) = char::from_u32(u32::from(digit) - 1).filter(|less| least <= *less) {
            let rest = digits.len() - place - 1;
            forms.push(format!("{}[{least}-{less}][0-9]{{{rest}}}", &digits[..place]));
        }
    }
    forms.push(digits);
    format!("^({})$", forms.join("|"))
}

/// The days and times that there are.
fn time_pattern() -> String {
    let month = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)\
        |(0[13578]|1[02])-31";
    let leap = "((19|20|21)(0[48]|[2468][048]|[13579][26])|2000)-02-29";
    let day = format!("((19|20|21)[0-9]{{2}}-({month})|{leap})");
    let clock = "([01][0-9]|2[0-3]):[0-5][0-9]";
    format!(r"^{day}T{clock}:[0-5][0-9](\.[0-9]{{1,9}})?(Z|[+-]{clock})$")
}

/// Digits without a leading zero, exact in every JSON reader.
fn parse_number<T: TryFrom<u64>>(text: &str) -> Option<T> {
    let digits = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    let number = text.parse().ok().filter(|number| digits && *number <= INTEGER_MAX)?;
    T::try_from(number).ok()
}

/// `2026-11-22T12:00:00.120+05:00`: upper-case T and Z, an offset, no leap second.
fn parse_time(text: &str) -> Option<Instant> {
    let (day, rest) = text.split_at_checked(10)?;
    day.get(..2).filter(|century| ["19", "20", "21"].contains(century))?;
    let day = Day::parse(day)?;
    let (clock, rest) = rest.split_at_checked(9)?;
    let clock = clock.strip_prefix('T')?;
    let (seconds, separators) = (two(clock, 6)?, (clock.get(2..3)?, clock.get(5..6)?));
    let (hours, minutes) = (two(clock, 0)?, two(clock, 3)?);
    if separators != (":", ":") || 24 <= hours || 60 <= minutes || 60 <= seconds {
        return None;
    }
    let zone = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at_checked(zone)?;
    let nanoseconds = match fraction.strip_prefix('.') {
        None if fraction.is_empty() => 0,
        Some(digits)
            if (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            format!("{digits:0<9}").parse::<i64>().ok()?
        }
        _ => return None,
    };
    let offset = match zone.split_at_checked(1)? {
        ("Z", "") => 0,
        (sign, clock) if clock.len() == 5 && clock.get(2..3) == Some(":") => {
            let (hours, minutes) = (two(clock, 0)?, two(clock, 3)?);
            if 24 <= hours || 60 <= minutes {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            if sign == "-" { -seconds } else { seconds }
        }
        _ => return None,
    };
    let seconds = i64::from(day.0) * 86_400 + hours * 3600 + minutes * 60 + seconds - offset;
    let whole = seconds.checked_mul(Instant::SECOND)?;
    Some(Instant(whole.checked_add(nanoseconds)?))
}

fn two(text: &str, at: usize) -> Option<i64> {
    let digits = text.get(at..at + 2)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// What an integer of the wire is.
macro_rules! sums {
    ($( $(#[$meta:meta])* $name:ident($inner:ty) $least:expr, $most:expr; )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let value = u64::deserialize(from)?;
                let within = ($least..=$most).contains(&value);
                match <$inner>::try_from(value) {
                    Ok(inner) if within => Ok($name(inner)),
                    _ => Err(D::Error::custom("range")),
                }
            }
        }

        impl Wire for $name {
            fn schema(_: &mut Definitions) -> Value {
                integer($least, $most)
            }

            fn faults(node: &Node, at: &str, faults: &mut Faults) {
                integer_faults(node, at, $least, $most, faults);
            }
        }
    )* };
}

sums! {
    /// A sum in tiyn, one hundredth of a tenge.
    Sum(u64) 0, INTEGER_MAX;
    /// Decimal odds in ten-thousandths: 1.85 is 18500.
    OddsE4(u32) u64::from(terms::Odds::MIN), u64::from(terms::Odds::MAX);
    /// Total odds in ten-thousandths.
    TotalE4(u64) u64::from(terms::Odds::MIN), INTEGER_MAX;
    /// The place of a selection in its bet, the first is 0.
    Place(u8) 0, terms::limits::LEGS_MAX as u64 - 1;
    /// A number of selections.
    Count(u8) 1, terms::limits::LEGS_MAX as u64;
}

/// Text of 1 to `MAX` bytes: no control characters, and nothing that reads as an individual
/// identification number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name<const MAX: usize>(pub Text<MAX>);

impl<const MAX: usize> Serialize for Name<MAX> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.as_str())
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Name<MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Name<MAX>, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        named(&text).map(Name).map_err(D::Error::custom)
    }
}

/// The text of a name; blanks around it are left out, but count.
fn named<const MAX: usize>(text: &str) -> Result<Text<MAX>, TextError> {
    if MAX < text.len() { Err(TextError::Long) } else { Text::new(text) }
}

impl<const MAX: usize> Wire for Name<MAX> {
    fn schema(_: &mut Definitions) -> Value {
        json!({
            "type": "string",
            "format": format!("text-{MAX}"),
            "minLength": 1,
            "maxLength": MAX,
        })
    }

    fn faults(node: &Node, at: &str, faults: &mut Faults) {
        let Node::Text(text) = node else {
            return faults.kind(at, "string", node.kind());
        };
        match named::<MAX>(text) {
            Ok(_) => {}
            Err(TextError::Empty) => faults.rule(at, "empty"),
            Err(TextError::Long) => {
                faults.note(at, "length", Some(&MAX.to_string()), None);
            }
            Err(TextError::Control) => faults.rule(at, "control_character"),
            Err(TextError::Iin) => faults.rule(at, "personal_number"),
        }
    }
}

/// A closed list of words.
macro_rules! words {
    ($( $(#[$meta:meta])* pub enum $name:ident {
        $( $(#[$vmeta:meta])* $variant:ident $text:literal, )*
    } )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $( $(#[$vmeta])* #[serde(rename = $text)] $variant, )*
        }

        impl $name {
            /// Every word.
            pub const ALL: &'static [$name] = &[ $( $name::$variant ),* ];

            /// The word.
            pub const fn name(self) -> &'static str {
                match self { $( $name::$variant => $text ),* }
            }
        }

        impl Wire for $name {
            fn schema(_: &mut Definitions) -> Value {
                json!({ "type": "string", "enum": [ $( $text ),* ] })
            }

            fn faults(node: &Node, at: &str, faults: &mut Faults) {
                const WORDS: &[&str] = &[ $( $text ),* ];
                match node {
                    Node::Text(text) if WORDS.contains(&text.as_str()) => {}
                    Node::Text(_) => faults.note(at, "enum", Some(&WORDS.join(", ")), None),
                    _ => faults.kind(at, "string", node.kind()),
                }
            }
        }
    )* };
}

pub(crate) use words;

words! {
    /// The currency of every sum.
    pub enum Currency {
        /// Tenge.
        Kzt "KZT",
    }

    /// How the selections of a bet hang together.
    pub enum Shape {
        /// One selection.
        Single "single",
        /// All selections in one line.
        Accumulator "accumulator",
        /// All lines of given sizes.
        System "system",
    }

    /// How the total odds of a line arise.
    pub enum PriceRule {
        /// The exact product, one floor to tiyn at the end.
        Exact "exact",
        /// The product, cut to ten-thousandths after each selection.
        StepFloor "step_floor",
        /// A total that both sides agreed on.
        Given "given",
    }

    /// How a stake was given or a winning paid.
    pub enum Form {
        /// Cash.
        Cash "cash",
        /// Non-cash other than e-money.
        NonCash "non_cash",
        /// E-money.
        EMoney "e_money",
    }

    /// Why a bet is settled.
    pub enum Basis {
        /// The results of its outcomes.
        Result "result",
        /// An event that did not take place or was not finished.
        EventVoid "event_void",
        /// A market that does not stand.
        MarketVoid "market_void",
        /// Selections that do not stand.
        LegVoid "leg_void",
        /// Paid before the results.
        EarlyPayout "early_payout",
        /// An error of the organiser: the stake goes back.
        OrganiserError "organiser_error",
        /// An earlier settlement was wrong.
        Correction "correction",
    }

    /// Why a bet is settled as void.
    pub enum VoidBasis {
        /// An event that did not take place or was not finished.
        Event "event_void",
        /// A market that does not stand.
        Market "market_void",
        /// Selections that do not stand.
        Leg "leg_void",
        /// An error of the organiser.
        OrganiserError "organiser_error",
    }

    /// What kind of event it is.
    pub enum EventClass {
        /// A sporting event.
        Sport "sport",
        /// E-sport.
        ESport "e_sport",
        /// Generated by a machine.
        Virtual "virtual",
        /// Something else.
        Other "other",
    }

    /// States of an event.
    pub enum EventState {
        /// Announced with a time.
        Scheduled "scheduled",
        /// Announced anew with another time.
        Rescheduled "rescheduled",
        /// Under way.
        Started "started",
        /// Interrupted.
        Suspended "suspended",
        /// Broken off.
        Abandoned "abandoned",
        /// Will not take place.
        Cancelled "cancelled",
        /// Over.
        Finished "finished",
        /// Decided without play.
        Walkover "walkover",
    }

    /// States of a market that an organiser sets.
    pub enum MarketState {
        /// Takes stakes.
        Open "open",
        /// Takes none for the moment.
        Suspended "suspended",
        /// Takes none any more.
        Closed "closed",
        /// Does not stand.
        Void "void",
    }

    /// How an outcome ended.
    pub enum OutcomeResult {
        /// Counts with its odds.
        Won "won",
        /// Ends the line.
        Lost "lost",
        /// Counts as odds of one.
        Void "void",
        /// Half won, half returned.
        HalfWon "half_won",
        /// Half lost, half returned.
        HalfLost "half_lost",
    }

    /// Which odds a bettor accepts in place of those that he saw.
    pub enum Accept {
        /// These alone.
        Exact "exact",
        /// These or higher.
        Better "better",
        /// Any.
        Any "any",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_a_name_are_left_out_but_count() {
        for (text, read) in [(" ab ", Some("ab")), ("   ab", None), ("    ", None), ("abcde", None)]
        {
            let name = serde_json::from_value::<Name<4>>(text.into()).ok();
            assert_eq!(name.as_ref().map(|name| name.0.as_str()), read, "{text:?}");
        }
    }

    #[test]
    fn times_have_a_zone_and_at_most_nine_decimals() {
        // core 26
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T05:00:00+05:00", Some(0)),
            ("1969-12-31T19:30:00-04:30", Some(0)),
            ("1970-01-01T00:00:00.000000001Z", Some(1)),
            ("1970-01-01T00:00:00.12Z", Some(120_000_000)),
            ("1970-01-01T00:00:00", None),
            ("1970-01-01T00:00:00.Z", None),
            ("1970-01-01T00:00:00.0000000001Z", None),
            ("1970-01-01t00:00:00Z", None),
            ("1970-01-01 00:00:00Z", None),
            ("1970-01-01T00:00Z", None),
            ("1970-01-01T24:00:00Z", None),
            ("1970-01-01T00:00:60Z", None),
            ("1970-02-30T00:00:00Z", None),
            ("1970-01-01T00:00:00+0500", None),
            ("1970-01-01T00:00:00+24:00", None),
            ("9999-01-01T00:00:00Z", None),
            ("1899-12-31T00:00:00Z", None),
            ("1900-01-01T00:00:00Z", Some(-2_208_988_800_000_000_000)),
            ("2199-12-31T23:59:59Z", Some(7_258_118_399_000_000_000)),
            ("2200-01-01T00:00:00Z", None),
            ("1970-01-01T00:00:00ZZ", None),
            ("1970-01-01T0\u{e9}:00:00Z", None),
        ];
        for (text, want) in cases {
            assert_eq!(Time::parse(text).map(|time| time.0.0), want, "{text}");
        }
    }

    #[test]
    fn numbers_have_one_form() {
        let cases = [
            ("0", Some(0)),
            ("17", Some(17)),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("", None),
            ("01", None),
            ("-1", None),
            ("+1", None),
            ("1.0", None),
        ];
        for (text, want) in cases {
            assert_eq!(EventNo::parse(text).map(|number| number.0.0), want, "{text}");
        }
        let upper = "01A2020D-F980-7A31-8C55-0D2F6B1E9A44";
        assert_eq!(Id::parse(upper), None);
        assert!(Id::parse(&upper.to_lowercase()).is_some());
    }
}
