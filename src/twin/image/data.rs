//! The bytes of images: upload and download.

use std::path::PathBuf;

use super::model::{Image, find, find_own, missing};
use crate::twin::blob::Blob;
use crate::twin::http::{Answer, Body, Call, Received, Refusal, Reply};

/// Decides whether an upload may begin, and where its bytes go.
pub fn begin(call: &mut Call) -> Result<PathBuf, Refusal> {
    let kind = call.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if kind.split(';').next().unwrap_or_default().trim() != "application/octet-stream" {
        return Err(Refusal::new(415, format!("The request media type {kind} is not supported by this server.")));
    }
    let id = call.param(0);
    let path = super::path(call.cloud, &id);
    let image = find_own(call, &id)?;
    if image.status != "queued" {
        let from = &image.status;
        return Err(Refusal::conflict(format!("Image status transition from {from} to saving is not allowed")));
    }
    let unset = [("disk_format", &image.disk_format), ("container_format", &image.container_format)];
    let unset: Vec<_> = unset.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
    if !unset.is_empty() {
        return Err(Refusal::bad(format!("Properties {} must be set prior to saving data.", unset.join(", "))));
    }
    image.status = "saving".into();
    Ok(path)
}

/// Records what arrived. A sender that hung up leaves the image as it was, to be tried again.
pub fn finish(call: &mut Call, received: Received) -> Answer {
    let id = call.param(0);
    let announced = call.headers.get("content-length").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let now = call.cloud.now;
    let Some(image) = call.cloud.image.images.get_mut(&id) else {
        let _ = std::fs::remove_file(&received.path);
        let what = format!(
            "Image {id} could not be found after upload. The image may have been deleted during the upload, cleaning \
             up the chunks uploaded."
        );
        return Err(Refusal::new(410, what));
    };
    image.updated = now;
    if received.broken || announced.is_some_and(|announced| announced != received.size) {
        image.status = "queued".into();
        let _ = std::fs::remove_file(&received.path);
        return Err(Refusal::bad("Client disconnected before sending all data to backend"));
    }
    store(image, received);
    Ok(Reply::empty(204))
}

/// Makes an image active with the bytes received.
pub fn store(image: &mut Image, received: Received) {
    image.virtual_size = virtual_size(image.disk_format.as_deref().unwrap_or_default(), &received);
    image.size = Some(received.size);
    image.checksum = Some(received.md5);
    image.sha512 = Some(received.sha512);
    image.blob = Some(Blob::written(received.path, received.size));
    image.status = "active".into();
}

/// Reads the size of the disk inside: for qcow2 it is in the header, a raw image is its own disk.
fn virtual_size(format: &str, received: &Received) -> Option<u64> {
    match format {
        "raw" | "iso" => Some(received.size),
        "qcow2" => {
            let mut header = [0; 32];
            let mut file = std::fs::File::open(&received.path).ok()?;
            std::io::Read::read_exact(&mut file, &mut header).ok()?;
            let size: [u8; 8] = header[24..32].try_into().ok()?;
            header.starts_with(b"QFI\xfb").then(|| u64::from_be_bytes(size))
        }
        _ => None,
    }
}

/// `GET /v2/images/{id}/file`.
pub fn download(call: &mut Call) -> Answer {
    let id = call.param(0);
    let image = find(call, &id)?;
    if image.status == "deactivated" && !call.caller.is_admin() {
        let what = "The requested image has been deactivated. Image data download is forbidden.";
        return Err(Refusal::forbidden(what));
    }
    let Some(blob) = image.blob.clone().filter(|_| matches!(image.status.as_str(), "active" | "deactivated")) else {
        return Ok(Reply::empty(204));
    };
    super::model::settle(call.cloud, &id);
    let path = blob.ensure().map_err(|_| missing(&id))?.to_owned();
    let range = call.headers.get("range").and_then(|value| value.to_str().ok());
    let part = range.map(|text| parse_range(text, blob.size)).transpose()?;
    let (offset, length) = part.unwrap_or((0, blob.size));
    let status = if part.is_some() { 206 } else { 200 };
    let mut reply = Reply::new(status, Body::File { path, offset, length });
    reply.header("content-type", "application/octet-stream");
    if let Some(checksum) = find(call, &id)?.checksum.clone() {
        reply.header("content-md5", checksum);
    }
    if part.is_some() {
        reply.header("content-range", format!("bytes {offset}-{}/{}", offset + length - 1, blob.size));
    }
    Ok(reply)
}

/// Reads `bytes=first-last`, `bytes=first-` or `bytes=-count` as offset and length.
fn parse_range(text: &str, size: u64) -> Result<(u64, u64), Refusal> {
    let refused = |why: String| Refusal::new(416, format!("The Range requested is not available. {why}"));
    let malformed = || refused(format!("Invalid Range header: {text}"));
    let (first, last) = text.strip_prefix("bytes=").and_then(|text| text.split_once('-')).ok_or_else(malformed)?;
    let end = if last.is_empty() || first.is_empty() {
        size
    } else {
        size.min(last.parse::<u64>().map_err(|_| malformed())?.saturating_add(1))
    };
    let start = if first.is_empty() {
        size.saturating_sub(last.parse().map_err(|_| malformed())?)
    } else {
        first.parse().map_err(|_| malformed())?
    };
    if start >= size || start >= end {
        return Err(refused(format!(
            "Invalid start position in Range header. Start position MUST be in the inclusive range [0, {}].",
            size.saturating_sub(1)
        )));
    }
    Ok((start, end - start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_bounded() {
        assert_eq!(parse_range("bytes=0-9", 100).unwrap(), (0, 10));
        assert_eq!(parse_range("bytes=90-", 100).unwrap(), (90, 10));
        assert_eq!(parse_range("bytes=-10", 100).unwrap(), (90, 10));
        assert_eq!(parse_range("bytes=90-500", 100).unwrap(), (90, 10));
        assert_eq!(parse_range("bytes=100-", 100).unwrap_err().status, 416);
    }
}
