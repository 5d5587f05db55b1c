//! Ranges on one scale: from the lowest to the highest, with the first and the last marked.

use super::{Drawing, WIDTH, shortened};

/// A row: its name, lowest, highest, first and last value, and the words at its end.
pub struct Range {
    pub name: String,
    pub low: i64,
    pub high: i64,
    pub first: i64,
    pub last: i64,
    pub words: String,
}

const NAME: i64 = 240;
const END: i64 = 150;
const ROW: i64 = 30;

/// The drawing; nothing where there is no row.
pub fn ranges(rows: &[Range], label: &str) -> String {
    let low = rows.iter().map(|row| row.low).min().unwrap_or(0);
    let high = rows.iter().map(|row| row.high).max().unwrap_or(0);
    if rows.is_empty() {
        return String::new();
    }
    let mut drawing = Drawing::begin("chart", WIDTH, ROW * rows.len() as i64 + 8, label);
    let span = i128::from((high - low).max(1));
    let wide = i128::from(WIDTH - NAME - END - 16);
    let x = |value: i64| {
        let at = i128::from(value - low) * wide / span;
        NAME + 8 + i64::try_from(at).unwrap_or(0)
    };
    for (at, row) in rows.iter().enumerate() {
        let y = ROW * at as i64 + 16;
        drawing.text((0, y + 4), "bar-name", &shortened(&row.name, 32));
        let (from, to) = (x(row.low), x(row.high));
        drawing.put(format_args!(
            "<line x1=\"{NAME}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" class=\"grid\"/>\
             <line x1=\"{from}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\" class=\"range\"/>\
             <circle cx=\"{}\" cy=\"{y}\" r=\"5\" class=\"hollow\"/>\
             <circle cx=\"{}\" cy=\"{y}\" r=\"5\" class=\"dot\"/>",
            WIDTH - END,
            x(row.first),
            x(row.last)
        ));
        drawing.text((WIDTH, y + 4), "bar-value end", &row.words);
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
        assert!(!svg.contains("<i>"));
        assert_eq!(ranges(&[], "x"), "");
    }
}
