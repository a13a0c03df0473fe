import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import * as club from "../../lib/fake/club";
import { laptops, refusedViews, syncCentre } from "../../lib/fake/sync";
import { status } from "../../lib/status.svelte";
import { asked, openWindow } from "../../lib/testing/window";
import SyncCentre from "./SyncCentre.svelte";
import { standing, typedText } from "./words";

beforeEach(() => {
  status.value = null;
  status.progress = null;
});

test.each([
  [{ ...club.offline }, "The server did not answer. Your 3 changes are safe here. It is tried again in 40 s."],
  [{ ...club.offline, unsent: 1, next_try_at: null }, "The server did not answer. Your change is safe here. It is tried again by itself."],
  [{ ...club.offline, works_offline: true }, "You chose to work offline. Your 3 changes are safe here. It goes out when you switch that off."],
  [{ ...club.allOnServer }, "Everything you wrote is on the server. As of 2 min ago you have everybody’s changes."],
  [{ ...club.allOnServer, state: "sample" as const }, "This is the sample club. It has no server, and nothing leaves this laptop."],
])("what_is_and_what_happens_next_is_said: %#", (given, words) => {
  expect(standing(given, club.NOW)).toBe(words);
});

test("nothing_is_discarded_before_it_was_seen", async () => {
  const fake = openWindow();
  render(SyncCentre);
  await userEvent.click(await screen.findByRole("button", { name: "Discard…" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog.textContent).toContain("Call 911, then the manager on call.");
  expect(asked(fake, "discard")).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Discard" }));
  await waitFor(() => expect(asked(fake, "discard")).toEqual([{ entry: refusedViews[0]!.entry }]));
  await waitFor(() => expect(screen.queryByRole("heading", { name: "Refused" })).toBeNull());
});

test("sending_again_takes_it_from_the_refused", async () => {
  const fake = openWindow();
  render(SyncCentre);
  await userEvent.click(await screen.findByRole("button", { name: "Send again" }));
  await waitFor(() => expect(asked(fake, "resend")).toEqual([{ entry: refusedViews[0]!.entry, corrected: [] }]));
});

test("working_offline_is_one_key", async () => {
  const fake = openWindow();
  render(SyncCentre);
  await screen.findByText("Work offline");
  await userEvent.keyboard("o");
  await waitFor(() => expect(asked(fake, "work_offline")).toEqual([{ on: true }]));
});

test("progress_is_shown_with_its_count_and_can_be_stopped", async () => {
  const fake = openWindow();
  status.progress = { phase: "receiving", done: 1240, total: 3300, bytes: 2_400_000 };
  render(SyncCentre);
  await screen.findByText("1,240 of 3,300 · 2.3 MB");
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(asked(fake, "cancel_sync")).toHaveLength(1);
});

test("everything_on_the_server_is_said_in_words", async () => {
  openWindow({ sync_centre: () => ({ ...syncCentre, status: club.allOnServer, pending: [], refused: [] }) });
  render(SyncCentre);
  await screen.findByText("All that you wrote is on the server. It is safe to close the lid.");
});

test("what_was_typed_is_copied_whole", () => {
  expect(typedText("Booking", [{ column: "content", after: "one" }])).toBe("one");
  expect(typedText("Booking", [{ column: "title", after: "a" }, { column: "content", after: "b" }])).toBe("Booking\nTitle: a\nText: b");
});

test("each_kind_of_care_says_what_it_does_and_is_one_act", async () => {
  const fake = openWindow();
  render(SyncCentre);
  await userEvent.click(await screen.findByRole("button", { name: "Repair" }));
  await waitFor(() => expect(asked(fake, "force_sync")).toEqual([{ kind: "repair", parts: [] }]));
  await screen.findByText("Compares everything with the server and says what differs. Changes nothing.");
});

test("what_fetches_much_is_asked_for_twice_and_says_that_nothing_unsent_is_touched", async () => {
  const fake = openWindow({ status: () => club.offline });
  render(SyncCentre);
  await userEvent.click(await screen.findByRole("button", { name: "Rebuild…" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog.textContent).toContain("3 changes wait to be sent; nothing of this touches them.");
  expect(asked(fake, "force_sync")).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Rebuild" }));
  await waitFor(() => expect(asked(fake, "force_sync")).toEqual([{ kind: "rebuild", parts: [] }]));
});

test("other_laptops_are_asked_one_or_several_and_it_is_said_what_it_does", async () => {
  const fake = openWindow();
  render(SyncCentre);
  await userEvent.click(await screen.findByRole("checkbox", { name: "Front desk 2 of Ana Ferreira" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "Office of Marco Bellini" }));
  await userEvent.click(screen.getByRole("button", { name: "Ask 2 laptops…" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog.textContent).toContain("Nothing of this touches what is unsent there.");
  await userEvent.type(screen.getByLabelText("Why"), "odd prices");
  await userEvent.click(screen.getByRole("button", { name: "Ask" }));
  const [desk, , office] = laptops;
  await waitFor(() => expect(asked(fake, "ask_laptops")).toEqual([{ laptops: [desk!.id, office!.id], kind: "sync", parts: [], reason: "odd prices" }]));
});

test("what_a_laptop_has_not_taken_is_taken_back", async () => {
  const fake = openWindow();
  render(SyncCentre);
  await screen.findByText(/Ana Ferreira asked to repair/);
  await userEvent.click(screen.getByRole("button", { name: "Take back" }));
  await waitFor(() => expect(asked(fake, "take_back")).toEqual([{ laptops: [laptops[1]!.id] }]));
});

test("who_may_not_ask_sees_no_other_laptops", async () => {
  const fake = openWindow({ sync_centre: () => ({ ...syncCentre, may_ask_laptops: false }) });
  render(SyncCentre);
  await screen.findByText("Look after this laptop");
  expect(screen.queryByRole("heading", { name: /Laptops of the guild/ })).toBeNull();
  expect(asked(fake, "laptops")).toEqual([]);
});

test("a_server_that_was_set_back_is_said_with_what_it_means_for_this_laptop", async () => {
  openWindow({ sync_centre: () => ({ ...syncCentre, restored: { words: "The server stands still.", stands_still: true } }) });
  render(SyncCentre);
  await screen.findByText("The server stands still.");
});
