// Which paragraphs of a comparison are shown. Those that stayed the same and lie far from a change are folded.
import type { Diff, Hunk } from "../generated";

export type Part = { key: number } & ({ kind: "hunk"; hunk: Hunk } | { kind: "folded"; count: number });

const AROUND = 1;
/** Fewer than these are shown: a line that says "1 paragraph is the same" takes the same room. */
const WORTH_FOLDING = 2;

/** Blocks that differ in blanks at their end only are the same to a reader. */
export function readable(diff: Diff): Diff {
  const text = (spans: Hunk["before"]): string => spans.map((span) => span.text).join("").trimEnd();
  const hunks = diff.hunks.map((hunk) => {
    if (!hunk.is_changed || text(hunk.before) !== text(hunk.after)) return hunk;
    const same = [{ text: text(hunk.after), is_changed: false }];
    return { is_changed: false, before: same, after: same };
  });
  return { hunks, changed: hunks.filter((hunk) => hunk.is_changed).length };
}

/** `opened` are the keys of folds that the person has opened. */
export function fold(hunks: Hunk[], opened: number[]): Part[] {
  const near = hunks.map(() => false);
  hunks.forEach((hunk, at) => {
    if (hunk.is_changed) for (let by = -AROUND; by <= AROUND; by += 1) if (at + by in near) near[at + by] = true;
  });
  const parts: Part[] = [];
  for (let at = 0; at < hunks.length; ) {
    let end = at;
    while (end < hunks.length && !near[end]) end += 1;
    if (end - at >= WORTH_FOLDING && !opened.includes(at)) {
      parts.push({ kind: "folded", key: at, count: end - at });
      at = end;
    } else {
      const until = Math.max(end, at + 1);
      for (; at < until; at += 1) parts.push({ kind: "hunk", key: at, hunk: hunks[at]! });
    }
  }
  return parts;
}

/** "3 paragraphs changed" */
export function summary(changed: number): string {
  if (changed === 0) return "Nothing changed";
  return changed === 1 ? "1 paragraph changed" : `${changed} paragraphs changed`;
}
