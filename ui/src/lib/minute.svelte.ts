// One moment for all times that are shown, moved on every half minute.
import { now } from "./clock";

const STEP_MS = 30_000;

class Minute {
  now = $state(now());
  #watchers = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  watch(): () => void {
    this.now = now();
    this.#watchers += 1;
    this.#timer ??= setInterval(() => (this.now = now()), STEP_MS);
    return () => {
      this.#watchers -= 1;
      if (this.#watchers > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}

export const minute = new Minute();
