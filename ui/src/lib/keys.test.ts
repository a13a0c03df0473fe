import { render } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { caps, keys, type Key } from "./keys.svelte";
import Swap from "./testing/Swap.svelte";

let stops: (() => void)[] = [];
beforeEach(() => addEventListener("keydown", keys.hear));
afterEach(() => {
  removeEventListener("keydown", keys.hear);
  stops.forEach((stop) => stop());
  stops = [];
  document.body.innerHTML = "";
});

function register(names: string[], isModal = false, more: Partial<Key> = {}): string[] {
  const heard: string[] = [];
  stops.push(keys.add("Test", names.map((name) => ({ keys: name, says: name, run: () => heard.push(name), ...more })), isModal));
  return heard;
}

function press(key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

function field(): HTMLInputElement {
  const input = document.createElement("input");
  document.body.append(input);
  return input;
}

test("a_key_with_mod_and_shift_is_told_from_the_one_without", () => {
  const heard = register(["Mod+S", "Mod+Shift+S"]);
  press("S", { ctrlKey: true, shiftKey: true });
  press("s", { ctrlKey: true });
  expect(heard).toEqual(["Mod+Shift+S", "Mod+S"]);
});

test("a_sequence_waits_for_its_second_letter_and_the_letter_alone_still_works", () => {
  const heard = register(["G H", "H"]);
  press("h");
  press("g");
  press("h");
  expect(heard).toEqual(["H", "G H"]);
});

test("a_sequence_that_is_not_finished_is_forgotten", () => {
  vi.useFakeTimers();
  const heard = register(["G H"]);
  press("g");
  vi.advanceTimersByTime(2000);
  press("h");
  vi.useRealTimers();
  expect(heard).toEqual([]);
});

test("single_letters_rest_while_a_text_is_typed_and_keys_with_mod_do_not", () => {
  const heard = register(["J", "?", "Mod+K", "F6"]);
  const input = field();
  expect(press("j", {}, input).defaultPrevented).toBe(false);
  press("?", { shiftKey: true }, input);
  press("k", { ctrlKey: true }, input);
  press("F6", {}, input);
  expect(heard).toEqual(["Mod+K", "F6"]);
});

test("a_letter_with_mod_is_not_the_letter", () => {
  const heard = register(["C"]);
  expect(press("c", { ctrlKey: true }).defaultPrevented).toBe(false);
  expect(heard).toEqual([]);
});

test("what_came_later_is_asked_first", () => {
  const below = register(["N"]);
  const above = register(["N"]);
  press("n");
  expect([below, above]).toEqual([[], ["N"]]);
});

test("below_a_dialog_nothing_is_heard", () => {
  const below = register(["N"]);
  const dialog = register(["Y"], true);
  press("n");
  press("y");
  expect([below, dialog]).toEqual([[], ["Y"]]);
});

test("keys_are_shown_as_caps", () => {
  expect(caps("Mod+Shift+S")).toEqual([["Ctrl", "Shift", "S"]]);
  expect(caps("G H")).toEqual([["G"], ["H"]]);
  expect(caps("Mod++")).toEqual([["Ctrl", "+"]]);
  expect(caps("Alt+ArrowLeft")).toEqual([["Alt", "←"]]);
});

test("a_screen_that_takes_the_place_of_another_keeps_its_keys", async () => {
  const pressed: string[] = [];
  const { rerender } = render(Swap, { isFirst: true, onpressed: (who) => pressed.push(who) });
  await rerender({ isFirst: false });
  keys.hear(new KeyboardEvent("keydown", { key: "F8" }));
  expect(pressed).toEqual(["second"]);
  await rerender({ isFirst: true });
  keys.hear(new KeyboardEvent("keydown", { key: "F8" }));
  expect(pressed).toEqual(["second", "first"]);
});
