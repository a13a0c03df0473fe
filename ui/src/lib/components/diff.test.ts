import { expect, test } from "vitest";
import type { Hunk } from "../generated";
import { fold, readable, summary } from "./diff";

const hunks = (pattern: string): Hunk[] => [...pattern].map((sign) => ({ is_changed: sign === "x", before: [], after: [] }));
const drawn = (pattern: string, opened: number[] = []): string =>
  fold(hunks(pattern), opened).map((part) => (part.kind === "folded" ? `(${part.count})` : part.hunk.is_changed ? "x" : ".")).join("");

test("paragraphs_far_from_a_change_are_folded_and_those_beside_it_are_not", () => {
  expect(drawn("....x....")).toBe("(3).x.(3)");
  expect(drawn("x....x")).toBe("x.(2).x");
  expect(drawn("x...x")).toBe("x...x");
  expect(drawn(".....")).toBe("(5)");
  expect(drawn("")).toBe("");
});

test("a_fold_that_was_opened_shows_its_paragraphs", () => {
  expect(drawn("....x....", [0])).toBe("....x.(3)");
  expect(drawn(".....", [0])).toBe(".....");
});

test("the_summary_counts_as_people_do", () => {
  expect([0, 1, 3].map(summary)).toEqual(["Nothing changed", "1 paragraph changed", "3 paragraphs changed"]);
});

test("blanks_at_the_end_of_a_block_are_no_change_to_a_reader", () => {
  const side = (text: string) => [{ text, is_changed: true }];
  const { changed, hunks: [first, second] } = readable({ changed: 2, hunks: [
    { is_changed: true, before: side("Call 911.\n"), after: side("Call 911.\n\n") },
    { is_changed: true, before: side("a\n"), after: side("b\n") },
  ] });
  expect([changed, first!.is_changed, second!.is_changed]).toEqual([1, false, true]);
});
