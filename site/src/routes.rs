//! Finding a path among those of a table.
//!
//! A table gives each row's path, in which `{}` stands for one piece that is not empty, and whether
//! it is asked by GET, else by POST. What a row means is the table's own. Cost: each row once.

/// What a table says of a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// The row at this place, with the pieces of the path that stand for `{}`.
    Row(usize, Vec<&'a str>),
    /// The path is there, with the other method.
    Method,
    /// There is no such path.
    None,
}

/// Looks a path up. The first row that fits counts.
pub fn find<'a>(
    rows: impl IntoIterator<Item = (&'static str, bool)>,
    path: &'a str,
    reads: bool,
) -> Found<'a> {
    let mut other = false;
    for (at, (pattern, by_get)) in rows.into_iter().enumerate() {
        let Some(pieces) = fit(pattern, path) else { continue };
        if by_get == reads {
            return Found::Row(at, pieces);
        }
        other = true;
    }
    if other { Found::Method } else { Found::None }
}

fn fit<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let (mut wanted, mut found) = (pattern.split('/'), path.split('/'));
    let mut pieces = Vec::new();
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return Some(pieces),
            (Some("{}"), Some(piece)) if !piece.is_empty() => pieces.push(piece),
            (Some(want), Some(piece)) if want == piece => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_fits_counts() {
        let rows = [("/assets/{}", true), ("/{}/bets", true), ("/{}/{}", false)];
        let found = |path, reads| find(rows, path, reads);
        assert_eq!(found("/assets/a.css", true), Found::Row(0, vec!["a.css"]));
        assert_eq!(found("/kk/bets", true), Found::Row(1, vec!["kk"]));
        assert_eq!(found("/kk/bets", false), Found::Row(2, vec!["kk", "bets"]));
        assert_eq!(found("/kk/else", true), Found::Method);
        for path in ["", "/", "//bets", "/kk/bets/", "/kk//", "kk/bets"] {
            assert_eq!(found(path, true), Found::None, "{path:?}");
        }
    }
}
