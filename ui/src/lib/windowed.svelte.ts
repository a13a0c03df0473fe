// The part of a long list that is on the screen. Pages are read when they come into view and kept; what was
// read stays in place while it is read again. Knows rows and pixels, and nothing of what a row looks like.
import { asFailure } from "./host";
import type { Failure } from "./generated";

const PAGE = 100;
const BEYOND = 8;

export interface Loaded<T> {
  total: number;
  lines: T[];
}
export type Load<T> = (offset: number, limit: number) => Promise<Loaded<T>>;

export interface Row<T> {
  index: number;
  /** Undefined while it is on its way. */
  item: T | undefined;
}

export class Windowed<T> {
  total = $state(0);
  /** Height of one row; measured, because zoom and density change it. */
  rowPx = $state(32);
  viewPx = $state(0);
  scrollPx = $state(0);
  failure = $state.raw<Failure | null>(null);
  /** Something was read since the list began. */
  hasBegun = $state(false);
  #pages = $state.raw<ReadonlyMap<number, T[]>>(new Map());
  #asked = new Set<number>();
  #turn = 0;
  #load: Load<T>;

  constructor(load: Load<T>) {
    this.#load = load;
  }

  readonly heightPx = $derived(this.total * this.rowPx);
  readonly first = $derived(Math.max(0, Math.min(Math.floor(this.scrollPx / this.rowPx), this.total - 1) - BEYOND));
  readonly end = $derived(Math.min(this.total, Math.ceil((this.scrollPx + this.viewPx) / this.rowPx) + BEYOND));
  readonly rows = $derived.by((): Row<T>[] =>
    Array.from({ length: Math.max(0, this.end - this.first) }, (_, place) => {
      const index = this.first + place;
      return { index, item: this.at(index) };
    }));
  /** Whole rows that fit: how far Page Down goes. */
  readonly fitting = $derived(Math.max(1, Math.floor(this.viewPx / this.rowPx)));

  at(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Place of the first row that is like this, among those that were read. */
  find(isIt: (item: T) => boolean): number {
    for (const [page, lines] of [...this.#pages].sort(([one], [other]) => one - other)) {
      const place = lines.findIndex(isIt);
      if (place !== -1) return page * PAGE + place;
    }
    return -1;
  }

  /** Reads again what is in view; the other pages when they come into view. */
  readAgain(load: Load<T> = this.#load): void {
    this.#load = load;
    this.#turn += 1;
    this.#asked.clear();
    const [from, to] = this.#pagesInView();
    this.#pages = new Map([...this.#pages].filter(([page]) => page >= from && page <= to));
    this.need();
  }

  /** Asks for the pages in view that were not asked for. */
  need(): void {
    const [from, to] = this.#pagesInView();
    for (let page = from; page <= to; page += 1) if (!this.#asked.has(page)) void this.#read(page);
  }

  /** Where to scroll so that this row is seen whole; null if it is. */
  scrollFor(index: number): number | null {
    const top = index * this.rowPx;
    if (top < this.scrollPx) return top;
    return top + this.rowPx > this.scrollPx + this.viewPx ? top + this.rowPx - this.viewPx : null;
  }

  #pagesInView(): [number, number] {
    return [Math.floor(Math.max(0, this.first) / PAGE), Math.floor(Math.max(0, this.end - 1) / PAGE)];
  }

  async #read(page: number): Promise<void> {
    const turn = this.#turn;
    this.#asked.add(page);
    try {
      const { total, lines } = await this.#load(page * PAGE, PAGE);
      if (turn !== this.#turn) return;
      this.#pages = new Map(this.#pages).set(page, lines);
      this.total = total;
      this.failure = null;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.#asked.delete(page);
      this.failure = asFailure(thrown);
    }
    this.hasBegun = true;
  }
}

/** Where a key goes in a list of `total` rows, from row `at` (-1: none yet). Null: not a key that moves. */
export function moved(key: string, at: number, total: number, fitting: number): number | null {
  const last = total - 1;
  const from = Math.min(at, last);
  const steps: Record<string, number> = {
    ArrowDown: from + 1, j: from + 1, ArrowUp: from - 1, k: from - 1, Home: 0, End: last,
    PageDown: from + fitting, PageUp: from - fitting,
  };
  const wanted = steps[key];
  return wanted === undefined || total === 0 ? null : Math.max(0, Math.min(last, wanted));
}
