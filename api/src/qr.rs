//! An address as a picture that a phone's camera reads.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of the white border that readers want.
const BORDER: i32 = 4;

/// The picture as SVG: one path, which any browser and printer draws sharply. Empty for an address
/// that is longer than such a picture holds, which none of ours is.
pub fn svg(address: &str) -> String {
    let Ok(code) = QrCode::encode_text(address, QrCodeEcc::Medium) else { return String::new() };
    let side = code.size() + 2 * BORDER;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                // Cannot fail: writing to a text never does.
                let _ = write!(path, "M{},{}h1v1h-1z", x + BORDER, y + BORDER);
            }
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_a_picture() {
        let one = svg("https://bej.example/join/0123456789abcdef");
        assert!(one.starts_with("<svg ") && one.ends_with("</svg>"), "{one}");
        assert_ne!(one, svg("https://bej.example/join/0123456789abcdee"));
        // The three corners by which readers find it.
        assert!(one.contains("M4,4h1v1h-1z") && one.contains("M10,4h1v1h-1z"), "{one}");
        assert_eq!(svg(&"x".repeat(4_000)), "");
    }
}
