//! Server-sent events, as far as hints need them: lines `data: {"stream_at": N}`.

use crate::error::{RemoteError, Result};
use reqwest::Response;
use serde::Deserialize;

/// A longer line is not a hint.
const MAX_LINE_BYTES: usize = 4096;

#[derive(Debug)]
pub struct HintStream {
    answer: Response,
    line: Vec<u8>,
    /// Bytes that arrived and were not looked at.
    rest: Vec<u8>,
}

#[derive(Deserialize)]
struct Hint {
    stream_at: u64,
}

impl HintStream {
    pub(super) fn new(answer: Response) -> Self {
        Self { answer, line: Vec::new(), rest: Vec::new() }
    }

    /// The commit number that the stream has reached; none when the server closed the connection.
    pub async fn next_hint(&mut self) -> Result<Option<u64>> {
        loop {
            while let Some(at) = self.rest.iter().position(|byte| *byte == b'\n') {
                let tail = self.rest.split_off(at + 1);
                self.line.append(&mut self.rest);
                self.rest = tail;
                let line = std::mem::take(&mut self.line);
                if let Some(hint) = read_line(&line) {
                    return Ok(Some(hint));
                }
            }
            self.line.append(&mut self.rest);
            if self.line.len() > MAX_LINE_BYTES {
                return Err(RemoteError::Unreadable { what: "a hint without an end".to_owned() }.into());
            }
            match self.answer.chunk().await {
                Ok(Some(piece)) => self.rest.extend_from_slice(&piece),
                Ok(None) => return Ok(None),
                Err(_) => return Err(RemoteError::Cut.into()),
            }
        }
    }
}

fn read_line(line: &[u8]) -> Option<u64> {
    let data = std::str::from_utf8(line).ok()?.trim_end().strip_prefix("data:")?;
    serde_json::from_str::<Hint>(data.trim_start()).ok().map(|hint| hint.stream_at)
}

#[cfg(test)]
mod tests {
    use super::read_line;

    #[test]
    fn a_hint_is_a_line_of_data() {
        assert_eq!(read_line(b"data: {\"stream_at\": 12}\n"), Some(12));
        assert_eq!(read_line(b"data:{\"stream_at\":12}\r\n"), Some(12));
        for other in [&b": keep-alive\n"[..], b"event: hi\n", b"\n", b"data: <html>\n", b"\xff\xfe\n"] {
            assert_eq!(read_line(other), None);
        }
    }
}
