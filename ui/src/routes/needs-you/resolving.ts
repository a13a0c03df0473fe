// What is decided in a conflict, place by place, and what comes of it. Pure.
import type { Chosen, ConflictPage, PassageView, Settlement, Side, Unit } from "$lib/generated";

export type Take = "mine" | "theirs" | "both" | "text";

export interface Decision {
  take: Take;
  /** What a person wrote, of "text". */
  text: string;
}

/** One thing to decide: a passage of a text, columns that stand together, or the row as a whole. */
export interface Deciding {
  key: string;
  unit: Unit | null;
  passage: PassageView | null;
  canBoth: boolean;
  canEdit: boolean;
}

export type Decisions = Record<string, Decision>;

/** Whether the row stands or falls as a whole. */
export const isWhole = (page: ConflictPage): boolean => page.view.kind === "delete_vs_edit" || page.view.kind === "duplicate";

export const WHOLE = "whole";

export function places(page: ConflictPage): Deciding[] {
  if (isWhole(page)) return [{ key: WHOLE, unit: null, passage: null, canBoth: false, canEdit: false }];
  return page.units.flatMap((unit, at): Deciding[] => {
    if (unit.passages.length === 0) return [{ key: `${at}`, unit, passage: null, canBoth: false, canEdit: unit.can_edit }];
    return unit.passages.flatMap((passage, place) =>
      passage.merged === null ? [{ key: `${at}-${place}`, unit, passage, canBoth: passage.mine !== "" && passage.theirs !== "", canEdit: true }] : []);
  });
}

/** What stands in a passage; theirs, which is live, until it is decided. */
export function standing(passage: PassageView, decision: Decision | undefined): string {
  if (passage.merged !== null) return passage.merged;
  switch (decision?.take) {
    case "mine": return passage.mine;
    case "both": return passage.both;
    case "text": return ended(decision.text, passage);
    default: return passage.theirs;
  }
}

/** The next passage begins where this one's line ends were. */
function ended(text: string, { mine, theirs }: PassageView): string {
  const end = /\s*$/.exec(theirs === "" ? mine : theirs)![0];
  return text.trim() === "" ? "" : text.trimEnd() + end;
}

export const textOf = (unit: Unit, at: number, decisions: Decisions): string =>
  unit.passages.map((passage, place) => standing(passage, decisions[`${at}-${place}`])).join("");

export interface Standing {
  unit: Unit;
  text: string | null;
  isText: boolean;
}

/** What would stand in each unit. */
export function result(page: ConflictPage, decisions: Decisions): Standing[] {
  return page.units.map((unit, at) => {
    if (unit.passages.length > 0) return { unit, text: textOf(unit, at, decisions), isText: true };
    const decision = decisions[`${at}`];
    if (decision?.take === "text") return { unit, text: decision.text, isText: false };
    const sides = unit.columns.map((column) => page.sides.find((side) => side.column === column)).filter((side): side is Side => side !== undefined);
    const said = sides.map((side) => (decision?.take === "mine" ? side.mine : side.theirs) ?? "—");
    return { unit, text: said.join(", "), isText: false };
  });
}

/** What is asked of the program; null while something is not decided. */
export function settlementOf(page: ConflictPage, decisions: Decisions): Settlement | null {
  if (places(page).some(({ key }) => decisions[key] === undefined)) return null;
  if (isWhole(page)) {
    const { take, text } = decisions[WHOLE]!;
    return take === "text" ? { rename: text } : take === "mine" ? "mine" : "theirs";
  }
  const chosen = page.units.flatMap((unit, at): Chosen[] => {
    if (unit.passages.length > 0) {
      const text = textOf(unit, at, decisions);
      const live = unit.passages.map(({ theirs }) => theirs).join("");
      return [{ column: unit.columns[0]!, take: text === live ? "theirs" : { text } }];
    }
    const { take, text } = decisions[`${at}`]!;
    return unit.columns.map((column) => ({ column, take: take === "text" ? { text } : take === "mine" ? "mine" : "theirs" }));
  });
  return chosen.every(({ take }) => take === "theirs") ? "theirs" : { each: chosen };
}

/** So many paragraphs. */
export const paragraphs = (text: string): number => text.split(/\n\s*\n/).filter((part) => part.trim() !== "").length;
