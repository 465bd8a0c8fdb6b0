//! Takes an uploaded body into a sparse file, with its checksums.

use std::io;
use std::path::PathBuf;

use axum::body::Body;
use futures_util::StreamExt;
use md5::{Digest, Md5};
use sha2::Sha512;

use crate::twin::blob::{self, Sparse};
use crate::twin::http::Received;

/// Streams `body` into `path`. A sender that hangs up gives a `broken` result, a full disk an error.
pub async fn receive(path: PathBuf, body: Body) -> io::Result<Received> {
    let mut writer = Sparse::new(blob::create(&path)?);
    let (mut md5, mut sha512) = (Md5::new(), Sha512::new());
    let mut stream = body.into_data_stream();
    let mut broken = false;
    while let Some(part) = stream.next().await {
        let Ok(bytes) = part else {
            broken = true;
            break;
        };
        md5.update(&bytes);
        sha512.update(&bytes);
        writer.write(&bytes)?;
    }
    let size = writer.finish(0)?;
    Ok(Received { path, size, md5: hex::encode(md5.finalize()), sha512: hex::encode(sha512.finalize()), broken })
}
