// What a draft of a new ticket keeps beside its subject and its text. The program keeps it as one text.
import type { Begun } from "./new-ticket.svelte";

export interface Place {
  customer: string;
  priority: string;
  location: string;
  sop: NonNullable<Begun["sop"]> | null;
}

const USUAL: Place = { customer: "", priority: "medium", location: "usual", sop: null };

export const writePlace = (place: Place): string => JSON.stringify(place);

/** A draft of another time may hold something else, or less. */
export function readPlace(text: string): Place {
  try {
    const known: unknown = JSON.parse(text);
    return typeof known === "object" && known !== null ? { ...USUAL, ...known } : USUAL;
  } catch {
    return USUAL;
  }
}
