//! Bytes of images, volumes and disks: real sparse files, made when somebody first looks at them.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::dice::Dice;

const CHUNK: usize = 256 * 1024;

/// What a hole reads as; comparing with it is one `memcmp`, fast even in a debug build.
const ZEROS: [u8; 4096] = [0; 4096];

/// Content that has a place on disk; a generated one is written only when asked for.
#[derive(Debug, Clone)]
pub struct Blob {
    /// Where the bytes are, or will be.
    pub path: PathBuf,
    /// The length in bytes.
    pub size: u64,
    /// The seed of generated content; `None` where the file was written by someone.
    pub seed: Option<u64>,
}

impl Blob {
    /// Makes a description of content that `seed` determines; nothing is written yet.
    pub fn generated(path: PathBuf, size: u64, seed: u64) -> Self {
        Self { path, size, seed: Some(seed) }
    }

    /// Makes a description of an existing file.
    pub fn written(path: PathBuf, size: u64) -> Self {
        Self { path, size, seed: None }
    }

    /// Returns the path, after making the file where it is not there yet.
    pub fn ensure(&self) -> io::Result<&Path> {
        if !self.path.exists() {
            let mut file = create(&self.path)?;
            if let Some(seed) = self.seed {
                // Three patches of data in a sea of zeros: sparse like a real disk, and cheap.
                let mut dice = Dice::new(seed);
                for place in [0, self.size / 3, self.size.saturating_sub(4096)] {
                    file.seek(SeekFrom::Start(place / 512 * 512))?;
                    let length = 4096.min(self.size - place / 512 * 512) as usize;
                    let patch: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| dice.bits().to_le_bytes()).collect();
                    file.write_all(&patch[..length])?;
                }
            }
            file.set_len(self.size)?;
        }
        Ok(&self.path)
    }
}

/// Creates a file and the folders above it.
pub fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(path)
}

/// Makes an empty sparse file of `size` bytes.
pub fn blank(path: &Path, size: u64) -> io::Result<()> {
    create(path)?.set_len(size)
}

/// Copies a file leaving holes where it has zeros; the copy is at least `at_least` bytes long. Returns its length.
pub fn copy(from: &Path, to: &Path, at_least: u64) -> io::Result<u64> {
    let mut source = File::open(from)?;
    let length = source.metadata()?.len();
    let mut writer = Sparse::new(create(to)?);
    let mut chunk = vec![0; CHUNK];
    for (start, end) in data(&source, length)? {
        source.seek(SeekFrom::Start(start))?;
        writer.length = start;
        let mut part = (&source).take(end - start);
        loop {
            match part.read(&mut chunk)? {
                0 => break,
                got => writer.write(&chunk[..got])?,
            }
        }
    }
    writer.length = length;
    writer.finish(at_least)
}

/// Returns where a sparse file has data, as beginnings and ends; a file system that cannot tell has it everywhere.
pub fn data(file: &File, length: u64) -> io::Result<Vec<(u64, u64)>> {
    use rustix::fs::{SeekFrom, seek};
    let mut ranges = Vec::new();
    let mut place = 0;
    while place < length {
        let start = match seek(file, SeekFrom::Data(place)) {
            Ok(start) => start,
            Err(rustix::io::Errno::NXIO) => break,
            Err(rustix::io::Errno::INVAL) => return Ok(vec![(0, length)]),
            Err(error) => return Err(error.into()),
        };
        let end = seek(file, SeekFrom::Hole(start))?.min(length);
        ranges.push((start, end));
        place = end;
    }
    Ok(ranges)
}

/// Writes a stream, skipping blocks of zeros.
#[derive(Debug)]
pub struct Sparse {
    file: File,
    length: u64,
}

impl Sparse {
    /// Starts at the beginning of an empty file.
    pub fn new(file: File) -> Self {
        Self { file, length: 0 }
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.chunks(4096) {
            // Comparing with zeros at hand is one `memcmp`, fast in debug builds too.
            if *part != ZEROS[..part.len()] {
                self.file.seek(SeekFrom::Start(self.length))?;
                self.file.write_all(part)?;
            }
            self.length += part.len() as u64;
        }
        Ok(())
    }

    /// Fixes the length, at least `at_least`, and returns it.
    pub fn finish(self, at_least: u64) -> io::Result<u64> {
        let length = self.length.max(at_least);
        self.file.set_len(length)?;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_bytes_repeat_and_copies_are_equal() {
        let folder = tempfile::tempdir().unwrap();
        let one = Blob::generated(folder.path().join("a/one"), 1 << 20, 5);
        let two = Blob::generated(folder.path().join("two"), 1 << 20, 5);
        assert_eq!(fs::read(one.ensure().unwrap()).unwrap(), fs::read(two.ensure().unwrap()).unwrap());
        let copied = folder.path().join("copy");
        assert_eq!(copy(&one.path, &copied, 0).unwrap(), 1 << 20);
        assert_eq!(fs::read(&one.path).unwrap(), fs::read(copied).unwrap());
        assert_eq!(
            Blob::generated(folder.path().join("tiny"), 100, 1).ensure().unwrap().metadata().unwrap().len(),
            100
        );
    }
}
