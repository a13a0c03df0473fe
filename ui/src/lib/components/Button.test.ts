import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { createRawSnippet } from "svelte";
import { expect, test, vi } from "vitest";
import Button from "./Button.svelte";

const words = (text: string) => createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));

test("what_is_being_done_is_not_done_twice", async () => {
  const onclick = vi.fn();
  const { rerender } = render(Button, { children: words("Save"), onclick });
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await rerender({ isBusy: true });
  screen.getByRole("button", { name: "Save" }).click();
  expect(onclick).toHaveBeenCalledOnce();
});

test("an_icon_alone_has_a_name_and_says_it_with_its_key_under_the_pointer", async () => {
  render(Button, { icon: "edit", label: "Edit", keys: "E" });
  const button = screen.getByRole("button", { name: "Edit" });
  expect(button.getAttribute("aria-keyshortcuts")).toBe("E");
  await userEvent.hover(button);
  const tip = await screen.findByText("Edit", {}, { timeout: 2000 });
  expect(tip.textContent).toContain("E");
});

test("it_never_sends_a_form_unless_it_says_so", () => {
  render(Button, { children: words("Cancel") });
  expect(screen.getByRole("button").getAttribute("type")).toBe("button");
});
