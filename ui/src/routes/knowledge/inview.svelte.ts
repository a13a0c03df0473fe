// Which rows of a long list are near enough to be drawn: all rows have one height, so it is arithmetic.
const BEYOND = 8;

export class InView {
  rowHeight = $state(32);
  #top = $state(0);
  #height = $state(0);

  constructor(private readonly length: () => number) {}

  readonly first = $derived.by(() => Math.max(0, Math.min(Math.floor(this.#top / this.rowHeight) - BEYOND, this.length() - 1)));
  readonly last = $derived.by(() => Math.min(this.length(), Math.ceil((this.#top + this.#height) / this.rowHeight) + BEYOND));
  readonly total = $derived.by(() => this.length() * this.rowHeight);

  /** Follows the element that scrolls. */
  follow = (element: HTMLElement): (() => void) => {
    const measure = (): void => {
      this.#top = element.scrollTop;
      this.#height = element.clientHeight;
    };
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", measure);
    };
  };

  /** Rows that fit on one page, for Page Up and Page Down. */
  get page(): number {
    return Math.max(1, Math.floor(this.#height / this.rowHeight) - 1);
  }

  /** Scrolls no more than it must for a row to be seen. */
  reveal(element: HTMLElement, row: number): void {
    const [above, below] = [row * this.rowHeight, (row + 1) * this.rowHeight];
    if (above < element.scrollTop) element.scrollTop = above;
    else if (below > element.scrollTop + element.clientHeight) element.scrollTop = below - element.clientHeight;
  }
}
