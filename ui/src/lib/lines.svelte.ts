// A long list of which only what is seen is read, page by page. When it is read again, what is on the screen
// stays until the answer is there, so nothing jumps and nothing flickers.
import type { Failure } from "./generated";
import { asFailure } from "./host";

const PAGE = 100;

export interface Answer<L> {
  total: number;
  lines: L[];
}

export class Lines<L, A extends Answer<L> = Answer<L>> {
  total = $state(0);
  /** What came with the first lines, for instance the counts of the tabs. */
  answer = $state.raw<A | null>(null);
  failure = $state.raw<Failure | null>(null);
  #pages = $state.raw<ReadonlyMap<number, L[]>>(new Map());
  #asked = new Set<number>();
  #read: ((offset: number, limit: number) => Promise<A>) | null = null;
  #question: string | null = null;
  #turn = 0;
  #seen: [number, number] = [0, 0];

  constructor(readonly page: number = PAGE) {}

  at(index: number): L | undefined {
    return this.#pages.get(Math.floor(index / this.page))?.[index % this.page];
  }

  /** All that was read, in order: to find a line by what it says. */
  indexOf(is: (line: L) => boolean): number {
    for (const [page, lines] of this.#pages) {
      const found = lines.findIndex(is);
      if (found >= 0) return page * this.page + found;
    }
    return -1;
  }

  /** Asks something else. The old lines stay until the first page of the answer is there. */
  want(question: string, read: (offset: number, limit: number) => Promise<A>): void {
    this.#read = read;
    if (question === this.#question) return;
    this.#question = question;
    this.#seen = [0, 0];
    void this.readAgain();
  }

  /** These lines are on the screen now. */
  see(from: number, to: number): void {
    this.#seen = [from, to];
    for (const page of this.#pagesSeen()) if (!this.#pages.has(page) && !this.#asked.has(page)) void this.#ask(page);
  }

  async readAgain(): Promise<void> {
    const turn = ++this.#turn;
    this.#asked.clear();
    const wanted = this.#pagesSeen();
    try {
      const answers = await Promise.all(wanted.map(async (page) => [page, await this.#get(page)] as const));
      if (turn !== this.#turn) return;
      const [, first] = answers[0]!;
      this.#pages = new Map(answers.map(([page, { lines }]) => [page, lines]));
      this.total = first.total;
      this.answer = first;
      this.failure = null;
      this.see(...this.#seen);
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
  }

  async #ask(page: number): Promise<void> {
    const turn = this.#turn;
    this.#asked.add(page);
    try {
      const { lines, total } = await this.#get(page);
      if (turn !== this.#turn) return;
      this.#pages = new Map(this.#pages).set(page, lines);
      this.total = total;
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    } finally {
      if (turn === this.#turn) this.#asked.delete(page);
    }
  }

  #get(page: number): Promise<A> {
    if (this.#read === null) throw new Error("nothing was asked yet");
    return this.#read(page * this.page, this.page);
  }

  #pagesSeen(): number[] {
    const [from, to] = this.#seen.map((index) => Math.floor(Math.max(0, index) / this.page));
    const last = this.total === 0 ? 0 : Math.floor((this.total - 1) / this.page);
    return Array.from({ length: Math.min(to!, Math.max(last, from!)) - from! + 1 }, (_, at) => from! + at);
  }
}
