//! The closing table: what a journal comes to by organiser, sport and shape.

use sim::tally::{Sums, Tally};

/// The table, with a line for all.
pub fn closing(tally: &Tally) -> String {
    let head =
        ["organiser", "sport", "bet", "stakes", "staked", "won", "winnings", "paid", "refunded"];
    let mut rows = vec![head.map(str::to_owned)];
    for (line, sums) in tally.lines() {
        rows.push(row(tally.organiser(line.organiser), &line.sport, line.shape, sums));
    }
    rows.push(row("all", "", "", &tally.total()));
    aligned(&rows)
}

fn row(organiser: &str, sport: &str, shape: &str, sums: &Sums) -> [String; 9] {
    let Sums { stakes, staked, won, winnings, paid, refunded } = *sums;
    let words = [organiser, sport, shape].map(str::to_owned);
    let [organiser, sport, shape] = words;
    let (stakes, won) = (grouped(stakes), grouped(won));
    let [staked, winnings, paid, refunded] = [staked, winnings, paid, refunded].map(tenge);
    [organiser, sport, shape, stakes, staked, won, winnings, paid, refunded]
}

/// The first three columns to the left, numbers to the right.
fn aligned(rows: &[[String; 9]]) -> String {
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..9).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            let (before, after) = if column < 3 { ("", &*pad) } else { (&*pad, "") };
            text.push_str(&format!("{before}{cell}{after}{}", if column < 8 { "  " } else { "" }));
        }
        text.push('\n');
    }
    text
}

/// Tiyn as tenge with two decimals.
pub fn tenge(tiyn: i64) -> String {
    let sign = if tiyn < 0 { "-" } else { "" };
    let tiyn = tiyn.unsigned_abs();
    format!("{sign}{}.{:02}", grouped(tiyn / 100), tiyn % 100)
}

/// Digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_shown_in_tenge() {
        for (tiyn, want) in
            [(0, "0.00"), (99_999, "999.99"), (123_456_789, "1 234 567.89"), (-5, "-0.05")]
        {
            assert_eq!(tenge(tiyn), want);
        }
    }
}
