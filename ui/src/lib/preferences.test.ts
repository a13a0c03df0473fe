import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { preferences as sample } from "./fake/club";
import { replaceHost } from "./host";
import { fakeHost, type FakeHost } from "./host.fake";
import { preferences } from "./preferences.svelte";

let host: FakeHost;
let stop: () => void;
const root = document.documentElement;
beforeEach(() => {
  localStorage.clear();
  replaceHost((host = fakeHost({ preferences: () => ({ ...sample, theme: "dark", density: "compact" }) })));
  stop = preferences.start();
});
afterEach(() => stop());

test("looks_are_put_on_the_root_as_the_program_keeps_them", async () => {
  await vi.waitFor(() => expect([root.dataset["theme"], root.dataset["density"], root.dataset["contrast"]]).toEqual(["dark", "compact", "normal"]));
});

test("as_the_system_leaves_the_theme_to_the_system", async () => {
  await vi.waitFor(() => expect(root.dataset["theme"]).toBe("dark"));
  await preferences.change({ theme: "system" });
  expect(root.hasAttribute("data-theme")).toBe(false);
  expect(host.calls.at(-1)).toMatchObject({ name: "set_preferences", request: { theme: "system", density: "compact" } });
});

test("larger_and_smaller_go_in_steps_and_stop_at_the_ends", async () => {
  await vi.waitFor(() => expect(root.dataset["theme"]).toBe("dark"));
  for (const _ of Array(12)) await preferences.zoom(1);
  expect([preferences.value.zoom, root.style.fontSize]).toEqual([2, "32px"]);
  await preferences.zoom(-1);
  expect(preferences.value.zoom).toBe(1.75);
  await preferences.zoom(0);
  expect([preferences.value.zoom, root.style.fontSize]).toEqual([1, ""]);
});

test("the_first_frame_already_looks_as_the_last_time", async () => {
  await preferences.change({ theme: "light" });
  stop();
  delete root.dataset["theme"];
  replaceHost(fakeHost({ preferences: () => new Promise(() => undefined) }));
  stop = preferences.start();
  expect(root.dataset["theme"]).toBe("light");
});
