import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import App from "../App.svelte";
import * as club from "../lib/fake/club";
import { replaceHost } from "../lib/host";
import { fakeHost, type FakeHost } from "../lib/host.fake";
import { session } from "../lib/session.svelte";
import { toasts } from "../lib/toasts.svelte";

let host: FakeHost;
beforeEach(async () => {
  localStorage.clear();
  history.replaceState(null, "", "#/home");
  replaceHost((host = fakeHost()));
  render(App);
  await screen.findByRole("navigation", { name: "Sections" });
  await screen.findByRole("button", { name: /Needs you \(1\) · 3 to send/ });
});
afterEach(() => {
  session.value = null;
  toasts.shown.forEach(({ id }) => toasts.dismiss(id));
});

const asked = (name: string): number => host.calls.filter((call) => call.name === name).length;

test("the_chip_says_what_the_program_says_and_follows_it", async () => {
  await screen.findByRole("button", { name: /Needs you \(1\) · 3 to send/ });
  host.answer({ status: () => club.offline });
  host.emit({ kind: "status_changed" });
  await screen.findByRole("button", { name: /Offline · 3 to send · as of 08:31/ });
});

test("the_keys_that_work_are_listed_and_those_of_the_window_work", async () => {
  await userEvent.keyboard("?");
  const dialog = await screen.findByRole("dialog", { name: "Keys" });
  expect(within(dialog).getByText("Sync now")).toBeDefined();
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await userEvent.keyboard("{Control>}{Shift>}s{/Shift}{/Control}");
  await screen.findByText("3 sent · 12 received · 1 needs you");
});

test("an_act_of_the_tray_is_done_by_the_window", async () => {
  host.emit({ kind: "act", act: "keys" });
  await screen.findByRole("dialog", { name: "Keys" });
  host.emit({ kind: "act", act: "sync_now" });
  await waitFor(() => expect(asked("sync_now")).toBe(1));
});

test("the_menu_of_the_guild_works_offline_and_changes_the_looks", async () => {
  await userEvent.click(screen.getByRole("button", { name: /Menu of the guild/ }));
  await userEvent.click(await screen.findByRole("menuitemcheckbox", { name: "Work offline" }));
  await screen.findByRole("button", { name: /Offline · 3 to send · as of 08:31/ });
  await userEvent.click(screen.getByRole("button", { name: /Menu of the guild/ }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: "Dark" }));
  expect(document.documentElement.dataset["theme"]).toBe("dark");
});

test("the_rail_is_narrow_and_wide_by_a_key_and_keeps_its_names", async () => {
  await userEvent.keyboard("{Control>}b{/Control}");
  expect(screen.getByRole("button", { name: "Widen the rail" })).toBeDefined();
  expect(screen.getByRole("link", { name: "Home" })).toBeDefined();
  expect(host.calls.at(-1)).toMatchObject({ name: "set_preferences", request: { rail_collapsed: true } });
});

test("an_address_that_is_nothing_says_so_and_leads_home", async () => {
  history.replaceState(null, "", "#/nowhere");
  dispatchEvent(new PopStateEvent("popstate"));
  await userEvent.click(await screen.findByRole("button", { name: "Go home" }));
  expect(location.hash).toBe("#/home");
});

test("locking_takes_everything_off_the_window", async () => {
  await userEvent.keyboard("{Control>}l{/Control}");
  await waitFor(() => expect(screen.queryByRole("navigation", { name: "Sections" })).toBeNull());
  expect(asked("lock")).toBe(1);
});
