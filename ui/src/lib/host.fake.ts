// A program for tests and stories: the club's data, no memory. What a test needs otherwise, it hands in.
import type { Commands, Event } from "./generated";
import type { Host, Name } from "./host";
import * as club from "./fake/club";
import * as history from "./fake/history";
import * as knowledge from "./fake/knowledge";
import * as sync from "./fake/sync";
import * as tickets from "./fake/tickets";

export type Answers = { [K in Name]: (request: Commands[K][0]) => Commands[K][1] | Promise<Commands[K][1]> };

export interface FakeHost extends Host {
  calls: { name: Name; request: unknown }[];
  /** Says to the window that something happened. */
  emit(event: Event): void;
  /** Answers otherwise from now on. */
  answer(answers: Partial<Answers>): void;
}

export function fakeHost(answers: Partial<Answers> = {}): FakeHost {
  const handlers = new Set<(event: Event) => void>();
  const known: Answers = { ...sample(), ...answers };
  const calls: FakeHost["calls"] = [];
  return {
    calls,
    async run(name, request) {
      calls.push({ name, request });
      const answer = known[name] as (request: unknown) => unknown;
      return structuredClone(await answer(request));
    },
    listen(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    emit: (event) => handlers.forEach((handler) => handler(event)),
    answer: (more) => Object.assign(known, more),
  };
}

function sample(): Answers {
  return {
    ...sessionAnswers(),
    ...knowledgeAnswers(),
    ...ticketAnswers(),
    ...historyAnswers(),
    list_conflicts: () => [sync.conflict],
    conflict: () => sync.conflictPage,
    settle_conflict: () => [],
    take_theirs: () => [],
    preferences: () => club.preferences,
    set_preferences: (request) => request,
    about: () => ({
      version: "0.1.0", platform: "Debian 12, x86-64", hotkey: "Ctrl+Shift+Space", hotkey_works: true, hotkey_note: null, in_tray: true,
    }),
  };
}

function sessionAnswers() {
  return {
    session: () => club.session,
    sign_in: () => club.session,
    try_sample: () => ({ ...club.session, is_sample: true, server: null }),
    unlock: () => club.session,
    lock: () => ({ ...club.session, state: "locked" as const }),
    status: () => club.status,
    sync_now: () => ({ sent: 3, merged: 1, conflicts: 1, refused: 0, received_rows: 12, purged_rows: 0, received_bytes: 20_480 }),
    cancel_sync: () => ({}),
    work_offline: ({ on }: Commands["work_offline"][0]) => (on ? { ...club.offline, works_offline: true } : club.status),
    sync_centre: () => sync.syncCentre,
    care: () => sync.care,
    laptops: () => sync.laptops,
    ask_laptops: () => sync.laptops,
    take_back: () => sync.laptops,
    go_on: () => sync.care.errands[0]!,
    force_sync: ({ kind }: Commands["force_sync"][0]) => ({ ...sync.care.errands[0]!, kind }),
    resend: () => [],
    discard: () => [],
  };
}

function historyAnswers() {
  return {
    history: () => history.history,
    history_choices: () => history.choices,
    change: ({ entry }: Commands["change"][0]) => ({ ...history.changePage, line: history.lines.find((line) => line.entry === entry) ?? history.lines[0]! }),
    preview_undo: () => history.undoPreview,
    undo: () => ({ of: history.undoPreview.of, entry: club.id() }),
  };
}

function knowledgeAnswers() {
  const { page } = knowledge;
  return {
    search: () => knowledge.hits,
    passage: () => knowledge.passage,
    home: () => knowledge.home,
    knowledge_tree: () => knowledge.tree,
    list_sops: knowledge.list,
    sop: ({ id }: Commands["sop"][0]) => ({ ...page, line: knowledge.lines.find((line) => line.id === id) ?? page.line }),
    render: ({ text }: Commands["render"][0]) => (text.trim() === "" ? { html: "", outline: [] } : { html: knowledge.html, outline: knowledge.outline }),
    edit_sop: ({ title, content }: Commands["edit_sop"][0]) => ({ ...page, content, line: { ...page.line, title, mark: club.saved } }),
    create_sop: ({ title, content }: Commands["create_sop"][0]) => ({ ...page, content, line: { ...page.line, title, mark: club.saved } }),
    move_sop: ({ title }: Commands["move_sop"][0]) => ({ ...page, line: { ...page.line, title } }),
    delete_sop: () => ({ ...page.line, is_deleted: true }),
    undelete_sop: () => page,
    sop_versions: () => knowledge.versions,
    sop_version: ({ version }: Commands["sop_version"][0]) => ({ version, title: page.line.title, content: page.content, html: page.html }),
    restore_version: () => page,
    compare_sop: () => knowledge.diff,
    compare_texts: () => knowledge.diff,
    mark_read: () => ({}),
    keep_draft: (request: Commands["keep_draft"][0]) => ({ ...request, kept_at: club.NOW }),
    draft: () => null,
    drop_draft: () => ({}),
  };
}

function ticketAnswers() {
  const { ticketPage: page } = tickets;
  return {
    list_tickets: tickets.list,
    ticket: ({ id }: Commands["ticket"][0]) => ({ ...page, line: tickets.ticketLines.find((line) => line.id === id) ?? page.line }),
    ticket_choices: () => tickets.choices,
    create_ticket: ({ subject }: Commands["create_ticket"][0]) => ({ ...page, line: { ...page.line, subject } }),
    edit_ticket: () => page,
    add_message: ({ body }: Commands["add_message"][0]) => ({
      ...page,
      messages: [...page.messages, { ...page.messages[1]!, id: club.id(), body, html: `<p>${body}</p>` }],
    }),
    link_answer: () => page,
    unlink_answer: () => ({ ...page, answers: [] }),
  };
}
