import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import ListProbe from "../testing/ListProbe.svelte";
import { giveLayout } from "../testing/layout";

const numbers = (total: number, from = 0) => async (offset: number, limit: number) => ({
  total,
  lines: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, place) => from + offset + place),
});

let takeLayout: () => void;
beforeEach(() => (takeLayout = giveLayout({ rowPx: 30, viewPx: 300 })));
afterEach(() => takeLayout());

const rows = (): string[] => screen.getAllByRole("option").map((row) => row.textContent!.trim());
const selected = (): string => screen.getByRole("status").textContent!;

test("of_ten_thousand_lines_a_handful_are_in_the_page_and_their_number_is_told", async () => {
  render(ListProbe, { load: numbers(10_000) });
  const first = await screen.findByText("number 0");
  expect(rows().length).toBeLessThan(30);
  expect([first.getAttribute("aria-setsize"), first.getAttribute("aria-posinset")]).toEqual(["10000", "1"]);
});

test("the_keys_move_the_selection_and_what_is_selected_is_in_the_page", async () => {
  const onopen = vi.fn();
  render(ListProbe, { load: numbers(10_000), onopen });
  await screen.findByText("number 0");
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard("{ArrowDown}jjk");
  expect(selected()).toBe("2");
  await user.keyboard("{PageDown}");
  expect(selected()).toBe("12");
  await user.keyboard("{Enter}");
  expect(onopen).toHaveBeenCalledWith(12);
  const listbox = screen.getByRole("listbox");
  const active = document.getElementById(listbox.getAttribute("aria-activedescendant")!);
  expect([active?.textContent?.trim(), active?.getAttribute("aria-selected")]).toEqual(["number 12", "true"]);
});

test("the_end_of_a_long_list_is_read_when_one_goes_there", async () => {
  render(ListProbe, { load: numbers(10_000) });
  await screen.findByText("number 0");
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard("{End}");
  await screen.findByText("number 9999");
  expect(rows()).not.toContain("number 0");
});

test("a_click_selects_and_a_double_click_opens", async () => {
  const onopen = vi.fn();
  render(ListProbe, { load: numbers(20), onopen });
  await userEvent.dblClick(await screen.findByText("number 4"));
  expect([selected(), onopen.mock.calls]).toEqual(["4", [[4]]]);
});

test("a_higher_version_reads_again_in_place_and_another_list_begins_at_the_top", async () => {
  const { rerender } = render(ListProbe, { load: numbers(1000) });
  await screen.findByText("number 0");
  screen.getByRole("listbox").scrollTop = 3000;
  await rerender({ load: numbers(1000, 5000), version: 1 });
  await screen.findByText("number 5000");
  expect(screen.getByRole("listbox").scrollTop).toBe(3000);
  await rerender({ load: numbers(1000, 7000), of: "others" });
  await screen.findByText("number 7000");
  expect(screen.getByRole("listbox").scrollTop).toBe(0);
});

test("nothing_is_said_with_its_sentence_and_a_failure_with_a_way_on", async () => {
  const { unmount } = render(ListProbe, { load: numbers(0) });
  await screen.findByText("There are no numbers.");
  unmount();
  const load = vi.fn(numbers(3)).mockRejectedValueOnce({ code: "fault", message: "The disk does not answer.", hint: null });
  render(ListProbe, { load });
  await screen.findByText("The disk does not answer.");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(rows()).toEqual(["number 0", "number 1", "number 2"]));
});
