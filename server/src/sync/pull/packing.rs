//! Frames on their way out: a thread of its own writes them as bytes and compresses them, with a
//! few pieces between it and the network, so that a slow reader slows down the reading too.

use crate::error::Error;
use axum::body::{Body, Bytes};
use futures_util::stream;
use guildhall_sync::protocol::Frame;
use guildhall_sync::protocol::frame;
use std::io::{Error as IoError, Write};
use std::time::Duration;
use tokio::sync::mpsc;
use zstd::stream::write::Encoder;

const LEVEL: i32 = 3;
/// Frames that wait to be packed, and packed pieces that wait for the network.
const WAITING: usize = 4;
/// Packed bytes are sent in pieces of at least this size, but for the last.
const PIECE_BYTES: usize = 64 * 1024;
/// How long a reader may take nothing.
const STALLED_MS: u64 = 60_000;

/// Where frames are put.
#[derive(Debug)]
pub struct Frames {
    sender: mpsc::Sender<Step>,
}

enum Step {
    Frame(Frame),
    End,
    /// The answer cannot go on: the connection is broken off, so that the device sees it.
    Cut,
}

type Piece = Result<Bytes, IoError>;

/// Frames put into the first come out of the body.
pub fn channel() -> (Frames, Body) {
    let (sender, steps) = mpsc::channel(WAITING);
    let (pieces, out) = mpsc::channel::<Piece>(WAITING);
    tokio::task::spawn_blocking(move || pack(steps, &pieces));
    let body = stream::unfold(out, |mut out| async move { Some((out.recv().await?, out)) });
    (Frames { sender }, Body::from_stream(body))
}

impl Frames {
    /// Waits while the reader is slow; an error when it is gone, or takes nothing at all any more:
    /// its snapshot and its connection to Postgres are not kept for it.
    pub async fn send(&self, frame: Frame) -> Result<(), Error> {
        let patience = Duration::from_millis(STALLED_MS);
        self.sender.send_timeout(Step::Frame(frame), patience).await.map_err(|_| Error::ReaderGone)
    }

    pub async fn end(&self) {
        // A reader that is gone needs no end.
        self.sender.send(Step::End).await.ok();
    }

    pub fn cut(self) {
        tokio::spawn(async move { self.sender.send(Step::Cut).await.ok() });
    }
}

fn pack(mut steps: mpsc::Receiver<Step>, pieces: &mpsc::Sender<Piece>) {
    let packed = pack_all(&mut steps, pieces);
    if let Err(error) = packed {
        pieces.blocking_send(Err(error)).ok();
    }
}

fn pack_all(steps: &mut mpsc::Receiver<Step>, pieces: &mpsc::Sender<Piece>) -> Result<(), IoError> {
    let mut encoder = Encoder::new(Vec::with_capacity(2 * PIECE_BYTES), LEVEL)?;
    let mut plain = Vec::new();
    while let Some(step) = steps.blocking_recv() {
        match step {
            Step::Frame(frame) => {
                plain.clear();
                frame::write(&mut plain, &frame);
                encoder.write_all(&plain)?;
                // What is small is not held back while more is being read.
                if steps.is_empty() {
                    encoder.flush()?;
                }
                if encoder.get_ref().len() >= PIECE_BYTES || steps.is_empty() {
                    let piece = std::mem::take(encoder.get_mut());
                    if !piece.is_empty() && pieces.blocking_send(Ok(piece.into())).is_err() {
                        return Ok(());
                    }
                }
            }
            Step::End => {
                pieces.blocking_send(Ok(encoder.finish()?.into())).ok();
                return Ok(());
            }
            Step::Cut => break,
        }
    }
    Err(IoError::other("the answer was cut off"))
}
