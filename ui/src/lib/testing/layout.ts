// Tests have no layout: this gives every element a size, so that lists have a view.
import { vi } from "vitest";

export function giveLayout({ rowPx, viewPx }: { rowPx: number; viewPx: number }): () => void {
  const rect = { width: 300, height: rowPx, top: 0, left: 0, right: 300, bottom: rowPx, x: 0, y: 0, toJSON: () => ({}) };
  const spies = [
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(viewPx),
    vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(rect),
  ];
  return () => spies.forEach((spy) => spy.mockRestore());
}
