//! The right to drive a run: an operating-system lock, so that it ends with the process however that ends.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::Error;

/// Held for as long as a process drives a run; dropping it lets the next one in.
#[derive(Debug)]
pub struct Lease {
    _file: File,
}

impl Lease {
    /// Takes the lease of a run, or says who holds it. `owner` is what the next one is told.
    pub fn take(folder: &Path, run: &str, owner: &str) -> Result<Self, Error> {
        let path = folder.join(format!("{run}.lock"));
        let open = |cause: std::io::Error| Error::Open { path: path.clone(), cause: cause.to_string() };
        fs::create_dir_all(folder).map_err(open)?;
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(open)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let _ = file.read_to_string(&mut owner);
                return Err(Error::Held { run: run.into(), owner });
            }
            Err(TryLockError::Error(cause)) => return Err(open(cause)),
        }
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(owner.as_bytes())).map_err(open)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it_and_gets_it_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lease::take(folder.path(), "r1", "pid 1").unwrap();
        let refused = Lease::take(folder.path(), "r1", "pid 2").unwrap_err();
        assert!(refused.to_string().contains("pid 1"), "{refused}");
        drop(first);
        Lease::take(folder.path(), "r1", "pid 2").unwrap();
    }
}
