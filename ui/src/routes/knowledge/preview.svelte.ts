// The text as it will look, rendered by the program a moment after the last key. The longer the rendering
// takes, the longer is the moment, so that typing never waits for it.
import type { Heading, Rendered } from "$lib/generated";
import { run } from "$lib/host";

const LEAST_MS = 180;
const TIMES_AS_LONG = 3;

export class Preview {
  html = $state.raw("");
  outline = $state.raw<Heading[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = LEAST_MS;
  #turn = 0;

  constructor(private readonly text: () => string) {}

  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), this.#pauseMs);
  }

  async now(): Promise<void> {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const began = performance.now();
    try {
      const rendered: Rendered = await run("render", { text: this.text() });
      if (turn !== this.#turn) return;
      [this.html, this.outline] = [rendered.html, rendered.outline];
    } catch {
      // What was shown stays; the next key asks again.
    }
    this.#pauseMs = Math.max(LEAST_MS, (performance.now() - began) * TIMES_AS_LONG);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }
}

/** How far down the rendered text a line of the source stands: between the headings around it. */
export function placeOfLine(line: number, outline: Heading[], lines: number, topOf: (anchor: string) => number | null, height: number): number {
  let [fromLine, fromTop, toLine, toTop] = [0, 0, Math.max(lines, 1), height];
  for (const heading of outline) {
    const top = topOf(heading.anchor);
    if (top === null) continue;
    if (heading.line <= line) [fromLine, fromTop] = [heading.line, top];
    else {
      [toLine, toTop] = [heading.line, top];
      break;
    }
  }
  const share = toLine === fromLine ? 0 : (line - fromLine) / (toLine - fromLine);
  return fromTop + (toTop - fromTop) * Math.min(Math.max(share, 0), 1);
}
