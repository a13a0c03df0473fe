// The one place of the window that reads the clock. Pictures and tests stop it.
let stopped: number | null = null;

/** Microseconds since 1970, as everywhere in what the program sends. */
export function now(): number {
  return stopped ?? Date.now() * 1000;
}

export function stopClock(at: number | null): void {
  stopped = at;
}
