//! A page as large as a book, with everything in it that text can have: read, changed by one word, and
//! not one byte else.

use crate::desk::{press_all, sit_down};
use crate::house::House;
use guildhall_local::sops::{self, NewSop};
use guildhall_local::write::Why;

const TITLE: &str = "The whole handbook";
const PAGE: &str = "general/handbook";
const CHARACTERS: usize = 300_000;
const DEPTH: usize = 50;
const WORD: &str = "Changed. ";
const LAST: &str = "The last line of the handbook.";

/// Right to left, emoji of several characters, tables, code, marks that combine, blanks at the ends of
/// lines, and lists in lists.
fn chapter(number: usize) -> String {
    let nested: String = (0..DEPTH).map(|depth| format!("{}- level {depth}\n", "  ".repeat(depth))).collect();
    format!(
        "## Chapter {number}\n\nشرح الخطوات بالعربية 123 then English, ועברית.\n\n\
         👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇦 e\u{301} \u{200b}\u{a0}\u{2028} ends in blanks  \n\tand begins with a tab\n\n\
         | one | two |\n|:--|--:|\n| a \\| b | `c` |\n| الف | 🏌️ |\n\n```\n  code *as it is*\t\n```\n\n\
         * a star\n+ a plus\n1) a number\n\n{nested}\n> quoted\n\n***\n"
    )
}

fn handbook() -> String {
    let mut text = String::from("The first line of the handbook.\n\n");
    let mut number = 0;
    while text.chars().count() < CHARACTERS {
        text.push_str(&chapter(number));
        number += 1;
    }
    text + "\n" + LAST + "\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_large_page_one_word_changes_and_every_other_byte_stays() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let text = handbook();
    let new = NewSop {
        assistant: None,
        category: "general".to_owned(),
        section: "handbook".to_owned(),
        title: TITLE.to_owned(),
        content: text.clone(),
        front_matter: String::new(),
    };
    let id = ana.write(|write| sops::create(write, &new, Why::default())).value;
    ana.sync().await;
    assert_eq!(ana.text(PAGE), text, "kept as it is");

    let window = sit_down(&ana).await;
    window.go_to(&format!("knowledge/{id}")).await;
    window.says(LAST).await;
    window.shot("large-1-page").await;
    window.press("E").await;
    window.find("textbox", "Text").await;
    press_all(&window, &["Ctrl+End", "Ctrl+Home"]).await;
    window.write(WORD).await;
    window.says("Kept on this laptop").await;
    window.shot("large-2-writing").await;
    window.press("Ctrl+Enter").await;
    window.says("On server (v2)").await;
    window.shot("large-3-saved").await;

    let saved = ana.text(PAGE);
    let rest = saved.strip_prefix(WORD).expect("the word that was written");
    let differs = rest.bytes().zip(text.bytes()).position(|(one, other)| one != other);
    assert_eq!((differs, rest.len()), (None, text.len()), "bytes changed that nobody touched");
    let ben = house.laptop_of("ben").await;
    assert!(ben.text(PAGE) == saved, "on the other laptop it is another text");
}
