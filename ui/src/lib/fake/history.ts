// Who changed what.
import type { ChangePage, History, HistoryChoices, HistoryLineView, UndoPreview } from "../generated";
import { DAY, HOUR, MINUTE, NOW, id, saved, session } from "./club";
import { diff } from "./knowledge";

const THIS = id();

const line = (given: Partial<HistoryLineView> & Pick<HistoryLineView, "of" | "did" | "by" | "at">): HistoryLineView => ({
  entry: id(), table: "sops", row: id(), kind: "edited", is_mine: given.by === session.user, reason: null, mark: null,
  is_taken_back: false, needs_settling: false, undo_of: null, laptop: THIS, ...given,
});

export const lines: HistoryLineView[] = [
  line({ of: "Refunds", did: "Edited the text", by: "Ben Okafor", at: NOW - 6 * MINUTE, reason: "The manager decides from $100 on" }),
  line({ of: "PIN failures", did: "Edited the text and the title", by: "Ana Ferreira", at: NOW - 12 * MINUTE, mark: saved }),
  line({ of: "Projector black in bay 4", table: "tickets", did: "Edited the priority", by: "Ana Ferreira", at: NOW - 40 * MINUTE }),
  line({ of: "Projector black in bay 4", table: "ticket_messages", kind: "added", did: "Wrote a message", by: "Jun Takahashi", at: NOW - 52 * MINUTE }),
  line({ of: "Gift cards", did: "Edited the text", by: "Ben Okafor", at: NOW - 2 * HOUR, needs_settling: true }),
  line({ of: "Opening", did: "Edited the text", by: "The server (tidy)", at: NOW - 8 * HOUR }),
  line({ of: "Cancelling a lesson", did: "Deleted it", kind: "deleted", by: "Marco Rossi", at: NOW - DAY - HOUR }),
  line({ of: "Late arrivals", did: "Moved or renamed it", by: "Ben Okafor", at: NOW - DAY - 2 * HOUR, is_taken_back: true }),
  line({ of: "Prices", table: "public_info", did: "Edited it", by: "The database (postgres)", at: NOW - 4 * DAY }),
  line({ of: "Hitting bay rules", did: "Made it", kind: "added", by: "Marco Rossi", at: NOW - 400 * DAY }),
];

export const history: History = { lines, more: null, reach: "everybody" };

const span = (text: string, is_changed = false) => ({ text, is_changed });
const text = { column: "content", label: "The text", before: "…", after: "…", is_text: true, diff };
const title = {
  column: "title", label: "The title", before: "PIN", after: "PIN failures", is_text: false,
  diff: { changed: 1, hunks: [{ is_changed: true, before: [span("PIN")], after: [span("PIN"), span(" failures", true)] }] },
};

export const changePage: ChangePage = {
  line: lines[0]!,
  columns: [title, text],
  facts: [
    { says: "Change", value: lines[0]!.entry },
    { says: "Version of the row", value: "8" },
    { says: "Hash before", value: "0b6f2a1c9d4e8f7a6b5c4d3e2f1a0b9c" },
    { says: "Hash after", value: "9c0b1a2f3e4d5c6b7a8f9e0d1c2b3a4f" },
  ],
  stays_because: null,
};

export const undoPreview: UndoPreview = { of: "Refunds", columns: [text], changed_since: [], refusal: null };

export const choices: HistoryChoices = {
  people: ["Ana Ferreira", "Ben Okafor", "Jun Takahashi", "Marco Rossi"].map((name) => ({ id: name === session.user ? session.user_id! : id(), name })),
  tables: [{ table: "sops", label: "SOPs" }, { table: "tickets", label: "Tickets" }, { table: "public_info", label: "Public answers" }],
  laptops: [{ id: THIS, name: "This laptop" }, { id: id(), name: "Ben Okafor · front-desk-2" }, { id: id(), name: "Marco Rossi · office" }],
};
