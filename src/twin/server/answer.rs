//! From a `Reply` to bytes on the wire, whole, slowly, or cut in half.

use std::io;
use std::time::Duration;

use axum::body::{Body as Bytes, Bytes as Chunk};
use axum::response::Response;
use futures_util::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::twin::faults::Fault;
use crate::twin::http::{Body, Reply};

const CHUNK: u64 = 256 * 1024;

/// Renders a reply; `bare` leaves the body out, as for `HEAD`.
pub async fn render(reply: Reply, fault: Option<Fault>, bare: bool) -> Response {
    let mut builder = Response::builder().status(reply.status);
    let json = matches!(reply.body, Body::Json(_));
    for (name, value) in &reply.headers {
        builder = builder.header(*name, value.as_str());
    }
    if json && !reply.headers.iter().any(|(name, _)| *name == "content-type") {
        builder = builder.header("content-type", "application/json");
    }
    let (length, body) = match reply.body {
        Body::Empty => (0, Source::Memory(Vec::new())),
        Body::Json(value) => memory(value.to_string().into_bytes()),
        Body::Bytes(bytes) => memory(bytes),
        Body::File { path, offset, length } => match open(&path, offset).await {
            Ok(file) => (length, Source::File(file)),
            Err(_) => return Response::builder().status(500).body(Bytes::empty()).unwrap_or_default(),
        },
    };
    if reply.status != 204 && reply.status != 304 {
        builder = builder.header("content-length", length);
    }
    if bare {
        return builder.body(Bytes::empty()).unwrap_or_default();
    }
    let body = match (fault, body) {
        (Some(Fault::SlowBody), source) => {
            drip(source, length, length.div_ceil(20).max(1), Duration::from_millis(20), false)
        }
        (Some(Fault::Truncate), source) if length > 1 => drip(source, length / 2, CHUNK, Duration::ZERO, true),
        (_, Source::Memory(bytes)) => Bytes::from(bytes),
        (_, source) => drip(source, length, CHUNK, Duration::ZERO, false),
    };
    builder.body(body).unwrap_or_default()
}

enum Source {
    Memory(Vec<u8>),
    File(File),
}

fn memory(bytes: Vec<u8>) -> (u64, Source) {
    (bytes.len() as u64, Source::Memory(bytes))
}

async fn open(path: &std::path::Path, offset: u64) -> io::Result<File> {
    let mut file = File::open(path).await?;
    file.seek(io::SeekFrom::Start(offset)).await?;
    Ok(file)
}

/// Sends `left` bytes in pieces with a pause before each, then ends, or breaks the connection where `cut`.
fn drip(source: Source, left: u64, piece: u64, pause: Duration, cut: bool) -> Bytes {
    Bytes::from_stream(stream::unfold((source, 0, left, cut), move |(mut source, sent, left, cut)| async move {
        if left == 0 {
            return cut.then(|| (Err(io::Error::other("cut on purpose")), (source, sent, 0, false)));
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let want = piece.min(left) as usize;
        let chunk = match &mut source {
            Source::Memory(bytes) => Ok(Chunk::copy_from_slice(&bytes[sent..sent + want])),
            Source::File(file) => {
                let mut buffer = vec![0; want];
                file.read_exact(&mut buffer).await.map(|_| Chunk::from(buffer))
            }
        };
        let left = if chunk.is_ok() { left - want as u64 } else { 0 };
        Some((chunk, (source, sent + want, left, cut)))
    }))
}
