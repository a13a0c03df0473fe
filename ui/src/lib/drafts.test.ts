import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Keeper } from "./drafts.svelte";
import { replaceHost } from "./host";
import { fakeHost } from "./host.fake";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const typed = (content: string) => ({ title: "Refunds", content, place: "", base_revision: 7 });

test("what_is_typed_is_kept_300_ms_after_the_last_key_and_once", async () => {
  const host = fakeHost();
  replaceHost(host);
  let text = "a";
  const keeper = new Keeper("sop:1", () => typed(text));
  keeper.typed();
  await vi.advanceTimersByTimeAsync(299);
  text = "ab";
  keeper.typed();
  await vi.advanceTimersByTimeAsync(299);
  expect(host.calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(host.calls.map(({ request }) => request)).toEqual([{ subject: "sop:1", ...typed("ab") }]);
});

test("leaving_the_window_keeps_at_once_and_after_the_end_nothing_is_kept", async () => {
  const host = fakeHost();
  replaceHost(host);
  const keeper = new Keeper("sop:1", () => typed("a"));
  const stop = keeper.watch();
  keeper.typed();
  dispatchEvent(new Event("blur"));
  await vi.advanceTimersByTimeAsync(0);
  expect(host.calls).toHaveLength(1);
  await keeper.end();
  keeper.typed();
  stop();
  await vi.advanceTimersByTimeAsync(1000);
  expect(host.calls).toHaveLength(1);
});

test("what_could_not_be_kept_is_tried_again_at_the_next_chance", async () => {
  const host = fakeHost({ keep_draft: () => { throw { code: "fault", message: "The disk is full.", hint: null }; } });
  replaceHost(host);
  const keeper = new Keeper("sop:1", () => typed("a"));
  keeper.typed();
  await vi.advanceTimersByTimeAsync(300);
  expect([keeper.failure?.message, keeper.isDue]).toEqual(["The disk is full.", true]);
  await keeper.flush();
  expect(host.calls).toHaveLength(2);
});
