//! A real device: a profile in a folder, signed in at the server, with its link.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use guildhall_local::Store;
use guildhall_local::clock::Clock;
use guildhall_local::keys::Cost;
use guildhall_local::keys::marks::Marks;
use guildhall_local::link::sign_in::{Keeping, Wish, sign_in, wire_of};
use guildhall_local::link::{Link, Progress, Report};
use guildhall_local::store::state;

use guildhall_local::link::wire::Wire;

use crate::guild;

#[derive(Clone, Debug)]
pub struct Device {
    pub dir: PathBuf,
    pub store: Arc<Store>,
}

impl Device {
    /// Signs in from a new folder.
    pub async fn sign_in(server: &str, dir: &Path) -> anyhow::Result<Self> {
        let wire = Wire::new(server, None)?;
        let wish = Wish {
            guild: guild::NAME.to_owned(),
            login: guild::MANAGER.to_owned(),
            password: guild::PASSWORD.to_owned(),
            device_name: "bench".to_owned(),
        };
        let keeping = Keeping { ring: None, cost: Cost::Full };
        let store = sign_in(dir, &wire, wish, keeping, Clock::system()).await?;
        Ok(Self { dir: dir.to_owned(), store: Arc::new(store) })
    }

    /// The link of this device. Its marks lie beside the profile's folder.
    pub fn link(&self) -> anyhow::Result<Link> {
        let marks = self.dir.with_extension("marks");
        std::fs::create_dir_all(&marks)?;
        let marks = Marks::new(self.store.read(state::read)?.profile, None, marks);
        let wire = wire_of(&self.dir, &self.store.read(state::account)?)?;
        Ok(Link::take(Arc::clone(&self.store), wire, marks, &self.dir)?)
    }

    /// Sends and fetches until nothing is left.
    pub async fn sync(&self, tell: impl Fn(Progress) + Send + Sync + 'static) -> anyhow::Result<Report> {
        Ok(self.link()?.sync_once(tell).await?)
    }
}
