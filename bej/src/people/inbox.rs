//! Versions of lists on their way in: `bej lists import` lays one down, the node that decides takes
//! it and says what became of it.
//!
//! ```text
//! DIR/lists/inbox/debtors.csv.7-9     the file, with who brings it and who confirms that it shrank
//! DIR/lists/inbox/debtors.said        what became of the last one
//! ```

use std::fs;
use std::path::Path;

use admission::List;
use anyhow::Context as _;
use people::People;
use people::lists::{Imported, NotTaken};
use screening::import::NumberForm;
use store::files::replace;

/// Lays a version down.
pub fn lay(
    lists: &Path,
    list: List,
    form: Option<NumberForm>,
    content: &[u8],
    by: (u32, Option<u32>),
) -> anyhow::Result<()> {
    let home = lists.join("inbox");
    store::files::make_directory(&home)?;
    let said = said(lists, list);
    if said.exists() {
        fs::remove_file(&said).with_context(|| format!("{} stays", said.display()))?;
    }
    let form = form.map_or("xml", NumberForm::name);
    let second = by.1.map_or(String::new(), |second| format!("-{second}"));
    let path = home.join(format!("{}.{form}.{}{second}", list.name(), by.0));
    replace(&path, content, 0o600).with_context(|| format!("{} cannot be written", path.display()))
}

/// Where it is said what became of a version.
pub fn said(lists: &Path, list: List) -> std::path::PathBuf {
    lists.join("inbox").join(format!("{}.said", list.name()))
}

/// Takes what lies there.
pub fn take(people: &People, lists: &Path) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(lists.join("inbox")) else { return Ok(()) };
    for entry in entries {
        let path = entry.context("the inbox of lists")?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let Some((list, form, by)) = read(&name) else { continue };
        let place = || format!("{} cannot be read", path.display());
        let content = fs::read(&path).with_context(place)?;
        let done = people.import(list, form, &content, by);
        let text = match &done {
            Ok(Imported::Done { version, listed, cleared, possible }) => format!(
                "version {version} is in force: {listed} listed, {cleared} cleared, {possible} \
                 possible matches\n"
            ),
            Ok(Imported::Same { version }) => format!("the same file: version {version}\n"),
            // It is tried again: nothing was wrong with the file.
            Err(NotTaken::Down(what)) => anyhow::bail!("a list waits: {what}"),
            Err(refused) => format!("refused: {refused}\n"),
        };
        tracing::info!("the list {}: {}", list.name(), text.trim_end());
        replace(&said(lists, list), text.as_bytes(), 0o600).context("the inbox of lists")?;
        fs::remove_file(&path).with_context(|| format!("{} stays", path.display()))?;
    }
    Ok(())
}

/// List, form, and who brings it and who confirms it.
type Laid = (List, Option<NumberForm>, (u32, Option<u32>));

/// What a name tells.
fn read(name: &str) -> Option<Laid> {
    let mut parts = name.split('.');
    let (list, form, by) = (parts.next()?, parts.next()?, parts.next()?);
    let form = match form {
        "xml" => None,
        form => Some(NumberForm::from_name(form)?),
    };
    let (first, second) = match by.split_once('-') {
        Some((first, second)) => (first, Some(second.parse().ok()?)),
        None => (by, None),
    };
    Some((List::from_name(list)?, form, (first.parse().ok()?, second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_list_form_and_people() {
        let csv = Some(NumberForm::Csv);
        assert_eq!(read("debtors.csv.7-9"), Some((List::Debtors, csv, (7, Some(9)))));
        assert_eq!(read("terrorism.xml.7"), Some((List::Terrorism, None, (7, None))));
        for name in ["debtors.said", "debtors.csv", "x.csv.1", "debtors.pdf.1", "debtors.csv.1-x"] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
