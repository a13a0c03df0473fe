// F6 goes from pane to pane, and back to where one was in it.
const lastIn = new WeakMap<Element, HTMLElement>();

/** Notes where the focus is, for the way back. For `onfocusin` of the window. */
export function noteFocus(event: FocusEvent): void {
  if (!(event.target instanceof HTMLElement)) return;
  const pane = event.target.closest("[data-pane]");
  if (pane !== null && pane !== event.target) lastIn.set(pane, event.target);
}

export function nextPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")].filter((pane) => pane.checkVisibility?.() ?? true);
  if (panes.length === 0) return;
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = at === -1 ? (step === 1 ? 0 : panes.length - 1) : (at + step + panes.length) % panes.length;
  focusPane(panes[next]!);
}

export function focusPane(pane: HTMLElement): void {
  const last = lastIn.get(pane);
  if (last?.isConnected === true && pane.contains(last)) return last.focus();
  const first = pane.querySelector<HTMLElement>("[data-first-focus], [aria-current], [role=listbox], [role=grid], [role=tree]");
  (first ?? pane).focus();
}
