//! The form of a set in a file.
//!
//! ```text
//! "BEJNUMS1"   8 bytes  mark and version
//! count        8 bytes  numbers, big-endian
//! counts       260,400 × 2 bytes, serials of each beginning
//! serials      count × 2 bytes, ascending within a beginning
//! digest       32 bytes  SHA-256 of all before it
//! ```
//!
//! Contract: a file is there whole or not at all: it is written beside its place, synced, and moved
//! there. Reading believes nothing: length, mark, digest, order, and that each number exists.
//! Its name and length say how many people are listed, nothing of who they are; the bytes are
//! personal data and lie where the vault's files lie.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{BEGINNINGS, Numbers, checked_number};
use crate::limits::NUMBERS_MAX;

const MARK: &[u8; 8] = b"BEJNUMS1";
const HEAD: usize = 16;
const DIGEST: usize = 32;

/// Why a file of a set is not read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It cannot be opened, read, written or moved.
    #[error("the file of a set of numbers")]
    Io(#[from] io::Error),
    /// It is no file of a set, or of a version that this program does not know.
    #[error("not a file of a set of numbers that this program knows")]
    Mark,
    /// Its length does not fit its head.
    #[error("the file of a set of numbers is shorter or longer than its head says")]
    Length,
    /// Its bytes are not those that were written.
    #[error("the file of a set of numbers is damaged")]
    Digest,
    /// It was written with an order or with numbers that cannot be.
    #[error("the file of a set of numbers holds what is no number")]
    Content,
}

/// Writes the set to its place, whole or not at all; what stood there is replaced.
pub fn write_file(numbers: &Numbers, path: &Path) -> Result<(), FileFault> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.as_file().set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(&to_bytes(numbers))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Reads a set back.
pub fn read_file(path: &Path) -> Result<Numbers, FileFault> {
    let mut bytes = Vec::new();
    let most = length_of(NUMBERS_MAX) as u64;
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    of_bytes(&bytes)
}

fn length_of(count: usize) -> usize {
    HEAD + 2 * BEGINNINGS + 2 * count + DIGEST
}

fn to_bytes(numbers: &Numbers) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length_of(numbers.len()));
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&(numbers.len() as u64).to_be_bytes());
    for beginning in 0..BEGINNINGS {
        // Cannot be cut: a beginning has at most ten thousand serials.
        let count = numbers.of_beginning(beginning).len() as u16;
        bytes.extend_from_slice(&count.to_be_bytes());
    }
    for serial in &numbers.serials {
        bytes.extend_from_slice(&serial.to_be_bytes());
    }
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

fn of_bytes(bytes: &[u8]) -> Result<Numbers, FileFault> {
    let Some((head, _)) = bytes.split_first_chunk::<HEAD>() else {
        return Err(FileFault::Length);
    };
    if &head[..8] != MARK {
        return Err(FileFault::Mark);
    }
    // Cannot fail: the head has sixteen bytes.
    let count = u64::from_be_bytes(head[8..].try_into().expect("eight bytes"));
    let count = usize::try_from(count).ok().filter(|count| *count <= NUMBERS_MAX);
    let Some(count) = count.filter(|count| length_of(*count) == bytes.len()) else {
        return Err(FileFault::Length);
    };
    let (content, digest) = bytes.split_at(bytes.len() - DIGEST);
    if Sha256::digest(content).as_slice() != digest {
        return Err(FileFault::Digest);
    }
    let (counts, serials) = content[HEAD..].split_at(2 * BEGINNINGS);
    let (counts, serials) = (counts.as_chunks::<2>().0, serials.as_chunks::<2>().0);
    let numbers = of_parts(counts, serials, count).ok_or(FileFault::Content)?;
    Ok(numbers)
}

fn of_parts(counts: &[[u8; 2]], serials: &[[u8; 2]], count: usize) -> Option<Numbers> {
    let mut offsets = Vec::with_capacity(BEGINNINGS + 1);
    let mut end = 0u32;
    offsets.push(end);
    for count in counts {
        end += u32::from(u16::from_be_bytes(*count));
        offsets.push(end);
    }
    if end as usize != count {
        return None;
    }
    let serials = serials.iter().map(|serial| u16::from_be_bytes(*serial)).collect();
    let numbers = Numbers { offsets: offsets.into(), serials };
    let sound = (0..BEGINNINGS).all(|beginning| {
        let serials = numbers.of_beginning(beginning);
        serials.is_sorted_by(|one, next| one < next)
            && serials.iter().all(|serial| checked_number(beginning, *serial).is_some())
    });
    sound.then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::Iin;

    fn sample() -> Numbers {
        let some = (0..2_000u64).filter_map(|n| Iin::complete(5_071_259_000 + n));
        Numbers::build(some).unwrap()
    }

    #[test]
    fn a_flipped_byte_or_a_cut_is_refused() {
        let bytes = to_bytes(&sample());
        assert_eq!(of_bytes(&bytes).unwrap(), sample());
        for at in (0..bytes.len()).step_by(997).chain([0, 8, 15, bytes.len() - 1]) {
            let mut broken = bytes.clone();
            broken[at] ^= 0x10;
            assert!(of_bytes(&broken).is_err(), "byte {at}");
            assert!(of_bytes(&bytes[..at]).is_err(), "cut at {at}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(matches!(of_bytes(&longer), Err(FileFault::Length)));
    }

    #[test]
    fn a_sealed_file_of_what_is_no_number_is_refused() {
        let good = to_bytes(&sample());
        let serials = HEAD + 2 * BEGINNINGS;
        // Two serials in the wrong order, and a serial of five digits, each with a right digest.
        let swap: fn(&mut [u8]) = |serials| serials.swap(1, 3);
        let wide: fn(&mut [u8]) = |serials| {
            let end = serials.len();
            serials[end - 2..].copy_from_slice(&[0xff, 0xff]);
        };
        for change in [swap, wide] {
            let mut bytes = good[..good.len() - DIGEST].to_vec();
            change(&mut bytes[serials..]);
            let digest = Sha256::digest(&bytes);
            bytes.extend_from_slice(&digest);
            assert!(matches!(of_bytes(&bytes), Err(FileFault::Content)));
        }
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("debtors.numbers");
        write_file(&Numbers::build([]).unwrap(), &path).unwrap();
        assert!(read_file(&path).unwrap().is_empty());
        write_file(&sample(), &path).unwrap();
        assert_eq!(read_file(&path).unwrap(), sample());
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing half-written stays");
        assert!(matches!(read_file(&folder.path().join("absent")), Err(FileFault::Io(_))));
    }
}
