//! The root disks of servers, as files below `hosts/HOST/instances/ID/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::model::Server;
use crate::twin::blob::{self, Blob};
use crate::twin::cloud::Cloud;

/// The size of a disk made up for a generated estate.
const GENERATED: u64 = 256 * 1024;

/// Returns the folder of a server on a host.
fn folder(data: &Path, host: &str, id: &str) -> PathBuf {
    data.join("hosts").join(host).join("instances").join(id)
}

/// Returns where a server's disk is.
pub fn path(cloud: &Cloud, server: &Server) -> PathBuf {
    folder(&cloud.data, &server.host, &server.id).join("disk")
}

/// Writes the disk of a server that boots from a file.
pub fn write(cloud: &Cloud, server: &Server, from: &Path) -> io::Result<()> {
    blob::copy(from, &path(cloud, server), 0).map(|_| ())
}

/// Returns the disk, made up first where a generated estate has not written it yet.
pub fn ensure(cloud: &Cloud, server: &Server) -> io::Result<PathBuf> {
    let path = path(cloud, server);
    match server.disk_seed {
        Some(seed) => Blob::generated(path.clone(), GENERATED, seed).ensure().map(Path::to_owned),
        None if path.exists() => Ok(path),
        None => blob::blank(&path, 0).map(|()| path),
    }
}

/// Moves a server's folder to another host.
pub fn relocate(cloud: &Cloud, id: &str, from: &str, to: &str) {
    let (source, target) = (folder(&cloud.data, from, id), folder(&cloud.data, to, id));
    if from == to || !source.exists() {
        return;
    }
    let made = target.parent().map_or(Ok(()), fs::create_dir_all);
    if made.and_then(|()| fs::rename(&source, &target)).is_err() {
        tracing::warn!(server = id, from, to, "the twin could not move a disk");
    }
}

/// Removes a server's folder from a host.
pub fn remove(cloud: &Cloud, id: &str, host: &str) {
    let _ = fs::remove_dir_all(folder(&cloud.data, host, id));
}
