import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { createRawSnippet } from "svelte";
import { expect, test, vi } from "vitest";
import { keys } from "../keys.svelte";
import Dialog from "./Dialog.svelte";

const acts = createRawSnippet(() => ({ render: () => "<span><button>Keep it</button><button>Delete</button></span>" }));

test("the_focus_goes_to_the_harmless_act_and_escape_leaves", async () => {
  const onclose = vi.fn();
  render(Dialog, { isOpen: true, title: "Delete “Refunds”?", acts, onclose });
  await waitFor(() => expect(document.activeElement?.textContent).toBe("Keep it"));
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(onclose).toHaveBeenCalledOnce();
});

test("keys_of_what_lies_below_rest_while_it_is_open", async () => {
  const { rerender } = render(Dialog, { isOpen: true, title: "Move" });
  expect(keys.sets.some((set) => set.isModal && set.group === "Move")).toBe(true);
  await rerender({ isOpen: false });
  await waitFor(() => expect(keys.sets.some((set) => set.isModal)).toBe(false));
});

test("it_is_named_by_its_title_and_described_by_its_sentence", async () => {
  render(Dialog, { isOpen: true, title: "Keys", words: "Single letters rest while you type." });
  expect(await screen.findByRole("dialog", { name: "Keys", description: "Single letters rest while you type." })).toBeDefined();
});
