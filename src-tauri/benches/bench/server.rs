//! A real server in this process, over loopback HTTP, with the guild of `guild` behind it.

use std::net::SocketAddr;

use anyhow::Context;
use guildhall_server::cluster::Cluster;
use guildhall_server::config::Config;
use guildhall_server::serve::serve;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::guild;
use crate::work::Page;

/// A database with the pages, and the server before it. Ends with the process of the benchmark.
#[derive(Debug)]
pub struct Served {
    pub url: String,
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), guildhall_server::Error>>,
}

/// Migrates a new database, adds the guild and its pages, and serves it.
pub fn start(runtime: &Runtime, cluster: &Cluster, database: &str, pages: &[Page]) -> anyhow::Result<Served> {
    let (bound, address) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let url = cluster.url(database);
    runtime.block_on(async {
        let guild = guild::create(cluster, database).await?;
        guild::add_pages(&url, guild, pages).await
    })?;
    let config = Config::new(url, SocketAddr::from(([127, 0, 0, 1], 0)));
    let serving = runtime.spawn(async move {
        let say = |address| _ = bound.send(address);
        serve(config, say, async { drop(stopped.await) }).await
    });
    let address = runtime.block_on(address).context("the server did not start")?;
    Ok(Served { url: format!("http://{address}"), address, stop, serving })
}

impl Served {
    pub fn stop(self, runtime: &Runtime) -> anyhow::Result<()> {
        drop(self.stop);
        Ok(runtime.block_on(self.serving)??)
    }
}
