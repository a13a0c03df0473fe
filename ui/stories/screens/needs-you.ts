// What two people changed at once, and what was refused.
import { HOUR, MINUTE, NOW, allOnServer } from "../../src/lib/fake/club";
import { conflict, conflictPage, passage, refusedViews, syncCentre } from "../../src/lib/fake/sync";
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
  { ...conflict, id: "field", kind: "field", table: "tickets", of: "D1-3 Projector black in bay 4", by: "Jun Takahashi", at: NOW - 2 * HOUR, columns: ["priority", "assigned_to"], is_of_values: true },
  { ...conflict, id: "deleted", kind: "delete_vs_edit", of: "Booking › Gift cards", at: NOW - 50 * MINUTE, columns: ["deleted_at", "content"] },
];
const [unit] = conflictPage.units;
const open = unit!.passages[2]!;
const long: ConflictPage = {
  ...conflictPage, title: `Booking › ${"Donaudampfschifffahrtsgesellschaft".repeat(3)}`,
  units: [{ ...unit!, passages: [{ ...open, base: "Überschwemmungsbereitschaftsverordnung".repeat(4), mine_diff: { changed: 1, hunks: [{ is_changed: true, before: [], after: [{ text: "Überschwemmungsbereitschaftsverordnungen".repeat(4), is_changed: true }] }] }, theirs_diff: { changed: 1, hunks: [{ is_changed: true, before: [], after: [{ text: "اتصل بالمدير المناوب قبل كل شيء.", is_changed: true }] }] } }] }],
};
const several: ConflictPage = {
  ...conflictPage,
  units: [{ ...unit!, passages: [passage("A refund is given within a day.\n\n".repeat(20)), open, unit!.passages[1]!, { ...open, theirs: "", theirs_diff: { changed: 1, hunks: [{ is_changed: true, before: [{ text: "Above $80", is_changed: true }], after: [] }] } }] }],
};
const units = (...sides: Side[]) => sides.map(({ column, label }) => ({ columns: [column], label, can_edit: false, passages: [] }));
const fields = [value("priority", "Priority", "medium", "critical", "high"), value("assigned_to", "Assignment", "Nobody", "Ana Ferreira", "Jun Takahashi")];
const state = value("status", "Status", "Open", "Waiting", "Closed");
const named = [value("section", "Name", null, "gift-cards", "gift-cards"), value("content", "Text", null, "Gift cards never expire.", "Gift cards are valid for three years.")];

const pages: Record<string, ConflictPage> = {
  [conflict.id]: conflictPage,
  field: { ...conflictPage, view: views[1]!, title: "D1-3 Projector black in bay 4", theirs_by: "Jun Takahashi", can_write_text: false, sides: fields, units: units(...fields) },
  deleted: { ...conflictPage, view: views[2]!, title: "Booking › Gift cards", can_write_text: false, units: [],
    sides: [value("deleted_at", "Deleted", null, null, "2026-11-21T12:39:00Z"), value("content", "Text", "Gift cards never expire.", "Gift cards are valid for three years.", null)] },
  state: { ...conflictPage, view: { ...views[1]!, kind: "state" }, title: "D1-3 Projector black in bay 4", can_write_text: false, sides: [state], units: units(state),
    mine_refusal: "There is no way from what it is to what was asked for: status." },
  named: { ...conflictPage, view: { ...views[2]!, kind: "duplicate" }, title: "Booking › Gift cards", can_write_text: false, sides: named, units: units(...named), duplicate: { label: "Name", name: "gift-cards" } },
  several,
};
const answers: ScreenStory["answers"] = { list_conflicts: () => views, conflict: ({ id }) => pages[id] ?? conflictPage, sync_centre: () => ({ ...syncCentre, refused: [{ ...refusedViews[0]!, is_fixable: true, followers: 2 }] }) };
const names = ["Tee 12 does not rise", "Ball machine counts twice", "Light above bay 9 flickers", "Card reader at the bar", "Door 3 stays open", "Screen of bay 7 is green", "Heater of bay 2", "Net has a hole", "Till prints nothing"];
const manyAlike: ScreenStory["answers"] = { ...answers, list_conflicts: () => [...views, ...names.map((of, at) => ({ ...views[1]!, id: `alike-${at}`, of: `D1-${at + 4} ${of}` }))] };
const at = (id: string): string => `#/needs-you/${id}`;

export const stories: ScreenStory[] = [
  { name: "text", address: "#/needs-you", answers, also: ["small", "zoom", "contrast", "compact"] },
  { name: "mine", address: at(conflict.id), answers, steps: [{ press: "1" }] },
  { name: "theirs", address: at(conflict.id), answers, steps: [{ press: "2" }] },
  { name: "own-text", address: at(conflict.id), answers, steps: [{ press: "e" }], also: ["small"] },
  { name: "both", address: at(conflict.id), answers, steps: [{ press: "3" }] },
  { name: "several", address: at("several"), answers: { ...answers, list_conflicts: () => [...views, { ...conflict, id: "several" }] }, steps: [{ press: "1" }], also: ["small", "zoom"] },
  { name: "fields", address: at("field"), answers, steps: [{ press: "2" }] },
  { name: "alike", address: at("field"), answers: manyAlike, also: ["small"] },
  { name: "alike-all", address: at("field"), answers: manyAlike, steps: [{ press: "a" }] },
  { name: "state", address: at("state"), answers: { ...answers, list_conflicts: () => [...views, { ...views[1]!, id: "state", kind: "state" }] } },
  { name: "name-taken", address: at("named"), answers: { ...answers, list_conflicts: () => [...views, { ...views[2]!, id: "named", kind: "duplicate" }] }, steps: [{ press: "e" }] },
  { name: "deleted", address: at("deleted"), answers, steps: [{ press: "1" }] },
  { name: "long-words", address: at(conflict.id), answers: { ...answers, conflict: () => long }, also: ["zoom"] },
  { name: "refused", address: at(refusedViews[0]!.entry), answers, also: ["small", "zoom"] },
  { name: "refused-drop", address: at(refusedViews[0]!.entry), answers, steps: [{ press: "d" }] },
  { name: "refused-edit", address: at(refusedViews[0]!.entry), answers, steps: [{ press: "e" }], also: ["small"] },
  { name: "settled", address: at(conflict.id), answers, steps: [{ press: "1" }, { press: "Control+Enter" }] },
  { name: "nothing", address: "#/needs-you", answers: { list_conflicts: () => [], sync_centre: () => ({ ...syncCentre, refused: [] }), status: () => allOnServer } },
];
