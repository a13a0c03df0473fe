import { render, waitFor } from "@testing-library/svelte";
import { beforeEach, expect, test, vi } from "vitest";
import type { SopPage } from "./generated";
import { page as sample } from "./fake/knowledge";
import { replaceHost } from "./host";
import { fakeHost, type FakeHost } from "./host.fake";
import LiveProbe from "./testing/LiveProbe.svelte";

let host: FakeHost;
beforeEach(() => replaceHost((host = fakeHost())));

const page = (title: string): SopPage => ({ ...sample, line: { ...sample.line, title } });
const touched = (table: string, ids: string[]): void => host.emit({ kind: "rows_touched", table, ids, origin: "server" });
const asked = (): number => host.calls.filter((call) => call.name === "sop").length;

test("it_is_read_again_when_its_row_changes_and_not_for_others", async () => {
  host.answer({ sop: () => page("before") });
  const { findByText } = render(LiveProbe, { id: "1" });
  await findByText("before");
  host.answer({ sop: () => page("after") });
  touched("tickets", ["1"]);
  touched("sops", ["2"]);
  touched("sops", ["1"]);
  touched("sops", ["1"]);
  await findByText("after");
  expect(asked()).toBe(2);
});

test("the_old_content_stays_while_it_is_read_again", async () => {
  host.answer({ sop: () => page("before") });
  const { findByText, getByText } = render(LiveProbe, { id: "1" });
  await findByText("before");
  host.answer({ sop: () => new Promise(() => undefined) });
  touched("sops", []);
  await waitFor(() => expect(asked()).toBe(2));
  expect(getByText("before")).toBeDefined();
});

test("an_answer_that_comes_late_does_not_replace_the_newer_one", async () => {
  const answers = new Map<string, (page: SopPage) => void>();
  host.answer({ sop: ({ id }) => new Promise((done) => answers.set(id, done)) });
  const { rerender, findByText, queryByText } = render(LiveProbe, { id: "1" });
  await waitFor(() => expect(answers.has("1")).toBe(true));
  await rerender({ id: "2" });
  await waitFor(() => expect(answers.has("2")).toBe(true));
  answers.get("2")!(page("second"));
  await findByText("second");
  answers.get("1")!(page("first"));
  await new Promise((done) => setTimeout(done, 20));
  expect(queryByText("first")).toBeNull();
});

test("a_failure_is_shown_and_a_later_answer_takes_its_place", async () => {
  host.answer({ sop: () => Promise.reject({ code: "not_found", message: "There is no such page.", hint: null }) });
  const { findByText, queryByText } = render(LiveProbe, { id: "1" });
  await findByText("There is no such page.");
  host.answer({ sop: () => page("here") });
  touched("sops", []);
  await findByText("here");
  expect(queryByText("There is no such page.")).toBeNull();
});

test("a_skeleton_is_due_after_300_ms_and_not_before", async () => {
  vi.useFakeTimers();
  host.answer({ sop: () => new Promise(() => undefined) });
  const { queryByText } = render(LiveProbe, { id: "1" });
  await vi.advanceTimersByTimeAsync(250);
  expect(queryByText("slow")).toBeNull();
  await vi.advanceTimersByTimeAsync(100);
  expect(queryByText("slow")).not.toBeNull();
  vi.useRealTimers();
});
