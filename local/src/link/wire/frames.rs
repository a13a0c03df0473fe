//! The answer to a pull, frame by frame: at most one piece of the network and one frame are held.

use crate::error::{RemoteError, Result};
use guildhall_sync::protocol::Frame;
use guildhall_sync::protocol::frame::FrameReader;
use reqwest::Response;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

const PIECE_BYTES: usize = 128 * 1024;
/// The largest window of the compressed stream, as a power of two.
const MAX_WINDOW_LOG: u32 = 23;

#[allow(missing_debug_implementations, reason = "the decoder has none")]
pub struct FrameStream {
    answer: Response,
    decoder: Decoder<'static>,
    reader: FrameReader,
    unpacked: Vec<u8>,
    /// Compressed bytes that arrived.
    received_bytes: u64,
    /// Whether the compressed stream came to its own end.
    ended: bool,
}

impl FrameStream {
    pub(super) fn new(answer: Response) -> Result<Self> {
        let unreadable = |error: std::io::Error| RemoteError::Unreadable { what: error.to_string() };
        let mut decoder = Decoder::new().map_err(unreadable)?;
        decoder.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG)).map_err(unreadable)?;
        let (reader, unpacked) = (FrameReader::default(), vec![0; PIECE_BYTES]);
        Ok(Self { answer, decoder, reader, unpacked, received_bytes: 0, ended: false })
    }

    /// The next frame; none at the end. An answer that was cut is an error, after all whole frames.
    pub async fn next_frame(&mut self) -> Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.reader.next_frame().map_err(RemoteError::from)? {
                return Ok(Some(frame));
            }
            match self.answer.chunk().await {
                Ok(Some(piece)) => self.unpack(&piece)?,
                Ok(None) if self.ended && !self.reader.is_cut() => return Ok(None),
                Ok(None) | Err(_) => return Err(RemoteError::Cut.into()),
            }
        }
    }

    pub fn received_bytes(&self) -> u64 {
        self.received_bytes
    }

    fn unpack(&mut self, piece: &[u8]) -> Result<()> {
        self.received_bytes += piece.len() as u64;
        let mut input = InBuffer::around(piece);
        loop {
            let mut output = OutBuffer::around(self.unpacked.as_mut_slice());
            let left = self
                .decoder
                .run(&mut input, &mut output)
                .map_err(|error| RemoteError::Unreadable { what: error.to_string() })?;
            self.ended = left == 0;
            let written = output.pos();
            self.reader.push(&self.unpacked[..written]);
            if input.pos() == piece.len() && written < PIECE_BYTES {
                return Ok(());
            }
        }
    }
}
