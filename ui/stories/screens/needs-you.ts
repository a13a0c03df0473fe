// What two people changed at once, and what was refused.
import { HOUR, MINUTE, NOW, allOnServer } from "../../src/lib/fake/club";
import { diff } from "../../src/lib/fake/knowledge";
import { conflict, conflictPage, refusedViews, syncCentre } from "../../src/lib/fake/sync";
import type { ConflictPage, ConflictView, Diff, Side } from "../../src/lib/generated";
import type { ScreenStory } from "../story";

const value = (column: string, label: string, before: string | null, mine: string | null, theirs: string | null): Side => {
  const made = (after: string | null): Diff => ({
    changed: before === after ? 0 : 1,
    hunks: [{ is_changed: before !== after, before: before === null ? [] : [{ text: before, is_changed: before !== after }], after: after === null ? [] : [{ text: after, is_changed: before !== after }] }],
  });
  return { column, label, before, mine, theirs, mine_diff: made(mine), theirs_diff: made(theirs) };
};
const views: ConflictView[] = [
  conflict,
  { ...conflict, id: "field", kind: "field", table: "tickets", of: "D1-3 Projector black in bay 4", by: "Jun Takahashi", at: NOW - 2 * HOUR, columns: ["priority"] },
  { ...conflict, id: "deleted", kind: "delete_vs_edit", of: "Booking › Gift cards", at: NOW - 50 * MINUTE, columns: ["deleted_at", "content"] },
];
const same: Diff["hunks"] = Array.from({ length: 4 }, (_, at) => {
  const spans = [{ text: ["A refund goes back to the card it came from.", "It takes five working days.", "Never refund in cash.", "Say so before you press the button."][at]!, is_changed: false }];
  return { is_changed: false, before: spans, after: spans };
});
const [side] = conflictPage.sides;
const text: ConflictPage = {
  ...conflictPage,
  sides: [{ ...side!, mine_diff: { changed: 1, hunks: [...same, ...side!.mine_diff.hunks, ...diff.hunks.slice(4)] }, theirs_diff: { changed: 1, hunks: [...same, ...side!.theirs_diff.hunks] } }],
};
const long: ConflictPage = {
  ...text, title: `Booking › ${"Donaudampfschifffahrtsgesellschaft".repeat(3)}`,
  sides: [value("content", "Text", "Überschwemmungsbereitschaftsverordnung".repeat(4), "Überschwemmungsbereitschaftsverordnungen".repeat(4), "اتصل بالمدير المناوب قبل كل شيء.")],
};

const pages: Record<string, ConflictPage> = {
  [conflict.id]: text,
  field: { ...conflictPage, view: views[1]!, title: "D1-3 Projector black in bay 4", theirs_by: "Jun Takahashi", can_write_text: false,
    sides: [value("priority", "Priority", "medium", "critical", "high"), value("status", "Status", "open", "open", "waiting")] },
  deleted: { ...conflictPage, view: views[2]!, title: "Booking › Gift cards", can_write_text: false,
    sides: [value("deleted_at", "Deleted", null, null, "2026-11-21T12:39:00Z"), value("content", "Text", "Gift cards never expire.", "Gift cards are valid for three years.", null)] },
};
const answers: ScreenStory["answers"] = { list_conflicts: () => views, conflict: ({ id }) => pages[id] ?? text, sync_centre: () => ({ ...syncCentre, refused: [{ ...refusedViews[0]!, is_fixable: true, followers: 2 }] }) };
const at = (id: string): string => `#/needs-you/${id}`;

export const stories: ScreenStory[] = [
  { name: "text", address: "#/needs-you", answers, also: ["small", "zoom", "contrast", "compact"] },
  { name: "mine", address: at(conflict.id), answers, steps: [{ press: "1" }] },
  { name: "theirs", address: at(conflict.id), answers, steps: [{ press: "2" }] },
  { name: "own-text", address: at(conflict.id), answers, steps: [{ press: "e" }], also: ["small"] },
  { name: "fields", address: at("field"), answers, steps: [{ press: "2" }] },
  { name: "deleted", address: at("deleted"), answers, steps: [{ press: "1" }] },
  { name: "long-words", address: at(conflict.id), answers: { ...answers, conflict: () => long }, also: ["zoom"] },
  { name: "refused", address: at(refusedViews[0]!.entry), answers, also: ["small", "zoom"] },
  { name: "refused-drop", address: at(refusedViews[0]!.entry), answers, steps: [{ click: "Drop it" }] },
  { name: "settled", address: at(conflict.id), answers, steps: [{ press: "1" }, { press: "Control+Enter" }] },
  { name: "nothing", address: "#/needs-you", answers: { list_conflicts: () => [], sync_centre: () => ({ ...syncCentre, refused: [] }), status: () => allOnServer } },
];
