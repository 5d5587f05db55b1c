//! The templates of the console, its style sheet, its script and its icon.

use site::templates::Asset;

/// The templates by name.
pub const SOURCES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../templates/layout.html")),
    ("blocks.html", include_str!("../templates/blocks.html")),
    ("page.html", include_str!("../templates/page.html")),
    ("sign_in.html", include_str!("../templates/sign_in.html")),
    ("error.html", include_str!("../templates/error.html")),
];

/// The style sheet, the script of live pages, and the icon.
pub const ASSETS: &[Asset] = &[
    Asset {
        stem: "console",
        ending: "css",
        kind: "text/css; charset=utf-8",
        built_in: include_bytes!("../assets/console.css"),
    },
    Asset {
        stem: "live",
        ending: "js",
        kind: "text/javascript; charset=utf-8",
        built_in: include_bytes!("../assets/live.js"),
    },
    Asset {
        stem: "icon",
        ending: "svg",
        kind: "image/svg+xml",
        built_in: include_bytes!("../assets/icon.svg"),
    },
];
