// The words of tickets.
import type { AuthorKind, Priority, TicketStatus } from "../../lib/generated";

export const STATUSES: TicketStatus[] = ["open", "waiting", "resolved", "closed"];
export const PRIORITIES: Priority[] = ["critical", "high", "medium", "low"];

export const STATUS_WORDS: Record<TicketStatus, string> = { open: "Open", waiting: "Waiting", resolved: "Resolved", closed: "Closed" };
export const PRIORITY_WORDS: Record<Priority, string> = { critical: "Critical", high: "High", medium: "Medium", low: "Low" };
export const AUTHOR_WORDS: Record<AuthorKind, string> = { customer: "Customer", staff: "Staff", assistant: "Assistant", system: "Guildhall" };

/** What the button says that brings a ticket there, and its key. */
export const MOVES: Record<TicketStatus, { says: string; keys: string }> = {
  open: { says: "Open again", keys: "O" },
  waiting: { says: "Wait for the customer", keys: "W" },
  resolved: { says: "Resolve", keys: "R" },
  closed: { says: "Close", keys: "D" },
};

export const NOTHING: Record<TicketStatus, string> = {
  open: "No open tickets. Press T anywhere.",
  waiting: "No ticket waits for a customer.",
  resolved: "No resolved tickets.",
  closed: "No closed tickets.",
};
