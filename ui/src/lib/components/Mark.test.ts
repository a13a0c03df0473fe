import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { needsYou, onServer, saved } from "../fake/club";
import Mark from "./Mark.svelte";

function check(props: Parameters<typeof render<typeof Mark>>[1], words: string): void {
  const { container, unmount } = render(Mark, props);
  expect(container.textContent!.replaceAll(/\s+/g, " ").trim()).toBe(words);
  unmount();
}

test("every_mark_has_its_words_also_where_only_the_shape_is_seen", () => {
  check({ mark: saved }, "○ Saved here");
  check({ mark: needsYou }, "▲ Needs you");
  check({ mark: onServer(8), hasWords: true }, "● On server (v8)");
});

test("in_a_list_nothing_is_shown_for_what_is_on_the_server", () => {
  check({ mark: onServer(8) }, "");
});
