//! The laptop's keyring, asked from a thread of its own and for a bounded time: a keyring that
//! shows a prompt or hangs must not hang the program.
//!
//! Where none answers there is none: no secret is ever put into a file or into memory of the
//! kernel instead.

use crate::error::KeyError;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;
use zeroize::Zeroizing;

const PROGRAM: &str = "guildhall";
/// Long enough for a keyring that starts, short enough for a person who waits.
const PATIENCE: Duration = Duration::from_secs(5);

pub type Secret = Zeroizing<Vec<u8>>;

/// Something that keeps secrets by name.
pub trait Vault: Send + Sync {
    fn read(&self, name: &str) -> Result<Option<Secret>, KeyError>;
    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeyError>;
    fn remove(&self, name: &str) -> Result<(), KeyError>;
}

#[derive(Clone)]
pub struct Ring {
    vault: Arc<dyn Vault>,
    patience: Duration,
}

impl Ring {
    /// The keyring of the system.
    pub fn system() -> Self {
        Self::over(Arc::new(SystemVault), PATIENCE)
    }

    pub fn over(vault: Arc<dyn Vault>, patience: Duration) -> Self {
        Self { vault, patience }
    }

    pub fn read(&self, name: &str) -> Result<Option<Secret>, KeyError> {
        let name = name.to_owned();
        self.ask(move |vault| vault.read(&name))
    }

    pub fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeyError> {
        let (name, secret) = (name.to_owned(), Zeroizing::new(secret.to_vec()));
        self.ask(move |vault| vault.write(&name, &secret))
    }

    pub fn remove(&self, name: &str) -> Result<(), KeyError> {
        let name = name.to_owned();
        self.ask(move |vault| vault.remove(&name))
    }

    /// A thread that is still waiting is left behind: it holds nothing but its question.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Vault) -> Result<T, KeyError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let (answer, wait) = mpsc::channel();
        let vault = Arc::clone(&self.vault);
        std::thread::spawn(move || {
            let given = question(vault.as_ref());
            // Nobody waits any more when the time is over.
            let _ = answer.send(given);
        });
        wait.recv_timeout(self.patience).map_err(|_| KeyError::KeyringSilent)?
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ring")
    }
}

struct SystemVault;

impl Vault for SystemVault {
    fn read(&self, name: &str) -> Result<Option<Secret>, KeyError> {
        match entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeyError> {
        entry(name)?.set_secret(secret).map_err(|error| refusal(&error))
    }

    fn remove(&self, name: &str) -> Result<(), KeyError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(refusal(&error)),
        }
    }
}

fn entry(name: &str) -> Result<keyring::Entry, KeyError> {
    keyring::Entry::new(PROGRAM, name).map_err(|error| refusal(&error))
}

fn refusal(error: &keyring::Error) -> KeyError {
    match error {
        keyring::Error::NoStorageAccess(_) => KeyError::KeyringLocked,
        _ => KeyError::NoKeyring,
    }
}
