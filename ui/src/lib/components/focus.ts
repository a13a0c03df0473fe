// Where the focus goes when something opens over the content: to what the person most likely wants next,
// never to the button that closes, and never to the act that cannot be taken back lightly.
export function focusInto(event: Event): void {
  const card = document.querySelector<HTMLElement>("[data-dialog-content][data-state=open]");
  if (card === null) return;
  event.preventDefault();
  const wanted =
    card.querySelector<HTMLElement>("[data-first-focus]") ??
    card.querySelector<HTMLElement>("input:not([type=hidden]), textarea, [role=combobox]") ??
    card.querySelector<HTMLElement>("footer button") ??
    card;
  wanted.focus();
}
