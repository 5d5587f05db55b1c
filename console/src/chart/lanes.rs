//! Lanes over one time: what a person did with each organiser.

use super::{Drawing, Size, both, shortened};

/// What a mark is of: each has its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// E-money came in from outside.
    TopUp,
    /// A stake.
    Stake,
    /// A payout or a refund.
    Payout,
    /// E-money went out.
    Redemption,
}

/// A lane: its name, and its marks by place in thousandths of the time.
pub type Lane = (String, Vec<(i64, Mark, String)>);

/// The drawing; nothing where there is no lane.
pub fn lanes(rows: &[Lane], ends: (&str, &str), label: &str) -> String {
    if rows.is_empty() { String::new() } else { both(|size| draw(rows, ends, label, size)) }
}

fn draw(rows: &[Lane], ends: (&str, &str), label: &str, size: Size) -> String {
    // On a phone the name stands above its lane.
    let (from, until, row, lane) = match size {
        Size::Broad => (200, size.width(), 36, 18),
        Size::Narrow => (0, size.width(), 48, 32),
    };
    let height = row * rows.len() as i64 + 24;
    let mut drawing = Drawing::begin(size.class(), size.width(), height, label);
    let wide = until - from - 24;
    for (at, (name, marks)) in (0..).zip(rows) {
        let y = row * at + lane;
        drawing.text((0, size.of(y + 4, y - 16)), "bar-name", &shortened(name, 26));
        drawing.put(format_args!(
            "<line x1=\"{from}\" y1=\"{y}\" x2=\"{until}\" y2=\"{y}\" class=\"grid\"/>"
        ));
        for (place, mark, title) in marks {
            let x = from + 12 + wide * (*place).clamp(0, 1_000) / 1_000;
            let title = crate::web::escape(title);
            let (class, shape) = match mark {
                Mark::TopUp => ("c1", format!("M{x} {}l7 12h-14z", y - 7)),
                Mark::Stake => ("ink", format!("M{x} {}a5 5 0 1 1 -.1 0z", y - 5)),
                Mark::Payout => ("c2", format!("M{x} {}l7 7 -7 7 -7 -7z", y - 7)),
                Mark::Redemption => ("c3", format!("M{x} {}l7 -12h-14z", y + 7)),
            };
            drawing.put(format_args!(
                "<path d=\"{shape}\" class=\"mark-{class}\"><title>{title}</title></path>"
            ));
        }
    }
    drawing.text((from, height - 4), "tick", ends.0);
    drawing.text((until, height - 4), "tick end", ends.1);
    drawing.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_lie_in_their_time() {
        let marks = vec![(0, Mark::Stake, "<s>".into()), (1_000, Mark::TopUp, String::new())];
        let svg = lanes(&[("a".into(), marks)], ("from", "to"), "x");
        assert!(svg.contains("M212 13a5") && svg.contains("M708 11l7"), "{svg}");
        assert!(svg.contains("M12 27a5") && svg.contains("M328 25l7"), "{svg}");
        assert!(svg.contains("&lt;s&gt;") && !svg.contains("<s>"));
        assert_eq!(lanes(&[], ("", ""), "x"), "");
    }
}
