//! HTTP as it passes by, byte for byte: which request it is, and where in a message one is.

/// A place in a message at which a connection may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    FirstLine,
    Headers,
    /// The first byte of a body, or of a piece of one.
    Boundary,
    Middle,
    Last,
}

impl Spot {
    pub const ALL: [Self; 5] = [Self::FirstLine, Self::Headers, Self::Boundary, Self::Middle, Self::Last];
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exchange {
    Push,
    Pull,
    #[default]
    Other,
}

impl Exchange {
    /// Of the first line of a request.
    pub fn of(line: &[u8]) -> Self {
        let holds = |word: &str| line.windows(word.len()).any(|found| found == word.as_bytes());
        match (holds("/sync/v1/push"), holds("/sync/v1/pull")) {
            (true, _) => Self::Push,
            (_, true) => Self::Pull,
            _ => Self::Other,
        }
    }
}

/// Messages of one direction of one connection, one after the other.
#[derive(Debug, Default)]
pub struct Messages {
    head: Vec<u8>,
    body: Body,
    /// Bytes of this message that have passed, by spot.
    passed: [usize; Spot::ALL.len()],
}

#[derive(Debug, Default)]
enum Body {
    #[default]
    NotBegun,
    Length {
        left: usize,
        all: usize,
    },
    /// The line with a piece's size is passing.
    Size(Vec<u8>),
    /// A piece, and the end of line after it.
    Piece {
        left: usize,
    },
    /// After the last piece: what is left of the end of line.
    End {
        left: usize,
    },
}

impl Messages {
    pub fn is_at_start(&self) -> bool {
        self.head.is_empty()
    }

    /// Takes the next byte in and says where it stands, and how many stood there before it.
    pub fn pass(&mut self, byte: u8) -> (Spot, usize) {
        let spot = self.take(byte);
        let before = self.passed[spot as usize];
        self.passed[spot as usize] += 1;
        if spot == Spot::Last {
            *self = Self::default();
        }
        (spot, before)
    }

    fn take(&mut self, byte: u8) -> Spot {
        match &mut self.body {
            Body::NotBegun => self.take_head(byte),
            Body::Length { left, all } => {
                *left -= 1;
                match (*left, *left + 1 == *all) {
                    (0, _) => Spot::Last,
                    (_, true) => Spot::Boundary,
                    _ => Spot::Middle,
                }
            }
            Body::Size(line) => {
                line.push(byte);
                if byte == b'\n' {
                    let text = String::from_utf8_lossy(line);
                    let size = usize::from_str_radix(text.trim(), 16).unwrap_or(0);
                    self.body =
                        if size == 0 { Body::End { left: 2 } } else { Body::Piece { left: size + 2 } };
                }
                Spot::Boundary
            }
            Body::Piece { left } => {
                *left -= 1;
                if *left == 0 {
                    self.body = Body::Size(Vec::new());
                }
                Spot::Middle
            }
            Body::End { left } => {
                *left -= 1;
                if *left == 0 { Spot::Last } else { Spot::Middle }
            }
        }
    }

    fn take_head(&mut self, byte: u8) -> Spot {
        let is_first = !self.head.contains(&b'\n');
        self.head.push(byte);
        if !self.head.ends_with(b"\r\n\r\n") {
            return if is_first { Spot::FirstLine } else { Spot::Headers };
        }
        let head = String::from_utf8_lossy(&self.head).to_lowercase();
        let length =
            head.split_once("content-length:").and_then(|(_, rest)| rest.lines().next()?.trim().parse().ok());
        self.body = match length {
            _ if head.contains("transfer-encoding: chunked") => Body::Size(Vec::new()),
            Some(0) | None => return Spot::Last,
            Some(all) => Body::Length { left: all, all },
        };
        Spot::Headers
    }
}

#[test]
fn every_byte_of_a_message_has_its_place() {
    let spots = |text: &str| {
        let mut messages = Messages::default();
        text.bytes().map(|byte| messages.pass(byte).0).collect::<Vec<_>>()
    };
    let request = spots("POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n");
    assert_eq!(request[..18], [Spot::FirstLine; 18]);
    assert_eq!(request[39..43], [Spot::Boundary, Spot::Middle, Spot::Last, Spot::FirstLine]);
    assert_eq!(request.last(), Some(&Spot::Last), "a request without a body ends with its head");
    let answer = spots("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n");
    let body = &answer[answer.len() - 12..];
    assert_eq!(body[..4], [Spot::Boundary, Spot::Boundary, Spot::Boundary, Spot::Middle]);
    assert_eq!(body[11], Spot::Last);
    assert_eq!(answer.iter().filter(|spot| **spot == Spot::Last).count(), 1);
}
