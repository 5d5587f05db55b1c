//! Files that are put in their place whole.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use store::files::{replace, replace_unsynced};
use store::{MarkFiles, MarkStore as _};

#[test]
fn a_file_is_replaced_whole_and_what_was_left_behind_is_not_reused() {
    let home = tempfile::tempdir().unwrap();
    let (path, partial) = (home.path().join("staff.toml"), home.path().join("staff.partial"));
    fs::write(&partial, "left behind, and longer than what follows").unwrap();
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o644)).unwrap();
    replace(&path, b"one", 0o600).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    replace_unsynced(&path, b"2").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"2");
    assert!(!partial.exists());
    assert!(replace(&home.path().join("none/file"), b"", 0o600).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"2");
}

#[test]
fn a_mark_that_was_changed_in_its_file_is_damage() {
    let home = tempfile::tempdir().unwrap();
    let mut marks = MarkFiles::new(home.path().join("marks"));
    marks.set_mark("signed", 0, b"5 abc\n").unwrap();
    let path = home.path().join("marks/signed");
    let whole = fs::read(&path).unwrap();
    for damaged in [&b""[..], b"garbage", &whole[..whole.len() - 1], &[&whole[..], b"x"].concat()] {
        fs::write(&path, damaged).unwrap();
        assert!(marks.mark("signed").unwrap_err().is_damage(), "{damaged:?}");
        assert!(marks.set_mark("signed", 1, b"").is_err());
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(marks.mark("signed").unwrap().unwrap().bytes, b"5 abc\n");
}
