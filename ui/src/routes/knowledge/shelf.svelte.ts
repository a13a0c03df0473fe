// What the list of pages knows: what is open of the tree, which pages are asked for, where the cursor is.
// The tree loads the pages of a folder when it is opened; a list loads what is about to be seen.
import { SvelteSet } from "svelte/reactivity";
import type { DraftLine, Failure, KnowledgeTree, SopFilter, SopLine, SopOrder, Sops } from "$lib/generated";
import { asFailure, run } from "$lib/host";
import { assistantKey, keysAbove, placeKey, rootOf, treeRows, type Place, type Row } from "./rows";

const WINDOW = 100;
const FOLDER_WINDOW = 500;
/** More than anybody scrolls through in a tree; beyond it one searches. */
const FOLDER_MAX = 5_000;

export class Shelf {
  tree = $state.raw<KnowledgeTree | null>(null);
  failure = $state.raw<Failure | null>(null);
  filter = $state<SopFilter>("all");
  order = $state<SopOrder>("path");
  text = $state("");
  /** Key of the row that the arrow keys stand on. */
  cursor = $state<string | null>(null);
  total = $state(0);
  #open = new SvelteSet<string>();
  #folders = $state.raw(new Map<string, SopLine[]>());
  #drafts = $state.raw<DraftLine[]>([]);
  #windows = $state.raw(new Map<number, SopLine[]>());
  #turn = 0;
  #asked = new Set<number>();

  /** A tree as long as everything is shown in its place; a plain list as soon as something is sought. */
  readonly isTree = $derived(this.filter === "all" && this.order === "path" && this.text.trim() === "");

  readonly rows: Row[] = $derived.by(() => {
    if (this.tree === null || !this.isTree) return [];
    return treeRows(this.tree, this.#drafts, (key) => this.#open.has(key), (place) => this.#folders.get(placeKey(place)));
  });

  readonly length = $derived(this.isTree ? this.rows.length : this.total);

  line(at: number): SopLine | undefined {
    return this.#windows.get(Math.floor(at / WINDOW))?.[at % WINDOW];
  }

  /** Reads again what is shown; what is there stays until the new is. */
  async readAgain(): Promise<void> {
    try {
      const tree = await run("knowledge_tree", {});
      const drafts = tree.drafts === 0 ? [] : await readNew().catch(() => []);
      if (this.tree === null && tree.assistants.length === 1) this.#open.add(assistantKey(tree.assistants[0]!.id));
      [this.tree, this.#drafts, this.failure] = [tree, drafts, null];
      await (this.isTree ? this.#readFolders() : this.#readWindows());
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  async toggle(key: string, open = !this.#open.has(key)): Promise<void> {
    if (open) this.#open.add(key);
    else this.#open.delete(key);
    await this.#readFolders(true);
  }

  isOpen(key: string): boolean {
    return this.#open.has(key);
  }

  get openKeys(): string[] {
    return [...this.#open];
  }

  async openAll(keys: string[]): Promise<void> {
    const shut = keys.filter((key) => !this.#open.has(key));
    shut.forEach((key) => this.#open.add(key));
    if (shut.length > 0 && this.isTree) await this.#readFolders(true);
  }

  /** Opens the tree down to a page, so that one sees where it lies. */
  async reveal(assistant: string, category: string): Promise<void> {
    if (this.tree !== null) await this.openAll(keysAbove(this.tree, assistant, category));
  }

  /** Another filter, order or text. */
  async seek(wanted: Partial<{ filter: SopFilter; order: SopOrder; text: string }>): Promise<void> {
    const before = [this.filter, this.order, this.text.trim()].join("|");
    Object.assign(this, wanted);
    if (before === [this.filter, this.order, this.text.trim()].join("|")) return;
    this.cursor = null;
    await this.#again(() => (this.isTree ? this.#readFolders() : this.#readWindows([0])));
  }

  /** These lines of the list are about to be seen. */
  async want(first: number, last: number): Promise<void> {
    if (this.isTree) return;
    const windows: number[] = [];
    for (let at = Math.floor(first / WINDOW); at <= Math.floor(last / WINDOW); at += 1) {
      if (!this.#windows.has(at) && !this.#asked.has(at)) windows.push(at);
    }
    if (windows.length > 0) await this.#again(() => this.#addWindows(windows));
  }

  async #again(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  async #readFolders(onlyMissing = false): Promise<void> {
    const wanted = this.rows.flatMap((row): Place[] =>
      row.kind === "assistant" && row.isOpen ? [{ assistant: row.node.id, folder: rootOf(row.node).folder }]
      : row.kind === "folder" && row.isOpen ? [{ assistant: row.assistant.id, folder: row.node.path }] : []);
    const needed = onlyMissing ? wanted.filter((place) => !this.#folders.has(placeKey(place))) : wanted;
    if (needed.length === 0) return;
    const read = await Promise.all(needed.map(async (place) => [placeKey(place), await readFolder(place)] as const));
    const known = onlyMissing ? this.#folders : [];
    this.#folders = new Map([...known, ...read]);
  }

  async #readWindows(windows = [...this.#windows.keys(), 0].slice(0, 6)): Promise<void> {
    const turn = ++this.#turn;
    this.#asked = new Set(windows);
    const read = await Promise.all([...new Set(windows)].map(async (at) => [at, await this.#readWindow(at)] as const));
    if (turn !== this.#turn) return;
    this.#asked.clear();
    this.#windows = new Map(read.map(([at, sops]) => [at, sops.lines]));
    this.total = read[0]?.[1].total ?? 0;
    this.failure = null;
  }

  async #addWindows(windows: number[]): Promise<void> {
    const turn = this.#turn;
    windows.forEach((at) => this.#asked.add(at));
    const read = await Promise.all(windows.map(async (at) => [at, await this.#readWindow(at)] as const));
    if (turn !== this.#turn) return;
    windows.forEach((at) => this.#asked.delete(at));
    this.#windows = new Map([...this.#windows, ...read.map(([at, sops]) => [at, sops.lines] as const)]);
  }

  #readWindow(at: number): Promise<Sops> {
    const { filter, order, text } = this;
    return run("list_sops", { assistant: null, folder: null, filter, order, text: text.trim(), offset: at * WINDOW, limit: WINDOW });
  }
}

/** Pages that were begun and never saved. */
const readNew = async (): Promise<DraftLine[]> => (await run("home", {})).drafts.filter(({ subject }) => subject.startsWith("new-sop:"));

/** The pages that lie in a folder itself. In the order of paths they come before those further below. */
async function readFolder({ assistant, folder }: Place): Promise<SopLine[]> {
  const own: SopLine[] = [];
  for (let offset = 0; offset < FOLDER_MAX; offset += FOLDER_WINDOW) {
    const { lines, total } = await run("list_sops", {
      assistant, folder, filter: "all", order: "path", text: "", offset, limit: FOLDER_WINDOW,
    });
    const here = lines.filter((line) => line.category === folder);
    own.push(...here);
    if (here.length < lines.length || offset + lines.length >= total || lines.length === 0) break;
  }
  return own.sort((one, other) => one.title.localeCompare(other.title));
}
