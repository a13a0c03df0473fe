//! One window for each profile. Who comes second asks the first to show itself, and ends.
//! The lock falls with the process that holds it, however that ends.

use super::platform::{Door, knock, meeting_folder};
use crate::failure::Failure;
use sha2::{Digest, Sha256};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

/// How long the first one may take to answer: it may be starting, or just about to end.
const PATIENCE: Duration = Duration::from_secs(5);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// The right to show this profile.
#[derive(Debug)]
pub struct Instance {
    door: Option<Door>,
    /// Held until the process ends.
    _lock: File,
}

/// None where another window shows this profile; it is in front then.
pub async fn take(profile: &Path) -> Result<Option<Instance>, Failure> {
    take_within(&meeting_folder()?, profile, PATIENCE).await
}

async fn take_within(folder: &Path, profile: &Path, patience: Duration) -> Result<Option<Instance>, Failure> {
    let name = name_of(profile);
    let file = File::create(folder.join(format!("{name}.lock"))).map_err(Failure::fault)?;
    let place = folder.join(name);
    let ask = async {
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(true),
                Err(TryLockError::WouldBlock) if knock(&place).await => return Ok(false),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(BETWEEN_TRIES).await,
                Err(TryLockError::Error(error)) => return Err(Failure::fault(error)),
            }
        }
    };
    let is_first = tokio::time::timeout(patience, ask).await.unwrap_or_else(|_| {
        let failure = Failure::fault("Guildhall runs with this profile, and does not answer.");
        Err(failure.hint("End that process, then start it again. What was written is safe."))
    })?;
    Ok(is_first.then(|| Instance { door: open_door(&place), _lock: file }))
}

/// A window without a door still works; who comes second is then told that it does not answer.
fn open_door(place: &Path) -> Option<Door> {
    Door::open(place).inspect_err(|error| tracing::warn!(%error, "a second start cannot be heard")).ok()
}

impl Instance {
    /// Calls `show` for everyone who comes second.
    pub async fn answer(mut self, show: impl Fn()) {
        while let Some(door) = &mut self.door {
            match door.wait().await {
                Ok(visit) => {
                    show();
                    visit.answer().await;
                }
                Err(error) => {
                    tracing::warn!(%error, "a second start was not heard");
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
            }
        }
        std::future::pending().await
    }
}

/// Short, because the address of a socket may not be long.
fn name_of(profile: &Path) -> String {
    let hash = Sha256::digest(profile.as_os_str().as_encoded_bytes());
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn who_comes_second_brings_the_first_to_the_front() {
        let folder = tempfile::tempdir().expect("a folder");
        let take = |profile: &'static str| take_within(folder.path(), Path::new(profile), PATIENCE);
        let first = take("/ana").await.expect("a right").expect("the first");
        let shown = Arc::new(AtomicU32::new(0));
        let counts = Arc::clone(&shown);
        let answering = tokio::spawn(first.answer(move || {
            counts.fetch_add(1, Ordering::Relaxed);
        }));

        assert!(take("/ana").await.expect("an answer").is_none());
        assert!(take("/ana").await.expect("an answer").is_none());
        assert_eq!(shown.load(Ordering::Relaxed), 2);
        assert!(take("/ben").await.expect("a right").is_some(), "another profile has a window of its own");

        answering.abort();
        answering.await.expect_err("it was ended");
        assert!(take("/ana").await.expect("a right").is_some(), "the first is gone");
    }

    #[tokio::test]
    async fn a_window_that_does_not_answer_is_told_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let profile = Path::new("/ana");
        let _held = File::create(folder.path().join(format!("{}.lock", name_of(profile)))).expect("a file");
        _held.try_lock().expect("a lock");
        let failure =
            take_within(folder.path(), profile, Duration::from_millis(200)).await.expect_err("it waits");
        assert!(failure.message.contains("does not answer"), "{failure}");
    }
}
