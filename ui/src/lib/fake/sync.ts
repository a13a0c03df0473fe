// What waits, what was refused, what two people wrote at once.
import type { Care, ConflictPage, ConflictView, LaptopView, PassageView, PendingView, RefusedView, SyncCentre } from "../generated";
import { HOUR, MINUTE, NOW, id, rows, saved, sent, status } from "./club";

export const conflict: ConflictView = {
  id: id(), kind: "text", table: "sops", row: id(), of: "Refunds", by: "Ben Okafor", at: NOW - 35 * MINUTE, columns: ["content"], is_of_values: false,
};

export const pending: PendingView[] = [
  { entry: id(), table: "sops", row: id(), of: "Booking › PIN failures", what: "Text changed", written_at: NOW - 12 * MINUTE, mark: saved },
  { entry: id(), table: "tickets", row: id(), of: "D1-3 Projector black in bay 4", what: "Priority: critical", written_at: NOW - 8 * MINUTE, mark: saved },
  { entry: id(), table: "ticket_messages", row: id(), of: "D1-3 Projector black in bay 4", what: "Message written", written_at: NOW - 2 * MINUTE, mark: sent },
];

export const refusedViews: RefusedView[] = [
  { entry: id(), table: "sops", row: id(), of: "Emergency › Fire alarm", code: "forbidden", reason: "Only managers change pages of Emergency.", is_fixable: false, written_at: NOW - 3 * HOUR,
    typed: [{ column: "content", before: "Call 911.", after: "Call 911, then the manager on call.", can_edit: true }], followers: 0 },
];

export const care: Care = {
  parts: [{ part: "public", label: "Everything public" }, { part: "assistant:booking", label: "Booking and what it knows" }],
  compared_at: NOW - 6 * HOUR,
  errands: [{ id: id(), kind: "verify", outcome: "All 1,204 rows are as on the server.", asked_by: null, is_open: false, is_wrong: false, asked_at: NOW - 6 * HOUR }],
  removal: null,
};

export const laptops: LaptopView[] = [
  { id: id(), name: "Front desk 2", person: "Ana Ferreira", platform: "linux", app_version: "0.1.0", last_seen_at: NOW - 2 * MINUTE, is_this: true, parts: care.parts, asked: null },
  {
    id: id(), name: "Range counter", person: "Ben Okafor", platform: "windows", app_version: "0.1.0", last_seen_at: NOW - 26 * HOUR, is_this: false, parts: care.parts,
    asked: { kind: "repair", outcome: "Waits for the laptop’s next contact.", asked_by: "Ana Ferreira", asked_at: NOW - 3 * HOUR, is_open: true, is_waiting: true, is_wrong: false },
  },
  {
    id: id(), name: "Office", person: "Marco Bellini", platform: "macos", app_version: "0.1.0", last_seen_at: NOW - 40 * MINUTE, is_this: false, parts: care.parts,
    asked: { kind: "verify", outcome: "1 of 9 parts differ from the server. Repair fetches what differs.", asked_by: "Ana Ferreira", asked_at: NOW - HOUR, is_open: false, is_waiting: false, is_wrong: true },
  },
];

export const syncCentre: SyncCentre = {
  status,
  kinds: rows.map(({ table, rows }) => ({ table, rows, label: { sops: "Pages", knowledge_items: "Questions and answers", tickets: "Tickets", ticket_messages: "Messages", assistants: "Assistants" }[table] ?? table })),
  scopes: ["Booking and what it knows", "Everything public", "The Harbourfront location"],
  file_bytes: 14_680_064,
  last_received_at: NOW - 4 * MINUTE,
  last_sent_at: NOW - 9 * MINUTE,
  pending,
  refused: refusedViews,
  restored: null,
  may_ask_laptops: true,
  activity: [
    { at: NOW - 2 * MINUTE, table: "ticket_messages", row: null, of: "D1-3 Projector black in bay 4", what: "Message written", outcome: "Sent" },
    { at: NOW - 35 * MINUTE, table: "sops", row: conflict.row, of: "Booking › Refunds", what: "Text changed", outcome: "Needs you" },
    { at: NOW - 2 * HOUR, table: "sops", row: null, of: "General › Opening", what: "Text changed by Ben Okafor", outcome: "Merged" },
  ],
};

const span = (text: string, is_changed = false) => ({ text, is_changed });
export const passage = (text: string): PassageView => ({
  base: text, mine: text, theirs: text, merged: text, is_same: true, mine_diff: null, theirs_diff: null, both: `${text}${text}`,
});

export const conflictPage: ConflictPage = {
  view: conflict, title: "Booking › Refunds", mine_by: "Ana Ferreira", mine_at: NOW - 100 * MINUTE, theirs_by: "Ben Okafor", theirs_at: NOW - 35 * MINUTE,
  can_write_text: true, text: "Above $100 ask the shift lead.", mine_refusal: null, duplicate: null,
  units: [{
    columns: ["content"], label: "Text", can_edit: true,
    passages: [
      passage("## Limits\n\nA refund goes back to the card it came from.\n\n"),
      { ...passage("It takes ten working days.\n\n"), theirs: "It takes five working days.\n\n", merged: "It takes five working days.\n\n", is_same: false },
      {
        base: "Above $80 ask the manager on duty.", mine: "Above $120 ask the manager on duty.", theirs: "Above $100 ask the shift lead.", merged: null, is_same: false,
        both: "Above $100 ask the shift lead.\n\nAbove $120 ask the manager on duty.",
        mine_diff: { changed: 1, hunks: [{ is_changed: true, before: [span("Above $80 ask the manager on duty.")], after: [span("Above "), span("$120", true), span(" ask the manager on duty.")] }] },
        theirs_diff: { changed: 1, hunks: [{ is_changed: true, before: [span("Above $80 ask the manager on duty.")], after: [span("Above "), span("$100", true), span(" ask the "), span("shift lead", true), span(".")] }] },
      },
    ],
  }],
  sides: [{
    column: "content", label: "Text", before: "Above $80 ask the manager on duty.", mine: "Above $120 ask the manager on duty.", theirs: "Above $100 ask the shift lead.",
    mine_diff: { changed: 1, hunks: [{ is_changed: true, before: [span("Above "), span("$80", true), span(" ask the manager on duty.")], after: [span("Above "), span("$120", true), span(" ask the manager on duty.")] }] },
    theirs_diff: { changed: 1, hunks: [{ is_changed: true, before: [span("Above "), span("$80", true), span(" ask the "), span("manager on duty", true), span(".")], after: [span("Above "), span("$100", true), span(" ask the "), span("shift lead", true), span(".")] }] },
  }],
};
