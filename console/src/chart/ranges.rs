//! Ranges on one scale: from the lowest to the highest, with the first and the last marked.

use super::{Drawing, Size, both, shortened};

/// A row: its name, lowest, highest, first and last value, and the words at its end.
pub struct Range {
    pub name: String,
    pub low: i64,
    pub high: i64,
    pub first: i64,
    pub last: i64,
    pub words: String,
}

/// The drawing; nothing where there is no row.
pub fn ranges(rows: &[Range], label: &str) -> String {
    if rows.is_empty() { String::new() } else { both(|size| draw(rows, label, size)) }
}

fn draw(rows: &[Range], label: &str, size: Size) -> String {
    let low = rows.iter().map(|row| row.low).min().unwrap_or(0);
    let high = rows.iter().map(|row| row.high).max().unwrap_or(0);
    // On a phone name and words stand above the range.
    let (from, until, pitch, middle) = match size {
        Size::Broad => (240, size.width() - 150, 30, 16),
        Size::Narrow => (0, size.width(), 48, 32),
    };
    let height = pitch * rows.len() as i64 + 8;
    let mut drawing = Drawing::begin(size.class(), size.width(), height, label);
    let span = i128::from((high - low).max(1));
    let wide = i128::from(until - from - 16);
    let x = |value: i64| {
        let at = i128::from(value - low) * wide / span;
        from + 8 + i64::try_from(at).unwrap_or(0)
    };
    for (at, row) in (0..).zip(rows) {
        let y = pitch * at + middle;
        let text = size.of(y + 4, y - 14);
        let letters = match size {
            Size::Broad => 32,
            Size::Narrow => 28,
        };
        drawing.text((0, text), "bar-name", &shortened(&row.name, letters));
        let (left, right) = (x(row.low), x(row.high));
        drawing.put(format_args!(
            "<line x1=\"{from}\" y1=\"{y}\" x2=\"{until}\" y2=\"{y}\" class=\"grid\"/>\
             <line x1=\"{left}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\" class=\"range\"/>\
             <circle cx=\"{}\" cy=\"{y}\" r=\"5\" class=\"hollow\"/>\
             <circle cx=\"{}\" cy=\"{y}\" r=\"5\" class=\"dot\"/>",
            x(row.first),
            x(row.last)
        ));
        drawing.text((size.width(), text), "bar-value end", &row.words);
    }
    drawing.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_share_a_scale() {
        let row = |low, high| Range {
            name: "<i>".into(),
            low,
            high,
            first: low,
            last: high,
            words: "w".into(),
        };
        let svg = ranges(&[row(10, 20), row(20, 30)], "x");
        assert!(svg.contains("x1=\"248\"") && svg.contains("x2=\"562\""), "{svg}");
        assert!(svg.contains("x1=\"8\"") && svg.contains("x2=\"332\""), "{svg}");
        assert!(!svg.contains("<i>"));
        assert_eq!(ranges(&[], "x"), "");
    }
}
