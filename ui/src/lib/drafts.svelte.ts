// What is typed is kept by the program 300 ms after the last key, and at once when the window or the field
// is left. One keeping at a time, the newest text last.
import type { Draft, Failure, KeepDraftRequest } from "./generated";
import { asFailure, run } from "./host";

const PAUSE_MS = 300;

export type Typed = Omit<KeepDraftRequest, "subject">;

export class Keeper {
  /** When it was kept last; null while nothing was. */
  keptAt = $state<number | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Something was typed that is not kept yet. */
  isDue = $state(false);
  /** The same, for the end of a screen: there, states say what they said before. */
  #isDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(
    readonly subject: string,
    private readonly read: () => Typed,
  ) {}

  /** A key was pressed. */
  typed(): void {
    if (this.#isOver) return;
    this.#due(true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Keeps now what is not kept yet. Done when it is on the disk. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isDue && !this.#isOver) {
      this.#due(false);
      const typed = this.read();
      this.#running = this.#running.then(() => this.#keep(typed));
    }
    return this.#running;
  }

  /** It was saved, or dropped: nothing is kept after this. */
  end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isOver = true;
    return this.#running;
  }

  /** Keeps what is due when the window is left, hidden or closed; and when the component goes. */
  watch(): () => void {
    const leave = (): void => void this.flush();
    const events = ["blur", "pagehide", "beforeunload"] as const;
    events.forEach((name) => addEventListener(name, leave));
    document.addEventListener("visibilitychange", leave);
    return () => {
      events.forEach((name) => removeEventListener(name, leave));
      document.removeEventListener("visibilitychange", leave);
      leave();
    };
  }

  #due(isDue: boolean): void {
    this.#isDue = isDue;
    this.isDue = isDue;
  }

  async #keep(typed: Typed): Promise<void> {
    try {
      const draft: Draft = await run("keep_draft", { subject: this.subject, ...typed });
      this.keptAt = draft.kept_at;
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
      this.#due(!this.#isOver);
    }
  }
}
