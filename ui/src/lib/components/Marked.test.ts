import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import Marked from "./Marked.svelte";

function check(text: string, marks: [number, number][], html: string): void {
  const { container, unmount } = render(Marked, { marked: { text, marks } });
  expect(container.querySelector("span")!.innerHTML.replaceAll(/<!--.*?-->/g, "").replaceAll(/ class="[^"]*"/g, "")).toBe(html);
  unmount();
}

test("what_was_found_is_marked_and_nothing_else_of_the_text_changes", () => {
  check("a PIN works", [[2, 5]], "a <mark>PIN</mark> works");
  check("PIN", [[0, 3]], "<mark>PIN</mark>");
  check("nothing", [], "nothing");
  check("é🎯 PIN", [[4, 7]], "é🎯 <mark>PIN</mark>");
});

test("marks_out_of_order_or_over_each_other_do_not_double_the_text", () => {
  check("abcdef", [[3, 5], [0, 2], [4, 6]], "<mark>ab</mark>c<mark>de</mark>f");
});

test("a_text_with_signs_of_html_stays_text", () => {
  check("<b>x</b>", [[3, 4]], "&lt;b&gt;<mark>x</mark>&lt;/b&gt;");
});
