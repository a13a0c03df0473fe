// Pages: the tree, lists, the reader, writing, versions.
import { HOUR, MINUTE, NOW, needsYou, offline, onServer, refused, saved } from "../../src/lib/fake/club";
import { content, home, html, lines, page, tree } from "../../src/lib/fake/knowledge";
import type { SopLine, SopPage, Sops } from "../../src/lib/generated";
import type { ScreenStory } from "../story";

const id = lines[0]!.id;
const at = `#/knowledge/${id}`;
const draft = { subject: `sop:${id}`, title: "PIN failures", content: `${content}\nAsk the guest to wait inside.\n`, place: "", base_revision: 7, kept_at: NOW - 20 * MINUTE };

const shown = (part: Partial<SopPage>, line: Partial<SopLine> = {}): { sop: () => SopPage } => ({
  sop: () => ({ ...page, ...part, line: { ...page.line, ...line } }),
});

const longTitle = "Sturmschließung, Überschwemmungs­bereitschaft und Donaudampfschifffahrtsgesellschaftskapitänsmützenabgabe: wer angerufen wird, was zu sagen ist und wie verlorene Zeit gutgeschrieben wird";
const arabic = `<p>يصل الرمز إلى الضيف بالبريد الإلكتروني قبل <strong>24 ساعة</strong> من البداية.</p><h2 id="rtl">ماذا يفعل المكتب</h2><ol><li>ابحث عن الحجز بالاسم.</li><li>اسأل عما تعرضه اللوحة.</li></ol>`;
const many: SopLine[] = Array.from({ length: 10_000 }, (_, number) => ({
  ...lines[number % lines.length]!, id: `many-${number}`, title: `${lines[number % lines.length]!.title} ${number}`,
}));

export const stories: ScreenStory[] = [
  { name: "tree", address: "#/knowledge", steps: [{ press: "j" }, { press: "ArrowRight" }, { press: "ArrowRight" }, { press: "ArrowRight" }] },
  { name: "page", address: at, also: ["small", "zoom", "contrast", "compact"] },
  { name: "page-rail-collapsed", address: at, preferences: { rail_collapsed: true }, answers: shown({}, { mark: onServer(3) }) },
  {
    name: "page-waits", address: at,
    answers: { ...shown({ draft, read_version: 1 }, { version: 3, mark: onServer(3), is_unread: true }), status: () => offline },
  },
  { name: "page-needs-you", address: at, answers: shown({ conflicts: ["c"] }, { mark: needsYou }) },
  { name: "page-refused", address: at, answers: shown({}, { mark: refused }) },
  { name: "page-read-only", address: at, answers: shown({ may_write: false, why_not: "Only managers change pages of Emergency." }, { assistant: "Emergency", category: "emergency/fire", mark: onServer(2), is_pinned: true }) },
  { name: "page-deleted", address: at, answers: shown({}, { is_deleted: true, mark: saved, changed_at: NOW - 3 * HOUR }) },
  {
    name: "page-long-words", address: at, also: ["small", "zoom"],
    answers: shown({ html: `<p>${"Donaudampfschifffahrtsgesellschaft".repeat(6)} 👩🏽‍🚒🏳️‍🌈</p>${arabic}${html}`, outline: [{ level: 2, text: longTitle, anchor: "rtl", line: 2 }, ...page.outline] }, { title: longTitle }),
  },
  { name: "page-empty", address: at, answers: shown({ content: "", html: "", outline: [] }) },
  { name: "page-gone", address: at, answers: { sop: () => { throw { code: "not_found", message: "No such page.", hint: null }; } } },
  { name: "list-changed", address: at, steps: [{ click: "Order: By folder" }, { click: "Last changed first" }, { press: "Escape" }] },
  { name: "list-unread", address: "#/knowledge", steps: [{ click: "Show: All pages" }, { click: "Unread" }, { press: "Escape" }] },
  { name: "list-found", address: "#/knowledge", steps: [{ press: "/" }, { type: "pin", into: "Words of the title" }] },
  { name: "list-nothing-found", address: "#/knowledge", steps: [{ type: "xylophone", into: "Words of the title" }] },
  { name: "empty", address: "#/knowledge", answers: { knowledge_tree: () => ({ assistants: [], total: 0, drafts: 0, deleted: 0 }), list_sops: (): Sops => ({ total: 0, lines: [] }) }, also: ["small"] },
  {
    name: "many", address: "#/knowledge",
    answers: {
      knowledge_tree: () => ({ ...tree, total: many.length }),
      list_sops: ({ offset, limit }): Sops => ({ total: many.length, lines: many.slice(offset, offset + limit) }),
    },
    steps: [{ click: "Order: By folder" }, { click: "By title" }, { press: "Escape" }, { press: "End" }],
  },
  { name: "editing", address: `${at}?edit=1`, also: ["small", "zoom", "contrast"] },
  { name: "editing-restored", address: `${at}?edit=1`, answers: shown({ draft, revision: 9 }, { changed_by: "Ben Okafor" }) },
  { name: "editing-meanwhile", address: `${at}?edit=1`, answers: shown({ draft, revision: 9 }, { changed_by: "Ben Okafor" }), steps: [{ click: "Show what changed" }] },
  { name: "editing-search", address: `${at}?edit=1`, steps: [{ press: "Control+f" }] },
  { name: "new", address: `#/knowledge/new/0199a0c4-0000-7000-8000-0000000000ff?assistant=${tree.assistants[0]!.id}&folder=booking/access` },
  {
    name: "unsaved-new", address: "#/knowledge",
    answers: { home: () => ({ ...home, drafts: [{ subject: "new-sop:1", title: "Lost property", path: null, kept_at: NOW - HOUR }] }) },
  },
  { name: "move", address: at, steps: [{ press: "m" }] },
  { name: "versions", address: `${at}?to=now`, also: ["small", "zoom"] },
  { name: "versions-beside", address: `${at}?to=now`, steps: [{ press: "s" }] },
  { name: "versions-old", address: `${at}?from=1&to=2` },
  { name: "deleting", address: at, steps: [{ click: "More" }, { click: "Delete" }] },
];
