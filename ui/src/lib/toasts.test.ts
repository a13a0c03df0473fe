import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attempt, toasts } from "./toasts.svelte";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  toasts.shown.forEach(({ id }) => toasts.dismiss(id));
  vi.useRealTimers();
});

const words = (): string[] => toasts.shown.map((toast) => toast.words);
const fail = (message: string): void => toasts.fail({ code: "fault", message, hint: null });

test("words_leave_by_themselves_and_a_failure_stays", () => {
  toasts.say("Saved");
  fail("The disk is full.");
  vi.advanceTimersByTime(60_000);
  expect(words()).toEqual(["The disk is full."]);
});

test("at_most_two_are_shown_and_a_failure_does_not_give_way_to_words", () => {
  fail("The disk is full.");
  toasts.say("one");
  toasts.say("two");
  expect(words()).toEqual(["The disk is full.", "two"]);
});

test("what_was_done_can_be_taken_back_for_ten_seconds", async () => {
  const undo = vi.fn();
  toasts.undoable("Deleted", undo);
  vi.advanceTimersByTime(9_900);
  expect(toasts.undoNewest()).toBe(true);
  expect(undo).toHaveBeenCalledOnce();
  toasts.undoable("Deleted", undo);
  vi.advanceTimersByTime(10_100);
  expect(toasts.undoNewest()).toBe(false);
});

test("time_stands_still_while_the_pointer_is_on_it", () => {
  toasts.undoable("Deleted", () => undefined);
  toasts.hold(toasts.shown[0]!.id);
  vi.advanceTimersByTime(60_000);
  expect(words()).toEqual(["Deleted"]);
  toasts.release(toasts.shown[0]!);
  vi.advanceTimersByTime(10_100);
  expect(words()).toEqual([]);
});

test("an_attempt_that_fails_is_said_with_its_hint", async () => {
  const failure = { code: "disagreement" as const, message: "Somebody was quicker.", hint: "Read it again." };
  expect(await attempt(() => Promise.reject(failure))).toBeNull();
  expect(toasts.shown[0]).toMatchObject({ words: "Somebody was quicker.", hint: "Read it again.", isFailure: true });
});
