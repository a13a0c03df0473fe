import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { DAY, NOW } from "../../lib/fake/club";
import { history, lines, undoPreview } from "../../lib/fake/history";
import { parse, router } from "../../lib/router.svelte";
import { asked, openWindow } from "../../lib/testing/window";
import { toasts } from "../../lib/toasts.svelte";
import ChangeLog from "./ChangeLog.svelte";
import Probe from "../../lib/testing/Screen.svelte";
import { byDay, filterOf } from "./words";

beforeEach(() => {
  vi.stubGlobal("IntersectionObserver", class {
    observe(): void {}
    disconnect(): void {}
  });
  Element.prototype.scrollIntoView ??= () => undefined;
});

const open = (address: string, answers = {}) => {
  const fake = openWindow(answers, address);
  render(Probe, { Page: ChangeLog });
  return fake;
};

test("an_address_is_a_question_and_the_same_for_an_hour", () => {
  const { query } = parse("#/history/e?who=programs&time=week&kind=deleted&q= refund &row=r&table=sops&laptop=l&status=pending");
  const filter = filterOf(query, NOW);
  expect(filter).toMatchObject({ who: null, programs: true, kind: "deleted", text: "refund", row: "r", table: "sops", laptop: "l", status: "pending" });
  expect(filterOf(query, NOW + 60_000_000)).toEqual(filter);
  expect(NOW - filter.since!).toBeGreaterThanOrEqual(7 * DAY);
  expect(filterOf({ kind: "nonsense", status: "nonsense" }, NOW)).toMatchObject({ kind: null, status: null, laptop: null, since: null, text: "" });
});

test("changes_stand_under_their_days", () => {
  expect(byDay(lines, NOW).map(({ day, lines: { length } }) => [day, length])).toEqual([
    ["Today", 6], ["Yesterday", 2], ["Tuesday 17 November", 1], ["17 October 2025", 1],
  ]);
});

test("without_the_server_it_is_said_that_only_own_changes_are_here", async () => {
  open("#/history", { history: () => ({ ...history, lines: lines.slice(1, 3), reach: "own_only" }) });
  await screen.findByText(/Without the server these are your own changes/);
  expect(screen.getAllByRole("option")).toHaveLength(2);
});

test("a_change_is_taken_back_by_keys_and_only_after_it_was_seen_what_that_does", async () => {
  const fake = open(`#/history/${lines[0]!.entry}`);
  await screen.findByRole("heading", { name: "Refunds" });
  await userEvent.keyboard("u");
  await screen.findByRole("heading", { name: "Take this change back?" });
  expect(asked(fake, "undo")).toEqual([]);
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(asked(fake, "undo")).toEqual([{ entry: lines[0]!.entry, rest: false, reason: null }]));
  await waitFor(() => expect(toasts.shown.map(({ words }) => words)).toEqual(["“Refunds”: the change was taken back"]));
});

test("what_stands_against_it_is_said_and_nothing_is_written", async () => {
  const fake = open(`#/history/${lines[0]!.entry}`, { preview_undo: () => ({ ...undoPreview, columns: [], changed_since: ["The text"] }) });
  await screen.findByRole("heading", { name: "Refunds" });
  await userEvent.keyboard("u");
  await screen.findByText(/Others have changed since: the text/);
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await userEvent.keyboard("{Escape}");
  await screen.findByRole("button", { name: /Take it back/ });
  expect(asked(fake, "undo")).toEqual([]);
});

test("one_key_leaves_only_what_happened_to_one_thing", async () => {
  const fake = open(`#/history/${lines[0]!.entry}`);
  await screen.findByRole("heading", { name: "Refunds" });
  await userEvent.keyboard("f");
  await waitFor(() => expect(router.place.query["row"]).toBe(lines[0]!.row));
  await waitFor(() => expect(asked(fake, "history").at(-1)).toMatchObject({ row: lines[0]!.row }));
});
