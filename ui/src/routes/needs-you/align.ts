// Two comparisons with the same text before, brought into one: what it was, what one made of it, what the
// other made of it, block beside block. Pure.
import type { Diff, Hunk, Span } from "$lib/generated";

export interface AlignedRow {
  before: Span[];
  mine: Span[];
  theirs: Span[];
  isMine: boolean;
  isTheirs: boolean;
}

export type AlignedPart = { key: number } & ({ kind: "row"; row: AlignedRow } | { kind: "folded"; count: number });

/** A hunk with a text before is one block of it, so both walk over the same blocks. */
export function align(mine: Diff, theirs: Diff): AlignedRow[] {
  const rows: AlignedRow[] = [];
  let [at, other] = [0, 0];
  const isNew = (hunk: Hunk | undefined): boolean => hunk !== undefined && hunk.before.length === 0;
  while (at < mine.hunks.length || other < theirs.hunks.length) {
    const [one, two] = [mine.hunks[at], theirs.hunks[other]];
    if (isNew(one) || isNew(two)) {
      const [left, right] = [isNew(one) ? one!.after : [], isNew(two) ? two!.after : []];
      rows.push({ before: [], mine: left, theirs: right, isMine: isNew(one), isTheirs: isNew(two) });
      if (isNew(one)) at += 1;
      if (isNew(two)) other += 1;
      continue;
    }
    const before = (one ?? two)!.before.map(({ text }) => ({ text, is_changed: false }));
    rows.push({
      before,
      mine: one?.after ?? before,
      theirs: two?.after ?? before,
      isMine: one?.is_changed ?? false,
      isTheirs: two?.is_changed ?? false,
    });
    at += 1;
    other += 1;
  }
  return rows;
}

const AROUND = 1;
const WORTH_FOLDING = 2;

/** Blocks that nobody changed, far from those that somebody did, are folded. */
export function foldRows(rows: AlignedRow[], opened: number[]): AlignedPart[] {
  const isNear = (at: number): boolean =>
    rows.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ isMine, isTheirs }) => isMine || isTheirs);
  const parts: AlignedPart[] = [];
  for (let at = 0; at < rows.length; ) {
    let end = at;
    while (end < rows.length && !isNear(end)) end += 1;
    if (end - at >= WORTH_FOLDING && !opened.includes(at)) {
      parts.push({ kind: "folded", key: at, count: end - at });
      at = end;
    } else {
      const until = Math.max(end, at + 1);
      for (; at < until; at += 1) parts.push({ kind: "row", key: at, row: rows[at]! });
    }
  }
  return parts;
}
