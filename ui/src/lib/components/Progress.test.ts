import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { stopClock } from "../clock";
import Progress from "./Progress.svelte";

afterEach(() => stopClock(null));

test("it_says_what_how_many_of_how_many_and_after_a_while_how_long_still", async () => {
  stopClock(1_000_000);
  const { rerender } = render(Progress, { progress: { phase: "receiving", done: 0, total: 10_000, bytes: null } });
  expect(screen.getByText("0 of 10,000")).toBeDefined();
  stopClock(5_000_000);
  await rerender({ progress: { phase: "receiving", done: 4_000, total: 10_000, bytes: null } });
  expect(screen.getByText("4,000 of 10,000 · about 6 s left")).toBeDefined();
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("4000");
});

test("without_a_total_there_is_a_count_and_no_guess", () => {
  render(Progress, { progress: { phase: "indexing", done: 120, total: null, bytes: null } });
  expect(screen.getByText("120")).toBeDefined();
  expect(screen.getByRole("progressbar").hasAttribute("aria-valuenow")).toBe(false);
});

test("it_can_be_stopped_until_it_is_done", async () => {
  const oncancel = vi.fn();
  const { rerender } = render(Progress, { progress: { phase: "sending", done: 1, total: 3, bytes: null }, oncancel });
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(oncancel).toHaveBeenCalledOnce();
  await rerender({ progress: { phase: "done", done: 3, total: 3, bytes: null } });
  expect(screen.queryByRole("button")).toBeNull();
});
