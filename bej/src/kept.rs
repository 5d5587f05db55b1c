//! What a backup has beside the journal because it does not follow from it: persons, sealed as they
//! are, and what the edges keep. Both are files of SQLite there, whatever engine they come from.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use store::edge::EdgeRow;
use store::{EdgeStore, Fault, VaultStore};
use vault::copy::{Copied, copy, copy_under};

use crate::backup::{EDGE, VAULT};
use crate::store_url::StoreUrl;

/// Values of the edge that are written together …
const ROWS: usize = 1_000;

/// … and their bytes, before the last value.
const BYTES: usize = 16 << 20;

/// What was copied.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Persons, keys, items, looks; none if there is no vault.
    pub vault: Option<Value>,
    /// Values; none if there is no edge.
    pub edge: Option<Value>,
}

impl Kept {
    /// For people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(vault) = &self.vault {
            lines.push(format!(
                "{} persons, sealed, with {} items",
                vault["persons"], vault["items"]
            ));
        }
        if let Some(edge) = &self.edge {
            lines.push(format!("{} values of the edge", edge["values"]));
        }
        lines
    }
}

fn shown(copied: &Copied) -> Value {
    let Copied { persons, keys, items, looks } = copied;
    json!({ "persons": persons, "keys": keys, "items": items, "looks": looks })
}

/// Copies both into files of a backup, and looks whether the files are whole.
pub fn to_files(store: &StoreUrl, directory: &Path) -> anyhow::Result<Kept> {
    let mut kept = Kept::default();
    if let Some(mut vault) = store.vault()? {
        let path = directory.join(VAULT);
        let mut target = store_sqlite::Vault::open(&path)?;
        let copied = copy(&mut *vault, &mut target).context("the vault cannot be copied")?;
        target.check_pages()?;
        kept.vault = Some(shown(&copied));
    }
    if let Some(mut edge) = store.edge()? {
        let mut target = store_sqlite::Edge::open(directory.join(EDGE))?;
        let values = copy_edge(&mut *edge, &mut target).context("the edge cannot be copied")?;
        target.check_pages()?;
        kept.edge = Some(json!({ "values": values }));
    }
    Ok(kept)
}

/// Puts both into a store that has neither, under newer keys if they are given.
pub fn from_files(directory: &Path, keys: Option<&Path>, store: &StoreUrl) -> anyhow::Result<Kept> {
    let mut kept = Kept::default();
    let (vault, edge) = (directory.join(VAULT), directory.join(EDGE));
    ensure!(keys.is_none() || vault.exists(), "there are keys, but the backup has no persons");
    if vault.exists() {
        let mut from: Box<dyn VaultStore> = Box::new(store_sqlite::Vault::open(&vault)?);
        let mut to = store.make_vault()?;
        let copied = match keys {
            Some(keys) => copy_under(&mut *from, keys, &mut *to),
            None => copy(&mut *from, &mut *to),
        };
        kept.vault = Some(shown(&copied.context("the vault cannot be restored")?));
    }
    if edge.exists() {
        let mut from: Box<dyn EdgeStore> = Box::new(store_sqlite::Edge::open(&edge)?);
        let values = copy_edge(&mut *from, &mut *store.make_edge()?);
        let values = values.context("the edge cannot be restored")?;
        kept.edge = Some(json!({ "values": values }));
    }
    Ok(kept)
}

fn copy_edge(from: &mut dyn EdgeStore, to: &mut dyn EdgeStore) -> Result<u64, Fault> {
    let (mut rows, mut bytes, mut values) = (Vec::<EdgeRow>::new(), 0, 0);
    from.dump(&mut |row| {
        values += 1;
        bytes += row.value.len();
        rows.push(row);
        if rows.len() < ROWS && bytes < BYTES {
            return Ok(());
        }
        bytes = 0;
        to.load(&std::mem::take(&mut rows))
    })?;
    to.load(&rows)?;
    to.upkeep()?;
    Ok(values)
}
