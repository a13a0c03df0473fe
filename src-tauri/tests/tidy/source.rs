//! One Rust file with comments and literals told apart from code.

use super::project::Violation;

pub struct Source {
    pub path: String,
    pub text: String,
    /// The text with every comment and the inside of every literal turned into spaces; lines stay.
    pub code: String,
    /// String literals with the line they begin on, without quotes, escapes left as written.
    pub literals: Vec<(usize, String)>,
    /// Lines of `#[cfg(test)]` items, from 1, last line included.
    test_lines: Vec<std::ops::RangeInclusive<usize>>,
}

impl Source {
    pub fn new(path: &str, text: String) -> Self {
        let (code, literals) = Scanner::new(&text).run();
        let test_lines = find_test_lines(&code);
        Self { path: path.to_owned(), text, code, literals, test_lines }
    }

    pub fn is_test(&self, line: usize) -> bool {
        self.is_test_file() || self.test_lines.iter().any(|lines| lines.contains(&line))
    }

    fn is_test_file(&self) -> bool {
        self.path.contains("/tests/") || self.path.contains("/benches/") || self.path.ends_with("/tests.rs")
    }

    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    pub fn violation(&self, line: usize, advice: impl Into<String>) -> Violation {
        Violation { path: self.path.clone(), line, advice: advice.into() }
    }
}

/// The place of the bracket that closes the one at `open`.
pub fn find_closing(code: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (place, byte) in code.iter().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(place);
                }
            }
            _ => {}
        }
    }
    None
}

pub fn line_of(code: &str, place: usize) -> usize {
    code.as_bytes()[..place].iter().filter(|&&byte| byte == b'\n').count() + 1
}

fn find_test_lines(code: &str) -> Vec<std::ops::RangeInclusive<usize>> {
    let mut found = Vec::new();
    for (place, attribute) in code.match_indices("#[cfg(test)]") {
        let after = place + attribute.len();
        let end = code[after..].find(['{', ';']).map_or(code.len() - 1, |offset| after + offset);
        let end = match code.as_bytes()[end] {
            b'{' => find_closing(code.as_bytes(), end).unwrap_or(code.len() - 1),
            _ => end,
        };
        found.push(line_of(code, place)..=line_of(code, end));
    }
    found
}

struct Scanner<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    code: Vec<u8>,
    literals: Vec<(usize, String)>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), text, at: 0, code: text.as_bytes().to_vec(), literals: Vec::new() }
    }

    fn run(mut self) -> (String, Vec<(usize, String)>) {
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            match rest {
                [b'/', b'/', ..] => self.skip_line_comment(),
                [b'/', b'*', ..] => self.skip_block_comment(),
                [b'"', ..] => self.skip_string(),
                [b'r', b'"' | b'#', ..] if !self.is_inside_name() => self.skip_raw_string(),
                [b'\'', ..] => self.skip_character(),
                _ => self.at += 1,
            }
        }
        let code = String::from_utf8(self.code).expect("only whole literals and comments were blanked");
        (code, self.literals)
    }

    /// Whether the byte here goes on with a name, as the r in `for"`; the b of `br"` does not count.
    fn is_inside_name(&self) -> bool {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let before = self.bytes[..self.at].iter().rev().take_while(|byte| is_name(byte)).count();
        match before {
            0 => false,
            1 => !matches!(self.bytes[self.at - 1], b'b' | b'c'),
            _ => true,
        }
    }

    fn blank_until(&mut self, end: usize) {
        for byte in &mut self.code[self.at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        self.at = end;
    }

    fn skip_line_comment(&mut self) {
        let length = self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
        self.blank_until(self.at + length);
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0usize;
        let mut end = self.at;
        while end < self.bytes.len() {
            match &self.bytes[end..] {
                [b'/', b'*', ..] => (depth, end) = (depth + 1, end + 2),
                [b'*', b'/', ..] => (depth, end) = (depth - 1, end + 2),
                _ => end += 1,
            }
            if depth == 0 {
                break;
            }
        }
        self.blank_until(end);
    }

    fn skip_string(&mut self) {
        let mut end = self.at + 1;
        while end < self.bytes.len() && self.bytes[end] != b'"' {
            end += if self.bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.take_literal(self.at + 1, end.min(self.bytes.len()), 1);
    }

    fn skip_raw_string(&mut self) {
        let hashes = self.bytes[self.at + 1..].iter().take_while(|&&byte| byte == b'#').count();
        let start = self.at + 1 + hashes + 1;
        if self.bytes.get(start - 1) != Some(&b'"') {
            // A raw name such as r#type.
            self.at += 1;
            return;
        }
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = self.text[start..].find(&closing).map_or(self.bytes.len(), |offset| start + offset);
        self.take_literal(start, end, closing.len());
    }

    fn take_literal(&mut self, start: usize, end: usize, closing: usize) {
        self.literals.push((line_of(self.text, self.at), self.text[start..end].to_owned()));
        self.at = start;
        self.blank_until(end);
        self.at = (end + closing).min(self.bytes.len());
    }

    /// `'x'` and `'\n'` are characters, `'a` alone is a lifetime.
    fn skip_character(&mut self) {
        let rest = &self.text[self.at + 1..];
        let length = match rest.chars().next() {
            Some('\\') => rest[2..].find('\'').map(|offset| offset + 2),
            Some(first) => rest[first.len_utf8()..].starts_with('\'').then_some(first.len_utf8()),
            None => None,
        };
        match length {
            Some(length) => {
                self.at += 1;
                self.blank_until(self.at + length);
                self.at += 1;
            }
            None => self.at += 1,
        }
    }
}

#[test]
fn comments_and_literals_are_not_code() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Source::new("a.rs", text.to_owned()).code, expected);
    }
    check("a // b\nc", "a     \nc");
    check("a /* b /* c */ d */ e", "a                   e");
    check(r#"f("a\"{", g)"#, r#"f("    ", g)"#);
    check("f(r#\"a\"b\"#) r#type", "f(r#\"   \"#) r#type");
    check("br\"x\" for_r\"y\"", "br\" \" for_r\" \"");
    check(r"'{' '\'' '\u{1F}' &'a str", r"' ' '  ' '      ' &'a str");
    check("\"ä\n{\"", "\"  \n \"");
}

#[test]
fn literals_know_their_line() {
    let source = Source::new("a.rs", "let a = 1;\nf(\"one\", r\"two\");".to_owned());
    assert_eq!(source.literals, [(2, "one".to_owned()), (2, "two".to_owned())]);
}

#[test]
fn test_items_are_told_apart() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n#[cfg(test)]\nuse x;\nfn c() {}\n";
    let source = Source::new("local/src/a.rs", text.to_owned());
    let tests: Vec<usize> = (1..=8).filter(|&line| source.is_test(line)).collect();
    assert_eq!(tests, [2, 3, 4, 5, 6, 7]);
    assert!(Source::new("local/tests/a.rs", text.to_owned()).is_test(1));
}
