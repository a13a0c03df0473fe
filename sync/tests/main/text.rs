//! Properties of merged texts.

use crate::property::holds;
use crate::texts::{self, Pieces, Step};
use guildhall_sync::text_merge::merge;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

fn sides(step: fn() -> BoxedStrategy<Step>) -> impl Strategy<Value = (Pieces, Vec<Step>, Vec<Step>)> {
    (texts::pieces(), vec(step(), 0..5), vec(step(), 0..5))
}

fn inserted(steps: &[Step]) -> impl Iterator<Item = String> + '_ {
    steps.iter().filter_map(|step| match step {
        Step::Insert { like, number, .. } => Some(texts::inserted_sentence(*like, *number)),
        _ => None,
    })
}

#[test]
fn an_edit_of_one_side_is_taken_byte_by_byte() {
    holds(20_000, sides(texts::step), |(base, steps, _)| {
        let (base, edited) = (texts::print(&base), texts::print(&texts::taken(&base, &steps)));
        let edits_of_one = [(&edited, &base), (&base, &edited), (&edited, &edited)];
        for (theirs, mine) in edits_of_one {
            prop_assert_eq!(merge(&base, theirs, mine), Some(edited.clone()));
        }
        Ok(())
    });
}

#[test]
fn a_merge_does_not_depend_on_who_came_first_and_carries_no_markers() {
    holds(40_000, sides(texts::step), |(base, theirs, mine)| {
        let (theirs, mine) = (texts::taken(&base, &theirs), texts::taken(&base, &mine));
        let (base, theirs, mine) = (texts::print(&base), texts::print(&theirs), texts::print(&mine));
        let merged = merge(&base, &theirs, &mine);
        prop_assert_eq!(&merged, &merge(&base, &theirs, &mine));
        prop_assert_eq!(&merged, &merge(&base, &mine, &theirs));
        let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
        prop_assert!(merged.is_none_or(|text| !markers.iter().any(|marker| text.contains(marker))));
        Ok(())
    });
}

/// Another word in some sentences, one in each, then whole sentences between. A sentence that is
/// changed beyond recognition beside one much like it could not be told from that.
#[derive(Clone, Debug)]
struct LightEdit {
    rewordings: Vec<Option<(Index, u32)>>,
    insertions: Vec<Step>,
}

fn light_edit() -> impl Strategy<Value = LightEdit> {
    let rewording = proptest::option::weighted(0.3, (any::<Index>(), any::<u32>()));
    (vec(rewording, texts::MOST_PIECES), vec(texts::insertion(), 0..4))
        .prop_map(|(rewordings, insertions)| LightEdit { rewordings, insertions })
}

fn edited(base: &Pieces, edit: &LightEdit) -> String {
    let mut pieces = base.clone();
    for ((sentence, _), rewording) in pieces.iter_mut().zip(&edit.rewordings) {
        match rewording {
            Some((word, number)) if sentence.split(' ').count() > 2 => {
                *sentence = texts::reworded(sentence, *word, *number);
            }
            _ => {}
        }
    }
    texts::print(&texts::taken(&pieces, &edit.insertions))
}

#[test]
fn an_inserted_sentence_is_in_the_merge_or_there_is_none() {
    holds(40_000, (texts::pieces(), light_edit(), light_edit()), |(base, theirs, mine)| {
        let (their_text, my_text) = (edited(&base, &theirs), edited(&base, &mine));
        if let Some(merged) = merge(&texts::print(&base), &their_text, &my_text) {
            for sentence in inserted(&theirs.insertions).chain(inserted(&mine.insertions)) {
                prop_assert!(merged.contains(&sentence), "{sentence:?} is missing in {merged:?}");
            }
        }
        Ok(())
    });
}

#[test]
fn no_sentence_stands_more_often_than_on_either_side() {
    let moving = || vec(prop_oneof![texts::step(), texts::moving()], 0..4);
    holds(30_000, (texts::pieces(), moving(), moving()), |(base, theirs, mine)| {
        let sides = [texts::taken(&base, &theirs), texts::taken(&base, &mine)];
        let [theirs, mine] = sides.each_ref().map(texts::print);
        let Some(merged) = merge(&texts::print(&base), &theirs, &mine) else { return Ok(()) };
        let sentences = sides.iter().flatten().map(|(sentence, _)| sentence.as_str());
        let is_whole = |sentence: &&str| sentence.contains(' ') && sentence.ends_with(['.', '!', '?']);
        for sentence in sentences.filter(is_whole) {
            let count = |text: &str| text.matches(sentence).count();
            prop_assert!(count(&merged) <= count(&theirs).max(count(&mine)), "{sentence:?} in {merged:?}");
        }
        Ok(())
    });
}

/// Two people who work in different paragraphs never meet.
#[test]
fn edits_of_different_paragraphs_always_come_together() {
    let steps = || vec(texts::step_of_ones_own(), 0..5);
    let halves = (texts::pieces(), texts::pieces(), steps(), steps());
    holds(20_000, halves, |(head, tail, theirs, mine)| {
        let middle = "\n\n~ here nobody writes ~\n\n";
        let (new_head, new_tail) = (texts::taken(&head, &theirs), texts::taken(&tail, &mine));
        let join = |head, tail| format!("{}{middle}{}", texts::print(head), texts::print(tail));
        let base = join(&head, &tail);
        let merged = merge(&base, &join(&new_head, &tail), &join(&head, &new_tail));
        prop_assert_eq!(merged, Some(join(&new_head, &new_tail)));
        Ok(())
    });
}

#[test]
fn the_largest_pages_are_merged() {
    let page = |seed: u32| -> String {
        let mut number = seed;
        let mut page = String::new();
        while page.len() < guildhall_sync::model::knowledge::MAX_PAGE_BYTES - 200 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            page.push_str(&format!("word{} ", number >> 20));
            page.push_str(if number.is_multiple_of(23) { "\n\n" } else { "" });
        }
        page
    };
    let base = page(1);
    let middle = base.len() / 2;
    let theirs = format!("Their start. {}", &base[10..]);
    let mine = format!("{}my middle {}", &base[..middle], &base[middle + 10..]);
    let merged = merge(&base, &theirs, &mine).expect("the edits are far apart");
    assert!(merged.starts_with("Their start.") && merged.contains("my middle"));
    let other = [page(2), page(3)];
    assert_eq!(merge(&base, &other[0], &other[1]), None);
}
