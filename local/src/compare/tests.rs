//! What people see of two texts.

use super::*;
use proptest::prelude::*;

/// `-gone-` and `+new+` inside blocks; `=` before those that stayed.
fn print(diff: &Diff) -> Vec<String> {
    let side = |spans: &[Span], sign: &str| -> String {
        let text = |span: &Span| match span.is_changed {
            true => format!("{sign}{}{sign}", span.text),
            false => span.text.clone(),
        };
        spans.iter().map(text).collect()
    };
    diff.hunks
        .iter()
        .map(|hunk| match hunk.is_changed {
            false => format!("={}", side(&hunk.before, "")),
            true => format!("{} | {}", side(&hunk.before, "-"), side(&hunk.after, "+")),
        })
        .collect()
}

#[track_caller]
fn check(before: &str, after: &str, expected: &[&str]) {
    let diff = compare(before, after);
    assert_eq!(print(&diff), expected);
    assert_whole(before, after, &diff);
}

#[track_caller]
fn assert_whole(before: &str, after: &str, diff: &Diff) {
    let text = |spans: &[Span]| spans.iter().map(|span| span.text.as_str()).collect::<String>();
    assert_eq!(diff.hunks.iter().map(|hunk| text(&hunk.before)).collect::<String>(), before);
    assert_eq!(diff.hunks.iter().map(|hunk| text(&hunk.after)).collect::<String>(), after);
    assert_eq!(diff.changed, diff.hunks.iter().filter(|hunk| hunk.is_changed).count());
    for hunk in &diff.hunks {
        assert_eq!(hunk.is_changed, hunk.before != hunk.after, "{hunk:?}");
        for span in hunk.before.iter().chain(&hunk.after) {
            assert!(!span.text.is_empty() && (hunk.is_changed || !span.is_changed));
        }
        for side in [&hunk.before, &hunk.after] {
            assert!(side.windows(2).all(|pair| pair[0].is_changed != pair[1].is_changed), "{side:?}");
        }
    }
}

#[test]
fn words_that_changed_are_marked_in_the_block_they_stand_in() {
    check(
        "# Till\n\nCount the coins.\n\nLock the drawer.\n",
        "# Till\n\nCount all coins twice.\n\nLock the drawer.\n",
        &["=# Till\n\n", "Count -the- coins.\n\n | Count +all+ coins+ twice+.\n\n", "=Lock the drawer.\n"],
    );
    check("It costs 10.50.", "It costs 12.50.", &["It costs -10.50-. | It costs +12.50+."]);
    check("Die Tür geht.", "Die Tore gehen.", &["Die -Tür geht-. | Die +Tore gehen+."]);
}

#[test]
fn items_of_a_list_come_and_go_one_by_one() {
    check(
        "- one\n- two\n- three\n",
        "- one\n- three\n- four\n",
        &["=- one\n", "-- two\n- | ", "=- three\n", " | +- four\n+"],
    );
    check(
        "Ring the bell.\n\nOpen the till at nine.\n",
        "Say hello to everybody.\n\nOpen the till at ten.\n",
        &[
            "-Ring the bell.\n\n- | ",
            " | +Say hello to everybody.\n\n+",
            "Open the till at -nine-.\n | Open the till at +ten+.\n",
        ],
    );
}

#[test]
fn equal_and_empty_texts_have_no_change() {
    check("", "", &[]);
    check("a\n\nb", "a\n\nb", &["=a\n\n", "=b"]);
    check("", "new", &[" | +new+"]);
    check("old", "", &["-old- | "]);
    check("one\r\n", "one\n", &["one-\r\n- | one+\n+"]);
}

#[test]
fn letters_with_marks_and_joined_emoji_are_never_cut() {
    check("Cafe\u{301} 👩‍👩‍👧", "Cafe\u{300} 👩‍👩‍👦", &["-Cafe\u{301} 👩‍👩‍👧- | +Cafe\u{300} 👩‍👩‍👦+"]);
    check("営業時間は九時", "営業時間は十時", &["営業時間は-九-時 | 営業時間は+十+時"]);
    check("افتح الباب", "افتح الشباك", &["افتح -الباب- | افتح +الشباك+"]);
}

#[test]
fn a_block_that_is_the_same_is_not_changed_although_there_was_no_time_to_find_it() {
    let (old, new) = (["One two.\n\n", "Three four."], ["One two.\n\n", "Three five."]);
    let hunks = changed(&old, &new, clock::deadline(PATIENCE));
    assert_eq!(hunks.iter().map(|hunk| hunk.is_changed).collect::<Vec<_>>(), [false, true]);
    assert_eq!(hunks[0], unchanged("One two.\n\n"));
}

#[test]
fn the_largest_texts_are_compared_whole() {
    let words = |seed: u64, count: usize, per_line: usize| -> String {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 40
        };
        (0..count)
            .map(|at| format!("w{}{}", next() % 5_000, if at % per_line == 0 { "\n\n" } else { " " }))
            .collect()
    };
    let pages = [
        (words(1, 55_000, 12), words(2, 55_000, 12)),
        (words(1, 55_000, 1_000_000), words(2, 55_000, 1_000_000)),
        (words(1, 55_000, 1), words(2, 55_000, 1)),
        ("a ".repeat(150_000), "b a ".repeat(75_000)),
        ("x".repeat(300_000), "y".repeat(300_000)),
        ("漢字".repeat(150_000), "字漢".repeat(150_000)),
    ];
    for (before, after) in pages {
        let diff = compare(&before, &after);
        assert_whole(&before, &after, &diff);
    }
}

fn piece() -> impl Strategy<Value = String> {
    let known = [
        "one ",
        "two ",
        "\n",
        "\n\n",
        "- ",
        "# ",
        "```\n",
        "| a |",
        "\r\n",
        "\r",
        "e\u{301}",
        "👩‍👧",
        "字",
        ".",
        " ",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn the_spans_of_a_side_are_that_side(
        before in prop::collection::vec(piece(), 0..30),
        after in prop::collection::vec(piece(), 0..30),
    ) {
        let (before, after) = (before.concat(), after.concat());
        assert_whole(&before, &after, &compare(&before, &after));
        let same = compare(&before, &before);
        prop_assert_eq!(same.changed, 0);
    }
}
