//! A network between a laptop and its server that fails where a test wants it to: at any byte of a
//! push or a pull, in either direction, once. It is healthy before and afterwards.

use super::PATIENCE;
use super::chance::Chance;
use message::{Exchange, Messages, Spot};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub mod message;

const AT_ONCE: usize = 16 * 1024;
const TRICKLED_BYTES: usize = 150;
const TRICKLE: Duration = Duration::from_millis(2);
const STRANGER: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 44\r\n\
    connection: close\r\n\r\n<html><h1>Bad Gateway</h1><p>Later.</p></html>";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToLaptop,
}

/// What happens at the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The connection is gone, with the byte.
    Cut,
    /// The one who hears is told that it was all.
    Truncate,
    /// Something on the way answers in the place of the server, in HTML.
    Stranger,
    /// Nothing comes for a while, and then the rest.
    Pause(Duration),
    /// Nothing comes any more, and nobody says so before the network is healthy again.
    HalfOpen,
    /// The next bytes come one by one.
    Trickle,
    /// The request goes to the server a second time.
    Twice,
}

#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub exchange: Exchange,
    pub way: Way,
    pub spot: Spot,
    /// Bytes with this spot that pass before.
    pub after: usize,
    pub harm: Harm,
}

impl Fault {
    /// Anywhere in a push or a pull.
    pub fn anywhere(harm: Harm, chance: &mut Chance) -> Self {
        let exchange = chance.pick(&[Exchange::Push, Exchange::Pull]);
        let (way, spot) = match harm {
            Harm::Stranger => (Way::ToLaptop, Spot::FirstLine),
            Harm::Twice => (Way::ToServer, Spot::Last),
            _ => (chance.pick(&[Way::ToServer, Way::ToLaptop]), chance.pick(&Spot::ALL)),
        };
        let after = match (harm, spot) {
            (Harm::Stranger, _) | (_, Spot::Last) => 0,
            (_, Spot::FirstLine) => chance.below(12),
            (_, Spot::Headers) => chance.below(60),
            (_, Spot::Boundary) => chance.below(2),
            (_, Spot::Middle) => chance.pick(&[0, 1, 30, 150, 400]),
        };
        Self { exchange, way, spot, after, harm }
    }

    /// Nothing passes any more, from a byte on that every push has, and every pull.
    pub fn hold(chance: &mut Chance) -> Self {
        let exchange = chance.pick(&[Exchange::Push, Exchange::Pull]);
        let way = chance.pick(&[Way::ToServer, Way::ToLaptop]);
        let spots: &[Spot] = match (exchange, way) {
            // The answer to a pull may have no body.
            (Exchange::Pull, Way::ToLaptop) => &[Spot::FirstLine, Spot::Headers, Spot::Last],
            _ => &Spot::ALL,
        };
        Self { exchange, way, spot: chance.pick(spots), after: 0, harm: Harm::HalfOpen }
    }

    /// Breaks off after so many bytes of an answer to a pull.
    pub const fn cut_download(after: usize) -> Self {
        let (exchange, way, spot) = (Exchange::Pull, Way::ToLaptop, Spot::Middle);
        Self { exchange, way, spot, after, harm: Harm::Cut }
    }

    /// The server has done what it was sent, and its answer does not come.
    pub const fn hold_verdicts() -> Self {
        let (exchange, way, spot) = (Exchange::Push, Way::ToLaptop, Spot::FirstLine);
        Self { exchange, way, spot, after: 0, harm: Harm::HalfOpen }
    }
}

#[derive(Debug)]
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    fault: Mutex<Option<Fault>>,
    /// How many faults were met.
    met: watch::Sender<usize>,
    is_connected: watch::Sender<bool>,
    /// Counted up at each healing.
    healed: watch::Sender<u64>,
}

/// One connection of a laptop.
#[derive(Debug, Default)]
struct Connection {
    exchange: Mutex<Exchange>,
    /// The request that is passing or has passed last.
    request: Mutex<Vec<u8>>,
}

impl Proxy {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (is_connected, healed) = (watch::Sender::new(true), watch::Sender::new(0));
        let (fault, met) = (Mutex::default(), watch::Sender::new(0));
        let shared = Arc::new(Shared { server, fault, met, is_connected, healed });
        let kept = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((laptop, _)) = listener.accept().await {
                tokio::spawn(carry(laptop, Arc::clone(&kept)));
            }
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the next message that fits meet with it.
    pub fn arm(&self, fault: Fault) {
        *self.shared.fault.lock().expect("nobody panics with it") = Some(fault);
    }

    /// Lets the next message that fits meet with it; what comes back waits until one has.
    pub fn meet(&self, fault: Fault) -> impl Future<Output = ()> + use<> {
        let mut met = self.shared.met.subscribe();
        met.mark_unchanged();
        self.arm(fault);
        async move {
            let waited = tokio::time::timeout(PATIENCE, met.changed()).await;
            waited.unwrap_or_else(|_| panic!("nobody came by {fault:?}")).expect("the network is there");
        }
    }

    /// Takes the network away from the laptop.
    pub fn disconnect(&self) {
        self.shared.is_connected.send_replace(false);
    }

    pub fn heal(&self) {
        *self.shared.fault.lock().expect("nobody panics with it") = None;
        self.shared.is_connected.send_replace(true);
        self.shared.healed.send_modify(|times| *times += 1);
    }
}

/// Ends, and both connections with it, when one side has ended or the network is away.
async fn carry(laptop: TcpStream, shared: Arc<Shared>) {
    let mut is_connected = shared.is_connected.subscribe();
    let connection = Connection::default();
    let carrying = async {
        let Ok(server) = TcpStream::connect(shared.server).await else { return };
        for stream in [&laptop, &server] {
            stream.set_nodelay(true).ok();
        }
        let (from_laptop, to_laptop) = laptop.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            () = pump(Way::ToServer, from_laptop, to_server, &shared, &connection) => {}
            () = pump(Way::ToLaptop, from_server, to_laptop, &shared, &connection) => {}
        }
    };
    tokio::select! {
        () = carrying => {}
        _ = is_connected.wait_for(|is_connected| !is_connected) => {}
    }
}

async fn pump(
    way: Way,
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    shared: &Shared,
    connection: &Connection,
) {
    let (mut messages, mut bytes) = (Messages::default(), vec![0; AT_ONCE]);
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let mut sent = 0;
        while sent < count {
            let (until, harm) = shared.look(way, &bytes[sent..count], &mut messages, connection);
            if to.write_all(&bytes[sent..sent + until]).await.is_err() {
                return;
            }
            sent += until;
            let Some((harm, times)) = harm else { continue };
            match harm {
                Harm::Cut => return,
                Harm::Truncate => return drop(to.shutdown().await),
                Harm::Stranger => return drop(to.write_all(STRANGER.as_bytes()).await),
                Harm::Pause(pause) => tokio::time::sleep(pause).await,
                Harm::HalfOpen => return shared.until_healed(times).await,
                Harm::Trickle => {
                    let until = count.min(sent + TRICKLED_BYTES);
                    for byte in &bytes[sent..until] {
                        tokio::time::sleep(TRICKLE).await;
                        if to.write_all(&[*byte]).await.is_err() {
                            return;
                        }
                        messages.pass(*byte);
                    }
                    sent = until;
                }
                Harm::Twice => {
                    let request = connection.request.lock().expect("nobody panics with it").clone();
                    tokio::spawn(send_alone(shared.server, request));
                }
            }
        }
    }
}

impl Shared {
    /// How many of these bytes pass, and what happens then, with how often the network was healed
    /// before. A byte that is cut does not pass.
    fn look(
        &self,
        way: Way,
        bytes: &[u8],
        messages: &mut Messages,
        connection: &Connection,
    ) -> (usize, Option<(Harm, u64)>) {
        let mut fault = self.fault.lock().expect("nobody panics with it");
        let mut exchange = connection.exchange.lock().expect("nobody panics with it");
        for (at, byte) in bytes.iter().enumerate() {
            if way == Way::ToServer {
                let mut request = connection.request.lock().expect("nobody panics with it");
                if messages.is_at_start() {
                    let line = bytes[at..].split(|byte| *byte == b'\n').next();
                    *exchange = Exchange::of(line.unwrap_or_default());
                    request.clear();
                }
                request.push(*byte);
            }
            let (spot, before) = messages.pass(*byte);
            let is_it = |fault: &mut Fault| {
                let is_there = spot == Spot::Last || before >= fault.after;
                (fault.exchange, fault.way, fault.spot) == (*exchange, way, spot) && is_there
            };
            if let Some(fault) = fault.take_if(is_it) {
                self.met.send_modify(|times| *times += 1);
                let passes =
                    !matches!(fault.harm, Harm::Cut | Harm::Truncate | Harm::Stranger | Harm::HalfOpen);
                return (at + usize::from(passes), Some((fault.harm, *self.healed.borrow())));
            }
        }
        (bytes.len(), None)
    }

    async fn until_healed(&self, times_before: u64) {
        drop(self.healed.subscribe().wait_for(|times| *times > times_before).await);
    }
}

/// Nobody hears the answer.
async fn send_alone(server: SocketAddr, request: Vec<u8>) {
    let Ok(mut stream) = TcpStream::connect(server).await else { return };
    if stream.write_all(&request).await.is_ok() {
        let mut answer = vec![0; AT_ONCE];
        drop(tokio::time::timeout(Duration::from_secs(5), stream.read(&mut answer)).await);
    }
}
