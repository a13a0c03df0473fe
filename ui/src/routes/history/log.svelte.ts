// The pages of the change log as they come: the first one anew whenever something changes, older ones when
// somebody scrolls down to them.
import type { Failure, History, HistoryLineView, HistoryMore, HistoryReach } from "$lib/generated";
import { asFailure, run } from "$lib/host";
import type { Filter } from "./words";

const PAGE = 50;
/** Pages without a line that are asked for by themselves; then somebody has to want more. */
const MAX_EMPTY = 3;

export class Log {
  lines = $state.raw<HistoryLineView[]>([]);
  more = $state.raw<HistoryMore | null>(null);
  reach = $state<HistoryReach | null>(null);
  failure = $state.raw<Failure | null>(null);
  isReading = $state(false);
  #turn = 0;
  #filter: Filter | null = null;

  /** Begins anew with another question. */
  async want(filter: Filter): Promise<void> {
    this.#filter = filter;
    this.lines = [];
    this.more = null;
    await this.#read(null, (page) => {
      this.lines = page.lines;
      this.more = page.more;
    });
    await this.#lookFurther();
  }

  /** The newest may be others now; what is further down stays. */
  async refresh(): Promise<void> {
    if (this.#filter === null) return;
    const reach = this.reach;
    await this.#read(null, (page) => {
      const end = page.lines.at(-1)?.at ?? -Infinity;
      const known = new Set(page.lines.map(({ entry }) => entry));
      const older = page.reach === reach && page.more !== null ? this.lines.filter((line) => line.at <= end && !known.has(line.entry)) : [];
      this.lines = [...page.lines, ...older];
      if (older.length === 0) this.more = page.more;
    });
  }

  async readOlder(): Promise<void> {
    const after = this.more;
    if (after === null || this.isReading) return;
    await this.#read(after, (page) => {
      const known = new Set(this.lines.map(({ entry }) => entry));
      this.lines = [...this.lines, ...page.lines.filter(({ entry }) => !known.has(entry))];
      this.more = page.more;
    });
  }

  async #lookFurther(): Promise<void> {
    const filter = this.#filter;
    for (let empty = 0; empty < MAX_EMPTY && this.lines.length === 0 && this.more !== null && this.#filter === filter; empty += 1) await this.readOlder();
  }

  async #read(after: HistoryMore | null, take: (page: History) => void): Promise<void> {
    if (this.#filter === null) return;
    const turn = ++this.#turn;
    this.isReading = true;
    try {
      const page = await run("history", { ...this.#filter, after, limit: PAGE });
      if (turn !== this.#turn) return;
      take(page);
      this.reach = page.reach;
      this.failure = null;
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    } finally {
      if (turn === this.#turn) this.isReading = false;
    }
  }
}
