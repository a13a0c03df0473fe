// The palette lies over every screen, so whether it is there is known to the whole window. What it shows is
// made here; how it looks is in Palette.svelte.
import type { IconName } from "../../lib/components/Icon.svelte";
import type { HitView } from "../../lib/generated";
import { keys, type Key } from "../../lib/keys.svelte";
import { recent } from "../../lib/places.svelte";
import { to } from "../../lib/router.svelte";
import { fitting } from "./grammar";

class Palette {
  isOpen = $state(false);
  typed = $state("");

  open(typed = ""): void {
    this.typed = typed;
    this.isOpen = true;
  }
}

export const palette = new Palette();

export interface Command {
  says: string;
  keys: string | null;
  run: () => void;
}

export type Entry =
  | { kind: "hit"; id: string; hit: HitView }
  | { kind: "command"; id: string; command: Command }
  | { kind: "place"; id: string; address: string; title: string; detail: string; icon: IconName };

export interface Group {
  says: string;
  entries: Entry[];
}

const PLACES: [title: string, address: string, icon: IconName, detail: string][] = [
  ["Home", to("home"), "home", "G H"],
  ["Ask", to("ask"), "ask", "G A"],
  ["Knowledge", to("knowledge"), "knowledge", "G K"],
  ["Tickets", to("tickets"), "ticket", "G T"],
  ["Needs you", to("needs-you"), "compare", ""],
  ["Sync centre", to("sync"), "sync", "G S"],
];

/** Keys that only mean something where the focus is, as commands they would do nothing; and places, which have a sign of their own. */
const MOVES = /^(?:G \w|J|K|X|Tab|Enter|Escape|F6|Mod\+K|Home|End|Arrow\w+|Page\w+|Alt\+Arrow\w+|Shift\+\w+)$/i;

/** What the keys of this moment do, nearest first: each is a command, and is shown with its key. */
export function listCommands(): Command[] {
  const known = new Map<string, Command>();
  for (const set of keys.sets.filter(({ isModal }) => !isModal).reverse()) {
    for (const key of set.keys) {
      if (key.isSilent || MOVES.test(key.keys) || known.has(key.says)) continue;
      known.set(key.says, { says: key.says, keys: key.keys, run: () => press(key) });
    }
  }
  return [...known.values()];
}

const press = (key: Key): void => key.run(new KeyboardEvent("keydown", { key: key.keys.split("+").at(-1) ?? "" }));

export function commandGroup(commands: Command[], text: string, limit = Infinity): Group {
  const entries = fitting(commands, ({ says }) => says, text).slice(0, limit);
  return { says: "Do", entries: entries.map((command) => ({ kind: "command", id: `do ${command.says}`, command })) };
}

export function placeGroup(text: string, limit = Infinity): Group {
  const places = fitting(PLACES, ([title]) => title, text).slice(0, limit);
  return { says: "Go to", entries: places.map(([title, address, icon, detail]) => ({ kind: "place", id: `go ${address}`, address, title, detail, icon })) };
}

export function recentGroup(): Group {
  return { says: "Recent", entries: recent.list.map((opened) => ({ kind: "place", id: `recent ${opened.address}`, ...opened })) };
}

export function hitGroup(says: string, hits: HitView[]): Group {
  return { says, entries: hits.map((hit) => ({ kind: "hit", id: `hit ${hit.table} ${hit.id}`, hit })) };
}
