import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import ListProbe from "../testing/ListProbe.svelte";
import { giveLayout } from "../testing/layout";

const load = async (offset: number, limit: number) => ({
  total: 5000,
  lines: Array.from({ length: limit }, (_, place) => offset + place),
});

let takeLayout: () => void;
beforeEach(() => (takeLayout = giveLayout({ rowPx: 30, viewPx: 330 })));
afterEach(() => takeLayout());

test("rows_know_their_place_among_all_also_those_that_are_not_in_the_page", async () => {
  render(ListProbe, { load, as: "table" });
  await screen.findByText("49");
  expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("5001");
  const row = screen.getByText("49").closest("[role=row]")!;
  expect([row.getAttribute("aria-rowindex"), row.textContent!.replaceAll(/\s+/g, " ").trim()]).toEqual(["9", "749"]);
});

test("a_heading_sorts_and_sorts_the_other_way", async () => {
  const onsort = vi.fn();
  const { rerender } = render(ListProbe, { load, as: "table", onsort });
  await userEvent.click(await screen.findByRole("button", { name: "Number" }));
  expect(onsort).toHaveBeenLastCalledWith({ key: "number", isDown: false });
  await rerender({ sorting: { key: "number", isDown: false } });
  expect(screen.getByRole("columnheader", { name: /Number/ }).getAttribute("aria-sort")).toBe("ascending");
  await userEvent.click(screen.getByRole("button", { name: /Number/ }));
  expect(onsort).toHaveBeenLastCalledWith({ key: "number", isDown: true });
});

test("the_keys_move_and_enter_opens", async () => {
  const onopen = vi.fn();
  render(ListProbe, { load, as: "table", onopen });
  await screen.findByText("49");
  screen.getByRole("grid").focus();
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{PageDown}{Enter}");
  expect(onopen).toHaveBeenCalledWith(11);
});
