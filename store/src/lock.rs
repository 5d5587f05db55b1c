//! The writer's lock: an exclusive lock of the operating system on a file.
//!
//! It gives a second writer on the same machine a clear answer at once. That there is one history
//! does not rest on it, but on the head that each append expects. It ends with the process, however
//! that ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::Fault;

/// The lock; given back when dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or tells that another has it.
    pub fn take(path: &Path) -> Result<Lock, Fault> {
        let place = path.display().to_string();
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|error| Fault::failed(format!("open the writer's lock {place}"), error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Fault::Held { place }),
            Err(TryLockError::Error(error)) => {
                Err(Fault::failed(format!("take the writer's lock {place}"), error))
            }
        }
    }
}
