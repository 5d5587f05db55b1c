//! After destruction and rotation no word of a person, and no key of his, opens from any copy that
//! was made before.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use terms::{Person, Seq};
use vault::{FileKeeper, KeyKeeper as _, Vault, VaultFault};

use crate::{World, admit, canaries, open_file, seen};

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// All files below a directory hold none of these words, in whatever encoding a word has.
fn assert_nowhere(home: &Path, words: &[String]) {
    for entry in fs::read_dir(home).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_nowhere(&path, words);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for word in words {
            let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for form in [word.as_bytes(), &utf16] {
                let found = bytes.windows(form.len()).any(|window| window == form);
                assert!(!found, "{} holds {word}", path.display());
            }
        }
    }
}

// S-41, R0-18.1a, I-07: sealed while it is there, unreadable in the oldest backup once it is
// destroyed and the key rotated.
#[test]
fn nothing_opens_from_the_oldest_backup() {
    let world = World::on_disk();
    let mut vault = world.vault();
    admit(&mut vault, 1..10);
    vault.upkeep().unwrap();
    let words: Vec<String> = (1..10).flat_map(canaries).collect();
    assert_nowhere(world.home.path(), &words);
    // The oldest backup, with everything that a thief could take but the keys that are apart.
    let oldest = tempfile::tempdir().unwrap();
    copy_all(world.home.path(), oldest.path());
    let keeper = || Arc::new(FileKeeper::at(world.keys()));
    let open = || Vault::open(open_file(&oldest.path().join("vault.db")), keeper());
    // The control: as long as the key is there it opens.
    assert!(open().unwrap().read(Person(3), &seen(1)).is_ok());
    let key = fs::read_to_string(world.keys().join("kek-000001")).unwrap();
    let key = key.split_whitespace().nth(2).unwrap().to_owned();

    vault.destroy(Person(3), Seq(1)).unwrap();
    assert!(open().unwrap().read(Person(3), &seen(1)).is_ok(), "the key is still there");
    vault.rotate(&world.copies(), &mut |_| {}).unwrap();

    let fault = open().unwrap_err();
    assert!(matches!(fault, VaultFault::Keeper(_)), "{fault}");
    assert_eq!(keeper().epochs().unwrap(), [2]);
    assert_nowhere(world.home.path(), &[words, vec![key]].concat());
    // The copy of the keys that the rotation made has no key of who was destroyed.
    let mut old = open_file(&oldest.path().join("vault.db"));
    let reference = old.person_of(Person(3)).unwrap().unwrap().reference;
    for entry in fs::read_dir(world.copies()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(16).any(|window| window == reference.0));
    }
    // The others are read as before.
    for number in (1..10).filter(|number| *number != 3) {
        assert!(vault.read(Person(number), &seen(2)).is_ok());
    }
}
