import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import * as club from "../../lib/fake/club";
import { home } from "../../lib/fake/knowledge";
import { asked, openWindow } from "../../lib/testing/window";
import { palette } from "../palette/palette.svelte";
import Home from "./Home.svelte";
import { addressOfDraft, asOf, greeting } from "./home";

const at = (hour: number): number => new Date(2026, 10, 21, hour).getTime() * 1000;

test("the_greeting_goes_with_the_hour", () => {
  expect([3, 4, 11, 12, 17, 18].map((hour) => greeting(at(hour)))).toEqual([
    "Good evening", "Good morning", "Good morning", "Good afternoon", "Good afternoon", "Good evening",
  ]);
});

test("offline_is_said_calmly_and_with_its_age", () => {
  expect(asOf(at(8), club.offline, at(9))).toBe("Offline · as of today 08:00 · everything you need is on this laptop");
  expect(asOf(null, club.allOnServer, at(9))).toContain("Nothing has come from the server yet");
});

test("every_draft_leads_to_where_it_was_begun", () => {
  const draft = (subject: string) => addressOfDraft({ subject, title: "", path: null, kept_at: 0 });
  expect(draft("ticket:a")).toBe("#/tickets/a");
  expect(draft("new-ticket")).toBeNull();
  expect(draft("new-sop:b")).toBe("#/knowledge/new/b");
  expect(draft("sop:a")).toContain("#/knowledge/a");
});

test("what_changed_is_shown_on_demand_and_by_one_key", async () => {
  const fake = openWindow();
  render(Home);
  await screen.findByRole("link", { name: /Refunds.*booking/ });
  expect(asked(fake, "compare_sop")).toEqual([]);
  await userEvent.keyboard("d");
  await screen.findByText("ten working days");
  expect(asked(fake, "compare_sop")).toEqual([{ id: home.changed[0]!.id, from: "3", to: "now" }]);
});

test("what_was_read_goes_and_the_focus_stays_at_its_place", async () => {
  let changed = home.changed;
  const fake = openWindow({
    home: () => ({ ...home, changed }),
    mark_read: ({ id }) => {
      changed = changed.filter((line) => line.id !== id);
      return {};
    },
  });
  render(Home);
  screen.getByRole("region", { name: "Home" });
  (await screen.findByRole("link", { name: /Refunds.*booking/ })).focus();
  await userEvent.keyboard("r");
  await waitFor(() => expect(document.activeElement?.textContent).toContain("Projector stays black"));
  expect(asked(fake, "mark_read")).toEqual([{ id: home.changed[0]!.id }]);
});

test("an_empty_shift_offers_three_questions_and_the_palette_asks_them", async () => {
  openWindow({ home: () => ({ ...home, changed: [], tickets: [], open_tickets: 0, needs_you: [], refused: 0 }) });
  render(Home);
  await screen.findByText("Nothing new since your last shift");
  await userEvent.click(screen.getByRole("button", { name: home.suggestions[0]! }));
  expect([palette.isOpen, palette.typed]).toEqual([true, home.suggestions[0]]);
  palette.isOpen = false;
});
