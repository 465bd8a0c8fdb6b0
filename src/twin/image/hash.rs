//! The two checksums of an image, computed side by side.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::thread;

use md5::{Digest, Md5};
use sha2::Sha512;

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
    let mut hasher = D::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            got => hasher.update(&chunk[..got]),
        }
    }
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
}
