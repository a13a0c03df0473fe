import { expect, test } from "vitest";
import type { Hits } from "./generated";
import { replaceHost } from "./host";
import { fakeHost } from "./host.fake";
import * as knowledge from "./fake/knowledge";
import { Search, Shown } from "./search.svelte";

/** A program that answers when it is told to. */
function slowSearch() {
  const waiting = new Map<string, (hits: Hits) => void>();
  replaceHost(fakeHost({ search: ({ text }) => new Promise((resolve) => waiting.set(text, resolve)) }));
  const answer = async (text: string, count: number): Promise<void> => {
    waiting.get(text)?.({ words: [text], hits: knowledge.hits.hits.slice(0, count) });
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { answer, asked: () => [...waiting.keys()] };
}

test("an_answer_that_was_overtaken_is_not_shown", async () => {
  const { answer } = slowSearch();
  const search = new Search(20);
  void search.ask("pi");
  void search.ask("pin");
  await answer("pin", 1);
  await answer("pi", 3);
  expect([search.answered, search.hits.length]).toEqual(["pin", 1]);
});

test("answers_in_order_are_shown_as_they_come_and_the_last_stays_meanwhile", async () => {
  const { answer } = slowSearch();
  const search = new Search(20);
  void search.ask("pi");
  void search.ask("pin");
  await answer("pi", 3);
  expect([search.answered, search.hits.length]).toEqual(["pi", 3]);
  await answer("pin", 2);
  expect([search.answered, search.hits.length]).toEqual(["pin", 2]);
});

test("no_text_shows_nothing_at_once_and_asks_nothing", async () => {
  const { answer, asked } = slowSearch();
  const search = new Search(20);
  void search.ask("pin");
  void search.ask("  ");
  await answer("pin", 3);
  expect([search.answered, search.hits.length, asked()]).toEqual([null, 0, ["pin"]]);
});

test("the_passage_of_the_hit_that_was_chosen_last_is_shown", async () => {
  const waiting: (() => void)[] = [];
  replaceHost(fakeHost({ passage: ({ id }) => new Promise((resolve) => waiting.push(() => resolve({ ...knowledge.passage, id }))) }));
  const shown = new Shown();
  const [first, second] = knowledge.hits.hits;
  void shown.show(first, "pin");
  void shown.show(second, "pin");
  waiting[1]?.();
  waiting[0]?.();
  await new Promise((resolve) => setTimeout(resolve));
  expect(shown.value?.id).toBe(second?.id);
});
