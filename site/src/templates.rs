//! Templates and the files that pages ask for: built in, or read at each page from a directory in
//! development.

use std::path::PathBuf;
use std::sync::Arc;

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, State, Value};
use phrases::{Language, Phrases};

use crate::secret;

/// A file that pages ask for: what it is called without its hash, its kind, and its content.
pub struct Asset {
    /// Its name without the hash and the ending.
    pub stem: &'static str,
    /// Its ending.
    pub ending: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// Its content as it was built in.
    pub built_in: &'static [u8],
}

/// The templates.
pub struct Templates {
    built_in: Environment<'static>,
    assets: &'static [Asset],
    names: Vec<String>,
    folder: Option<PathBuf>,
}

impl Templates {
    /// Reads templates, by name, and files that are built in; with a folder, what lies in its
    /// `templates` and `assets` is read at each page instead.
    pub fn new(
        sources: &'static [(&'static str, &'static str)],
        assets: &'static [Asset],
        folder: Option<PathBuf>,
    ) -> Result<Templates, Error> {
        let mut built_in = environment();
        for (name, source) in sources {
            built_in.add_template(name, source)?;
        }
        let names = assets.iter().map(|asset| name_of(asset, asset.built_in)).collect();
        Ok(Templates { built_in, assets, names, folder })
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

    /// The names of the files in their order, each with its content in it.
    pub fn asset_names(&self) -> Vec<String> {
        match &self.folder {
            None => self.names.clone(),
            Some(_) => {
                self.assets.iter().map(|asset| name_of(asset, &self.content(asset))).collect()
            }
        }
    }

    fn content(&self, asset: &Asset) -> Vec<u8> {
        let file = format!("assets/{}.{}", asset.stem, asset.ending);
        let read = |folder: &PathBuf| std::fs::read(folder.join(&file)).ok();
        self.folder.as_ref().and_then(read).unwrap_or_else(|| asset.built_in.to_vec())
    }

    /// A file by its name: its kind and its bytes.
    pub fn asset(&self, name: &str) -> Option<(&'static str, Vec<u8>)> {
        let at = self.asset_names().iter().position(|found| found == name)?;
        let asset = self.assets.get(at)?;
        Some((asset.kind, self.content(asset)))
    }
}

/// The name of a file, with its content in it.
fn name_of(asset: &Asset, content: &[u8]) -> String {
    let hash = secret::hex(&secret::sha256(content)[..8]);
    format!("{}-{hash}.{}", asset.stem, asset.ending)
}

/// The words of one language, for templates.
#[derive(Debug)]
pub struct Words {
    /// The language.
    pub lang: Language,
    /// The books.
    pub phrases: Phrases,
}

impl Words {
    /// The words of each language, in the order of [`Language::ALL`].
    pub fn all(phrases: &Phrases) -> [Arc<Words>; 3] {
        Language::ALL.map(|lang| Arc::new(Words { lang, phrases: phrases.clone() }))
    }
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
