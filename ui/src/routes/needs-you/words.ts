// What the resolver says, for each kind of conflict.
import type { ConflictPage, ConflictView, Settlement, Side } from "$lib/generated";

const isDeletion = (side: Side): boolean => side.column === "deleted_at";

/** Which side took the row away; null where the conflict is about something else. */
export function deleter(page: ConflictPage): "mine" | "theirs" | null {
  if (page.view.kind !== "delete_vs_edit") return null;
  const deletion = page.sides.find(isDeletion);
  if (deletion !== undefined) return deletion.mine !== null ? "mine" : "theirs";
  return page.sides.every((side) => side.mine === null) ? "mine" : "theirs";
}

export const sidesOf = (page: ConflictPage): Side[] => page.sides.filter((side) => !isDeletion(side));

/** A sentence under the title. */
export function said(page: ConflictPage): string {
  const they = page.theirs_by ?? "Somebody";
  switch (page.view.kind) {
    case "text": return `You and ${they} changed the same place. Everything else was brought together already.`;
    case "field": return `You and ${they} chose different values.`;
    case "delete_vs_edit":
      return deleter(page) === "mine" ? `You deleted it; ${they} changed it meanwhile.` : `${they} deleted it while you changed it.`;
    case "duplicate": return `${they} made one with the same name first. Yours is kept here until you say what becomes of it.`;
    case "state": return `${they} moved it on in another way than you.`;
  }
}

export function useWords(page: ConflictPage, side: "mine" | "theirs"): string {
  const gone = deleter(page);
  if (gone !== null) return gone === side ? "Delete it" : "Keep it, with the change";
  if (page.view.kind === "duplicate") return side === "mine" ? "Put mine into it" : "Keep theirs only";
  return side === "mine" ? "Use mine" : "Use theirs";
}

export function settledWords(page: ConflictPage, settlement: Settlement): string {
  const name = `“${page.title}”`;
  if (settlement === "mine") return deleter(page) === "mine" ? `${name} was deleted` : `${name}: yours it is`;
  if (settlement === "theirs") return deleter(page) === "theirs" ? `${name} stays deleted` : `${name}: theirs it is`;
  if ("rename" in settlement) return `Yours is now called “${settlement.rename}”`;
  return `${name} was settled`;
}

/** Conflicts about the same values of the same kind of thing, this one among them. */
export const alike = (view: ConflictView, all: ConflictView[]): ConflictView[] =>
  view.is_of_values ? all.filter((other) => other.is_of_values && other.kind === view.kind && other.table === view.table && other.columns.join() === view.columns.join()) : [];

const ABOUT: Record<ConflictView["kind"], string> = {
  text: "Same place changed",
  field: "Different values",
  delete_vs_edit: "Deleted and changed",
  duplicate: "Same name",
  state: "Different states",
};

/** "Same place changed · Ben Okafor"; whose edit it is goes without saying where it is one's own. */
export const lineWords = (view: ConflictView, me: string | null): string =>
  view.by === null || view.by === me ? ABOUT[view.kind] : `${ABOUT[view.kind]} · ${view.by}`;
