//! Templates, the style sheet, the script and the icon: built in, or read at each page from a
//! directory in development.

use std::path::PathBuf;
use std::sync::Arc;

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, State, Value};
use phrases::{Language, Phrases};

use crate::secret;

const SOURCES: [(&str, &str); 5] = [
    ("layout.html", include_str!("../templates/layout.html")),
    ("blocks.html", include_str!("../templates/blocks.html")),
    ("page.html", include_str!("../templates/page.html")),
    ("sign_in.html", include_str!("../templates/sign_in.html")),
    ("error.html", include_str!("../templates/error.html")),
];

/// A file that pages ask for: what it is called without its hash, its kind, and its content.
struct Asset {
    stem: &'static str,
    ending: &'static str,
    kind: &'static str,
    built_in: &'static str,
}

/// The style sheet, the script of live pages, and the icon.
const ASSETS: [Asset; 3] = [
    Asset {
        stem: "console",
        ending: "css",
        kind: "text/css; charset=utf-8",
        built_in: include_str!("../assets/console.css"),
    },
    Asset {
        stem: "live",
        ending: "js",
        kind: "text/javascript; charset=utf-8",
        built_in: include_str!("../assets/live.js"),
    },
    Asset {
        stem: "icon",
        ending: "svg",
        kind: "image/svg+xml",
        built_in: include_str!("../assets/icon.svg"),
    },
];

/// The templates.
pub struct Templates {
    built_in: Environment<'static>,
    names: [String; 3],
    folder: Option<PathBuf>,
}

impl Templates {
    /// Reads what is built in; with a folder, that is read at each page instead.
    pub fn new(folder: Option<PathBuf>) -> Result<Templates, Error> {
        let mut built_in = environment();
        for (name, source) in SOURCES {
            built_in.add_template(name, source)?;
        }
        let names = ASSETS.map(|asset| name_of(&asset, asset.built_in));
        Ok(Templates { built_in, names, folder })
    }

    /// Lays a page out.
    pub fn render(
        &self,
        name: &str,
        phrases: &Arc<Words>,
        context: Value,
    ) -> Result<String, Error> {
        let fresh;
        let environment = match &self.folder {
            None => &self.built_in,
            Some(folder) => {
                let mut loaded = environment();
                loaded.set_loader(minijinja::path_loader(folder.join("templates")));
                fresh = loaded;
                &fresh
            }
        };
        let context = minijinja::context! {
            words => Value::from_dyn_object(phrases.clone()),
            ..context
        };
        environment.get_template(name)?.render(context)
    }

    /// The names of the style sheet, the script and the icon, each with its content in it.
    pub fn asset_names(&self) -> [String; 3] {
        match &self.folder {
            None => self.names.clone(),
            Some(_) => ASSETS.map(|asset| name_of(&asset, &self.content(&asset))),
        }
    }

    fn content(&self, asset: &Asset) -> String {
        let file = format!("assets/{}.{}", asset.stem, asset.ending);
        let read = |folder: &PathBuf| std::fs::read_to_string(folder.join(&file)).ok();
        self.folder.as_ref().and_then(read).unwrap_or_else(|| asset.built_in.to_owned())
    }

    /// A file by its name: its kind and its bytes.
    pub fn asset(&self, name: &str) -> Option<(&'static str, Vec<u8>)> {
        let at = self.asset_names().iter().position(|found| found == name)?;
        Some((ASSETS[at].kind, self.content(&ASSETS[at]).into_bytes()))
    }
}

/// The name of a file, with its content in it.
fn name_of(asset: &Asset, content: &str) -> String {
    let hash = secret::hex(&secret::sha256(content.as_bytes())[..8]);
    format!("{}-{hash}.{}", asset.stem, asset.ending)
}

/// The words of one language, for templates.
#[derive(Debug)]
pub struct Words {
    pub lang: Language,
    pub phrases: Phrases,
}

impl minijinja::value::Object for Words {}

/// An environment in which `w(key)` is a word and `say(key, name=value)` a sentence.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.add_function("w", |state: &State<'_, '_>, key: &str| -> Result<String, Error> {
        let words = words(state)?;
        Ok(words.phrases.word(words.lang, key).to_owned())
    });
    environment.add_function(
        "say",
        |state: &State<'_, '_>, key: &str, given: Kwargs| -> Result<String, Error> {
            let words = words(state)?;
            let names: Vec<&str> = given.args().collect();
            let values: Vec<String> =
                names.iter().map(|name| given.get(name)).collect::<Result<_, _>>()?;
            let pairs: Vec<(&str, &str)> =
                names.iter().copied().zip(values.iter().map(String::as_str)).collect();
            Ok(words.phrases.story(words.lang, key, &pairs))
        },
    );
    environment
}

fn words(state: &State<'_, '_>) -> Result<Arc<Words>, Error> {
    let words = state.lookup("words").and_then(|words| words.downcast_object::<Words>());
    words.ok_or_else(|| Error::new(minijinja::ErrorKind::UndefinedError, "the page has no words"))
}
