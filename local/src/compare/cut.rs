//! Texts cut into pieces without losing a byte: blocks as people see them, and words.

/// A longer paragraph without list items or headings is cut between its lines.
const LARGE_BLOCK_BYTES: usize = 8_000;

/// Paragraphs, list items, headings, rows of tables and lines of code, each with the line ends and
/// blank lines after it. Blank lines before the first one go with it.
pub fn blocks(text: &str) -> Vec<&str> {
    let mut bounds = Vec::new();
    let (mut start, mut end) = (0, 0);
    let (mut after_blank, mut in_code, mut has_text) = (false, false, false);
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let is_fence = bare.starts_with("```") || bare.starts_with("~~~");
        let begins =
            in_code || is_fence || after_blank || begins_block(bare) || end - start > LARGE_BLOCK_BYTES;
        if has_text && !bare.is_empty() && begins {
            bounds.push(start..end);
            start = end;
        }
        in_code ^= is_fence;
        has_text |= !bare.is_empty();
        // What follows a heading, a row of a table or a line of code is a block of its own.
        after_blank = bare.is_empty() || bare.starts_with('#') || bare.starts_with('|');
        end += line.len();
    }
    if end > start {
        bounds.push(start..end);
    }
    bounds.into_iter().map(|range| &text[range]).collect()
}

fn begins_block(line: &str) -> bool {
    let mark = line.split([' ', '\t']).next().unwrap_or_default();
    let is_number =
        |mark: &str| !mark.is_empty() && mark.len() < 10 && mark.bytes().all(|byte| byte.is_ascii_digit());
    let is_item = matches!(mark, "-" | "*" | "+") || mark.strip_suffix(['.', ')']).is_some_and(is_number);
    is_item || line.starts_with(['#', '|', '>'])
}

/// Words with what is written into them (`10.50`, `it's`), single other characters, and blanks.
/// Scripts without blanks between words are cut into letters.
pub fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut last: Option<(Kind, char)> = None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let kind = kind(letter, last, next);
        let goes_on = last.is_some_and(|(last, _)| last == kind && matches!(kind, Kind::Word | Kind::Blank))
            || kind == Kind::Joined;
        if at > start && !goes_on {
            words.push(&text[start..at]);
            start = at;
        }
        let kind = if kind == Kind::Joined { last.map_or(Kind::Other, |(last, _)| last) } else { kind };
        last = Some((kind, letter));
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Blank,
    LineEnd,
    /// A sign, or a letter of a script that has no blanks.
    Other,
    /// Never parted from what stands before it.
    Joined,
}

fn kind(letter: char, last: Option<(Kind, char)>, next: Option<char>) -> Kind {
    let before = last.map(|(_, letter)| letter);
    match letter {
        '\n' if before == Some('\r') => Kind::Joined,
        '\n' | '\r' => Kind::LineEnd,
        // Marks that go on or into the letter before them, and what joins emoji.
        '\u{300}'..='\u{36f}'
        | '\u{200d}'
        | '\u{fe0e}'
        | '\u{fe0f}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{1f3fb}'..='\u{1f3ff}' => Kind::Joined,
        _ if before == Some('\u{200d}') => Kind::Joined,
        letter if letter.is_whitespace() => Kind::Blank,
        letter if is_unspaced(letter) => Kind::Other,
        letter if letter.is_alphanumeric() || letter == '_' => Kind::Word,
        // `10.50`, `9:30`, `it's`, `e-mail`, but not the stop at the end.
        '.' | ',' | ':' | '\'' | '’' | '-' | '/' | '@' if is_inside_word(last, next) => Kind::Word,
        // Marks of other scripts: a letter follows and one stands before.
        letter if !letter.is_ascii() && is_inside_word(last, next) && is_mark(letter) => Kind::Word,
        _ => Kind::Other,
    }
}

fn is_inside_word(last: Option<(Kind, char)>, next: Option<char>) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() && !is_unspaced(letter);
    last.is_some_and(|(kind, letter)| kind == Kind::Word && is_letter(letter)) && next.is_some_and(is_letter)
}

/// Combining marks outside the first block: not letters to Rust, and of no width to people.
const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{93a}'..='\u{94f}' | '\u{e31}'..='\u{e4e}' | '\u{200c}')
}

/// Chinese, Japanese, Thai, Lao, Khmer, Burmese.
const fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}
