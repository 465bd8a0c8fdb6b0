//! The two checksums of an image, computed side by side.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::thread;

use md5::{Digest, Md5};
use sha2::Sha512;

use crate::twin::blob;

/// Returns MD5 and SHA-512 of a file, in hexadecimal.
pub fn of_file(path: &Path) -> io::Result<(String, String)> {
    let beside = path.to_owned();
    let sha512 = thread::spawn(move || digest::<Sha512>(&beside));
    let md5 = digest::<Md5>(path)?;
    let sha512 = sha512.join().map_err(|_| io::Error::other("the checksum was not finished"))??;
    Ok((md5, sha512))
}

fn digest<D: Digest>(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut hasher = D::new();
    let mut chunk = vec![0; 1 << 20];
    let zeros = vec![0; 1 << 20];
    let mut place = 0;
    for (start, end) in blob::data(&file, length)?.into_iter().chain([(length, length)]) {
        while place < start {
            let part = (start - place).min(zeros.len() as u64);
            hasher.update(&zeros[..part as usize]);
            place += part;
        }
        file.seek(SeekFrom::Start(start))?;
        while place < end {
            let part = (end - place).min(chunk.len() as u64) as usize;
            file.read_exact(&mut chunk[..part])?;
            hasher.update(&chunk[..part]);
            place += part as u64;
        }
    }
    Ok(hex::encode(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_known_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let (md5, sha512) = of_file(&path).unwrap();
        assert_eq!(md5, "900150983cd24fb0d6963f7d28e17f72");
        assert!(sha512.starts_with("ddaf35a193617abacc417349ae204131"));
    }

    #[test]
    fn holes_count_as_zeros() {
        let folder = tempfile::tempdir().unwrap();
        let (sparse, full) = (folder.path().join("sparse"), folder.path().join("full"));
        let mut bytes = vec![0; 3 << 20];
        bytes[2 << 20] = 7;
        std::fs::write(&full, &bytes).unwrap();
        blob::copy(&full, &sparse, 0).unwrap();
        assert!(std::fs::read(&sparse).unwrap() == bytes);
        assert_eq!(of_file(&sparse).unwrap(), of_file(&full).unwrap());
    }
}
