//! The first download: a new device gets all rows, from a real server over loopback HTTP into an
//! encrypted mirror, beside the floors of the same rows.

use guildhall_server::cluster::Cluster;
use tokio::runtime::Runtime;

use crate::figure::{Figure, Goal};
use crate::floor::pipeline::{self, ZSTD_LEVEL};
use crate::floor::sqlite::{self, Cipher};
use crate::measure::{Samples, megabytes, timed};
use crate::peer::anki;
use crate::receiver::{self, Received};
use crate::work::{Page, Pages};
use crate::{new_folder, postgres, server};

const SIZES: [usize; 2] = [10_000, 100_000];
const ROUNDS: usize = 3;
const MEGABYTE: f64 = 1e6;

/// Rounds of floor and device by turns.
#[derive(Debug, Default)]
struct Rounds {
    plain: Samples,
    encrypted: Samples,
    fulltext: Samples,
    received: Vec<Received>,
}

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let cluster = postgres::start()?;
    let runtime = Runtime::new()?;
    let mut figures = Vec::new();
    for rows in SIZES {
        let pages = Pages::list(rows);
        figures.extend(measure_size(&cluster, &runtime, &pages)?);
    }
    Ok(figures)
}

fn measure_size(cluster: &Cluster, runtime: &Runtime, pages: &[Page]) -> anyhow::Result<Vec<Figure>> {
    let rows = pages.len();
    let bare = format!("bare_{rows}");
    drop(runtime.block_on(postgres::create_bare(cluster, &bare, pages))?);
    let served = server::start(runtime, cluster, &format!("guild_{rows}"), pages)?;
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        rounds.run(&cluster.url(&bare), &served.url, rows)?;
    }
    served.stop(runtime)?;
    let json = serde_json::to_vec(pages)?;
    let packed = zstd::encode_all(json.as_slice(), ZSTD_LEVEL)?;
    let mut figures = rounds.figures(rows, json.len() as u64, packed.len() as u64);
    if let Some(peer) = anki::measure(pages)? {
        let same = Figure::new(format!("{rows} rows: the same"), figures[0].value, "s");
        figures.insert(2, same.beside(peer.name("the whole file"), peer.download));
    }
    Ok(figures)
}

impl Rounds {
    fn run(&mut self, bare: &str, server: &str, rows: usize) -> anyhow::Result<()> {
        let folder = new_folder()?;
        let file = |name: &str| folder.path().join(name);
        let download =
            |cipher| timed(|| pipeline::download(bare, &file(&format!("{cipher:?}")), cipher, rows));
        self.plain.add(download(Cipher::Plain)?.1);
        self.encrypted.add(download(Cipher::Encrypted)?.1);
        let connection = sqlite::open(&file("Encrypted"), Cipher::Encrypted)?;
        self.fulltext.add(timed(|| sqlite::build_fulltext(&connection))?.1);
        drop(connection);
        self.received.push(receiver::download(server, &file("device"), rows)?);
        Ok(())
    }

    fn median(&self, value: impl Fn(&Received) -> f64) -> f64 {
        let mut values: Vec<f64> = self.received.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }

    fn figures(&self, rows: usize, json_bytes: u64, packed_bytes: u64) -> Vec<Figure> {
        let name = |what: &str| format!("{rows} rows: {what}");
        let seconds = |samples: &Samples| samples.median().as_secs_f64();
        let megabytes_of =
            |value: fn(&Received) -> u64| self.median(|received| value(received) as f64) / MEGABYTE;
        let readable = self.median(|received| received.readable_s);
        let indexing = self.median(|received| received.findable_s - received.readable_s);
        vec![
            Figure::new(name("until all can be read by key"), readable, "s")
                .beside("pipelined floor, encrypted file", seconds(&self.encrypted))
                .goal(Goal::Times(2.0)),
            Figure::new(name("the same"), readable, "s")
                .beside("pipelined floor, plain file", seconds(&self.plain))
                .goal(Goal::Times(2.0)),
            Figure::new(name("full text after that"), indexing, "s")
                .beside("pipelined floor, encrypted file", seconds(&self.encrypted))
                .goal(Goal::Times(3.0)),
            Figure::new(name("the same"), indexing, "s")
                .beside("FTS5 built bare, encrypted file", seconds(&self.fulltext)),
            Figure::new(
                name("processor time of the device"),
                self.median(|received| received.processor_s),
                "s",
            ),
            Figure::new(name("over the wire"), megabytes_of(|received| received.wire_bytes), "MB")
                .beside("zstd-3 of the rows as JSON", megabytes(packed_bytes))
                .goal(Goal::AtMost(30.0)),
            Figure::new(
                name("in the mirror, before full text"),
                megabytes_of(|received| received.store_bytes),
                "MB",
            )
            .beside("the rows as JSON", megabytes(json_bytes))
            .goal(Goal::Times(1.15)),
            Figure::new(
                name("peak memory of the device"),
                megabytes_of(|received| received.peak_bytes),
                "MB",
            )
            .goal(Goal::AtMost(100.0)),
            Figure::new(
                name("the same, full text built"),
                megabytes_of(|received| received.peak_bytes_at_end),
                "MB",
            )
            .goal(Goal::AtMost(100.0)),
        ]
    }
}
