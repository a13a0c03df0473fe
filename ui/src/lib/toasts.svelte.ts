// Short words at the bottom right: at most two, politely. A failure stays until it was read.
import type { Failure } from "./generated";

const SHOWN_MS = 5_000;
const UNDO_MS = 10_000;
const MAX_SHOWN = 2;

export interface Toast {
  id: number;
  words: string;
  hint: string | null;
  isFailure: boolean;
  undo: (() => void | Promise<void>) | null;
  /** What the button of the act says. */
  act: string;
}

class Toasts {
  shown = $state.raw<Toast[]>([]);
  #next = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  say(words: string): void {
    this.#add({ words, hint: null, isFailure: false, undo: null, act: "" }, SHOWN_MS);
  }

  /** Something was done that can be taken back for ten seconds. */
  undoable(words: string, undo: () => void | Promise<void>, act = "Undo"): void {
    this.#add({ words, hint: null, isFailure: false, undo, act }, UNDO_MS);
  }

  fail(failure: Failure): void {
    this.#add({ words: failure.message, hint: failure.hint, isFailure: true, undo: null, act: "" }, null);
  }

  async undo(toast: Toast): Promise<void> {
    this.dismiss(toast.id);
    await toast.undo?.();
  }

  /** Takes back the newest that can be: for Ctrl+Z outside of a text. */
  undoNewest(): boolean {
    const newest = this.shown.findLast((toast) => toast.undo !== null);
    if (newest === undefined) return false;
    void this.undo(newest);
    return true;
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }

  /** Time stands still while the pointer or the focus is on one. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  release(toast: Toast): void {
    if (!toast.isFailure) this.#expire(toast.id, toast.undo === null ? SHOWN_MS : UNDO_MS);
  }

  #add(toast: Omit<Toast, "id">, shownMs: number | null): void {
    const same = this.shown.find((other) => other.words === toast.words && other.undo === null);
    if (same !== undefined) this.dismiss(same.id);
    const id = ++this.#next;
    const kept = this.shown.length < MAX_SHOWN ? this.shown : this.#withoutOldest();
    this.shown = [...kept, { ...toast, id }];
    if (shownMs !== null) this.#expire(id, shownMs);
  }

  /** Words give way to words; failures only to failures. */
  #withoutOldest(): Toast[] {
    const oldest = this.shown.find((toast) => !toast.isFailure) ?? this.shown[0];
    return this.shown.filter((toast) => toast !== oldest);
  }

  #expire(id: number, ms: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.dismiss(id), ms));
  }
}

export const toasts = new Toasts();

/** Runs what a person asked for; if it fails, it is said and stays until read. */
export async function attempt<T>(act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (thrown) {
    toasts.fail(thrown as Failure);
    return null;
  }
}
