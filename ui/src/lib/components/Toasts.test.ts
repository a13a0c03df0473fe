import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { toasts } from "../toasts.svelte";
import Toasts from "./Toasts.svelte";

afterEach(() => toasts.shown.forEach(({ id }) => toasts.dismiss(id)));

test("what_is_said_is_read_aloud_politely_and_undo_is_a_button", async () => {
  const undo = vi.fn();
  render(Toasts);
  toasts.undoable("Refunds was deleted", undo);
  await screen.findByText("Refunds was deleted");
  expect(screen.getByRole("region", { name: "Messages" }).getAttribute("aria-live")).toBe("polite");
  await userEvent.click(screen.getByRole("button", { name: /Undo/ }));
  expect(undo).toHaveBeenCalledOnce();
  expect(screen.queryByText("Refunds was deleted")).toBeNull();
});

test("a_failure_says_what_to_do_and_leaves_when_dismissed", async () => {
  render(Toasts);
  toasts.fail({ code: "fault", message: "The keyring did not answer.", hint: "Open it, then try again." });
  await screen.findByText("Open it, then try again.");
  await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByText("The keyring did not answer.")).toBeNull();
});
