//! Bodies of requests: read with a limit that counts what comes out of the decompressor, then
//! read as JSON. Answers are not made here.

use crate::error::Error;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

/// The largest body of a request other than a push.
pub const MAX_SMALL_BYTES: usize = 64 * 1024;
/// The largest window of a compressed body, as a power of two: what one request may make us hold.
const MAX_WINDOW_LOG: u32 = 23;
const PIECE_BYTES: usize = 64 * 1024;

/// Reads a body of JSON, compressed with zstd where the header says so.
pub async fn read_json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    limit_bytes: usize,
) -> Result<T, Error> {
    let bytes = match encoding(headers)? {
        Encoding::Plain => read_plain(body, limit_bytes).await?,
        Encoding::Zstd => read_zstd(body, limit_bytes).await?,
    };
    serde_json::from_slice(&bytes).map_err(|error| Error::BadRequest(error.to_string()))
}

enum Encoding {
    Plain,
    Zstd,
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Error> {
    match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"identity") => Ok(Encoding::Plain),
        Some(b"zstd") => Ok(Encoding::Zstd),
        Some(_) => Err(Error::BadRequest("content-encoding is zstd or nothing".to_owned())),
    }
}

async fn read_plain(body: Body, limit_bytes: usize) -> Result<Vec<u8>, Error> {
    let mut pieces = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        append(&mut bytes, &piece.map_err(cut_off)?, limit_bytes)?;
    }
    Ok(bytes)
}

async fn read_zstd(body: Body, limit_bytes: usize) -> Result<Vec<u8>, Error> {
    let mut unpack = Unpack::new(limit_bytes)?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        unpack.push(&piece.map_err(cut_off)?)?;
    }
    unpack.finish()
}

fn append(bytes: &mut Vec<u8>, piece: &[u8], limit_bytes: usize) -> Result<(), Error> {
    if bytes.len() + piece.len() > limit_bytes {
        return Err(Error::TooLarge { limit_bytes });
    }
    bytes.extend_from_slice(piece);
    Ok(())
}

fn cut_off(_: axum::Error) -> Error {
    Error::BadRequest("the body did not come whole".to_owned())
}

/// A decompressor that stops at a limit, whatever the stream promises.
struct Unpack {
    decoder: Decoder<'static>,
    bytes: Vec<u8>,
    piece: Vec<u8>,
    read_bytes: usize,
    limit_bytes: usize,
    is_whole: bool,
}

impl Unpack {
    fn new(limit_bytes: usize) -> Result<Self, Error> {
        let mut decoder = Decoder::new().map_err(not_zstd)?;
        decoder.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG)).map_err(not_zstd)?;
        let piece = vec![0; PIECE_BYTES];
        Ok(Self { decoder, bytes: Vec::new(), piece, read_bytes: 0, limit_bytes, is_whole: false })
    }

    fn push(&mut self, packed: &[u8]) -> Result<(), Error> {
        // Frames may also be empty, so what goes in counts as well as what comes out.
        self.read_bytes += packed.len();
        if self.read_bytes > self.limit_bytes {
            return Err(Error::TooLarge { limit_bytes: self.limit_bytes });
        }
        let mut input = InBuffer::around(packed);
        loop {
            let before = input.pos();
            let mut output = OutBuffer::around(&mut self.piece[..]);
            let wanted = self.decoder.run(&mut input, &mut output).map_err(not_zstd)?;
            let made = output.pos();
            if input.pos() > before || made > 0 {
                self.is_whole = wanted == 0;
            }
            append(&mut self.bytes, &self.piece[..made], self.limit_bytes)?;
            if input.pos() == packed.len() && made < self.piece.len() {
                return Ok(());
            }
        }
    }

    fn finish(self) -> Result<Vec<u8>, Error> {
        if self.is_whole { Ok(self.bytes) } else { Err(cut_off_stream()) }
    }
}

fn not_zstd(_: std::io::Error) -> Error {
    Error::BadRequest("the body is not zstd, or with too large a window".to_owned())
}

fn cut_off_stream() -> Error {
    Error::BadRequest("the compressed body ends too early".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1024 * 1024;

    fn unpack(packed: &[u8], pieces_of: usize) -> Result<Vec<u8>, Error> {
        let mut unpack = Unpack::new(LIMIT)?;
        for piece in packed.chunks(pieces_of) {
            unpack.push(piece)?;
        }
        unpack.finish()
    }

    #[test]
    fn a_body_comes_out_as_it_went_in_whatever_its_pieces() {
        for length in [0, 1, 1000, PIECE_BYTES, PIECE_BYTES * 3, LIMIT] {
            let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).expect("below 256")).collect();
            let packed = zstd::encode_all(&bytes[..], 3).expect("memory takes it");
            for pieces_of in [7, 4096, usize::MAX] {
                assert_eq!(unpack(&packed, pieces_of).expect("it is whole"), bytes, "{length} bytes");
            }
        }
    }

    #[test]
    fn a_bomb_goes_off_at_the_limit() {
        let bomb = zstd::encode_all(std::io::repeat(0).take_bytes(512 * LIMIT), 19).expect("memory takes it");
        assert!(bomb.len() < LIMIT / 8, "it is small on the wire");
        let mut unpack = Unpack::new(LIMIT).expect("a decoder");
        assert!(matches!(unpack.push(&bomb), Err(Error::TooLarge { .. })));
        assert!(unpack.bytes.len() <= LIMIT);
    }

    #[test]
    fn empty_frames_without_end_are_refused() {
        let empty = zstd::encode_all(&b""[..], 3).expect("memory takes it");
        assert!(matches!(unpack(&empty.repeat(LIMIT), 4096), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn a_window_larger_than_ours_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).expect("an encoder");
        encoder.window_log(MAX_WINDOW_LOG + 1).expect("zstd can");
        std::io::Write::write_all(&mut encoder, b"small, but it asks for 16 MiB").expect("memory takes it");
        let packed = encoder.finish().expect("memory takes it");
        assert!(matches!(unpack(&packed, 4096), Err(Error::BadRequest(_))));
    }

    #[test]
    fn half_a_body_is_no_body() {
        let packed = zstd::encode_all(&[7; 5000][..], 3).expect("memory takes it");
        for end in 0..packed.len() {
            assert!(unpack(&packed[..end], 4096).is_err(), "cut at {end}");
        }
    }

    trait TakeBytes {
        fn take_bytes(self, bytes: usize) -> std::io::Take<std::io::Repeat>;
    }

    impl TakeBytes for std::io::Repeat {
        fn take_bytes(self, bytes: usize) -> std::io::Take<std::io::Repeat> {
            std::io::Read::take(self, u64::try_from(bytes).expect("below 2^64"))
        }
    }
}
