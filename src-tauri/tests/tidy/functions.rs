//! Finds the functions of a file and their lengths.

use super::source::{Source, find_closing, line_of};

#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    /// From the line of `fn` to the line of the closing brace.
    pub lines: usize,
}

pub fn list_functions(source: &Source) -> Vec<Function> {
    let code = &source.code;
    let mut found = Vec::new();
    for (place, _) in code.match_indices("fn ") {
        let is_word = !code[..place].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let name: String = code[place + 3..]
            .chars()
            .take_while(|&letter| letter.is_alphanumeric() || letter == '_')
            .collect();
        // `fn (` is a type; a function without body is a promise of a trait.
        if !is_word || name.is_empty() {
            continue;
        }
        let Some(open) = find_body(code.as_bytes(), place) else { continue };
        let close = find_closing(code.as_bytes(), open).unwrap_or(code.len());
        let line = line_of(code, place);
        found.push(Function { name, line, lines: line_of(code, close) - line + 1 });
    }
    found
}

fn find_body(code: &[u8], from: usize) -> Option<usize> {
    let mut place = from;
    while place < code.len() {
        match code[place] {
            b'{' => return Some(place),
            b';' => return None,
            b'(' | b'[' => place = find_closing(code, place)?,
            _ => {}
        }
        place += 1;
    }
    None
}

#[test]
fn functions_are_measured_from_name_to_brace() {
    let text = "trait T { fn promised(&self, a: [u8; 4]) -> u8; }\n\
                fn one() { a }\n\
                pub fn three<T>(f: fn (u8) -> [T; 2])\nwhere T: X { if a { \"}\" }\n}\n\
                const N: fn() = one;\n";
    let functions = list_functions(&Source::new("a.rs", text.to_owned()));
    let found: Vec<_> =
        functions.iter().map(|found| (found.name.as_str(), found.line, found.lines)).collect();
    assert_eq!(found, [("one", 2, 1), ("three", 3, 3)]);
}
