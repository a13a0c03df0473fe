import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { hits } from "../../lib/fake/knowledge";
import { keys } from "../../lib/keys.svelte";
import { recent } from "../../lib/places.svelte";
import { router } from "../../lib/router.svelte";
import { asked, openWindow } from "../../lib/testing/window";
import Palette from "./Palette.svelte";
import { palette } from "./palette.svelte";

beforeEach(() => {
  palette.isOpen = false;
  recent.forget();
});

async function open(): Promise<HTMLInputElement> {
  render(Palette);
  await userEvent.keyboard("{Control>}k{/Control}");
  return screen.findByRole<HTMLInputElement>("combobox");
}

const options = (): string[] => screen.queryAllByRole("option").map((option) => option.textContent!.trim());
const selected = (): string => screen.getByRole("option", { selected: true }).textContent!;

test("every_letter_searches_and_enter_opens_the_best", async () => {
  const fake = openWindow();
  const input = await open();
  await userEvent.type(input, "pin");
  await waitFor(() => expect(options()[0]).toContain("PIN failures"));
  expect(asked(fake, "search").map((request) => (request as { text: string }).text)).toEqual(["p", "pi", "pin"]);
  expect(document.getElementById(input.getAttribute("aria-activedescendant")!)?.textContent).toContain("PIN failures");
  await userEvent.keyboard("{Enter}");
  expect([router.place.screen, router.place.path[0]]).toEqual(["knowledge", hits.hits[0]!.id]);
  expect(palette.isOpen).toBe(false);
});

test("arrows_choose_and_what_was_opened_stands_first_next_time", async () => {
  openWindow();
  const input = await open();
  await userEvent.type(input, "pin");
  await waitFor(() => expect(options()[0]).toContain("PIN failures"));
  await userEvent.keyboard("{ArrowDown}");
  expect(selected()).toContain("Doors that are offline");
  await userEvent.keyboard("{Enter}");
  await userEvent.keyboard("{Control>}k{/Control}");
  await waitFor(() => expect(options()[0]).toContain("Doors that are offline"));
});

test("a_sign_turns_it_into_commands_with_their_keys_and_enter_does_one", async () => {
  openWindow();
  const run = vi.fn();
  const stop = keys.add("Here", [{ keys: "Mod+Shift+S", says: "Sync now", run }, { keys: "J", says: "Next line", run: vi.fn() }]);
  const input = await open();
  await userEvent.type(input, ">send");
  await waitFor(() => expect(selected()).toContain("Sync now"));
  expect(selected()).toMatch(/Ctrl\s*Shift\s*S/);
  expect(options().join()).not.toContain("Next line");
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(run).toHaveBeenCalledOnce());
  stop();
});

test("a_colon_goes_and_nothing_that_fits_is_said", async () => {
  openWindow({ search: () => ({ words: [], hits: [] }) });
  const input = await open();
  await userEvent.type(input, ":tick");
  await waitFor(() => expect(options()).toHaveLength(1));
  await userEvent.clear(input);
  await userEvent.type(input, "zzzz");
  await screen.findByText(/Nothing here fits “zzzz”/);
});

test("copy_takes_the_passage_for_the_customer_unless_text_is_selected", async () => {
  openWindow();
  const write = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: write } });
  const input = await open();
  await userEvent.type(input, "pin");
  await waitFor(() => expect(options()[0]).toContain("PIN failures"));
  await new Promise((done) => setTimeout(done));
  input.setSelectionRange(3, 3);
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "c", ctrlKey: true, bubbles: true, cancelable: true }));
  await waitFor(() => expect(write).toHaveBeenCalledWith("Your PIN works from 15 minutes before the start of your booking."));
  vi.unstubAllGlobals();
});
