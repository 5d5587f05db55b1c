//! The question mark of an address: which part of a list is asked for. As strict as a message.

use axum::extract::Query;
use terms::Day;
use wire::Faults;

use crate::limits::{PAGE, PAGE_MAX};

/// The pairs behind the question mark.
pub type Pairs = Query<Vec<(String, String)>>;

/// Which part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Behind this number.
    pub after: Option<u64>,
    /// So many rows.
    pub limit: Option<usize>,
    /// Before this day.
    pub before: Option<Day>,
    /// The organiser's own id.
    pub own: Option<String>,
}

impl Asked {
    /// Reads pairs, of which these names are known.
    pub fn read(pairs: &Pairs, known: &[&str]) -> Result<Asked, Faults> {
        let (mut asked, mut faults) = (Asked::default(), Faults::default());
        for (index, (name, value)) in pairs.0.iter().enumerate() {
            // A name that nobody knows is of its sender's making, and not repeated to him.
            if !known.contains(&name.as_str()) {
                faults.rule("", "unknown_parameter");
                continue;
            }
            let at = format!("/{name}");
            if pairs.0[..index].iter().any(|(other, _)| other == name) {
                faults.rule(&at, "repeated_parameter");
                continue;
            }
            let most = if name == "limit" { PAGE_MAX as u64 } else { wire::INTEGER_MAX };
            let number = value.parse().ok().filter(|number: &u64| {
                number.to_string() == *value && *number <= most && (name == "after" || 0 < *number)
            });
            match (name.as_str(), number) {
                ("before", _) => match Day::parse(value) {
                    Some(day) => asked.before = Some(day),
                    None => faults.note(&at, "format", Some("date"), None),
                },
                ("own", _) => asked.own = Some(value.clone()),
                ("after", Some(number)) => asked.after = Some(number),
                ("limit", Some(number)) => asked.limit = usize::try_from(number).ok(),
                _ => {
                    let least = u8::from(name == "limit");
                    faults.note(&at, "range", Some(&format!("{least} to {most}")), None);
                }
            }
        }
        if faults.0.is_empty() { Ok(asked) } else { Err(faults) }
    }

    /// So many rows are to be given.
    pub fn rows(&self) -> usize {
        self.limit.unwrap_or(PAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Asked, Vec<String>> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let read = Asked::read(&Query(pairs.iter().map(own).collect()), &["after", "limit"]);
        read.map_err(|faults| {
            faults.0.iter().map(|fault| format!("{} {}", fault.pointer, fault.rule)).collect()
        })
    }

    #[test]
    fn a_question_is_as_strict_as_a_message() {
        // R2-55.3
        let whole = Asked { after: Some(0), limit: Some(1_000), before: None, own: None };
        assert_eq!(read(&[("after", "0"), ("limit", "1000")]), Ok(whole));
        for value in ["-1", "+1", "01", "1.0", "", "x", "9007199254740992"] {
            assert_eq!(read(&[("after", value)]), Err(vec!["/after range".into()]), "{value}");
        }
        for value in ["0", "1001"] {
            assert_eq!(read(&[("limit", value)]), Err(vec!["/limit range".into()]), "{value}");
        }
        let faults = read(&[("after", "1"), ("after", "x"), ("<script>", "1")]);
        let want = vec!["/after repeated_parameter".to_owned(), " unknown_parameter".to_owned()];
        assert_eq!(faults, Err(want));
    }
}
