//! The floors of a first download, stage by stage, and all stages at once.

use std::borrow::Cow;

use guildhall_server::cluster::Cluster;
use sqlx::{Connection, PgConnection};

use crate::figure::{Figure, Goal};
use crate::floor::copy::copy_pages;
use crate::floor::pipeline::{self, ZSTD_LEVEL};
use crate::floor::sqlite::{self, Cipher, build_fulltext, insert_all};
use crate::measure::{Samples, megabytes, timed};
use crate::work::Pages;
use crate::{file_bytes, new_folder, postgres};

const ROWS: usize = 100_000;
const ROUNDS: usize = 3;
const DATABASE: &str = "bare";

#[derive(Debug, Default)]
struct Stages {
    copy: Samples,
    compress: Samples,
    expand: Samples,
    plain: Samples,
    encrypted: Samples,
    fulltext: Samples,
    pipeline_plain: Samples,
    pipeline_encrypted: Samples,
    copied_bytes: u64,
    wire_bytes: u64,
    plain_bytes: u64,
}

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let pages = Pages::list(ROWS);
    let json = serde_json::to_vec(&pages)?;
    let json_wire = zstd::encode_all(json.as_slice(), ZSTD_LEVEL)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let cluster = postgres::start()?;
    runtime.block_on(postgres::create_bare(&cluster, DATABASE, &pages))?;
    let mut stages = Stages::default();
    for _ in 0..ROUNDS {
        round(&cluster, &mut stages)?;
    }
    Ok(stages.figures(json.len() as u64, json_wire.len() as u64))
}

fn round(cluster: &Cluster, stages: &mut Stages) -> anyhow::Result<()> {
    let folder = new_folder()?;
    let (copied, took) = timed(|| copy_to_memory(&cluster.url(DATABASE)))?;
    stages.copy.add(took);
    let (wire, took) = timed(|| Ok(zstd::encode_all(copied.as_slice(), ZSTD_LEVEL)?))?;
    stages.compress.add(took);
    stages.expand.add(timed(|| Ok(zstd::decode_all(wire.as_slice())?))?.1);
    for (cipher, samples) in [(Cipher::Plain, &mut stages.plain), (Cipher::Encrypted, &mut stages.encrypted)]
    {
        let file = folder.path().join(format!("insert-{cipher:?}"));
        let connection = sqlite::open(&file, cipher)?;
        samples.add(timed(|| insert_all(&connection, [Cow::Borrowed(copied.as_slice())]))?.1);
        if cipher == Cipher::Encrypted {
            stages.fulltext.add(timed(|| build_fulltext(&connection))?.1);
        } else {
            connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
            stages.plain_bytes = file_bytes(&sqlite::files(&file)[..1]);
        }
    }
    (stages.copied_bytes, stages.wire_bytes) = (copied.len() as u64, wire.len() as u64);
    for (cipher, samples) in
        [(Cipher::Plain, &mut stages.pipeline_plain), (Cipher::Encrypted, &mut stages.pipeline_encrypted)]
    {
        let file = folder.path().join(format!("pipeline-{cipher:?}"));
        samples.add(timed(|| pipeline::download(&cluster.url(DATABASE), &file, cipher, ROWS))?.1);
    }
    Ok(())
}

fn copy_to_memory(url: &str) -> anyhow::Result<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        let mut bytes = Vec::new();
        copy_pages(&mut connection, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })
        .await?;
        Ok(bytes)
    })
}

impl Stages {
    fn figures(&self, json_bytes: u64, json_wire_bytes: u64) -> Vec<Figure> {
        let seconds = |name: &str, samples: &Samples| {
            Figure::new(format!("{name}, {ROWS} rows"), samples.median().as_secs_f64(), "s")
        };
        let in_a_row: f64 = [&self.copy, &self.compress, &self.expand, &self.encrypted]
            .map(|stage| stage.median().as_secs_f64())
            .iter()
            .sum();
        vec![
            Figure::new("a row as JSON", json_bytes as f64 / ROWS as f64, "bytes"),
            Figure::new("the rows as JSON", megabytes(json_bytes), "MB")
                .beside("zstd-3 of it", megabytes(json_wire_bytes)),
            Figure::new("zstd-3 of the rows in COPY's form", megabytes(self.wire_bytes), "MB")
                .beside("the rows in COPY's form", megabytes(self.copied_bytes)),
            Figure::new("plain SQLite file", megabytes(self.plain_bytes), "MB")
                .beside("the rows as JSON", megabytes(json_bytes)),
            seconds("Postgres COPY, binary, out", &self.copy),
            seconds("zstd-3 compress", &self.compress),
            seconds("zstd-3 decompress", &self.expand),
            seconds("SQLite insert, one transaction, plain", &self.plain),
            seconds("SQLite insert, one transaction, encrypted", &self.encrypted)
                .beside("plain", self.plain.median().as_secs_f64()),
            seconds("full text built afterwards, encrypted", &self.fulltext),
            seconds("all stages at once, plain", &self.pipeline_plain),
            seconds("all stages at once, encrypted", &self.pipeline_encrypted)
                .beside("in a row", in_a_row)
                .goal(Goal::None),
        ]
    }
}
