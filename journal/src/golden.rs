//! Golden files of this crate's tests, under `testdata/`; `BLESS=1` writes them anew.

use std::path::PathBuf;

/// Where a golden file is.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

/// Compares with the golden file, or writes it when `BLESS` is set.
pub(crate) fn check(name: &str, found: &[u8]) {
    let path = path(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read(&path).unwrap_or_default();
    assert!(
        expected == found,
        "{name} differs; if that is meant, run the tests with BLESS=1 and read the diff.\n\
         expected:\n{}\nfound:\n{}",
        String::from_utf8_lossy(&expected),
        String::from_utf8_lossy(found),
    );
}

/// Bytes as lines of 32 bytes in hexadecimal.
pub(crate) fn hex_lines(bytes: &[u8]) -> String {
    bytes.chunks(32).map(|line| terms::codec::hex(line) + "\n").collect()
}
