//! A cable between laptop and server that breaks at a byte that a test has chosen.

use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const AT_ONCE: usize = 4 * 1024;

/// How much still comes through from the server; `None` for as much as it likes.
type Left = Option<usize>;

#[derive(Debug)]
pub struct Cable {
    pub address: SocketAddr,
    left: Arc<watch::Sender<Left>>,
}

impl Cable {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let left = Arc::new(watch::Sender::new(None));
        let kept = Arc::clone(&left);
        tokio::spawn(async move {
            while let Ok((laptop, _)) = listener.accept().await {
                tokio::spawn(carry(laptop, server, Arc::clone(&kept)));
            }
        });
        Self { address, left }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets so many bytes of the server through, and then nothing more on any connection.
    pub fn break_after(&self, bytes: usize) {
        self.left.send_replace(Some(bytes));
    }

    pub async fn until_broken(&self) {
        let mut watching = self.left.subscribe();
        watching.wait_for(|left| *left == Some(0)).await.expect("we hold the other end");
    }

    pub fn mend(&self) {
        self.left.send_replace(None);
    }
}

/// Ends, and both connections with it, when one side has ended or the cable is broken.
async fn carry(laptop: TcpStream, server: SocketAddr, left: Arc<watch::Sender<Left>>) {
    let mut broken = left.subscribe();
    let carrying = async {
        let Ok(server) = TcpStream::connect(server).await else { return };
        let (mut from_laptop, to_laptop) = laptop.into_split();
        let (from_server, mut to_server) = server.into_split();
        tokio::select! {
            _ = copy(&mut from_laptop, &mut to_server) => {}
            () = hand_out(from_server, to_laptop, &left) => {}
        }
    };
    tokio::select! {
        () = carrying => {}
        _ = broken.wait_for(|left| *left == Some(0)) => {}
    }
}

async fn hand_out(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    left: &watch::Sender<Left>,
) {
    let mut bytes = vec![0; AT_ONCE];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let allowed = left.borrow().map_or(count, |left| left.min(count));
        if to.write_all(&bytes[..allowed]).await.is_err() {
            return;
        }
        left.send_if_modified(|left| match left {
            Some(left) => {
                *left = left.saturating_sub(allowed);
                *left == 0
            }
            None => false,
        });
    }
}
