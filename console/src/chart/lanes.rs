//! Lanes over one time: what a person did with each organiser.

use super::{Drawing, WIDTH, shortened};

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

const NAME: i64 = 200;
const ROW: i64 = 36;

/// The drawing; nothing where there is no lane.
pub fn lanes(rows: &[Lane], ends: (&str, &str), label: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let height = ROW * rows.len() as i64 + 24;
    let mut drawing = Drawing::begin("chart", WIDTH, height, label);
    let wide = WIDTH - NAME - 24;
    for (at, (name, marks)) in rows.iter().enumerate() {
        let y = ROW * at as i64 + 18;
        drawing.text((0, y + 4), "bar-name", &shortened(name, 26));
        drawing.put(format_args!(
            "<line x1=\"{NAME}\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\" class=\"grid\"/>"
        ));
        for (place, mark, title) in marks {
            let x = NAME + 12 + wide * (*place).clamp(0, 1_000) / 1_000;
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
    drawing.text((NAME, height - 4), "tick", ends.0);
    drawing.text((WIDTH, height - 4), "tick end", ends.1);
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
        assert!(svg.contains("&lt;s&gt;") && !svg.contains("<s>"));
        assert_eq!(lanes(&[], ("", ""), "x"), "");
    }
}
