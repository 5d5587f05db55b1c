//! The question that the register of bets answers: a closed list of fields and operators, keyset
//! pages (core 24).
//!
//! A [`BetQuery`] is valid by construction. What a row matches and how rows are ordered is said
//! here, once for every store; how rows are found fast is the store's affair.

use core::fmt;

use journal::kinds::{BetOutcome, DeskKind, Form};
use terms::{BetId, Day, Reason, Seq, choice};

use crate::rollup::ShapeKind;
use crate::row::{BetRow, Standing};

/// Rows of a page (core 24).
pub const PAGE_MAX: usize = 50;

/// Hits that are sorted by a field without an index; more are told to narrow the search (core 24).
pub const HITS_MAX: usize = 100_000;

/// Conditions of one question: twice as many as a form has fields.
pub const CONDITIONS_MAX: usize = 32;

choice! {
    /// What can be asked for.
    pub enum Field {
        /// The bet's id.
        Id = 1 "id",
        /// The bettor's account.
        Account = 2 "account",
        /// The organiser.
        Organiser = 3 "organiser",
        /// The desk that took the stake.
        Desk = 4 "desk",
        /// An event of any leg.
        Event = 5 "event",
        /// A championship of any leg.
        Championship = 6 "championship",
        /// A sport of any leg.
        Sport = 7 "sport",
        /// When БЕЖ accepted it, nanoseconds.
        At = 8 "at",
        /// When the organiser accepted it, nanoseconds.
        MadeAt = 9 "made_at",
        /// The day of `at`.
        Day = 10 "day",
        /// The day of `made_at`.
        MadeDay = 11 "made_day",
        /// The stake, tiyn.
        Amount = 12 "amount_tiyn",
        /// Where it stands.
        Standing = 13 "state",
        /// How the stake was given.
        Form = 14 "form",
        /// Land or electronic.
        DeskKind = 15 "desk_kind",
        /// Single, accumulator, system.
        Shape = 16 "shape",
        /// Win, loss, refund.
        Result = 17 "result",
        /// Whether a leg was under way: 0 or 1.
        Live = 18 "live",
        /// Whether it was reported late: 0 or 1.
        Late = 19 "late",
        /// Whether its payout waits for funds: 0 or 1.
        Waiting = 20 "waiting",
        /// A rule that it breaks.
        Breach = 21 "breach",
        /// Its winnings, tiyn.
        Winnings = 22 "winnings_tiyn",
        /// What is still to be paid, tiyn.
        Outstanding = 23 "outstanding_tiyn",
        /// What was paid beyond what is due, tiyn.
        Claim = 24 "claim_tiyn",
    }
}

choice! {
    /// How a field is compared.
    pub enum Operator {
        /// Equal.
        Is = 1 "is",
        /// At least.
        From = 2 "from",
        /// Less than.
        Before = 3 "before",
    }
}

choice! {
    /// What pages can be sorted by.
    pub enum SortField {
        /// When БЕЖ accepted it.
        At = 1 "at",
        /// The stake.
        Amount = 2 "amount_tiyn",
        /// The account.
        Account = 3 "account",
        /// The organiser.
        Organiser = 4 "organiser",
        /// The desk.
        Desk = 5 "desk",
        /// The event of the first leg.
        Event = 6 "event",
        /// The bet's id.
        Id = 7 "id",
        /// Where it stands.
        Standing = 8 "state",
        /// When the organiser accepted it.
        MadeAt = 9 "made_at",
        /// Its winnings.
        Winnings = 10 "winnings_tiyn",
        /// What is still to be paid.
        Outstanding = 11 "outstanding_tiyn",
    }
}

choice! {
    /// Which way pages are sorted.
    pub enum Direction {
        /// Lowest first.
        Ascending = 1 "ascending",
        /// Highest first.
        Descending = 2 "descending",
    }
}

/// What a field is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A number, or the code of a word.
    Number(i64),
    /// A bet's id.
    Id(BetId),
}

/// One condition; all of a question's must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The field.
    pub field: Field,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub wanted: Wanted,
}

impl Condition {
    /// A comparison with a number or a code.
    pub const fn number(field: Field, operator: Operator, number: i64) -> Condition {
        Condition { field, operator, wanted: Wanted::Number(number) }
    }

    /// A bet's id.
    pub const fn id(bet: BetId) -> Condition {
        Condition { field: Field::Id, operator: Operator::Is, wanted: Wanted::Id(bet) }
    }
}

/// A place between two rows in the order of a question: the next page begins behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The value of the sort field.
    pub key: i128,
    /// The row.
    pub seq: Seq,
}

impl Position {
    /// Reads what `Display` printed.
    pub fn parse(text: &str) -> Option<Position> {
        let (key, seq) = text.split_once('.')?;
        Some(Position { key: key.parse().ok()?, seq: Seq(seq.parse().ok()?) })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.key, self.seq)
    }
}

/// What is wrong with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The field cannot be compared so.
    Operator,
    /// The field never has such a value.
    Value,
    /// The same comparison twice.
    Twice,
    /// It needs a range of days beside it, for nothing else narrows the search.
    NeedsDays,
    /// Nothing can be in the range.
    Empty,
    /// Too many conditions.
    TooMany,
    /// A page has 1 to 50 rows.
    PageSize,
}

/// A problem and the field that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The name of the field, `conditions` or `limit`.
    pub field: &'static str,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            Problem::Operator => "cannot be compared so",
            Problem::Value => "never has such a value",
            Problem::Twice => "is compared so twice",
            Problem::NeedsDays => "needs a first and a last day beside it",
            Problem::Empty => "has an empty range",
            Problem::TooMany => "are too many",
            Problem::PageSize => "must be from 1 to 50",
        };
        write!(f, "{}: {what}", self.field)
    }
}

impl core::error::Error for QueryError {}

/// A question to the register of bets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BetQuery {
    conditions: Vec<Condition>,
    sort: SortField,
    direction: Direction,
    after: Option<Position>,
    limit: usize,
}

impl BetQuery {
    /// Checks a question and tells every problem at once.
    pub fn new(
        conditions: Vec<Condition>,
        (sort, direction): (SortField, Direction),
        after: Option<Position>,
        limit: usize,
    ) -> Result<BetQuery, Vec<QueryError>> {
        let mut errors = Vec::new();
        if CONDITIONS_MAX < conditions.len() {
            errors.push(QueryError { field: "conditions", problem: Problem::TooMany });
        }
        if limit == 0 || PAGE_MAX < limit {
            errors.push(QueryError { field: "limit", problem: Problem::PageSize });
        }
        for (index, condition) in conditions.iter().enumerate() {
            let field = condition.field.name();
            let mut note = |problem| errors.push(QueryError { field, problem });
            if !condition.field.takes(condition.operator) {
                note(Problem::Operator);
            } else if !condition.field.knows(condition.wanted) {
                note(Problem::Value);
            }
            let same = |other: &Condition| {
                (other.field, other.operator) == (condition.field, condition.operator)
            };
            if conditions.iter().take(index).any(same) {
                note(Problem::Twice);
            }
        }
        let query = BetQuery { conditions, sort, direction, after, limit };
        query.check_ranges(&mut errors);
        if errors.is_empty() { Ok(query) } else { Err(errors) }
    }

    /// The newest bets first, without a condition.
    pub fn newest() -> BetQuery {
        let (sort, direction) = (SortField::At, Direction::Descending);
        BetQuery { conditions: Vec::new(), sort, direction, after: None, limit: PAGE_MAX }
    }

    /// The same question for the page behind a position.
    pub fn behind(&self, after: Position) -> BetQuery {
        BetQuery { after: Some(after), ..self.clone() }
    }

    /// The same question for a shorter page, of one row at least.
    pub fn shorter(&self, limit: usize) -> BetQuery {
        BetQuery { limit: limit.clamp(1, self.limit), ..self.clone() }
    }

    /// What pages are sorted by.
    pub fn sort(&self) -> (SortField, Direction) {
        (self.sort, self.direction)
    }

    /// Where the page begins.
    pub fn after(&self) -> Option<Position> {
        self.after
    }

    /// How many rows a page has.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The id asked for.
    pub fn id(&self) -> Option<BetId> {
        self.conditions.iter().find_map(|condition| match condition.wanted {
            Wanted::Id(bet) => Some(bet),
            Wanted::Number(_) => None,
        })
    }

    /// The number that a field must have.
    pub fn is(&self, field: Field) -> Option<i64> {
        self.wanted(field, Operator::Is)
    }

    /// The numbers `from..before` that a field may have, as far as the question bounds them.
    pub fn range(&self, field: Field) -> (Option<i64>, Option<i64>) {
        match self.is(field) {
            Some(number) => (Some(number), number.checked_add(1)),
            None => (self.wanted(field, Operator::From), self.wanted(field, Operator::Before)),
        }
    }

    /// Whether a row is among the hits.
    pub fn matches(&self, row: &BetRow) -> bool {
        self.conditions.iter().all(|condition| match condition.wanted {
            Wanted::Id(bet) => row.bet == bet,
            Wanted::Number(wanted) => {
                let mut holds = false;
                condition.field.values(row, |value| {
                    holds = holds
                        || match condition.operator {
                            Operator::Is => value == wanted,
                            Operator::From => wanted <= value,
                            Operator::Before => value < wanted,
                        };
                });
                holds
            }
        })
    }

    /// Where a row stands in the order of the question.
    pub fn position(&self, row: &BetRow) -> Position {
        Position { key: self.sort.key(row), seq: row.seq }
    }

    /// Whether a position lies behind the one after which the page begins.
    pub fn is_behind(&self, position: Position) -> bool {
        match (self.after, self.direction) {
            (None, _) => true,
            (Some(after), Direction::Ascending) => after < position,
            (Some(after), Direction::Descending) => position < after,
        }
    }

    fn wanted(&self, field: Field, operator: Operator) -> Option<i64> {
        let found = self
            .conditions
            .iter()
            .find(|condition| (condition.field, condition.operator) == (field, operator))?;
        match found.wanted {
            Wanted::Number(number) => Some(number),
            Wanted::Id(_) => None,
        }
    }

    /// Whether the question is bounded to days, at both ends.
    fn has_days(&self) -> bool {
        [Field::Day, Field::At]
            .into_iter()
            .any(|field| matches!(self.range(field), (Some(_), Some(_))))
    }

    fn check_ranges(&self, errors: &mut Vec<QueryError>) {
        let narrow = self.id().is_some()
            || [Field::Account, Field::Event].into_iter().any(|field| self.is(field).is_some());
        for condition in &self.conditions {
            let field = condition.field.name();
            if !condition.field.is_indexed() && !narrow && !self.has_days() {
                errors.push(QueryError { field, problem: Problem::NeedsDays });
            }
            if let (Operator::Before, (Some(from), Some(before))) =
                (condition.operator, self.range(condition.field))
                && before <= from
            {
                errors.push(QueryError { field, problem: Problem::Empty });
            }
        }
    }
}

impl Field {
    /// Whether a store finds rows by it without looking at others (core 24).
    pub const fn is_indexed(self) -> bool {
        use Field::{Account, Amount, At, Day, Desk, Event, Id, Organiser, Standing};
        matches!(self, Id | Account | Organiser | Desk | Event | At | Day | Amount | Standing)
    }

    const fn takes(self, operator: Operator) -> bool {
        use Field::{Amount, At, Claim, Day, MadeAt, MadeDay, Outstanding, Winnings};
        let ordered =
            matches!(self, At | MadeAt | Day | MadeDay | Amount | Winnings | Outstanding | Claim);
        ordered || matches!(operator, Operator::Is)
    }

    fn knows(self, wanted: Wanted) -> bool {
        let Wanted::Number(number) = wanted else { return matches!(self, Field::Id) };
        let code = u8::try_from(number).ok();
        match self {
            Field::Id => false,
            Field::Account
            | Field::Organiser
            | Field::Desk
            | Field::Event
            | Field::Championship
            | Field::Sport => u32::try_from(number).is_ok(),
            Field::At | Field::MadeAt => true,
            Field::Day | Field::MadeDay => i32::try_from(number).is_ok(),
            Field::Amount | Field::Winnings | Field::Outstanding | Field::Claim => 0 <= number,
            Field::Live | Field::Late | Field::Waiting => number == 0 || number == 1,
            Field::Standing => code.and_then(Standing::from_code).is_some(),
            Field::Form => code.and_then(Form::from_code).is_some(),
            Field::DeskKind => code.and_then(DeskKind::from_code).is_some(),
            Field::Shape => code.and_then(ShapeKind::from_code).is_some(),
            Field::Result => code.and_then(BetOutcome::from_code).is_some(),
            Field::Breach => u16::try_from(number).ok().and_then(Reason::from_code).is_some(),
        }
    }

    /// Gives each value that the field has in a row: of legs and breaches any number.
    fn values(self, row: &BetRow, mut give: impl FnMut(i64)) {
        match self {
            Field::Id => {}
            Field::Account => give(i64::from(row.account.0)),
            Field::Organiser => give(i64::from(row.organiser.0)),
            Field::Desk => give(i64::from(row.desk.0)),
            Field::Event => row.legs.iter().for_each(|leg| give(i64::from(leg.event.0))),
            Field::Championship => {
                row.legs.iter().for_each(|leg| give(i64::from(leg.championship.0)));
            }
            Field::Sport => row.legs.iter().for_each(|leg| give(i64::from(leg.sport.0))),
            Field::At => give(row.at.0),
            Field::MadeAt => give(row.made_at.0),
            Field::Day => give(day(row.day)),
            Field::MadeDay => give(day(row.made_day)),
            Field::Amount => give(row.amount.get()),
            Field::Standing => give(i64::from(row.standing.code())),
            Field::Form => give(i64::from(row.form.code())),
            Field::DeskKind => give(i64::from(row.desk_kind.code())),
            Field::Shape => give(i64::from(ShapeKind::from(row.shape).code())),
            Field::Result => {
                if let Some(settled) = &row.settlement {
                    give(i64::from(settled.result.code()));
                }
            }
            Field::Live => give(i64::from(row.live)),
            Field::Late => give(i64::from(row.late)),
            Field::Waiting => give(i64::from(row.waiting)),
            Field::Breach => row.breaches.iter().for_each(|reason| give(reason.code().into())),
            Field::Winnings => give(winnings(row)),
            Field::Outstanding => give(row.outstanding().get()),
            Field::Claim => give(row.claim().get()),
        }
    }
}

impl SortField {
    /// The value of the field in a row, as a number that orders as the field does.
    pub fn key(self, row: &BetRow) -> i128 {
        let number = match self {
            SortField::At => row.at.0,
            SortField::Amount => row.amount.get(),
            SortField::Account => row.account.0.into(),
            SortField::Organiser => row.organiser.0.into(),
            SortField::Desk => row.desk.0.into(),
            SortField::Event => row.legs.first().map_or(0, |leg| leg.event.0).into(),
            // Cannot be negative: an id of version 7 begins with 48 bits of milliseconds.
            SortField::Id => return u128::from_be_bytes(row.bet.0) as i128,
            SortField::Standing => row.standing.code().into(),
            SortField::MadeAt => row.made_at.0,
            SortField::Winnings => winnings(row),
            SortField::Outstanding => row.outstanding().get(),
        };
        number.into()
    }
}

fn day(day: Day) -> i64 {
    day.0.into()
}

fn winnings(row: &BetRow) -> i64 {
    row.settlement.as_ref().map_or(0, |settled| settled.winnings().get())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(conditions: &[Condition], limit: usize) -> Vec<String> {
        let sort = (SortField::At, Direction::Descending);
        match BetQuery::new(conditions.to_vec(), sort, None, limit) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn every_problem_names_its_field() {
        use Operator::{Before, From, Is};
        let number = Condition::number;
        let check = |conditions: &[Condition], want: &[&str]| {
            assert_eq!(errors(conditions, 50), want, "{conditions:?}");
        };
        let day = number(Field::Day, Is, 20_000);
        check(&[], &[]);
        check(&[number(Field::Account, Is, 7)], &[]);
        check(&[number(Field::Account, Is, -7)], &["account: never has such a value"]);
        check(&[number(Field::Account, From, 7)], &["account: cannot be compared so"]);
        check(&[number(Field::Standing, Is, 9)], &["state: never has such a value"]);
        let late = number(Field::Late, Is, 1);
        check(&[late], &["late: needs a first and a last day beside it"]);
        check(&[late, day], &[]);
        check(&[late, number(Field::Account, Is, 7)], &[]);
        check(&[late, late, day], &["late: is compared so twice"]);
        let (from, before) = (number(Field::Amount, From, 5), number(Field::Amount, Before, 5));
        check(&[from, before], &["amount_tiyn: has an empty range"]);
        check(&[number(Field::Id, Is, 5)], &["id: never has such a value"]);
        check(&[Condition::id(BetId([7; 16])), late], &[]);
        assert_eq!(errors(&[], 51), ["limit: must be from 1 to 50"]);
        assert_eq!(errors(&[], 0), ["limit: must be from 1 to 50"]);
    }

    #[test]
    fn positions_read_back() {
        let position = Position { key: -5, seq: Seq(77) };
        assert_eq!(position.to_string(), "-5.77");
        assert_eq!(Position::parse("-5.77"), Some(position));
        assert_eq!(Position::parse("5"), None);
    }
}
