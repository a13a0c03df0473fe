// A thing that is read by a command and read again when the program says that it changed. What was read
// stays on the screen meanwhile; a skeleton is due only when nothing came for a while.
import { untrack } from "svelte";
import type { Event, Failure } from "./generated";
import { asFailure, listen, run, type Name, type Request, type Response } from "./host";

const SETTLE_MS = 40;
const SLOW_MS = 300;

export type Touch = (event: Event) => boolean;

export interface Live<T> {
  /** What was read last; may belong to an earlier request while `isStale`. */
  readonly value: T | undefined;
  readonly failure: Failure | null;
  readonly isReading: boolean;
  /** Something else was asked for, and that is not here yet. */
  readonly isStale: boolean;
  /** It takes long enough for a skeleton. */
  readonly isSlow: boolean;
  readAgain(): Promise<void>;
  /** Puts in what a command has just answered, instead of asking for it. */
  put(value: T): void;
}

// "*" is anything at all; "wal_entries" says that where rows stand may have changed: their marks.
const EVERYWHERE = ["*", "wal_entries"];

/** Rows of these tables changed, anybody's, or their marks. */
export function touches(...tables: string[]): Touch {
  return (event) => event.kind === "rows_touched" && [...EVERYWHERE, ...tables].includes(event.table);
}

/** This row changed, or so many that they were not named. */
export function touchesRow(table: string, id: () => string): Touch {
  return (event) =>
    event.kind === "rows_touched" &&
    (EVERYWHERE.includes(event.table) ||
      (event.table === table && (event.ids.length === 0 || event.ids.includes(id()))));
}

export const either = (...several: Touch[]): Touch => (event) => several.some((touch) => touch(event));

/** To be called while a component begins. A request of `null` asks for nothing. */
export function live<K extends Name>(name: K, request: () => Request<K> | null, isTouched: Touch): Live<Response<K>> {
  const reader = new Reader<Response<K>>();
  $effect(() => {
    const wanted = request();
    return untrack(() => reader.want(wanted === null ? null : JSON.stringify(wanted), () => run(name, wanted!)));
  });
  $effect(() => listen((event) => isTouched(event) && reader.touch()));
  $effect(() => () => reader.stop());
  return reader;
}

/** Counts changes, for lists that read their own pages: `<VirtualList version={changes.count} …>`. */
export function changes(isTouched: Touch): { readonly count: number } {
  let count = $state(0);
  let settling: ReturnType<typeof setTimeout> | undefined;
  $effect(() => {
    const stop = listen((event) => {
      if (!isTouched(event)) return;
      settling ??= setTimeout(() => {
        settling = undefined;
        count += 1;
      }, SETTLE_MS);
    });
    return () => {
      clearTimeout(settling);
      stop();
    };
  });
  return {
    get count() {
      return count;
    },
  };
}

class Reader<T> implements Live<T> {
  value = $state.raw<T | undefined>(undefined);
  failure = $state.raw<Failure | null>(null);
  isReading = $state(false);
  isStale = $state(false);
  isSlow = $state(false);
  #read: (() => Promise<T>) | null = null;
  #wanted: string | null = null;
  #turn = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  want(wanted: string | null, read: () => Promise<T>): void {
    if (wanted === this.#wanted && this.#read !== null) return;
    this.#wanted = wanted;
    this.#read = wanted === null ? null : read;
    this.isStale = this.value !== undefined;
    if (wanted === null) {
      this.#turn += 1;
      this.value = undefined;
      this.#done();
    } else void this.readAgain();
  }

  touch(): void {
    if (this.#settling !== undefined || this.#read === null) return;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      void this.readAgain();
    }, SETTLE_MS);
  }

  async readAgain(): Promise<void> {
    if (this.#read === null) return;
    const turn = ++this.#turn;
    this.isReading = true;
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => (this.isSlow = this.value === undefined || this.isStale), SLOW_MS);
    try {
      const value = await this.#read();
      if (turn === this.#turn) this.put(value);
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.failure = asFailure(thrown);
      // Content of another request must not stand under this one's failure.
      if (this.isStale) this.value = undefined;
      this.#done();
    }
  }

  put(value: T): void {
    this.#turn += 1;
    this.value = value;
    this.failure = null;
    this.#done();
  }

  stop(): void {
    this.#turn += 1;
    clearTimeout(this.#settling);
    clearTimeout(this.#waiting);
  }

  #done(): void {
    clearTimeout(this.#waiting);
    this.isReading = this.isStale = this.isSlow = false;
  }
}
