//! Markdown as it is shown: what can be in it, how large it may be, what it says.

use crate::hostile::payloads;
use guildhall_local::markdown::{self, Heading, plain, render};
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use proptest::prelude::*;
use std::cell::RefCell;
use std::fmt::Write as _;

/// Every tag that may be in what is shown, with its attributes.
const ALLOWED: &[(&str, &[&str])] = &[
    ("a", &["data-to", "role", "tabindex"]),
    ("blockquote", &[]),
    ("br", &[]),
    ("code", &["class", "dir"]),
    ("del", &[]),
    ("div", &["aria-label", "class", "id", "role", "tabindex"]),
    ("em", &[]),
    ("h1", &["dir", "id"]),
    ("h2", &["dir", "id"]),
    ("h3", &["dir", "id"]),
    ("h4", &["dir", "id"]),
    ("h5", &["dir", "id"]),
    ("h6", &["dir", "id"]),
    ("hr", &[]),
    ("li", &["value"]),
    ("mark", &[]),
    ("ol", &["dir", "start"]),
    ("p", &["dir"]),
    ("pre", &["class", "dir", "tabindex"]),
    ("span", &["aria-label", "class", "role"]),
    ("strong", &[]),
    ("sup", &[]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &["class", "dir"]),
    ("th", &["class", "dir", "scope"]),
    ("thead", &[]),
    ("tr", &[]),
    ("ul", &["dir"]),
];

/// Attributes whose value a browser fetches or follows.
const ADDRESSES: [&str; 16] = [
    "href",
    "src",
    "srcset",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "cite",
    "ping",
    "style",
    "xlink:href",
    "manifest",
    "longdesc",
    "profile",
    "usemap",
];

#[derive(Default)]
struct Tags(RefCell<Vec<Tag>>, RefCell<String>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.0.borrow_mut().push(tag),
            Token::CharacterTokens(text) => self.1.borrow_mut().push_str(&text),
            Token::CommentToken(text) => panic!("a comment: {text}"),
            Token::DoctypeToken(_) => panic!("a doctype"),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// As a browser reads it: the tags and the text.
fn parse(html: &str) -> (Vec<Tag>, String) {
    let queue = BufferQueue::default();
    queue.push_back(html.into());
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    (tokenizer.sink.0.take(), tokenizer.sink.1.take())
}

#[track_caller]
fn assert_harmless(source: &str, html: &str) {
    let (tags, _) = parse(html);
    for tag in tags.iter().filter(|tag| tag.kind == TagKind::StartTag) {
        let allowed = ALLOWED.iter().find(|(name, _)| **name == *tag.name);
        let Some((_, attributes)) = allowed else { panic!("<{}> from {source:?}: {html}", &*tag.name) };
        for attribute in &tag.attrs {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            assert!(attributes.contains(&name), "{name} on <{}> from {source:?}", &*tag.name);
            assert!(!ADDRESSES.contains(&name) && !name.starts_with("on"));
            match name {
                "id" => {
                    assert!(value.starts_with("h-") || value.starts_with("n-"), "{value} from {source:?}")
                }
                "data-to" => {
                    let lower = value.to_ascii_lowercase();
                    let is_code = ["javascript:", "data:", "vbscript:", "file:", "tauri:", "//"];
                    assert!(!is_code.iter().any(|start| lower.starts_with(start)), "{value} from {source:?}");
                }
                _ => {}
            }
        }
    }
}

fn shown(text: &str) -> String {
    let (_, shown) = parse(&render(text).html);
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_hostile_becomes_a_tag_or_an_address() {
    let payloads = payloads();
    assert!(payloads.len() >= 500, "{}", payloads.len());
    for payload in &payloads {
        assert_harmless(payload, &render(payload).html);
        let words: Vec<_> = payload.match_indices("tripwire").map(|(at, word)| at..at + word.len()).collect();
        let passage = markdown::passage(payload, &words);
        assert_harmless(payload, &passage.html);
    }
}

#[test]
fn raw_html_is_shown_as_text() {
    assert_eq!(shown("Press <kbd>Ctrl</kbd> now"), "Press <kbd>Ctrl</kbd> now");
    assert_eq!(shown("<script>alert(1)</script>"), "<script>alert(1)</script>");
    assert_eq!(render("one<br/>two").html, "<p dir=\"auto\">one<br>two</p>\n");
}

#[test]
fn links_carry_a_word_and_pictures_are_their_description() {
    assert_eq!(
        render("[Refunds](booking/refunds)").html,
        "<p dir=\"auto\"><a data-to=\"booking/refunds\" role=\"link\" tabindex=\"0\">Refunds</a></p>\n"
    );
    assert_eq!(render("[x](javascript:y)").html, "<p dir=\"auto\">x</p>\n");
    let picture = "<p dir=\"auto\"><span class=\"picture\">The till</span></p>\n";
    assert_eq!(render("![The till](https://example.org/till.png)").html, picture);
    let inside = render("[up](#refund-rules)\n\n# Refund rules\n").html;
    assert!(inside.contains("data-to=\"#h-1-refund-rules\""), "{inside}");
}

#[test]
fn a_page_is_shown_with_all_that_people_write() {
    let page = "# Till\n\nCount **twice**, *slowly*, not ~~once~~.\n\n3. three\n4. four\n\n- [x] done\n- [ ] open\n\n\
                | Day | Opens |\n|---|--:|\n| Mon | 9 |\n\n```rust\nlet x = \"<b>\";\n```\n\nSee[^a].\n\n[^a]: A note.\n";
    insta::assert_snapshot!(render(page).html, @r##"
    <h1 id="h-1-till" dir="auto">Till</h1>
    <p dir="auto">Count <strong>twice</strong>, <em>slowly</em>, not <del>once</del>.</p>
    <ol dir="auto" start="3">
    <li>three</li>
    <li>four</li>
    </ol>
    <ul dir="auto">
    <li><span class="task" role="img" aria-label="Done">☑</span> done</li>
    <li><span class="task" role="img" aria-label="Not done">☐</span> open</li>
    </ul>
    <div class="table" role="group" aria-label="Table" tabindex="0"><table>
    <thead><tr><th scope="col" dir="auto">Day</th><th scope="col" dir="auto" class="to-right">Opens</th></tr></thead>
    <tbody><tr><td dir="auto">Mon</td><td dir="auto" class="to-right">9</td></tr>
    </tbody></table></div>
    <pre dir="ltr" tabindex="0"><code class="language-rust">let x = "&lt;b&gt;";
    </code></pre>
    <p dir="auto">See<sup><a data-to="#n-1" role="link" tabindex="0">1</a></sup>.</p>
    <div class="footnote" id="n-1"><sup>1</sup> <p dir="auto">A note.</p>
    </div>
    "##);
}

#[test]
fn the_outline_has_line_numbers_and_names_of_its_own() {
    let page = "Intro\n\n# Refund rules\n\ntext\n\nOver &\nnight\n---\n\n- x\n\n### `code` und *Tür*\n# Refund rules\n#\n";
    let heading = |level, text: &str, anchor: &str, line| Heading {
        level,
        text: text.to_owned(),
        anchor: anchor.to_owned(),
        line,
    };
    let expected = [
        heading(1, "Refund rules", "h-1-refund-rules", 2),
        heading(2, "Over & night", "h-2-over-night", 6),
        heading(3, "code und Tür", "h-3-code-und-tür", 12),
        heading(1, "Refund rules", "h-4-refund-rules", 13),
        heading(1, "", "h-5", 14),
    ];
    let rendered = render(page);
    assert_eq!(rendered.outline, expected);
    for heading in expected {
        assert!(rendered.html.contains(&format!("id=\"{}\"", heading.anchor)), "{}", rendered.html);
    }
}

#[test]
fn text_that_runs_to_the_left_finds_its_direction() {
    let html = render("# العنوان\n\nمرحبا بالعالم\n\n- واحد\n- שתיים\n\n> ציטוט\n").html;
    assert!(
        html.contains("<p dir=\"auto\">مرحبا بالعالم</p>") && html.contains("<ul dir=\"auto\">"),
        "{html}"
    );
    assert_eq!(shown("👩‍👩‍👧‍👦 naïve 𝔘𝔫𝔦 🇩🇪"), "👩‍👩‍👧‍👦 naïve 𝔘𝔫𝔦 🇩🇪");
}

#[test]
fn fifty_lists_in_lists_are_all_there() {
    let mut page = String::new();
    for depth in 0..50 {
        writeln!(page, "{}- level {depth}", "  ".repeat(depth)).expect("a line");
    }
    let rendered = render(&page);
    assert_eq!(rendered.html.matches("<ul").count(), 50);
    assert!(rendered.html.contains("level 49"));
    assert!(plain(&page).ends_with("• level 49"));
}

/// Texts that make careless programs slow or break them, each as long as a page may be.
fn largest_pages() -> Vec<(&'static str, String)> {
    const SIZE: usize = 512 * 1024;
    let filled = |piece: &str| piece.repeat(SIZE / piece.len());
    let cells = format!("|{}\n|{}\n{}", "a|".repeat(20_000), "-|".repeat(20_000), "b\n".repeat(100_000));
    vec![
        ("prose", filled("The till is counted twice, *slowly*, before the drawer is locked.\n\n")),
        ("one paragraph", filled("word ")),
        ("one word", filled("x")),
        ("quotes", filled(">")),
        ("quotes with text", filled("> > > > > > > > > > x\n")),
        ("lists on one line", "- ".repeat(200_000) + "a"),
        ("lists, then blank lines", format!("{}a\n{}a", "- ".repeat(5_000), filled("\n"))),
        ("numbers", filled("1. ")),
        ("stars", filled("*")),
        ("stars with text", filled("*a **b ")),
        ("underscores", filled("_a__b_")),
        ("brackets", filled("[")),
        ("brackets that close", format!("{}{}", "[".repeat(SIZE / 2), "]".repeat(SIZE / 2))),
        ("links", filled("[a](b) ")),
        ("open links", filled("[a](<b")),
        ("pictures in pictures", filled("![")),
        ("backticks", (1..700).map(|n| "`".repeat(n) + " ").collect()),
        ("tags", filled("<a ")),
        ("comments", filled("<!-- ")),
        ("instructions", filled("<?")),
        ("headings", filled("# h\n")),
        ("rules", filled("***\n")),
        ("wide tables", cells),
        ("tables", filled("| a | b |\n|---|---|\n| c | d |\n\n")),
        ("footnotes", filled("[^a]")),
        ("many footnotes", (0..30_000).map(|n| format!("[^{n}]\n\n[^{n}]: x\n\n")).collect()),
        ("definitions", (0..30_000).map(|n| format!("[{n}]: x\n")).collect()),
        ("entities", filled("&amp;")),
        ("emoji", filled("👩‍👩‍👧‍👦")),
        ("right to left", filled("مرحبا بالعالم ")),
        ("strong in strong", format!("{}a{}", "**a ".repeat(60_000), " b**".repeat(60_000))),
    ]
}

#[test]
fn the_largest_pages_are_shown_whatever_they_hold() {
    for (name, page) in largest_pages() {
        let rendered = render(&page);
        let words: Vec<_> = page.match_indices("a").map(|(at, _)| at..at + 1).collect();
        let passage = markdown::passage(&page, &words);
        assert!(rendered.html.len() < 64 * page.len(), "{name}");
        assert!(passage.html.len() < 4 * page.len(), "{name}: a passage of {}", passage.html.len());
    }
}

proptest! {
    #[test]
    fn any_text_is_harmless(parts in prop::collection::vec(part(), 0..24)) {
        let text = parts.concat();
        assert_harmless(&text, &render(&text).html);
        let marks: Vec<_> = text.match_indices('a').map(|(at, found)| at..at + found.len()).collect();
        assert_harmless(&text, &markdown::passage(&text, &marks).html);
    }
}

fn part() -> impl Strategy<Value = String> {
    let syntax = prop::sample::select(vec![
        "# ",
        "> ",
        "- ",
        "1. ",
        "* ",
        "**",
        "_",
        "~~",
        "`",
        "```\n",
        "|",
        "\n|---|\n",
        "[",
        "](",
        ")",
        "![",
        "]: ",
        "[^",
        "<",
        ">",
        "</",
        "\"",
        "'",
        "&",
        ";",
        "\n",
        "\n\n",
        "    ",
        "\\",
        "javascript:",
        "https://a",
        "<script>",
        "<a href=",
        "<!--",
        "-->",
        "- [x] ",
        "a",
        "\u{0}",
    ]);
    prop_oneof![4 => syntax.prop_map(str::to_owned), 1 => any::<String>()]
}

fn marked(text: &str, word: &str) -> markdown::Passage {
    let marks: Vec<_> = text.match_indices(word).map(|(at, found)| at..at + found.len()).collect();
    markdown::passage(text, &marks)
}

const PAGE: &str = "# Booking\n\nHow bookings work.\n\n## Changes\n\nAsk for the name.\n\n## Refunds\n\n\
                    A refund takes **three days**. See [the rules](https://example.org/rules).\n\n\
                    1. Open the booking.\n2. Press *Refund*.\n   - or call <b>Ana</b>\n\n~~Old.~~<!-- internal -->\n\n\
                    | Card | Days |\n|---|---|\n| Visa | 3 |\n\n## Closing\n\nLock it.\n";

#[test]
fn the_passage_is_the_section_that_answers_with_its_words_marked() {
    let passage = marked(PAGE, "efund");
    assert_eq!(passage.heading.as_deref(), Some("Refunds"));
    assert!(
        passage.html.starts_with("<p dir=\"auto\">A r<mark>efund</mark> takes <strong>three days</strong>.")
    );
    assert!(passage.html.contains("<em>R<mark>efund</mark></em>"), "{}", passage.html);
    assert!(!passage.html.contains("Lock it") && !passage.html.contains("Changes"));
}

#[test]
fn a_copy_for_a_customer_has_no_markdown_and_nothing_that_is_not_for_them() {
    let expected = "A refund takes three days. See the rules (https://example.org/rules).\n\n1. Open the booking.\n\
                    2. Press Refund.\n  • or call Ana\n\nCard: Visa, Days: 3";
    assert_eq!(marked(PAGE, "efund").copy, expected);
}

#[test]
fn a_passage_of_a_long_list_says_its_numbers_and_a_page_without_words_begins_at_its_begin() {
    let list: String = (1..2_000).map(|n| format!("{n}. step number s{n}e of the long way\n")).collect();
    let passage = marked(&list, "s1500e");
    assert!(passage.html.contains("<mark>s1500e</mark>"));
    assert!(passage.html.contains("<li value=\"149"), "{}", &passage.html[..200]);
    assert!(passage.copy.contains("\n1500. step number s1500e"), "{}", passage.copy);
    assert!(passage.html.len() < 20_000);
    assert_eq!(marked("## Empty\n\n## Full\n\nText.\n", "nothing").heading.as_deref(), Some("Full"));
    assert_eq!(marked("", "x"), markdown::Passage::default());
    assert_eq!(marked("# Only a heading", "x").html, "");
}

#[test]
fn marks_that_do_not_fit_the_text_do_no_harm() {
    let passage = markdown::passage("Die Tür &amp; das Tor", &[0..3, 5..6, 5..9, 8..400, 600..700]);
    assert_harmless("", &passage.html);
    assert!(passage.html.contains("<mark>Die</mark>"), "{}", passage.html);
}
