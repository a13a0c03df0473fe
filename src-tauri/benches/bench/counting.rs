//! A proxy on loopback that counts what goes through it, in both directions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

const PIECE_BYTES: usize = 64 * 1024;

#[derive(Debug)]
pub struct Counted {
    pub url: String,
    bytes: Arc<AtomicU64>,
}

impl Counted {
    /// Bytes that went through it up to now.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }
}

/// Begins to hand on connections to `target`; ends with the runtime.
pub async fn before(target: SocketAddr) -> anyhow::Result<Counted> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let counted = Counted { url: format!("http://{}", listener.local_addr()?), bytes: Arc::default() };
    let bytes = Arc::clone(&counted.bytes);
    tokio::spawn(async move {
        while let Ok((from, _)) = listener.accept().await {
            tokio::spawn(connect(from, target, Arc::clone(&bytes)));
        }
    });
    Ok(counted)
}

async fn connect(device: TcpStream, target: SocketAddr, bytes: Arc<AtomicU64>) -> std::io::Result<()> {
    let server = TcpStream::connect(target).await?;
    device.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_device, to_device) = device.into_split();
    let (from_server, to_server) = server.into_split();
    let up = tokio::spawn(hand_on(from_device, to_server, Arc::clone(&bytes)));
    hand_on(from_server, to_device, bytes).await?;
    up.await?
}

async fn hand_on(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    bytes: Arc<AtomicU64>,
) -> std::io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        bytes.fetch_add(length as u64, Ordering::SeqCst);
        to.write_all(&piece[..length]).await?;
    }
}
