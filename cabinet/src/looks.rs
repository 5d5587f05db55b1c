//! The templates of the cabinet, its style sheet and its icon. There is no script.

use site::templates::Asset;

/// The templates by name.
pub const SOURCES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../templates/layout.html")),
    ("blocks.html", include_str!("../templates/blocks.html")),
    ("page.html", include_str!("../templates/page.html")),
];

/// The style sheet and the icon.
pub const ASSETS: &[Asset] = &[
    Asset {
        stem: "cabinet",
        ending: "css",
        kind: "text/css; charset=utf-8",
        built_in: include_bytes!("../assets/cabinet.css"),
    },
    Asset {
        stem: "icon",
        ending: "svg",
        kind: "image/svg+xml",
        built_in: include_bytes!("../assets/icon.svg"),
    },
];
