import { afterEach, beforeEach, expect, test } from "vitest";
import { nextPane, noteFocus } from "./panes";

beforeEach(() => {
  addEventListener("focusin", noteFocus);
  document.body.innerHTML = `
    <nav data-pane tabindex="-1"><a id="a" href="#a" aria-current="page">a</a><a id="b" href="#b">b</a></nav>
    <section data-pane tabindex="-1"><div id="list" role="listbox" tabindex="0"></div></section>
    <section data-pane tabindex="-1" id="text"><p>text</p></section>`;
});
afterEach(() => {
  removeEventListener("focusin", noteFocus);
  document.body.innerHTML = "";
});

const at = (): string => document.activeElement!.id;

test("the_next_pane_takes_the_focus_where_it_is_most_useful_and_the_last_leads_to_the_first", () => {
  const visited = Array.from({ length: 4 }, () => {
    nextPane(1);
    return at();
  });
  expect(visited).toEqual(["a", "list", "text", "a"]);
});

test("one_comes_back_to_where_one_was_in_a_pane", () => {
  document.getElementById("b")!.focus();
  nextPane(1);
  nextPane(-1);
  expect(at()).toBe("b");
});
