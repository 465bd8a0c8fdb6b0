//! A value that is found once and shared by all who ask, and a failure shared by all who asked meanwhile.

use std::future::Future;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::Error;

/// How long a failure stands: long enough for everybody who waited, short enough for whoever tries again.
const STANDS: Duration = Duration::from_secs(1);

/// The place of such a value.
pub(crate) struct Once<T> {
    value: OnceLock<T>,
    failure: Mutex<Option<(Error, Instant)>>,
}

impl<T: Clone> Once<T> {
    pub fn new() -> Self {
        Self { value: OnceLock::new(), failure: Mutex::new(None) }
    }

    /// Returns the value, finding it where nobody did so yet.
    pub async fn get(&self, find: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if let Some(value) = self.value.get() {
            return Ok(value.clone());
        }
        let mut failure = self.failure.lock().await;
        if let Some(value) = self.value.get() {
            return Ok(value.clone());
        }
        if let Some((error, at)) = &*failure
            && at.elapsed() < STANDS
        {
            return Err(error.clone());
        }
        match find.await {
            Ok(found) => Ok(self.value.get_or_init(|| found).clone()),
            Err(error) => {
                *failure = Some((error.clone(), Instant::now()));
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn whoever_waited_shares_the_failure() {
        let (once, tries) = (Once::<u8>::new(), AtomicUsize::new(0));
        let find = || async {
            tries.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(Error::invalid("no"))
        };
        let (one, two) = tokio::join!(once.get(find()), once.get(find()));
        assert!(one.is_err() && two.is_err());
        assert_eq!(tries.load(Ordering::SeqCst), 1);
        tokio::time::sleep(STANDS).await;
        assert_eq!(once.get(async { Ok(7) }).await.unwrap(), 7);
        assert_eq!(once.get(find()).await.unwrap(), 7);
    }
}
