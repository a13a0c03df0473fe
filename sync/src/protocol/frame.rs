//! Frames as bytes: a length (4 bytes, little endian), then the frame in postcard. A stream that
//! ends between frames after [`Frame::Checkpoint`] or [`Frame::FillEnd`] ended well; the device
//! sees by the missing frame when it was cut.

use super::Frame;

/// Larger frames are refused, not read.
pub const MAX_FRAME_BYTES: usize = 8 * 1024 * 1024;

/// Appends a frame to the bytes of a stream.
pub fn write(out: &mut Vec<u8>, frame: &Frame) {
    let body = postcard::to_stdvec(frame).expect("a frame in memory can always be written");
    let length = u32::try_from(body.len()).expect("a frame is far below 4 GiB");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&body);
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    TooLarge(usize),
    Malformed,
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge(bytes) => write!(f, "the server sent a frame of {bytes} bytes"),
            Self::Malformed => f.write_str("the server sent something that is not a frame"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Takes frames out of bytes that arrive in pieces.
#[derive(Debug, Default)]
pub struct FrameReader {
    buffer: Vec<u8>,
    /// Bytes at the front that were already taken.
    taken: usize,
}

impl FrameReader {
    pub fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or none until more bytes come.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let rest = &self.buffer[self.taken..];
        let Some((head, body)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*head) as usize;
        if length > MAX_FRAME_BYTES {
            return Err(FrameError::TooLarge(length));
        }
        let Some(body) = body.get(..length) else {
            return Ok(None);
        };
        let frame = postcard::from_bytes(body).map_err(|_| FrameError::Malformed)?;
        self.taken += 4 + length;
        Ok(Some(frame))
    }

    /// Whether bytes of an unfinished frame are left.
    pub fn is_cut(&self) -> bool {
        self.taken < self.buffer.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_arrive_in_any_pieces() {
        let frames =
            [Frame::Grants { epoch: uuid::Uuid::nil(), scopes: vec!["public".into()] }, Frame::FillEnd];
        let mut bytes = Vec::new();
        frames.iter().for_each(|frame| write(&mut bytes, frame));
        for piece in 1..bytes.len() {
            let mut reader = FrameReader::default();
            let mut read = Vec::new();
            for part in bytes.chunks(piece) {
                reader.push(part);
                while let Some(frame) = reader.next_frame().expect("the bytes are frames") {
                    read.push(frame);
                }
            }
            assert_eq!(read, frames, "in pieces of {piece}");
            assert!(!reader.is_cut());
        }
    }

    #[test]
    fn a_hostile_length_is_refused_before_it_is_read() {
        let mut reader = FrameReader::default();
        reader.push(&u32::MAX.to_le_bytes());
        assert!(matches!(reader.next_frame(), Err(FrameError::TooLarge(_))));
    }
}
