//! Fields of forms by their names, and what is wrong with them, beside each and above all.

use crate::doc::{Button, Form, Input};
use crate::ports::{Field, No, Private, Problem};
use crate::visit::{Trouble, Visit};

/// Characters of what is typed into one line.
const LINE_MAX: usize = 300;

/// A line of text.
pub fn line(visit: &Visit<'_>, field: Field) -> Input {
    Input {
        name: field.name(),
        label: visit.word(&format!("field.{}", field.name())),
        input: "text",
        max: LINE_MAX,
        ..Input::default()
    }
}

/// The same with a hint.
pub fn hinted(visit: &Visit<'_>, field: Field) -> Input {
    Input { hint: visit.word(&format!("field_hint.{}", field.name())), ..line(visit, field) }
}

/// The number of a phone.
pub fn phone(visit: &Visit<'_>) -> Input {
    Input { input: "tel", autocomplete: "tel", keys: "tel", max: 20, ..hinted(visit, Field::Phone) }
}

/// A password that exists, or a new one.
pub fn password(visit: &Visit<'_>, new: bool) -> Input {
    let (hint, autocomplete) = match new {
        true => (visit.word("field_hint.password"), "new-password"),
        false => (String::new(), "current-password"),
    };
    Input { input: "password", hint, autocomplete, ..line(visit, Field::Password) }
}

/// A one-time code.
pub fn code(visit: &Visit<'_>, hint: String) -> Input {
    Input {
        autocomplete: "one-time-code",
        keys: "numeric",
        // Six digits; pasted ones may have a blank.
        max: 7,
        short: true,
        hint,
        ..line(visit, Field::Code)
    }
}

/// A day.
pub fn day(visit: &Visit<'_>, field: Field) -> Input {
    Input { input: "date", ..line(visit, field) }
}

/// One of a few, all in sight.
pub fn radio(visit: &Visit<'_>, field: Field, options: Vec<(String, String)>) -> Input {
    Input { input: "radio", options, ..line(visit, field) }
}

/// One of a list.
pub fn select(visit: &Visit<'_>, field: Field, options: Vec<(String, String)>) -> Input {
    Input { input: "select", options, ..line(visit, field) }
}

/// A mark.
pub fn check(visit: &Visit<'_>, field: Field, label: String) -> Input {
    Input { input: "check", label, ..line(visit, field) }
}

/// The button of a form that has one.
pub fn go(visit: &Visit<'_>, key: &str) -> Vec<Button> {
    vec![Button { text: visit.word(key), value: "", look: "primary" }]
}

/// What was typed into a field, hidden from logs. Blanks at both ends are gone already.
pub fn typed(visit: &Visit<'_>, field: Field) -> Private {
    Private::new(visit.form.get(field.name()).unwrap_or_default())
}

/// What was typed where only digits count: people write them with blanks and hyphens.
pub fn digits(visit: &Visit<'_>, field: Field) -> Private {
    let typed = visit.form.get(field.name()).unwrap_or_default();
    Private::new(typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>())
}

/// Puts back what was typed, but for passwords, codes and files.
pub fn refill(visit: &Visit<'_>, form: &mut Form) {
    for input in &mut form.fields {
        if !matches!(input.input, "password" | "file") && input.autocomplete != "one-time-code" {
            let typed = visit.form.get(input.name).unwrap_or_default();
            input.value = typed.to_owned();
        }
    }
}

/// Says beside each field what is wrong with it; what has no field of the form is said above.
pub fn mark(visit: &Visit<'_>, form: &mut Form, problems: &[Problem]) {
    for problem in problems {
        let (field, wrong) = (problem.field.name(), problem.wrong.name());
        let label = visit.word(&format!("field.{field}"));
        let sentence = visit.say(&format!("wrong_{wrong}"), &[("field", &label)]);
        match form.fields.iter_mut().find(|input| input.name == field) {
            Some(input) => input.error = Some(sentence),
            None => form.problem = Some(sentence),
        }
    }
}

/// What is wrong with what was typed; any other no goes its own way.
pub fn problems(no: No) -> Result<Vec<Problem>, Trouble> {
    match no {
        No::Wrong(problems) => Ok(problems),
        no => Err(Trouble::No(no)),
    }
}
