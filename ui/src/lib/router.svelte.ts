// Where the person is: `#/knowledge/<id>?history=1`. Each step back finds what was kept there: the place it
// was scrolled to, the line that was selected. What is kept lives in memory only.
import type { Attachment } from "svelte/attachments";

export interface Place {
  screen: string;
  path: string[];
  query: Record<string, string>;
}

const RESTORE_MS = 1500;

class Router {
  place = $state.raw<Place>(parse(""));
  /** Number of the step in the history; what is kept is kept for it. */
  step = $state(0);
  #highest = 0;
  #kept = new Map<number, Map<string, unknown>>();
  #lastOf = new Map<string, string>();

  /** Begins to follow the address. To be called once, after the token was taken out of it. */
  start(): () => void {
    this.#arrive();
    addEventListener("popstate", this.#arrive);
    return () => removeEventListener("popstate", this.#arrive);
  }

  go(to: string, { replace = false } = {}): void {
    const address = `#/${to.replace(/^[#/]+/, "")}`;
    if (address === location.hash) return;
    if (replace) history.replaceState({ step: this.step }, "", address);
    else history.pushState({ step: ++this.#highest }, "", address);
    this.#arrive();
  }

  /** Goes to a section as it was left; to its beginning if the person is there already. */
  open(screen: string): void {
    this.go(this.place.screen === screen ? screen : (this.#lastOf.get(screen) ?? screen));
  }

  /** Forgets everything: another person, or none, is in front of the window now. */
  forget(): void {
    this.#kept.clear();
    this.#lastOf.clear();
  }

  back = (): void => history.back();
  forward = (): void => history.forward();

  keep(name: string, value: unknown, step: number = this.step): void {
    const kept = this.#kept.get(step) ?? new Map<string, unknown>();
    this.#kept.set(step, kept.set(name, value));
  }

  kept<T>(name: string): T | undefined {
    return this.#kept.get(this.step)?.get(name) as T | undefined;
  }

  #arrive = (): void => {
    const known = (history.state as { step?: number } | null)?.step;
    // A link was followed or the window has just opened: the step has no number yet.
    if (known === undefined) history.replaceState({ step: ++this.#highest }, "");
    this.step = known ?? this.#highest;
    this.#highest = Math.max(this.#highest, this.step);
    this.place = parse(location.hash);
    this.#lastOf.set(this.place.screen, location.hash);
  };
}

export const router = new Router();

export function parse(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?");
  const parts = path.split("/").filter((part) => part !== "").map(decode);
  return { screen: parts[0] ?? "home", path: parts.slice(1), query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a place, for `go` and for links. */
export function to(screen: string, path: string[] = [], query: Record<string, string | null> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== "");
  const tail = new URLSearchParams(given).toString();
  return `#/${[screen, ...path].map(encodeURIComponent).join("/")}${tail === "" ? "" : `?${tail}`}`;
}

/** Scrolls back to where this step was left: `<div {@attach keepScroll("page")}>`. */
export function keepScroll(name: string): Attachment<HTMLElement> {
  return (element) => {
    const { step } = router;
    const wanted = router.kept<number>(`scroll:${name}`) ?? 0;
    element.scrollTop = wanted;
    // The content may still be on its way: it grows, and then there is something to scroll.
    const grown = new ResizeObserver(() => {
      if (element.scrollTop < wanted) element.scrollTop = wanted;
    });
    const stop = (): void => grown.disconnect();
    if (wanted > 0) for (const child of element.children) grown.observe(child);
    const timer = setTimeout(stop, RESTORE_MS);
    const note = (): void => router.keep(`scroll:${name}`, element.scrollTop, step);
    element.addEventListener("scroll", note, { passive: true });
    element.addEventListener("wheel", stop, { passive: true, once: true });
    return () => {
      clearTimeout(timer);
      stop();
      element.removeEventListener("scroll", note);
      element.removeEventListener("wheel", stop);
    };
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
