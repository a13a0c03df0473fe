import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { conflict, conflictPage, refusedViews, syncCentre } from "../../lib/fake/sync";
import type { ConflictPage, PassageView } from "../../lib/generated";
import Screen from "../../lib/testing/Screen.svelte";
import { asked, openWindow } from "../../lib/testing/window";
import NeedsYou from "./NeedsYou.svelte";
import { places, result, settlementOf, standing, WHOLE } from "./resolving";

const passage = conflictPage.units[0]!.passages[2]!;
const two: ConflictPage = {
  ...conflictPage,
  units: [{ ...conflictPage.units[0]!, passages: [{ ...passage, mine: "m1\n", theirs: "t1\n", both: "t1\nm1\n" }, { ...passage, base: "", mine: "", theirs: "", merged: "same\n" }, { ...passage, mine: "m2\n", theirs: "t2\n", both: "t2\nm2\n" }] }],
};
const text = (take: "mine" | "theirs" | "both") => ({ take, text: "" });

beforeEach(() => {
  Element.prototype.scrollIntoView ??= () => undefined;
});

test("what_came_together_by_itself_is_never_asked_for_and_always_kept", () => {
  expect(places(two).map(({ key }) => key)).toEqual(["0-0", "0-2"]);
  expect(settlementOf(two, { "0-0": text("mine") })).toBeNull();
  expect(settlementOf(two, { "0-0": text("mine"), "0-2": text("both") })).toEqual({ each: [{ column: "content", take: { text: "m1\nsame\nt2\nm2\n" } }] });
  expect(result(two, { "0-2": text("mine") })[0]!.text).toBe("t1\nsame\nm2\n");
});

test("what_a_person_writes_ends_as_the_passage_did", () => {
  const at = (theirs: string): PassageView => ({ ...passage, theirs });
  expect(standing(at("x\n\n"), { take: "text", text: "Mine and yours.\n" })).toBe("Mine and yours.\n\n");
  expect(standing(at("x"), { take: "text", text: "  " })).toBe("");
});

test("a_row_that_was_deleted_or_has_a_taken_name_is_decided_as_a_whole", () => {
  const deleted: ConflictPage = { ...conflictPage, view: { ...conflict, kind: "delete_vs_edit" } };
  expect(settlementOf(deleted, { [WHOLE]: text("mine") })).toBe("mine");
  const named: ConflictPage = { ...conflictPage, view: { ...conflict, kind: "duplicate" } };
  expect(settlementOf(named, { [WHOLE]: { take: "text", text: "refunds-2" } })).toEqual({ rename: "refunds-2" });
});

const open = (page: ConflictPage = conflictPage) => {
  const fake = openWindow({ conflict: () => page }, `#/needs-you/${conflict.id}`);
  render(Screen, { Page: NeedsYou });
  return fake;
};

test("place_after_place_is_decided_by_keys_and_finished", async () => {
  const fake = open(two);
  await screen.findByText("Place 1 of 2 · 2 to decide");
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await userEvent.keyboard("1");
  await screen.findByText("Place 2 of 2 · 1 to decide");
  await userEvent.keyboard("3");
  await waitFor(() => expect(document.activeElement?.textContent).toContain("Finish"));
  expect(asked(fake, "settle_conflict")).toEqual([]);
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(asked(fake, "settle_conflict")).toEqual([
    { id: conflict.id, settlement: { each: [{ column: "content", take: { text: "m1\nsame\nt2\nm2\n" } }] } },
  ]));
});

test("something_of_ones_own_begins_from_ones_own_words_and_can_be_left", async () => {
  const fake = open();
  await screen.findByRole("button", { name: /Write it/ });
  await userEvent.keyboard("e");
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Your new text" });
  expect(field.value).toBe("Above $120 ask the manager on duty.");
  await waitFor(() => expect(document.activeElement).toBe(field));
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(document.activeElement).not.toBe(field));
  expect(asked(fake, "settle_conflict")).toEqual([]);
});

const refused = { ...refusedViews[0]!, is_fixable: true };
const openRefused = () => {
  const fake = openWindow({ sync_centre: () => ({ ...syncCentre, refused: [refused] }) }, `#/needs-you/${refused.entry}`);
  render(Screen, { Page: NeedsYou });
  return fake;
};

test("what_was_refused_is_put_right_and_sent_by_keys", async () => {
  const fake = openRefused();
  await screen.findByRole("button", { name: /Put it right/ });
  await userEvent.keyboard("e");
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Text, put right" });
  await userEvent.type(field, " Then leave.");
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  const text = "Call 911, then the manager on call. Then leave.";
  await waitFor(() => expect(asked(fake, "resend")).toEqual([{ entry: refused.entry, corrected: [{ column: "content", text }] }]));
});

test("what_was_refused_is_dropped_by_two_keys_and_not_by_one", async () => {
  const fake = openRefused();
  await screen.findByRole("button", { name: /Drop it…/ });
  await userEvent.keyboard("d");
  await screen.findByText(/It is not sent any more/);
  expect(asked(fake, "discard")).toEqual([]);
  await userEvent.keyboard("{Escape}");
  await userEvent.keyboard("d");
  await userEvent.keyboard("d");
  await waitFor(() => expect(asked(fake, "discard")).toEqual([{ entry: refused.entry }]));
});
