//! Columns beside each other, with a rule between two of them: a heap before a threshold shows
//! itself.

use super::{Drawing, Size, both, part, top};

/// Columns.
pub struct Columns<'a> {
    /// What it says, for those who do not see it.
    pub label: &'a str,
    /// Name and height of each.
    pub rows: &'a [(String, i64)],
    /// The rule stands before this column.
    pub rule: usize,
    /// What the rule is called.
    pub word: &'a str,
}

const HEIGHT: i64 = 200;
const TOP: i64 = 28;
const BOTTOM: i64 = 28;
const LEFT: i64 = 40;

impl Columns<'_> {
    /// The drawing; nothing where all columns are nothing.
    pub fn svg(&self) -> String {
        if self.rows.iter().all(|(_, value)| *value == 0) {
            return String::new();
        }
        both(|size| self.draw(size))
    }

    fn draw(&self, size: Size) -> String {
        let right = size.width();
        let mut drawing = Drawing::begin(size.class(), right, HEIGHT, self.label);
        let most = top(self.rows.iter().map(|(_, value)| *value).max().unwrap_or(0));
        let wide = (right - LEFT) / self.rows.len().max(1) as i64;
        let y = |value: i64| HEIGHT - BOTTOM - part(value, most, HEIGHT - TOP - BOTTOM);
        for value in [0, most] {
            let at = y(value);
            drawing.put(format_args!(
                "<line x1=\"{LEFT}\" y1=\"{at}\" x2=\"{right}\" y2=\"{at}\" class=\"grid\"/>"
            ));
            drawing.text((LEFT - 6, at + 4), "tick end", &value.to_string());
        }
        let every = match size {
            Size::Broad => 1,
            Size::Narrow => 5,
        };
        for (at, (name, value)) in self.rows.iter().enumerate() {
            let left = LEFT + wide * at as i64;
            let (above, height) = (y(*value), HEIGHT - BOTTOM - y(*value));
            let class = if at < self.rule { "bar" } else { "bar c2" };
            drawing.put(format_args!(
                "<rect x=\"{}\" y=\"{above}\" width=\"{}\" height=\"{height}\" class=\"{class}\"/>",
                left + 2,
                (wide - 4).max(1)
            ));
            if at.is_multiple_of(every) {
                drawing.text((left + wide / 2, HEIGHT - 8), "tick mid", name);
            }
            if *value != 0 {
                drawing.text((left + wide / 2, above - 4), "tick mid", &value.to_string());
            }
        }
        let x = LEFT + wide * self.rule as i64;
        drawing.put(format_args!(
            "<line x1=\"{x}\" y1=\"4\" x2=\"{x}\" y2=\"{}\" class=\"rule\"/>",
            HEIGHT - BOTTOM
        ));
        // The rule stands in the right half: on a phone its name would not fit behind it.
        match size {
            Size::Broad => drawing.text((x + 6, 14), "name", self.word),
            Size::Narrow => drawing.text((x - 6, 14), "name end", self.word),
        }
        drawing.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_begin_at_nothing() {
        let rows = [("a".to_owned(), 5), ("b".to_owned(), 10)];
        let svg = Columns { label: "x", rows: &rows, rule: 1, word: "limit" }.svg();
        assert!(
            svg.contains("height=\"144\" class=\"bar c2\"") && svg.contains(">limit<"),
            "{svg}"
        );
        let none = [("a".to_owned(), 0)];
        assert_eq!(Columns { label: "x", rows: &none, rule: 0, word: "" }.svg(), "");
    }
}
