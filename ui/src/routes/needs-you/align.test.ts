import { expect, test } from "vitest";
import type { Diff, Hunk } from "$lib/generated";
import { align, foldRows } from "./align";

/** "a=" stayed, "a>b" became b, ">b" is new, "a>" is gone. */
function diff(...written: string[]): Diff {
  const hunks = written.map((text): Hunk => {
    const [before = "", after = ""] = text.endsWith("=") ? [text.slice(0, -1), text.slice(0, -1)] : text.split(">");
    const side = (words: string) => (words === "" ? [] : [{ text: words, is_changed: before !== after }]);
    return { is_changed: before !== after, before: side(before), after: side(after) };
  });
  return { changed: hunks.filter(({ is_changed }) => is_changed).length, hunks };
}
const drawn = (mine: Diff, theirs: Diff): string[] =>
  align(mine, theirs).map((row) => [row.before, row.mine, row.theirs].map((spans) => spans.map(({ text }) => text).join("")).join("|"));

test("each_block_stands_beside_what_both_made_of_it", () => {
  expect(drawn(diff("a=", "b>B", "c="), diff("a=", "b>x", "c>y"))).toEqual(["a|a|a", "b|B|x", "c|c|y"]);
});

test("new_blocks_stand_where_they_were_written_and_side_by_side_if_in_one_place", () => {
  expect(drawn(diff("a=", ">m", "b="), diff("a=", ">t", ">u", "b="))).toEqual(["a|a|a", "|m|t", "||u", "b|b|b"]);
});

test("what_one_took_away_is_empty_on_that_side", () => {
  expect(drawn(diff("a>"), diff("a>A"))).toEqual(["a||A"]);
});

test("what_nobody_touched_is_folded", () => {
  const same = diff("a=", "b=", "c=", "d=");
  const rows = align(diff("a>A", "b=", "c=", "d="), same);
  expect(foldRows(rows, []).map((part) => part.kind)).toEqual(["row", "row", "folded"]);
  expect(foldRows(rows, [2]).map((part) => part.kind)).toEqual(["row", "row", "row", "row"]);
});
