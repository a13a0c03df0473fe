import { render } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stopClock } from "../clock";
import { MINUTE, NOW } from "../fake/club";
import Time from "./Time.svelte";

beforeEach(() => {
  vi.useFakeTimers();
  stopClock(NOW);
});
afterEach(() => {
  vi.useRealTimers();
  stopClock(null);
});

test("a_time_moves_on_while_it_is_looked_at_and_is_exact_on_hover", async () => {
  const { container } = render(Time, { at: NOW - 5 * MINUTE });
  const time = container.querySelector("time")!;
  expect([time.textContent, time.title]).toEqual(["5 min ago", "Saturday, 21 November 2026 at 09:09:00"]);
  stopClock(NOW + 2 * MINUTE);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(time.textContent).toBe("7 min ago");
});
