//! A private Postgres that runs beside us: for the demo, for tests and for benchmarks.
//!
//! It listens on a Unix socket in its own closed folder, so it needs no port and no password.
//! Production does not come here: there an administrator gives an address.

mod account;
mod binaries;
mod databases;
mod error;
mod guard;
mod layout;
mod postmaster;

use std::path::{Path, PathBuf};

use account::Account;
pub use binaries::Binaries;
pub use error::ClusterError;
use guard::{AtEnd, Guard};
use layout::Layout;
use postmaster::Postmaster;

/// The superuser of every private cluster.
const SUPERUSER: &str = "postgres";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterOptions {
    /// Whether a committed row survives when the machine loses power. Tests that end only
    /// processes can do without, and are several times faster.
    pub durable: bool,
    pub max_connections: u16,
}

/// A private Postgres. Dropping the handle stops it, as does the end of our process,
/// however that comes about; [`Cluster::leave_running`] lets it stay.
#[derive(Debug)]
pub struct Cluster {
    binaries: Binaries,
    account: Option<Account>,
    options: ClusterOptions,
    layout: Layout,
    /// None after [`Cluster::kill`].
    postmaster: Option<Postmaster>,
    /// None for a cluster that does not end with us.
    guard: Option<Guard>,
}

impl Cluster {
    /// Starts Postgres on a folder that stays; the folder is filled on first use.
    pub fn start(binaries: &Binaries, folder: &Path, options: ClusterOptions) -> Result<Self, ClusterError> {
        Self::start_in(binaries, Layout::create(folder)?, options, AtEnd::Stop)
    }

    /// Starts Postgres in a folder of its own, which is removed with the handle.
    pub fn start_temporary(binaries: &Binaries, options: ClusterOptions) -> Result<Self, ClusterError> {
        Self::start_in(binaries, Layout::create_temporary()?, options, AtEnd::Remove)
    }

    /// A handle on a cluster that [`Cluster::leave_running`] left behind; dropping it stops nothing.
    pub fn attach(binaries: &Binaries, folder: &Path, options: ClusterOptions) -> Result<Self, ClusterError> {
        let layout = Layout::open(folder)?;
        let postmaster = Postmaster::find_running(&layout)
            .ok_or_else(|| ClusterError::NotRunning { folder: layout.folder.clone() })?;
        Ok(Self {
            binaries: binaries.clone(),
            account: account::find_for_postgres()?,
            options,
            layout,
            postmaster: Some(postmaster),
            guard: None,
        })
    }

    /// Lets the server go on after our process ends, until somebody attaches and stops it.
    pub fn leave_running(mut self) {
        if let Some(guard) = self.guard.take() {
            guard.dismiss();
        }
    }

    pub fn folder(&self) -> &Path {
        &self.layout.folder
    }

    /// Address of a database for the superuser; sqlx and psql both understand it.
    pub fn url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, database)
    }

    /// The same for another role. The closed folder is the lock, so no role needs a password.
    pub fn url_as(&self, role: &str, database: &str) -> String {
        self.layout.url(role, database)
    }

    /// Kills every process of the cluster at once; what was committed is found by [`Cluster::restart`].
    pub fn kill(&mut self) -> Result<(), ClusterError> {
        let Some(postmaster) = self.postmaster.take() else {
            return Ok(());
        };
        postmaster.kill(&self.layout)?;
        self.tell_guard(None)
    }

    /// Stops the server if it runs, and starts it again on the same folder.
    pub fn restart(&mut self) -> Result<(), ClusterError> {
        self.stop_postmaster()?;
        let postmaster =
            Postmaster::spawn(&self.binaries, &self.layout, self.options, self.account.as_ref())?;
        self.tell_guard(Some(&postmaster))?;
        self.postmaster.insert(postmaster).wait_until_ready(&self.layout)
    }

    /// Ends open transactions, writes everything to the disk and stops.
    pub fn stop(mut self) -> Result<(), ClusterError> {
        self.stop_postmaster()
    }

    fn start_in(
        binaries: &Binaries,
        layout: Layout,
        options: ClusterOptions,
        at_end: AtEnd,
    ) -> Result<Self, ClusterError> {
        // The guard comes first: from here on neither an error nor a killed process leaves anything.
        let guard = Guard::start(&layout, at_end)?;
        let account = account::find_for_postgres()?;
        let mut cluster = Self {
            binaries: binaries.clone(),
            account,
            options,
            layout,
            postmaster: None,
            guard: Some(guard),
        };
        cluster.layout.give_to(cluster.account.as_ref())?;
        postmaster::fill_folder(binaries, &cluster.layout, cluster.account.as_ref())?;
        cluster.restart()?;
        Ok(cluster)
    }

    fn stop_postmaster(&mut self) -> Result<(), ClusterError> {
        let Some(postmaster) = self.postmaster.take() else {
            return Ok(());
        };
        postmaster.stop(&self.layout)?;
        self.tell_guard(None)
    }

    fn tell_guard(&mut self, watched: Option<&Postmaster>) -> Result<(), ClusterError> {
        match &mut self.guard {
            Some(guard) => guard.watch(watched.map(Postmaster::id)),
            None => Ok(()),
        }
    }
}

impl Drop for Cluster {
    /// One way to end, whether the handle is dropped, a test panics or we are killed:
    /// the guard stops the server and tidies up.
    fn drop(&mut self) {
        let Some(guard) = self.guard.take() else {
            return;
        };
        guard.finish();
        if let Some(postmaster) = self.postmaster.take() {
            postmaster.reap();
        }
    }
}

/// Where a cluster that stays belongs: the user's own folder for application state, but
/// for root a place that the user who runs Postgres can reach.
pub fn folder_for(name: &str) -> Result<PathBuf, ClusterError> {
    if account::is_root() {
        return Ok(Path::new("/var/lib/guildhall").join(name));
    }
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
    Ok(state.or(home).ok_or(ClusterError::HomeMissing)?.join("guildhall").join(name))
}
