// How the palette reads what is typed: plain text searches, `>` does, `:` goes, `?` asks. And which commands
// an unfinished word finds, also when people use another word for it.

export type Mode = "search" | "commands" | "places" | "ask";

export interface Typed {
  mode: Mode;
  /** Without the sign. */
  text: string;
}

const SIGNS: Record<string, Mode> = { ">": "commands", ":": "places", "?": "ask" };

export function read(typed: string): Typed {
  const start = typed.trimStart();
  const mode = SIGNS[start.charAt(0)];
  return mode === undefined ? { mode: "search", text: typed.trim() } : { mode, text: start.slice(1).trim() };
}

/** Words that people use for one thing. */
const SYNONYMS = [
  ["sync", "synchronise", "send", "fetch", "upload", "download", "refresh", "server", "online"],
  ["page", "sop", "procedure", "article", "knowledge", "document"],
  ["ticket", "case", "issue", "request", "incident", "complaint"],
  ["lock", "leave", "log out", "logout", "sign out", "quit"],
  ["home", "shift", "start", "dashboard", "today"],
  ["ask", "answer", "question", "search", "find"],
  ["dark", "light", "theme", "night", "day", "colour", "appearance"],
  ["keys", "shortcuts", "keyboard", "help", "hotkeys"],
  ["needs you", "conflict", "conflicts", "both changed", "merge"],
  ["bigger", "larger", "zoom", "size", "font"],
  ["smaller", "zoom", "size", "font"],
  ["undo", "take back", "revert"],
  ["rail", "sidebar", "panel"],
];

/** Higher is better; 0 does not fit. Every word typed must begin a word of it, or of another word for it. */
export function fit(says: string, typed: string): number {
  const wanted = words(typed);
  if (wanted.length === 0) return 1;
  const own = words(says);
  const said = says.toLowerCase();
  const others = SYNONYMS.filter((group) => group.some((word) => ` ${own.join(" ")} `.includes(` ${word} `) || said.includes(word)))
    .flat().flatMap(words);
  let score = 0;
  for (const word of wanted) {
    const at = own.findIndex((mine) => mine.startsWith(word));
    if (at === 0) score += 4;
    else if (at > 0) score += 3;
    else if (others.some((other) => other.startsWith(word))) score += 1;
    else return 0;
  }
  return score;
}

/** Those that fit, the best first; among equals the order stays. */
export function fitting<T>(all: T[], says: (one: T) => string, typed: string): T[] {
  return all
    .map((one, place) => ({ one, place, score: fit(says(one), typed) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.place - b.place)
    .map(({ one }) => one);
}

const words = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
