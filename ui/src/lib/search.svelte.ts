// Search as one types. Every keystroke asks; an answer that was overtaken by a newer one is not shown, and
// what is on the screen stays until there is something better.
import type { Failure, HitView, Passage, SearchRequest } from "./generated";
import { asFailure, run } from "./host";

const NOTHING: HitView[] = [];

export class Search {
  hits = $state.raw<HitView[]>(NOTHING);
  words = $state.raw<string[]>([]);
  /** What the hits on the screen answer; `null` until the first answer. */
  answered = $state<string | null>(null);
  failure = $state.raw<Failure | null>(null);
  #asked = 0;
  #shown = 0;

  constructor(readonly limit: number, readonly tables: string[] = []) {}

  async ask(text: string): Promise<void> {
    const wanted = text.trim();
    const turn = ++this.#asked;
    if (wanted === "") return this.#show(turn, null, NOTHING, []);
    const request: SearchRequest = { text: wanted, tables: this.tables, limit: this.limit };
    try {
      const { hits, words } = await run("search", request);
      this.#show(turn, wanted, hits, words);
    } catch (thrown) {
      if (turn === this.#asked) this.failure = asFailure(thrown);
    }
  }

  #show(turn: number, text: string | null, hits: HitView[], words: string[]): void {
    if (turn < this.#shown) return;
    this.#shown = turn;
    this.answered = text;
    this.hits = hits;
    this.words = words;
    this.failure = null;
  }
}

/** The passage of a hit: the one that was chosen last wins. */
export class Shown {
  value = $state.raw<Passage | null>(null);
  failure = $state.raw<Failure | null>(null);
  #turn = 0;

  async show(hit: HitView | undefined, text: string): Promise<void> {
    const turn = ++this.#turn;
    if (hit === undefined) {
      this.value = null;
      return;
    }
    try {
      const value = await run("passage", { table: hit.table, id: hit.id, text });
      if (turn === this.#turn) [this.value, this.failure] = [value, null];
    } catch (thrown) {
      if (turn === this.#turn) [this.value, this.failure] = [null, asFailure(thrown)];
    }
  }
}
