//! Cells in rows: what each hour was like, by shape and colour.

use super::{Drawing, WIDTH, shortened};

/// What an hour was like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heat {
    /// Nothing came, and usually nothing does.
    Idle,
    /// As usual.
    Usual,
    /// Less than half of what is usual.
    Slow,
    /// Nothing came, although something usually does.
    Silent,
}

const NAME: i64 = 216;
const ROW: i64 = 28;

/// Rows with a name and 24 cells each; the names of the hours stand above every third.
pub fn heat(rows: &[(String, Vec<Heat>)], hours: &[String], label: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let height = ROW * (rows.len() as i64 + 1);
    let mut drawing = Drawing::begin("chart", WIDTH, height, label);
    let x = |at: usize| NAME + (WIDTH - NAME) * at as i64 / 24;
    for (at, hour) in hours.iter().enumerate().filter(|(at, _)| at % 3 == 2) {
        drawing.text((x(at) + 9, 18), "tick mid", hour);
    }
    for (row, (name, cells)) in rows.iter().enumerate() {
        let y = ROW * (row as i64 + 1);
        drawing.text((0, y + 16), "bar-name", &shortened(name, 26));
        for (at, cell) in cells.iter().enumerate() {
            let (class, glyph) = match cell {
                Heat::Idle => ("heat-idle", ""),
                Heat::Usual => ("heat-usual", "·"),
                Heat::Slow => ("heat-slow", "–"),
                Heat::Silent => ("heat-silent", "!"),
            };
            let left = x(at);
            drawing.put(format_args!(
                "<rect x=\"{left}\" y=\"{y}\" width=\"18\" height=\"22\" class=\"heat {class}\"/>"
            ));
            if !glyph.is_empty() {
                drawing.text((left + 9, y + 16), &format!("glyph {class}-glyph mid"), glyph);
            }
        }
    }
    drawing.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hour_has_its_shape() {
        let rows = vec![("<b>".to_owned(), vec![Heat::Idle, Heat::Usual, Heat::Silent])];
        let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
        let svg = heat(&rows, &hours, "x");
        assert!(svg.contains("&lt;b&gt;") && !svg.contains("<b>"));
        assert_eq!((svg.matches("heat-silent\"").count(), svg.matches("<rect").count()), (1, 3));
        assert_eq!(heat(&[], &hours, "x"), "");
    }
}
