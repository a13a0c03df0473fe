// Names of what can be compared, and what something is compared with when nobody said.
import type { SopPage, VersionLine } from "$lib/generated";

export const isNumber = (name: string): boolean => /^\d+$/.test(name);

export function nameOf(name: string): string {
  if (name === "now") return "Now";
  if (name === "draft") return "Your unsaved text";
  return `Version ${name}`;
}

/** What comes before `to`; null where there is nothing before it. `lines` has the newest first. */
export function startFor(to: string, lines: VersionLine[], page: Pick<SopPage, "line">): string | null {
  if (to === "draft") return "now";
  const newest = lines[0]?.version;
  if (newest === undefined) return null;
  if (to !== "now") return lines.find(({ version }) => version < Number(to))?.version.toString() ?? null;
  // What is not on the server yet is compared with what is; otherwise with the version before the last.
  const isChangedHere = page.line.mark.state !== "on_server";
  return isChangedHere ? String(newest) : (lines[1]?.version.toString() ?? null);
}

/** What `to` may be compared with when one walks through the versions: the one before each. */
export function kindWords(kind: string): string {
  const words: Record<string, string> = { merge: "two edits brought together", import: "imported", restore: "restored", system: "by the system" };
  return words[kind] ?? "";
}
