// Acts that come from outside of a screen: the tray, the menu, the global key. A screen that can do one
// says so while it is there; the last one that said so does it.
import type { Act } from "./generated";
import { listen } from "./host";

const doers = new Map<Act, (() => void)[]>();

export function onAct(act: Act, run: () => void): () => void {
  doers.set(act, [...(doers.get(act) ?? []), run]);
  return () => doers.set(act, (doers.get(act) ?? []).filter((other) => other !== run));
}

export function perform(act: Act): void {
  doers.get(act)?.at(-1)?.();
}

export function startActs(): () => void {
  return listen((event) => event.kind === "act" && perform(event.act));
}
