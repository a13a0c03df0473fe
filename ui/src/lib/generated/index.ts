// The contract between screens and the program. The Rust side generates the real files
// (ui/src/lib/generated/, one file a type + index.ts) by ts-rs; names and shapes are these.
// Times are microseconds since 1970 UTC as number. Ids are uuid strings. Optional = `T | null`, never undefined.

export type Failure = { code: Code; message: string; hint: string | null };
export type Code = "bad_request" | "not_found" | "no_profile" | "locked" | "offline" | "disagreement" | "fault";

// ---------- events: what changed, not the content ----------
export type Event =
  | { kind: "rows_touched"; table: string; ids: string[]; origin: Origin } // ids empty = many rows of it
  | { kind: "status_changed" }
  | { kind: "session_changed" }
  | { kind: "progress"; progress: SyncProgress }
  | { kind: "act"; act: Act }; // somebody chose it in the tray, the menu or by the global key
export type Origin = "here" | "server" | "elsewhere";
export type Act = "palette" | "home" | "sync_centre" | "sync_now" | "lock" | "keys";
export type SyncPhase = "sending" | "receiving" | "indexing" | "done";
export type SyncProgress = { phase: SyncPhase; done: number; total: number | null };

// ---------- session ----------
export type SessionState = "none" | "locked" | "open";
export type Session = {
  state: SessionState;
  profile: string; // folder
  guild: string | null; user: string | null; user_id: string | null; role: string | null; device: string | null; server: string | null;
  opens_by_keyring: boolean; // a keyring slot exists
  keyring_answers: boolean; // there is a keyring on this machine that answers
  is_sample: boolean; // try-out profile without a server
};
export type SignInRequest = { server: string; guild: string; name: string; password: string; device: string | null; use_keyring: boolean; ca_file: string | null };
export type UnlockRequest = { password: string | null; remember: boolean }; // null: by the keyring

// ---------- status ----------
export type ChipState = "sign_in_again" | "needs_you" | "offline" | "sending" | "all_on_server" | "sample";
export type Status = {
  chip: string; // the exact words, e.g. "Offline · 1 to send · as of 09:14"
  state: ChipState;
  guild: string; user: string; role: string; server: string | null;
  is_reachable: boolean; works_offline: boolean; // chosen by the person
  unsent: number; sent: number; needs_you: number; refused: number;
  as_of: number | null; next_try_at: number | null;
  rows: TableCount[];
};
export type TableCount = { table: string; rows: number };
export type MarkState = "saved_here" | "sent" | "on_server" | "needs_you" | "refused";
export type Mark = { state: MarkState; words: string; version: number | null }; // words: "On server (v2)"
export type Synced = { sent: number; merged: number; conflicts: number; refused: number; received_rows: number; purged_rows: number; received_bytes: number };

// ---------- sync centre ----------
export type SyncCentre = {
  status: Status;
  kinds: KindCount[]; // what is on this laptop, in words people use, largest first
  scopes: string[]; // in words: "Booking and what it knows", "Everything public", "The Harbour location"
  file_bytes: number;
  last_received_at: number | null; last_sent_at: number | null;
  pending: PendingView[]; // not yet answered, oldest first
  refused: RefusedView[];
  activity: ActivityLine[]; // newest first, at most 200
};
export type KindCount = { table: string; label: string; rows: number };
export type PendingView = { entry: string; table: string; row: string; of: string; what: string; written_at: number; mark: Mark };
export type RefusedView = { entry: string; table: string; row: string; of: string; code: string | null; reason: string; is_fixable: boolean; written_at: number; typed: TypedView[]; followers: number };
export type TypedView = { column: string; before: string | null; after: string };
export type ActivityLine = { at: number; table: string; row: string | null; of: string; what: string; outcome: string }; // outcome: the mark's words, "Merged", "Needs you", ...

// ---------- search ----------
export type SearchRequest = { text: string; tables: string[]; limit: number }; // tables empty = all
export type Hits = { words: string[]; hits: HitView[] };
export type HitView = { table: string; id: string; path: string; title: Marked; passage: Marked; has_all: boolean };
export type Marked = { text: string; marks: [number, number][] }; // UTF-16 offsets in text
export type PassageRequest = { table: string; id: string; text: string };
export type Passage = { table: string; id: string; title: string; path: string; heading: string | null; html: string; // marked with <mark>
  copy: string; // plain text for a customer
  mark: Mark; changed_at: number; changed_by: string | null; assistant: string | null };

// ---------- knowledge ----------
export type KnowledgeTree = { assistants: AssistantNode[]; total: number; drafts: number; deleted: number };
export type AssistantNode = { id: string; slug: string; name: string; rows: number; may_write: boolean; folders: FolderNode[] };
export type FolderNode = { path: string; name: string; rows: number; folders: FolderNode[] };
export type SopFilter = "all" | "unsent" | "mine" | "unread" | "needs_you" | "deleted";
export type SopOrder = "path" | "title" | "changed";
export type SopsRequest = { assistant: string | null; folder: string | null; filter: SopFilter; order: SopOrder; text: string; offset: number; limit: number };
export type Sops = { total: number; lines: SopLine[] };
export type SopLine = { id: string; path: string; category: string; section: string; title: string; assistant: string; mark: Mark; version: number | null;
  changed_at: number; changed_by: string | null; is_pinned: boolean; is_draft: boolean; has_draft: boolean; is_unread: boolean; is_deleted: boolean };
export type SopRequest = { id: string };
export type SopPage = { line: SopLine; assistant_id: string; content: string; front_matter: string; html: string; outline: Heading[];
  revision: number; // of the row; handed back with an edit
  read_version: number | null; // what this person last read
  conflicts: string[]; draft: Draft | null; may_write: boolean; why_not: string | null };
export type Heading = { level: number; text: string; anchor: string; line: number }; // anchor: id in html; line: 0-based in the source
export type RenderRequest = { text: string };
export type Rendered = { html: string; outline: Heading[] };
export type EditSopRequest = { id: string; title: string; content: string; reason: string | null };
export type CreateSopRequest = { assistant: string | null; category: string; section: string; title: string; content: string; draft: string | null }; // draft: subject of the draft that it comes from; removed with it
export type MoveSopRequest = { id: string; category: string; section: string; title: string };
export type SopVersionRequest = { id: string; version: number };
export type SopVersionView = { version: number; title: string; content: string; html: string };
export type VersionLine = { version: number; changed_by: string | null; changed_kind: string; title: string; reason: string | null; parents: number[]; at: number };
export type CompareRequest = { id: string; from: string; to: string }; // "3" | "now" | "draft"
export type TextPair = { before: string; after: string };
export type Diff = { changed: number; hunks: Hunk[] }; // changed: paragraphs
export type Hunk = { is_changed: boolean; before: Span[]; after: Span[] }; // one paragraph or block; for unchanged ones both sides are equal
export type Span = { text: string; is_changed: boolean };

// ---------- drafts: what is typed and not yet saved; kept on this laptop only ----------
// subject: "sop:<id>" | "new-sop:<uuid>" | "ticket:<id>" (a reply) | "new-ticket"
export type Draft = { subject: string; title: string; content: string; place: string; base_revision: number | null; kept_at: number };
export type KeepDraftRequest = { subject: string; title: string; content: string; place: string; base_revision: number | null };
export type DraftRequest = { subject: string };

// ---------- home ----------
export type Home = { user: string; as_of: number | null; changed: ChangedLine[]; pinned: SopLine[]; tickets: TicketLine[]; open_tickets: number; needs_you: ConflictView[]; refused: number; drafts: DraftLine[]; suggestions: string[] };
export type ChangedLine = { id: string; title: string; path: string; from_version: number | null; to_version: number | null; changed_by: string | null; changed_at: number };
export type DraftLine = { subject: string; title: string; path: string | null; kept_at: number };

// ---------- tickets ----------
export type TicketStatus = "open" | "waiting" | "resolved" | "closed";
export type Priority = "critical" | "high" | "medium" | "low";
export type TicketsRequest = { status: TicketStatus | null; mine: boolean; text: string; offset: number; limit: number };
export type Tickets = { total: number; counts: TicketCounts; lines: TicketLine[] };
export type TicketCounts = { open: number; waiting: number; resolved: number; closed: number; mine: number };
export type TicketLine = { id: string; reference: string; subject: string; customer: string; status: TicketStatus; priority: Priority; assigned_to: string | null; location: string; opened_at: number; changed_at: number; last_message: string | null; mark: Mark };
export type TicketPage = { line: TicketLine; assigned_to_id: string | null; location_id: string; assistant_id: string | null; messages: MessageView[]; answers: AnswerView[]; next: TicketStatus[]; draft: Draft | null; may_write: boolean; why_not: string | null };
export type AuthorKind = "customer" | "staff" | "assistant" | "system";
export type MessageView = { id: string; author_kind: AuthorKind; author: string | null; body: string; html: string; at: number; mark: Mark };
export type AnswerView = { id: string; table: string; row: string; title: string; path: string; satisfied: boolean | null; note: string; mark: Mark };
export type TicketRequest = { id: string };
export type CreateTicketRequest = { subject: string; customer: string; priority: Priority; location: string | null; assistant: string | null; message: string; sop: string | null };
export type EditTicketRequest = { id: string; subject: string | null; customer: string | null; status: TicketStatus | null; priority: Priority | null; location: string | null;
  assigned_to: string | null }; // "" = nobody; null = as it is
export type AddMessageRequest = { id: string; author_kind: AuthorKind; body: string };
export type LinkAnswerRequest = { id: string; table: "sops" | "knowledge_items"; row: string; satisfied: boolean | null; note: string };
export type UnlinkAnswerRequest = { id: string; answer: string };
export type TicketChoices = { locations: Choice[]; people: Choice[]; assistants: Choice[] };
export type Choice = { id: string; name: string };

// ---------- conflicts ----------
export type ConflictView = { id: string; kind: ConflictKind; table: string; row: string; of: string; by: string | null; at: number; columns: string[] };
export type ConflictKind = "text" | "field" | "delete_vs_edit" | "duplicate" | "state";
export type ConflictPage = { view: ConflictView; title: string; // "Booking › Refunds"
  mine_by: string | null; mine_at: number; theirs_by: string | null; theirs_at: number | null;
  sides: Side[]; can_write_text: boolean; text: string }; // text: the live text with what merged already, to begin the own version from
export type Side = { column: string; label: string; before: string | null; mine: string | null; theirs: string | null; mine_diff: Diff; theirs_diff: Diff };
export type SettleRequest = { id: string; settlement: Settlement };
export type Settlement = "mine" | "theirs" | { text: string };

// ---------- the window itself ----------
export type Preferences = { theme: "system" | "light" | "dark"; contrast: "system" | "more"; density: "comfortable" | "compact"; rail_collapsed: boolean; zoom: number };
export type About = { version: string; platform: string; hotkey: string; hotkey_works: boolean; hotkey_note: string | null; in_tray: boolean };

// ---------- the one list of commands: name(Request): Response ----------
export type Commands = {
  session: [Nothing, Session];
  sign_in: [SignInRequest, Session]; // the first download then runs by itself; `progress` events tell
  try_sample: [Nothing, Session];
  unlock: [UnlockRequest, Session];
  lock: [Nothing, Session];
  status: [Nothing, Status];
  sync_now: [Nothing, Synced];
  cancel_sync: [Nothing, Nothing];
  work_offline: [Flag, Status];
  sync_centre: [Nothing, SyncCentre];
  resend: [EntryRequest, RefusedView[]];
  discard: [EntryRequest, RefusedView[]];
  search: [SearchRequest, Hits];
  passage: [PassageRequest, Passage];
  home: [Nothing, Home];
  knowledge_tree: [Nothing, KnowledgeTree];
  list_sops: [SopsRequest, Sops];
  sop: [SopRequest, SopPage];
  render: [RenderRequest, Rendered];
  edit_sop: [EditSopRequest, SopPage]; // removes the draft of the page
  create_sop: [CreateSopRequest, SopPage];
  move_sop: [MoveSopRequest, SopPage];
  delete_sop: [SopRequest, SopLine];
  undelete_sop: [SopRequest, SopPage];
  sop_versions: [SopRequest, VersionLine[]];
  sop_version: [SopVersionRequest, SopVersionView];
  restore_version: [SopVersionRequest, SopPage];
  compare_sop: [CompareRequest, Diff];
  compare_texts: [TextPair, Diff];
  mark_read: [SopRequest, Nothing];
  keep_draft: [KeepDraftRequest, Draft];
  draft: [DraftRequest, Draft | null];
  drop_draft: [DraftRequest, Nothing];
  list_tickets: [TicketsRequest, Tickets];
  ticket: [TicketRequest, TicketPage];
  ticket_choices: [Nothing, TicketChoices];
  create_ticket: [CreateTicketRequest, TicketPage];
  edit_ticket: [EditTicketRequest, TicketPage];
  add_message: [AddMessageRequest, TicketPage];
  link_answer: [LinkAnswerRequest, TicketPage];
  unlink_answer: [UnlinkAnswerRequest, TicketPage];
  list_conflicts: [Nothing, ConflictView[]];
  conflict: [ConflictRequest, ConflictPage];
  settle_conflict: [SettleRequest, ConflictView[]];
  preferences: [Nothing, Preferences];
  set_preferences: [Preferences, Preferences];
  about: [Nothing, About];
};
export type Nothing = Record<string, never>; // {}
export type Flag = { on: boolean };
export type EntryRequest = { entry: string };
export type ConflictRequest = { id: string };
