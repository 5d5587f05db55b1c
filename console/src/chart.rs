//! Charts as SVG, drawn on the server: no style attributes, colours by class, every text escaped.
//!
//! Widths are those of the drawing's own box; the page scales them. What has an axis is drawn
//! twice, for broad pages and for phones, and the page shows the one that fits: a drawing that is
//! scaled down cannot be read, and one that is cut hides its newest figures. All arithmetic is in
//! whole pixels and tiyn.

use std::fmt::Write as _;

mod columns;
mod heat;
mod lanes;
mod ranges;

pub use columns::Columns;
pub use heat::{Heat, heat};
pub use lanes::{Lane, Mark, lanes};
pub use ranges::{Range, ranges};

use crate::web::escape;

/// A drawing that is being made.
struct Drawing(String);

impl Drawing {
    fn begin(class: &str, width: i64, height: i64, label: &str) -> Drawing {
        Drawing(format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{}\">",
            escape(label)
        ))
    }

    fn put(&mut self, piece: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(piece);
    }

    fn text(&mut self, (x, y): (i64, i64), class: &str, text: &str) {
        let text = escape(text);
        self.put(format_args!("<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{text}</text>"));
    }

    fn end(mut self) -> String {
        self.0.push_str("</svg>");
        self.0
    }
}

/// What a drawing is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    /// A card on a desk's screen, or paper.
    Broad,
    /// A phone.
    Narrow,
}

impl Size {
    const fn class(self) -> &'static str {
        match self {
            Size::Broad => "chart broad",
            Size::Narrow => "chart narrow",
        }
    }

    const fn width(self) -> i64 {
        match self {
            Size::Broad => WIDTH,
            Size::Narrow => 340,
        }
    }

    /// The one of two lengths that is meant.
    const fn of(self, broad: i64, narrow: i64) -> i64 {
        match self {
            Size::Broad => broad,
            Size::Narrow => narrow,
        }
    }
}

/// The drawing for both.
fn both(draw: impl Fn(Size) -> String) -> String {
    draw(Size::Broad) + &draw(Size::Narrow)
}

/// The part of `length` that `value` is of `most`; nothing where there is no most.
fn part(value: i64, most: i64, length: i64) -> i64 {
    if most <= 0 {
        return 0;
    }
    let part = i128::from(value.max(0)) * i128::from(length) / i128::from(most);
    i64::try_from(part).unwrap_or(length).min(length)
}

/// The smallest of 1, 2, 2.5, 5 × 10ⁿ that is not below a value: the top of an axis.
pub fn top(value: i64) -> i64 {
    let mut scale = 1i64;
    while let Some(next) = scale.checked_mul(10)
        && next <= value
    {
        scale = next;
    }
    [10, 20, 25, 50, 100]
        .into_iter()
        .map(|tenths| scale.saturating_mul(tenths) / 10)
        .find(|step| value <= *step)
        .unwrap_or(value)
        .max(1)
}

/// A line of hours or days against a band of what is usual.
pub struct Line<'a> {
    /// What it says, for those who do not see it.
    pub label: &'a str,
    /// Names under the axis, one for each value of the band.
    pub names: &'a [String],
    /// The line; it may end earlier than the axis.
    pub values: &'a [i64],
    /// The same of the days that are compared: lowest and highest.
    pub band: &'a [(i64, i64)],
    /// How a value is written at the axis.
    pub write: &'a dyn Fn(i64) -> String,
    /// What the line and the band are called.
    pub words: (&'a str, &'a str),
}

const WIDTH: i64 = 720;
const HEIGHT: i64 = 240;
const BOTTOM: i64 = 32;
/// Between two lines of text that stand below each other.
const APART: i64 = 16;

impl Line<'_> {
    /// The drawing; nothing where all values are nothing.
    pub fn svg(&self) -> String {
        let any = self.band.iter().any(|(_, high)| 0 < *high) || self.values.iter().any(|v| 0 < *v);
        if any { both(|size| self.draw(size)) } else { String::new() }
    }

    fn draw(&self, size: Size) -> String {
        let (left, right) = (size.of(96, 100), size.width() - size.of(96, 20));
        let top_edge = size.of(16, 36);
        let mut drawing = Drawing::begin(size.class(), size.width(), HEIGHT, self.label);
        let highest = self.band.iter().map(|(_, high)| *high).chain(self.values.iter().copied());
        let most = top(highest.max().unwrap_or(0));
        let count = self.names.len().max(2) as i64;
        let x = |at: usize| left + (right - left) * at as i64 / (count - 1);
        let y = |value: i64| HEIGHT - BOTTOM - part(value, most, HEIGHT - top_edge - BOTTOM);
        for step in 0..=2 {
            let value = if step == 2 { most } else { most / 2 * step };
            let at = y(value);
            drawing.put(format_args!(
                "<line x1=\"{left}\" y1=\"{at}\" x2=\"{right}\" y2=\"{at}\" class=\"grid\"/>"
            ));
            drawing.text((left - 8, at + 4), "tick end", &(self.write)(value));
        }
        let every = match size {
            Size::Broad => 3,
            Size::Narrow => 6,
        };
        for (at, name) in self.names.iter().enumerate().filter(|(at, _)| at.is_multiple_of(every)) {
            drawing.text((x(at), HEIGHT - 10), "tick mid", name);
        }
        if !self.band.is_empty() {
            let upper = self.band.iter().enumerate().map(|(at, band)| (x(at), y(band.1)));
            let lower = self.band.iter().enumerate().map(|(at, band)| (x(at), y(band.0))).rev();
            let points = points(upper.chain(lower));
            drawing.put(format_args!("<polygon points=\"{points}\" class=\"band\"/>"));
        }
        let values = self.values.iter().enumerate().map(|(at, value)| (x(at), y(*value)));
        if let Some((px, py)) = values.clone().next_back() {
            let points = points(values);
            drawing.put(format_args!("<polyline points=\"{points}\" class=\"line\"/>"));
            drawing.put(format_args!("<circle cx=\"{px}\" cy=\"{py}\" r=\"4\" class=\"dot\"/>"));
        }
        let band = self.band.last().map(|(low, high)| y(i64::midpoint(*low, *high)));
        let line =
            self.values.len().checked_sub(1).map(|last| (last, x(last), y(self.values[last])));
        match size {
            Size::Broad => self.name_beside(&mut drawing, right, band, line),
            Size::Narrow => self.name_above(&mut drawing, left, right),
        }
        drawing.end()
    }

    /// The names at the ends of what they name.
    fn name_beside(
        &self,
        drawing: &mut Drawing,
        right: i64,
        band: Option<i64>,
        line: Option<(usize, i64, i64)>,
    ) {
        let band = band.map(|middle| middle + 4);
        if let Some(at) = band {
            drawing.text((right + 8, at), "name band-name", self.words.1);
        }
        let Some((last, px, py)) = line else { return };
        // Where the line ends early, its name would lie on the band: it stands above the dot.
        if last + 1 < self.names.len() {
            return drawing.text((px, (py - 10).max(12)), "name line-name mid", self.words.0);
        }
        let at = (py - 8).max(12);
        let at = match band {
            Some(band) if (band - at).abs() < APART && band <= at => band + APART,
            Some(band) if (band - at).abs() < APART => band - APART,
            _ => at,
        };
        drawing.text((px + 8, at), "name line-name", self.words.0);
    }

    /// The names above, each behind a piece of what it names: there is no room at the ends.
    fn name_above(&self, drawing: &mut Drawing, left: i64, right: i64) {
        let middle = i64::midpoint(left, right) + 8;
        if !self.values.is_empty() {
            drawing.put(format_args!("<path d=\"M4 12h16\" class=\"line\"/>"));
            drawing.text((26, 17), "name line-name", self.words.0);
        }
        if !self.band.is_empty() {
            drawing.put(format_args!(
                "<rect x=\"{middle}\" y=\"5\" width=\"16\" height=\"14\" class=\"band\"/>"
            ));
            drawing.text((middle + 22, 17), "name band-name", self.words.1);
        }
    }
}

fn points(points: impl Iterator<Item = (i64, i64)>) -> String {
    let mut text = String::new();
    for (x, y) in points {
        let _ = write!(text, "{x},{y} ");
    }
    text.trim_end().to_owned()
}

/// Bars that lie, longest first: each with its name, its value in words, and where it leads.
pub struct Bars<'a> {
    /// What it says, for those who do not see it.
    pub label: &'a str,
    /// Name, value, the value in words, class of the bar.
    pub rows: &'a [(String, i64, String, &'static str)],
}

impl Bars<'_> {
    /// The drawing; nothing where there is no row.
    pub fn svg(&self) -> String {
        const ROW: i64 = 44;
        if self.rows.is_empty() {
            return String::new();
        }
        let height = ROW * self.rows.len().max(1) as i64 + 4;
        let mut drawing = Drawing::begin("chart bars", WIDTH / 2, height, self.label);
        let most = self.rows.iter().map(|row| row.1).max().unwrap_or(0);
        for (at, (name, value, words, class)) in self.rows.iter().enumerate() {
            let y = ROW * at as i64;
            drawing.text((0, y + 14), "bar-name", &shortened(name, 34));
            drawing.text((WIDTH / 2, y + 14), "bar-value end", words);
            let width = part(*value, most, WIDTH / 2).max(i64::from(0 < *value));
            let top = y + 20;
            drawing.put(format_args!(
                "<rect x=\"0\" y=\"{top}\" width=\"{}\" height=\"12\" class=\"track\"/>\
                 <rect x=\"0\" y=\"{top}\" width=\"{width}\" height=\"12\" class=\"bar {class}\"/>",
                WIDTH / 2
            ));
        }
        drawing.end()
    }
}

/// A small line beside a figure.
pub fn spark(values: &[i64], label: &str) -> String {
    const W: i64 = 160;
    const H: i64 = 32;
    let mut drawing = Drawing::begin("spark", W, H, label);
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let steps = values.len().max(2) as i64 - 1;
    let place = |(at, value): (usize, &i64)| {
        (4 + (W - 8) * at as i64 / steps, H - 4 - part(*value, most, H - 8))
    };
    let line = points(values.iter().enumerate().map(place));
    drawing.put(format_args!("<polyline points=\"{line}\" class=\"spark-line\"/>"));
    if let Some((x, y)) = values.iter().enumerate().map(place).next_back() {
        drawing.put(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" class=\"dot\"/>"));
    }
    drawing.end()
}

/// Shares of a whole, as one bar: name, value, words.
pub fn shares(rows: &[(String, i64, String)], label: &str) -> String {
    let total: i64 = rows.iter().map(|row| row.1.max(0)).sum();
    if total == 0 {
        return String::new();
    }
    both(|size| {
        let wide = size.width();
        let height = size.of(76, 32 + 24 * rows.len() as i64);
        let mut drawing = Drawing::begin(size.class(), wide, height, label);
        let mut x = 0;
        for (at, (_, value, _)) in rows.iter().enumerate() {
            let width = part(*value, total, wide);
            if width == 0 {
                continue;
            }
            drawing.put(format_args!(
                "<rect x=\"{x}\" y=\"0\" width=\"{}\" height=\"24\" class=\"share s{at}\"/>",
                (width - 2).max(1)
            ));
            x += width;
        }
        // A part may be too narrow for its words: they stand in places of their own under the bar.
        let place = wide / rows.len().max(1) as i64;
        for (at, (name, _, words)) in (0..).zip(rows) {
            let (left, y) = (size.of(place * at, 0), size.of(36, 36 + 24 * at));
            drawing.put(format_args!(
                "<rect x=\"{left}\" y=\"{y}\" width=\"12\" height=\"12\" class=\"share s{at}\"/>"
            ));
            drawing.text((left + 20, y + 11), "bar-name", name);
            match size {
                Size::Broad => drawing.text((left + 20, y + 30), "bar-value", words),
                Size::Narrow => drawing.text((wide, y + 11), "bar-value end", words),
            }
        }
        drawing.end()
    })
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (value, want) in [(0, 1), (1, 1), (7, 10), (11, 20), (21, 25), (26, 50), (99, 100)] {
            assert_eq!(top(value), want, "{value}");
        }
        assert!(i64::MAX / 2 < top(i64::MAX));
    }

    #[test]
    fn drawings_hold_their_figures_and_escape_names() {
        let write = |value: i64| value.to_string();
        let names: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
        let band = [(2, 4); 24];
        let (label, words) = ("a < b", ("today", "usual"));
        let line =
            Line { label, names: &names, values: &[0, 10, 5], band: &band, write: &write, words };
        let svg = line.svg();
        assert!(svg.contains("aria-label=\"a &lt; b\"") && svg.contains("class=\"line\""));
        // The highest value reaches the top, the lowest lies on the axis.
        assert!(svg.contains("points=\"96,208 118,16 141,112\""), "{svg}");
        // The same on a phone, where the end of the axis is in sight as well.
        assert!(svg.contains("points=\"100,208 109,36 119,122\""), "{svg}");
        assert_eq!((svg.matches("<svg").count(), svg.matches("chart narrow").count()), (2, 1));
        let rows =
            [("<script>".to_owned(), 5, "5".to_owned(), ""), ("b".into(), 10, "10".into(), "")];
        let bars = Bars { label: "x", rows: &rows }.svg();
        assert!(bars.contains("&lt;script&gt;") && !bars.contains("<script"));
        assert!(bars.contains("width=\"180\"") && bars.contains("width=\"360\""));
        assert!(spark(&[1, 2, 3], "x").contains("points=\"4,20 80,12 156,4\""));
        let parts = [("a".to_owned(), 1, "1".to_owned())];
        assert_eq!(shares(&[], "x"), "");
        for svg in [svg, bars, spark(&[], "x"), shares(&parts, "x")] {
            assert!(!svg.contains("style") && svg.ends_with("</svg>"));
        }
    }
}
