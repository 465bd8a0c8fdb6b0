//! Bytes from one cloud to another through this machine, a chunk at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use mlua::Function;

use crate::api::fault;
use crate::lua::fault::Fault;
use crate::openstack::image::Image;

use super::object::Object;

/// How often a script hears of progress.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Streams an image's bytes into a queued image of another cloud; the services' own back pressure paces it.
pub async fn image(source: &Object<Image>, target: &Object<Image>, progress: Option<Function>) -> Result<(), Fault> {
    let (length, bytes) = source.cloud.download_image(source.id()).await.map_err(fault::openstack)?;
    let done = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&done);
    let counted = bytes.map(move |chunk| {
        if let Ok(chunk) = &chunk {
            counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        }
        chunk
    });
    let upload = target.cloud.upload_image(target.id(), counted, length);
    let Some(progress) = progress else { return upload.await.map_err(fault::openstack) };
    let mut upload = std::pin::pin!(upload);
    let mut tick = tokio::time::interval(TELL_EVERY);
    loop {
        tokio::select! {
            result = &mut upload => {
                result.map_err(fault::openstack)?;
                progress.call::<()>((done.load(Ordering::Relaxed), length))?;
                return Ok(());
            }
            _ = tick.tick() => progress.call::<()>((done.load(Ordering::Relaxed), length))?,
        }
    }
}
