import { afterEach, beforeEach, expect, test } from "vitest";
import { parse, router, to } from "./router.svelte";

let stop: () => void;
beforeEach(() => {
  history.replaceState(null, "", "#/home");
  router.forget();
  stop = router.start();
});
afterEach(() => stop());

const back = (): Promise<void> =>
  new Promise((done) => {
    addEventListener("popstate", () => done(), { once: true });
    router.back();
  });

test("an_address_is_read_and_written", () => {
  expect(parse("#/knowledge/a%2Fb/c?history=1&find=pin%20code")).toEqual({
    screen: "knowledge", path: ["a/b", "c"], query: { history: "1", find: "pin code" },
  });
  expect(to("knowledge", ["a/b"], { history: "1", find: null })).toBe("#/knowledge/a%2Fb?history=1");
  expect(parse("")).toEqual({ screen: "home", path: [], query: {} });
  expect(parse("#/x/%E0%A4%A").path).toEqual(["%E0%A4%A"]);
});

test("each_step_keeps_what_was_kept_there_and_back_finds_it", async () => {
  router.keep("selected", "first");
  router.go("tickets");
  expect(router.kept("selected")).toBeUndefined();
  router.keep("selected", "second");
  await back();
  expect([router.place.screen, router.kept("selected")]).toEqual(["home", "first"]);
});

test("a_section_opens_as_it_was_left_and_at_its_beginning_when_one_is_there", () => {
  router.go("knowledge/42");
  router.go("tickets");
  router.open("knowledge");
  expect(location.hash).toBe("#/knowledge/42");
  router.open("knowledge");
  expect(location.hash).toBe("#/knowledge");
});

test("moving_through_a_list_does_not_fill_the_history", () => {
  const before = router.step;
  router.go("tickets/1", { replace: true });
  expect([router.step, router.place.path]).toEqual([before, ["1"]]);
});

test("a_link_that_was_followed_is_a_step_of_its_own", () => {
  router.keep("selected", "here");
  history.pushState(null, "", "#/knowledge/7");
  dispatchEvent(new PopStateEvent("popstate"));
  expect([router.place.screen, router.kept("selected")]).toEqual(["knowledge", undefined]);
});
