// A screen in a window: the keys are heard, the program is the fake one.
import { onTestFinished } from "vitest";
import { replaceHost } from "../host";
import { fakeHost, type Answers, type FakeHost } from "../host.fake";
import { keys } from "../keys.svelte";
import { router } from "../router.svelte";
import { toasts } from "../toasts.svelte";

export function openWindow(answers: Partial<Answers> = {}, address = "#/home"): FakeHost {
  const fake = fakeHost(answers);
  replaceHost(fake);
  toasts.shown = [];
  history.replaceState(null, "", address);
  const stop = router.start();
  addEventListener("keydown", keys.hear);
  onTestFinished(() => {
    stop();
    removeEventListener("keydown", keys.hear);
  });
  return fake;
}

/** What the program was asked to do, without what is only read. */
export const asked = (fake: FakeHost, name: string): unknown[] =>
  fake.calls.filter((call) => call.name === name).map(({ request }) => request);
