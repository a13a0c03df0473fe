// Rows that are walked through with J and K: whatever carries `data-row` inside of one element, in the order of
// the page.

export function moveRow(inside: HTMLElement | undefined, step: 1 | -1): void {
  const rows = [...(inside?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  focusIn(rows[next]!);
}

/** Which row of that name it is, counted from the top; -1 if there is none. */
export function placeOfRow(inside: HTMLElement | undefined, name: string): number {
  const rows = [...(inside?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  return rows.findIndex((row) => row.dataset["row"] === name);
}

/** The row in which the focus is, by its name. */
export function currentRow(inside: HTMLElement | undefined): string | null {
  const row = document.activeElement?.closest<HTMLElement>("[data-row]");
  return row !== null && row !== undefined && inside?.contains(row) ? (row.dataset["row"] ?? null) : null;
}

/** Where the focus goes when a row has gone: to the one that took its place, else to the one before it. */
export function focusNear(inside: HTMLElement | undefined, place: number): void {
  const rows = [...(inside?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const row = rows[Math.min(place, rows.length - 1)];
  if (row !== undefined) focusIn(row);
  else inside?.focus();
}

function focusIn(row: HTMLElement): void {
  const target = row.matches("a, button") ? row : row.querySelector<HTMLElement>("a, button");
  target?.focus();
  row.scrollIntoView?.({ block: "nearest" });
}
