//! Front matter: where it ends, what it says, what is said of it when it is broken.

use super::*;

fn parted(text: &str) -> (&str, &str) {
    part(text).expect("it can be parted")
}

fn sentence(text: &str) -> String {
    match part(text).and_then(|(front_matter, _)| read(front_matter)) {
        Ok(facts) => panic!("{facts:?}"),
        Err(broken) => broken.to_string(),
    }
}

#[test]
fn front_matter_ends_where_the_page_begins() {
    for (front_matter, content) in [
        ("", ""),
        ("", "# A page\n"),
        ("", "\n\n# A page that begins with blank lines"),
        ("---\ntitle: A\n---\n", "# A\n"),
        ("---\ntitle: A\n---\n\n  \n", "    code first\n"),
        ("---\r\ntitle: A\r\n---\r\n\r\n", "# A\r\nno end of line"),
        ("---\n---\n", "x"),
        ("--- \ntitle: A\n---", ""),
        ("\u{feff}", "# A page with a mark"),
        ("\u{feff}---\ntitle: A\n---\n", "x"),
        ("", "---\n\nA page that begins with a line across it.\n"),
        ("", "----\ntitle: A\n---\n"),
        ("", " ---\ntitle: A\n---\n"),
        ("---\ntitle: A\n---\n", "---\n\nsecond line\n\n---\n"),
    ] {
        assert_eq!(parted(&format!("{front_matter}{content}")), (front_matter, content));
    }
}

#[test]
fn five_names_are_read_and_the_rest_is_left() {
    let text = "---\n# a remark\ntitle: 'It''s 5 o''clock: \"now\"'\nkeywords: [a, {title: no}]\nsidebar:\n  title: no\n\
                pinned: True\nassistant: Tech Support # who\n? [complex]\n: title\nsensitivity: confidential\nstatus: draft\n---\n";
    let facts = read(parted(text).0).expect("good front matter");
    assert_eq!(facts.title.as_deref(), Some("It's 5 o'clock: \"now\""));
    assert_eq!(facts.assistant.as_deref(), Some("Tech Support"));
    assert_eq!(facts.sensitivity, Some(Sensitivity::Confidential));
    assert_eq!((facts.pinned, facts.status), (Some(true), Some(PageStatus::Draft)));

    for (yaml, title) in [
        ("title: 2026", Some("2026")),
        ("title: >\n  two\n  lines", Some("two lines")),
        ("title: |\n  two\n  lines\n", Some("two lines")),
        ("title:", None),
        ("title: ~", None),
        ("title: \"null\"", Some("null")),
        ("{title: flow, status: draft}", Some("flow")),
        ("", None),
        ("# nothing", None),
    ] {
        let text = format!("---\n{yaml}\n---\n");
        assert_eq!(read(parted(&text).0).expect(yaml).title.as_deref(), title, "{yaml}");
    }
}

#[test]
fn broken_front_matter_is_said_with_its_line() {
    insta::assert_snapshot!(sentence("---\ntitle: A\n\n# A page\n"), @"line 1: the front matter that begins here has no closing `---`");
    insta::assert_snapshot!(sentence("---\ntitle A\n---\n"), @"line 2: the front matter is not a list of `name: value`");
    insta::assert_snapshot!(sentence("---\n- title\n---\n"), @"line 2: the front matter is not a list of `name: value`");
    insta::assert_snapshot!(sentence("---\ntitle: A\ntitle: B\n---\n"), @"line 3: `title` is given twice");
    insta::assert_snapshot!(sentence("---\ntitle: [A]\n---\n"), @"line 2: `title` must be a single word or line");
    insta::assert_snapshot!(sentence("---\ntitle: A\nstatus: live\n---\n"), @r#"line 3: `status` is "live" and must be one of: draft, published"#);
    insta::assert_snapshot!(sentence("---\npinned: yes\n---\n"), @r#"line 2: `pinned` is "yes" and must be one of: true, false"#);
    insta::assert_snapshot!(sentence("---\ntitle: \"a\\0b\"\n---\n"), @"line 2: `title` holds a control character");
    let broken = sentence("---\ntitle: A\nkeywords: [a\n---\n");
    assert!(broken.contains("is not YAML"), "{broken}");
    let broken = sentence("---\ntitle: a: b\n---\n");
    assert!(broken.starts_with("line 2: the front matter is not YAML"), "{broken}");
}

#[test]
fn a_name_is_said_without_touching_other_lines() {
    for (front_matter, changed) in [
        ("", "---\ntitle: \"B\"\n---\n\n"),
        ("\u{feff}", "\u{feff}---\ntitle: \"B\"\n---\n\n"),
        ("---\n---\n", "---\ntitle: \"B\"\n---\n"),
        ("---\ntitle: A\n---\n", "---\ntitle: \"B\"\n---\n"),
        ("---\r\nx: [1]\r\n---\r\n\r\n", "---\r\nx: [1]\r\ntitle: \"B\"\r\n---\r\n\r\n"),
        ("---\nx: 1\ntitle: 'A' # was\n# y\ny: 2\n---\n", "---\nx: 1\ntitle: \"B\"\n# y\ny: 2\n---\n"),
        ("---\ntitle: >\n  a\n  b\n\ny: 2\n---\n", "---\ntitle: \"B\"\ny: 2\n---\n"),
        ("---\ntitle: \"a\n  b\"\ny: 2\n---\n", "---\ntitle: \"B\"\ny: 2\n---\n"),
        ("---\ntitle:\ny: 2\n---\n", "---\ntitle: \"B\"\ny: 2\n---\n"),
        ("---\ntitle: A\n---", "---\ntitle: \"B\"\n---"),
    ] {
        let with_title = with(front_matter, Name::Title, "\"B\"").expect("it can be said");
        assert_eq!(with_title, changed);
        assert_eq!(read(&with_title).expect("it can be read").title.as_deref(), Some("B"));
    }
}

#[test]
fn hostile_front_matter_is_answered_at_once() {
    for yaml in
        ["[".repeat(200_000), "a: &a [*a, *a]\n".repeat(10_000), "- ".repeat(100_000), "? ".repeat(50_000)]
    {
        let text = format!("---\n{yaml}\n---\n");
        let _ = part(&text).and_then(|(front_matter, _)| read(front_matter));
    }
}
