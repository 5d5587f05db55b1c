//! QR codes: one path in an SVG, black on white in every theme, with a quiet zone of four modules.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white around the code.
const QUIET: i32 = 4;
/// Pixels of a module on the screen.
const MODULE: i32 = 5;

/// The drawing of a text; nothing if it is too long for a code. `name` is what it is called for
/// those who do not see it, escaped by the caller.
pub fn svg(text: &str, name: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let from = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if from < x {
                // Writing to a string does not fail.
                let _ =
                    write!(path, "M{} {}h{}v1h-{}z", from + QUIET, y + QUIET, x - from, x - from);
            }
            x += 1;
        }
    }
    let pixels = side * MODULE;
    Some(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {side} {side}\" \
         width=\"{pixels}\" height=\"{pixels}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once() {
        let text = "https://bej.example/r/K7QM2V9D";
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let svg = svg(text, "QR").unwrap();
        let dark = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|(x, y)| code.get_module(*x, *y))
            .count();
        let (_, path) = svg.rsplit_once("d=\"").unwrap();
        let drawn: usize = path
            .split('h')
            .skip(1)
            .filter_map(|piece| piece.split('v').next()?.parse::<usize>().ok())
            .sum();
        assert_eq!(drawn, dark);
        assert!(!svg.contains("style="));
        assert_eq!(super::svg(&"x".repeat(3_000), "QR"), None);
    }
}
