//! From an address to a question to the register of bets, and back to a form (core 24).

use journal::kinds::{BetOutcome, DeskKind, Form};
use reports::query::{PAGE_MAX, Problem};
use reports::rollup::ShapeKind;
use reports::{BetQuery, Condition, Direction, Field, Operator, Position, SortField, Standing};
use store::Fault;
use terms::number::parse_account_number;
use terms::{BetId, Day, Reason};

use crate::doc::{Filter, FilterField};
use crate::visit::Visit;
use crate::web::Pairs;

/// How a field of the form is read.
#[derive(Clone, Copy)]
enum Kind {
    Day(Field, Operator),
    Sum(Field, Operator),
    Number(Field),
    Organiser,
    Account,
    Id,
    Choice(Field),
    Flag(Field),
    Breach,
}

/// The fields, in the canonical order of an address.
const FIELDS: [(&str, Kind); 21] = [
    ("from", Kind::Day(Field::Day, Operator::From)),
    ("to", Kind::Day(Field::Day, Operator::Before)),
    ("organiser", Kind::Organiser),
    ("account", Kind::Account),
    ("id", Kind::Id),
    ("desk", Kind::Number(Field::Desk)),
    ("form", Kind::Choice(Field::Form)),
    ("desk_kind", Kind::Choice(Field::DeskKind)),
    ("state", Kind::Choice(Field::Standing)),
    ("shape", Kind::Choice(Field::Shape)),
    ("result", Kind::Choice(Field::Result)),
    ("sum_from", Kind::Sum(Field::Amount, Operator::From)),
    ("sum_to", Kind::Sum(Field::Amount, Operator::Before)),
    ("winnings_from", Kind::Sum(Field::Winnings, Operator::From)),
    ("winnings_to", Kind::Sum(Field::Winnings, Operator::Before)),
    ("outstanding_from", Kind::Sum(Field::Outstanding, Operator::From)),
    ("event", Kind::Number(Field::Event)),
    ("late", Kind::Flag(Field::Late)),
    ("live", Kind::Flag(Field::Live)),
    ("waiting", Kind::Flag(Field::Waiting)),
    ("breach", Kind::Breach),
];

/// Those that the form shows; the others come by links and stay in the address.
const SHOWN: [&str; 11] = [
    "from",
    "to",
    "organiser",
    "account",
    "desk",
    "form",
    "state",
    "result",
    "sum_from",
    "sum_to",
    "id",
];

/// What columns are sorted by, by the name in the address.
const SORTS: [(&str, SortField); 5] = [
    ("at", SortField::At),
    ("sum", SortField::Amount),
    ("organiser", SortField::Organiser),
    ("winnings", SortField::Winnings),
    ("outstanding", SortField::Outstanding),
];

/// A question that was asked, as far as it can be understood.
pub struct Asked {
    /// The question.
    pub query: Option<BetQuery>,
    /// What is wrong, by field: its name and the sentence.
    pub errors: Vec<(String, String)>,
    /// What it is sorted by.
    pub sort: (&'static str, Direction),
    /// Whether roll-ups by day, organiser, desk kind, form and shape can answer its sums.
    pub sums: bool,
}

/// Reads the question of an address.
pub fn read(visit: &Visit<'_>, pairs: &Pairs) -> Asked {
    let mut conditions = Vec::new();
    let mut errors = Vec::new();
    for (name, kind) in FIELDS {
        let Some(value) = pairs.get(name) else { continue };
        match condition(kind, value) {
            Some(condition) => conditions.push(condition),
            None => errors.push((name.to_owned(), visit.word("error.value"))),
        }
    }
    if let Some(own) = visit.scope() {
        // An organiser's officer asks of his organiser, whatever the address says.
        conditions.retain(|condition| condition.field != Field::Organiser);
        conditions.push(Condition::number(Field::Organiser, Operator::Is, i64::from(own.0)));
    }
    let wanted = pairs.get("sort").unwrap_or("at");
    let sort = SORTS.into_iter().find(|(name, _)| *name == wanted).unwrap_or(SORTS[0]);
    let direction = match pairs.get("order") {
        Some("asc") => Direction::Ascending,
        _ => Direction::Descending,
    };
    let after = pairs.get("after").and_then(Position::parse);
    let rolled = [Field::Day, Field::Organiser, Field::DeskKind, Field::Form, Field::Shape];
    let sums = conditions.iter().all(|condition| rolled.contains(&condition.field));
    let made = BetQuery::new(conditions, (sort.1, direction), after, PAGE_MAX);
    let query = match made {
        Ok(query) => Some(query),
        Err(problems) => {
            for problem in problems {
                let key = match problem.problem {
                    Problem::NeedsDays => "error.needs_days",
                    Problem::Empty => "error.empty_range",
                    Problem::Operator
                    | Problem::Value
                    | Problem::Twice
                    | Problem::TooMany
                    | Problem::PageSize => "error.value",
                };
                let name = if problem.problem == Problem::NeedsDays { "from" } else { "to" };
                errors.push((name.to_owned(), visit.word(key)));
            }
            errors.dedup();
            None
        }
    };
    let query = query.filter(|_| errors.is_empty());
    Asked { query, errors, sort: (sort.0, direction), sums }
}

fn condition(kind: Kind, value: &str) -> Option<Condition> {
    let number = Condition::number;
    Some(match kind {
        // The last day of a range is meant with it.
        Kind::Day(field, Operator::Before) => {
            number(field, Operator::Before, i64::from(Day::parse(value)?.0) + 1)
        }
        Kind::Day(field, operator) => number(field, operator, i64::from(Day::parse(value)?.0)),
        Kind::Sum(field, Operator::Before) => {
            number(field, Operator::Before, tiyn(value)?.checked_add(1)?)
        }
        Kind::Sum(field, operator) => number(field, operator, tiyn(value)?),
        Kind::Number(field) => number(field, Operator::Is, i64::from(value.parse::<u32>().ok()?)),
        Kind::Organiser => {
            number(Field::Organiser, Operator::Is, i64::from(value.parse::<u32>().ok()?))
        }
        Kind::Account => {
            let digits: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            let (_, account) = parse_account_number(&digits)?;
            number(Field::Account, Operator::Is, i64::from(account.0))
        }
        Kind::Id => Condition::id(BetId(uuid(value)?)),
        Kind::Choice(field) => number(field, Operator::Is, i64::from(choice(field, value)?)),
        Kind::Flag(field) => number(field, Operator::Is, i64::from(value == "1")),
        Kind::Breach => {
            number(Field::Breach, Operator::Is, i64::from(Reason::from_name(value)?.code()))
        }
    })
}

fn choice(field: Field, value: &str) -> Option<u8> {
    match field {
        Field::Form => Form::from_name(value).map(Form::code),
        Field::DeskKind => DeskKind::from_name(value).map(DeskKind::code),
        Field::Standing => Standing::from_name(value).map(Standing::code),
        Field::Shape => ShapeKind::from_name(value).map(ShapeKind::code),
        Field::Result => BetOutcome::from_name(value).map(BetOutcome::code),
        _ => None,
    }
}

/// Tenge, with or without decimals and blanks, as tiyn.
pub fn tiyn(text: &str) -> Option<i64> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.replace(',', ".");
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(rest) || 2 < rest.len() {
        return None;
    }
    let cents = format!("{rest:0<2}").parse::<i64>().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)
}

/// The bytes of a UUID.
pub fn uuid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u32> =
        text.chars().filter(|c| *c != '-').map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let mut bytes = [0; 16];
    if digits.len() != 32 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = (pair[0] * 16 + pair[1]) as u8;
    }
    Some(bytes)
}

/// The address of a question in its canonical order, without the place of a page.
pub fn canonical(pairs: &Pairs) -> Pairs {
    let mut ordered = Pairs::default();
    for name in FIELDS.iter().map(|(name, _)| *name).chain(["sort", "order"]) {
        if let Some(value) = pairs.get(name) {
            ordered = ordered.with(name, value);
        }
    }
    ordered
}

/// The form, with what it narrows by now.
pub fn form(visit: &mut Visit<'_>, asked: &Asked) -> Result<Filter, Fault> {
    let pairs = canonical(&visit.query);
    let mut fields = Vec::new();
    for (name, kind) in FIELDS.into_iter().filter(|(name, _)| SHOWN.contains(name)) {
        if name == "organiser" && visit.scope().is_some() {
            continue;
        }
        let options = options(visit, kind)?;
        let input = match kind {
            Kind::Day(..) => "date",
            Kind::Choice(_) | Kind::Organiser => "select",
            _ => "text",
        };
        let value = pairs.get(name).unwrap_or_default().to_owned();
        let label = visit.word(&format!("filter.{name}"));
        fields.push(FilterField { name: name.to_owned(), label, input, value, options });
    }
    let mut chips = Vec::new();
    for (name, kind) in FIELDS {
        let Some(value) = pairs.get(name) else { continue };
        let shown = shown(visit, kind, value)?;
        let words = format!("{}: {shown}", visit.word(&format!("filter.{name}")));
        let rest = format!("{}{}", visit.path, pairs.without(name).address());
        chips.push((words, visit.href(&rest)));
    }
    let (action, clear) = (visit.href(&visit.path), visit.href(&visit.path));
    Ok(Filter { action, fields, chips, clear, errors: asked.errors.clone() })
}

/// What is narrowed, as one sentence for print and export.
pub fn in_words(visit: &mut Visit<'_>, pairs: &Pairs) -> Result<String, Fault> {
    let mut words = Vec::new();
    for (name, kind) in FIELDS {
        let Some(value) = pairs.get(name) else { continue };
        let shown = shown(visit, kind, value)?;
        words.push(format!("{}: {shown}", visit.word(&format!("filter.{name}"))));
    }
    if words.is_empty() { Ok(visit.word("filter.none")) } else { Ok(words.join("; ")) }
}

fn options(visit: &mut Visit<'_>, kind: Kind) -> Result<Vec<(String, String)>, Fault> {
    let mut options = vec![(String::new(), visit.word("filter.any"))];
    match kind {
        Kind::Organiser => {
            for (organiser, card) in visit.organisers()? {
                options.push((organiser.0.to_string(), card.name.as_str().to_owned()));
            }
        }
        Kind::Choice(field) => {
            for name in names(field) {
                options.push((name.to_owned(), visit.word(&format!("{}.{name}", group(field)))));
            }
        }
        _ => options.clear(),
    }
    Ok(options)
}

fn names(field: Field) -> Vec<&'static str> {
    match field {
        Field::Form => Form::ALL.iter().map(|form| form.name()).collect(),
        Field::DeskKind => DeskKind::ALL.iter().map(|kind| kind.name()).collect(),
        Field::Standing => Standing::ALL.iter().map(|standing| standing.name()).collect(),
        Field::Shape => ShapeKind::ALL.iter().map(|shape| shape.name()).collect(),
        Field::Result => BetOutcome::ALL.iter().map(|result| result.name()).collect(),
        _ => Vec::new(),
    }
}

fn group(field: Field) -> &'static str {
    match field {
        Field::Form => "form",
        Field::DeskKind => "desk_kind",
        Field::Standing => "standing",
        Field::Shape => "shape",
        _ => "result",
    }
}

fn shown(visit: &mut Visit<'_>, kind: Kind, value: &str) -> Result<String, Fault> {
    Ok(match kind {
        Kind::Day(..) => {
            Day::parse(value).map_or_else(|| value.to_owned(), |day| visit.show.day(day))
        }
        Kind::Sum(..) => tiyn(value).map_or_else(|| value.to_owned(), |sum| visit.show.money(sum)),
        Kind::Organiser => match value.parse() {
            Ok(number) => visit.organiser_name(terms::Organiser(number))?,
            Err(_) => value.to_owned(),
        },
        Kind::Choice(field) if choice(field, value).is_some() => {
            visit.word(&format!("{}.{value}", group(field)))
        }
        Kind::Flag(_) => visit.word(if value == "1" { "console.yes" } else { "console.no" }),
        Kind::Breach => match Reason::from_name(value) {
            Some(reason) => visit.reason_short(reason),
            None => value.to_owned(),
        },
        Kind::Choice(_) | Kind::Number(_) | Kind::Account | Kind::Id => value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_ids_are_read_strictly() {
        for (text, want) in [
            ("25000", Some(2_500_000)),
            ("1 000 000,5", Some(100_000_050)),
            ("0.05", Some(5)),
            ("", None),
            ("-1", None),
            ("1.005", None),
            ("1e6", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(tiyn(text), want, "{text}");
        }
        assert!(uuid("019b8e07-4600-7745-af22-2bc4a9e9d771").is_some());
        assert!(uuid("019b8e07").is_none() && uuid(&"g".repeat(32)).is_none());
    }

    #[test]
    fn an_address_has_one_order() {
        let pairs = Pairs::parse("state=open&after=1.2&x=y&from=2026-01-05&form=").unwrap();
        assert_eq!(canonical(&pairs).address(), "?from=2026-01-05&state=open");
    }
}
