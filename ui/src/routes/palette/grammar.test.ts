import { expect, test } from "vitest";
import { fit, fitting, read } from "./grammar";

test.each([
  ["pin not work", "search", "pin not work"],
  ["> lock", "commands", "lock"],
  [" :tickets", "places", "tickets"],
  ["?refund twice", "ask", "refund twice"],
  ["", "search", ""],
  ["5 > 4", "search", "5 > 4"],
])("what_is_typed_is_read_by_its_first_sign: %s", (typed, mode, text) => {
  expect(read(typed)).toEqual({ mode, text });
});

test("another_word_for_it_finds_it_too", () => {
  expect(fit("Send and fetch now", "sync")).toBeGreaterThan(0);
  expect(fit("Sync now", "send")).toBeGreaterThan(0);
  expect(fit("New ticket", "case")).toBeGreaterThan(0);
  expect(fit("Lock", "log out")).toBeGreaterThan(0);
  expect(fit("Lock", "refund")).toBe(0);
});

test("its_own_words_come_before_other_words_for_it", () => {
  const commands = ["Sync now", "Send the reply", "Go to tickets"];
  expect(fitting(commands, (says) => says, "send")).toEqual(["Send the reply", "Sync now"]);
});

test("every_word_must_fit_and_the_order_stays_without_words", () => {
  expect(fitting(["New ticket", "New page"], (says) => says, "new pa")).toEqual(["New page"]);
  expect(fitting(["b", "a"], (says) => says, "")).toEqual(["b", "a"]);
});
