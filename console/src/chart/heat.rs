//! Cells in rows: what each hour was like, by shape and colour.

use super::{Drawing, Size, both, shortened};

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

/// Rows with a name and 24 cells each; the names of the hours stand above every third.
pub fn heat(rows: &[(String, Vec<Heat>)], hours: &[String], label: &str) -> String {
    if rows.is_empty() { String::new() } else { both(|size| draw(rows, hours, label, size)) }
}

fn draw(rows: &[(String, Vec<Heat>)], hours: &[String], label: &str, size: Size) -> String {
    // On a phone the name stands above its cells.
    let (from, row, cell, above) = match size {
        Size::Broad => (216, 28, 18, 0),
        Size::Narrow => (0, 52, 12, 22),
    };
    let height = 28 + row * rows.len() as i64;
    let mut drawing = Drawing::begin(size.class(), size.width(), height, label);
    let x = |at: usize| from + (size.width() - from) * at as i64 / 24;
    for (at, hour) in hours.iter().enumerate().filter(|(at, _)| at % 3 == 2) {
        drawing.text((x(at) + cell / 2, 18), "tick mid", hour);
    }
    for (at, (name, cells)) in (0..).zip(rows) {
        let y = 28 + row * at + above;
        drawing.text((0, size.of(y + 16, y - 6)), "bar-name", &shortened(name, 26));
        for (at, heat) in cells.iter().enumerate() {
            let (class, glyph) = match heat {
                Heat::Idle => ("heat-idle", ""),
                Heat::Usual => ("heat-usual", "·"),
                Heat::Slow => ("heat-slow", "–"),
                Heat::Silent => ("heat-silent", "!"),
            };
            let left = x(at);
            drawing.put(format_args!(
                "<rect x=\"{left}\" y=\"{y}\" width=\"{cell}\" height=\"22\" \
                 class=\"heat {class}\"/>"
            ));
            if !glyph.is_empty() {
                let class = format!("glyph {class}-glyph mid");
                drawing.text((left + cell / 2, y + 16), &class, glyph);
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
        // Once for each of two widths.
        assert_eq!((svg.matches("heat-silent\"").count(), svg.matches("<rect").count()), (2, 6));
        assert_eq!(heat(&[], &hours, "x"), "");
    }
}
