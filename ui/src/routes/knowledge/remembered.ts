// How each person left the list of pages: what was open, what was sought, where it was scrolled to. In memory
// only, and never shown to another person of the same laptop.
import type { SopFilter, SopOrder } from "$lib/generated";

export interface Remembered {
  open: string[];
  filter: SopFilter;
  order: SopOrder;
  text: string;
  top: number;
}

const people = new Map<string, Remembered>();

export function remembered(user: string): Remembered {
  const known = people.get(user) ?? { open: [], filter: "all", order: "path", text: "", top: 0 };
  people.set(user, known);
  return known;
}
