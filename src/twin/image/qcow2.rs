//! Reading and writing qcow2, as far as uncompressed images without a backing file need it (versions 2 and 3).

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::twin::blob::{self, Sparse};

const CLUSTER: u64 = 1 << 16;
/// Entries of an L2 table, and of the refcount table.
const ENTRIES: u64 = CLUSTER / 8;
/// Clusters that one block of 16-bit reference counts covers.
const COUNTED: u64 = CLUSTER / 2;
const COPIED: u64 = 1 << 63;
const COMPRESSED: u64 = 1 << 62;
const OFFSET: u64 = 0x00ff_ffff_ffff_fe00;

fn unsupported(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, format!("qcow2 image: {what}"))
}

fn big(bytes: &[u8], place: usize) -> u64 {
    bytes.get(place..place + 8).and_then(|slice| slice.try_into().ok()).map_or(0, u64::from_be_bytes)
}

fn small(bytes: &[u8], place: usize) -> u64 {
    bytes.get(place..place + 4).and_then(|slice| slice.try_into().ok()).map_or(0, u32::from_be_bytes).into()
}

fn table(file: &mut File, offset: u64, entries: u64) -> io::Result<Vec<u64>> {
    let mut bytes = vec![0; entries as usize * 8];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes.chunks_exact(8).map(|entry| big(entry, 0)).collect())
}

/// Writes the disk inside a qcow2 image as a sparse raw file.
pub fn to_raw(from: &Path, to: &Path) -> io::Result<u64> {
    let mut file = File::open(from)?;
    let mut header = [0; 104];
    file.read_exact(&mut header[..72])?;
    if !header.starts_with(b"QFI\xfb") {
        return Err(unsupported("wrong magic number"));
    }
    if big(&header, 8) != 0 || small(&header, 32) != 0 {
        return Err(unsupported("a backing file or encryption"));
    }
    let (bits, size) = (small(&header, 20), big(&header, 24));
    if !(9..=21).contains(&bits) {
        return Err(unsupported("an impossible cluster size"));
    }
    let cluster = 1_u64 << bits;
    let l1 = table(&mut file, big(&header, 40), small(&header, 36))?;
    let mut writer = Sparse::new(blob::create(to)?);
    let mut left = size;
    let mut data = vec![0; cluster as usize];
    for pointer in l1 {
        let l2 = match pointer & OFFSET {
            0 => vec![0; (cluster / 8) as usize],
            offset => table(&mut file, offset, cluster / 8)?,
        };
        for entry in l2 {
            if left == 0 {
                break;
            }
            if entry & COMPRESSED != 0 {
                return Err(unsupported("compressed clusters"));
            }
            data.fill(0);
            let offset = entry & OFFSET;
            if offset != 0 && entry & 1 == 0 {
                file.seek(SeekFrom::Start(offset))?;
                // The last cluster may be cut short at the end of the file.
                let mut got = 0;
                while got < data.len() {
                    match file.read(&mut data[got..])? {
                        0 => break,
                        more => got += more,
                    }
                }
            }
            let part = left.min(cluster);
            writer.write(&data[..part as usize])?;
            left -= part;
        }
    }
    writer.finish(size)
}

/// Writes a raw disk as a qcow2 image that leaves clusters of zeros out.
pub fn from_raw(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let size = source.metadata()?.len();
    let l1_entries = size.div_ceil(CLUSTER * ENTRIES);
    let l1_clusters = (l1_entries * 8).div_ceil(CLUSTER).max(1);
    let mut out = BufWriter::with_capacity(1 << 20, blob::create(to)?);
    let mut next = 2 + l1_clusters;
    let mut l1 = Vec::new();
    out.seek(SeekFrom::Start(next * CLUSTER))?;
    let mut data = vec![0; CLUSTER as usize];
    let zeros = vec![0; CLUSTER as usize];
    for _ in 0..l1_entries {
        let mut l2 = Vec::with_capacity(ENTRIES as usize);
        for _ in 0..ENTRIES {
            data.fill(0);
            let got = read_full(&mut source, &mut data)?;
            if got == 0 || data == zeros {
                l2.push(0);
                continue;
            }
            out.write_all(&data)?;
            l2.push((next * CLUSTER) | COPIED);
            next += 1;
        }
        if l2.iter().all(|entry| *entry == 0) {
            l1.push(0);
            continue;
        }
        write_table(&mut out, &l2, CLUSTER)?;
        l1.push((next * CLUSTER) | COPIED);
        next += 1;
    }
    let blocks = blocks_for(next);
    let total = next + blocks;
    for block in 0..blocks {
        let counted = (total - block * COUNTED).min(COUNTED);
        let counts = [0, 1].repeat(counted as usize);
        out.write_all(&counts)?;
        out.write_all(&zeros[counts.len()..])?;
    }
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&header(size, l1_entries))?;
    out.seek(SeekFrom::Start(CLUSTER))?;
    write_table(&mut out, &(0..blocks).map(|block| (next + block) * CLUSTER).collect::<Vec<_>>(), CLUSTER)?;
    write_table(&mut out, &l1, l1_clusters * CLUSTER)?;
    out.flush()
}

/// Returns how many blocks count `clusters` and themselves.
fn blocks_for(clusters: u64) -> u64 {
    (1..).find(|blocks| (clusters + blocks).div_ceil(COUNTED) <= *blocks).unwrap_or(1)
}

fn header(size: u64, l1_entries: u64) -> Vec<u8> {
    let mut header = Vec::with_capacity(72);
    header.extend(b"QFI\xfb");
    header.extend(2_u32.to_be_bytes());
    header.extend([0; 12]);
    header.extend(16_u32.to_be_bytes());
    header.extend(size.to_be_bytes());
    header.extend(0_u32.to_be_bytes());
    header.extend((l1_entries as u32).to_be_bytes());
    header.extend((2 * CLUSTER).to_be_bytes());
    header.extend(CLUSTER.to_be_bytes());
    header.extend(1_u32.to_be_bytes());
    header.extend([0; 12]);
    header
}

fn write_table(out: &mut impl Write, entries: &[u64], length: u64) -> io::Result<()> {
    for entry in entries {
        out.write_all(&entry.to_be_bytes())?;
    }
    out.write_all(&vec![0; length as usize - entries.len() * 8])
}

fn read_full(source: &mut File, data: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < data.len() {
        match source.read(&mut data[got..])? {
            0 => break,
            more => got += more,
        }
    }
    Ok(got)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_survives_the_way_there_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let (raw, image, back) = (folder.path().join("raw"), folder.path().join("image"), folder.path().join("back"));
        let mut file = File::create(&raw).unwrap();
        file.write_all(b"at the start").unwrap();
        file.seek(SeekFrom::Start(700 << 20)).unwrap();
        file.write_all(b"behind the first table").unwrap();
        file.set_len((700 << 20) + 5000).unwrap();
        from_raw(&raw, &image).unwrap();
        assert!(image.metadata().unwrap().len() < 1 << 20);
        assert_eq!(to_raw(&image, &back).unwrap(), (700 << 20) + 5000);
        assert!(std::fs::read(&raw).unwrap() == std::fs::read(&back).unwrap());
    }

    #[test]
    fn what_is_no_qcow2_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw");
        std::fs::write(&path, vec![7; 4096]).unwrap();
        assert!(to_raw(&path, &folder.path().join("out")).is_err());
    }
}
