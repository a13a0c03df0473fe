// The tree of pages as the lines that are seen: assistant, folders below it, pages below them. Pure.
import type { AssistantNode, DraftLine, FolderNode, KnowledgeTree, SopLine } from "$lib/generated";

export interface Place {
  assistant: string;
  /** Category; "" for pages of no folder. */
  folder: string;
}

export type Row = { key: string; level: number; place: number; of: number } & (
  | { kind: "assistant"; node: AssistantNode; isOpen: boolean }
  | { kind: "folder"; node: FolderNode; assistant: AssistantNode; isOpen: boolean }
  | { kind: "page"; line: SopLine }
  | { kind: "new"; draft: DraftLine }
  | { kind: "waiting" }
);

export const placeKey = ({ assistant, folder }: Place): string => `${assistant} ${folder}`;
export const assistantKey = (id: string): string => `assistant ${id}`;
export const folderKey = (assistant: string, path: string): string => `folder ${assistant} ${path}`;
export const pageKey = (id: string): string => `page ${id}`;

/** What is known of the pages that lie in a folder itself: nothing while they are on their way. */
export type Pages = (place: Place) => SopLine[] | undefined;

export function treeRows(tree: KnowledgeTree, drafts: DraftLine[], isOpen: (key: string) => boolean, pages: Pages): Row[] {
  const rows: Row[] = [];
  const top = drafts.length + tree.assistants.length;
  drafts.forEach((draft, at) => rows.push({ kind: "new", key: draft.subject, level: 1, place: at + 1, of: top, draft }));
  tree.assistants.forEach((node, at) => {
    const key = assistantKey(node.id);
    const open = isOpen(key);
    rows.push({ kind: "assistant", key, level: 1, place: drafts.length + at + 1, of: top, node, isOpen: open });
    const root = rootOf(node);
    if (open) addBelow(rows, node, root.folders, { assistant: node.id, folder: root.folder }, 2, isOpen, pages);
  });
  return rows;
}

/** Where the tree of an assistant begins: one folder that bears its name and holds everything says nothing new. */
export function rootOf(node: AssistantNode): { folder: string; folders: FolderNode[] } {
  const [only, ...others] = node.folders;
  const isSame = only !== undefined && others.length === 0 && only.path === node.slug && only.rows === node.rows;
  return isSame ? { folder: only.path, folders: only.folders } : { folder: "", folders: node.folders };
}

function addBelow(
  rows: Row[], assistant: AssistantNode, folders: FolderNode[], here: Place, level: number, isOpen: (key: string) => boolean, pages: Pages,
): void {
  const own = hasOwn(assistant, folders, here) ? pages(here) : [];
  const lines = own ?? [];
  const of = folders.length + lines.length + (own === undefined ? 1 : 0);
  folders.forEach((node, at) => {
    const key = folderKey(assistant.id, node.path);
    const open = isOpen(key);
    rows.push({ kind: "folder", key, level, place: at + 1, of, node, assistant, isOpen: open });
    if (open) addBelow(rows, assistant, node.folders, { assistant: assistant.id, folder: node.path }, level + 1, isOpen, pages);
  });
  lines.forEach((line, at) => rows.push({ kind: "page", key: pageKey(line.id), level, place: folders.length + at + 1, of, line }));
  if (own === undefined) rows.push({ kind: "waiting", key: `waiting ${placeKey(here)}`, level, place: of, of });
}

/** Whether pages lie in a folder itself and not only further below. */
function hasOwn(assistant: AssistantNode, folders: FolderNode[], here: Place): boolean {
  const below = folders.reduce((sum, folder) => sum + folder.rows, 0);
  const all = here.folder === "" ? assistant.rows : (findFolder(assistant.folders, here.folder)?.rows ?? 0);
  return all > below;
}

export function findFolder(folders: FolderNode[], path: string): FolderNode | null {
  for (const folder of folders) {
    if (folder.path === path) return folder;
    const found = path.startsWith(`${folder.path}/`) ? findFolder(folder.folders, path) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Keys of everything that must be open for a page to be seen. */
export function keysAbove(tree: KnowledgeTree, assistant: string, category: string): string[] {
  const node = tree.assistants.find(({ id, name, slug }) => id === assistant || name === assistant || slug === assistant);
  if (node === undefined) return [];
  const parts = category === "" ? [] : category.split("/");
  return [assistantKey(node.id), ...parts.map((_, at) => folderKey(node.id, parts.slice(0, at + 1).join("/")))];
}

/** The row above to which ArrowLeft goes. */
export function parentOf(rows: Row[], at: number): number {
  const level = rows[at]?.level ?? 1;
  for (let above = at - 1; above >= 0; above -= 1) if (rows[above]!.level < level) return above;
  return at;
}
