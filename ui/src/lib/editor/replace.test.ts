import { expect, test } from "vitest";
import { smallestChange } from "./replace";

function check(before: string, after: string): void {
  const change = smallestChange(before, after);
  const made = change === null ? before : before.slice(0, change.from) + change.insert + before.slice(change.to);
  expect(made).toBe(after);
}

test("the_change_makes_the_second_text_of_the_first", () => {
  check("", "");
  check("", "a");
  check("a", "");
  check("abcabc", "abcXabc");
  check("aaa", "aaaa");
  check("aaaa", "aa");
  check("one two three", "one 2 three");
  check("😀😁", "😀😂");
  check("😀", "😀😀");
});

test("only_what_differs_is_replaced", () => {
  expect(smallestChange("one two three", "one 2 three")).toEqual({ from: 4, to: 7, insert: "2" });
  expect(smallestChange("same", "same")).toBeNull();
});

test("no_half_of_a_sign_is_left_alone", () => {
  expect(smallestChange("😀", "😁")).toEqual({ from: 0, to: 2, insert: "😁" });
});
