// Tickets of the club.
import type { TicketChoices, TicketLine, TicketPage, Tickets, TicketsRequest } from "../generated";
import { DAY, HOUR, MINUTE, NOW, id, onServer, refused, saved, sent } from "./club";

type Short = [reference: string, subject: string, customer: string, status: TicketLine["status"], priority: TicketLine["priority"], who: string | null];

const shorts: Short[] = [
  ["D1-3", "Projector black in bay 4", "Walk-in group of three", "open", "critical", "Ana Ferreira"],
  ["D1-17", "PIN does not open the street door, bay 3 at 07:00", "G. Whitlock, 07:00 booking", "open", "high", "Ana Ferreira"],
  ["D2-8", "TrackMan keeps searching, ring stays blue, bay 4", "League night, team Birch", "open", "medium", "Jun Takahashi"],
  ["D1-15", "Charged twice for Saturday, card ending 4417", "P. Arsenault", "waiting", "medium", "Ben Okafor"],
  ["D3-2", "Party on 28 November: one child with a nut allergy", "M. Sutherland", "open", "high", null],
  ["D1-12", "Freeze Eagle membership for two months, knee surgery", "H. Boutilier, Eagle member", "resolved", "low", "Ana Ferreira"],
  ["D1-9", "Silver watch left in bay 5 on Thursday", "unknown", "closed", "low", null],
];

export const ticketLines: TicketLine[] = shorts.map(([reference, subject, customer, status, priority, assigned_to], place) => ({
  id: id(), reference, subject, customer, status, priority, assigned_to, location: place === 4 ? "Millside" : "Harbourfront",
  opened_at: NOW - (place + 1) * 5 * HOUR, changed_at: NOW - [2 * MINUTE, HOUR, 3 * HOUR, 2 * DAY, 26 * HOUR, 9 * DAY, 300 * DAY][place]!,
  last_message: ["Reset the projector twice, still black.", "She waits at the door.", null][place % 3]!,
  mark: place === 0 ? saved : place === 1 ? sent : place === 4 ? refused : onServer(place + 1),
}));

export const ticketPage: TicketPage = {
  line: ticketLines[0]!, assigned_to_id: id(), location_id: id(), assistant_id: id(),
  messages: [
    { id: id(), author_kind: "customer", author: null, body: "Screen in bay 4 is black, sound works.", html: "<p>Screen in bay 4 is black, sound works.</p>", at: NOW - 20 * MINUTE, mark: onServer(1) },
    { id: id(), author_kind: "staff", author: "Ana Ferreira", body: "Reset the projector twice, **still black**.", html: "<p>Reset the projector twice, <strong>still black</strong>.</p>", at: NOW - 2 * MINUTE, mark: saved },
  ],
  answers: [{ id: id(), table: "sops", row: id(), title: "Projector stays black", path: "tech/bays/projector-stays-black", satisfied: null, note: "", mark: saved }],
  next: ["waiting", "resolved"], draft: null, may_write: true, why_not: null,
};

export const choices: TicketChoices = {
  locations: ["Harbourfront", "Millside", "Northgate", "Parkside"].map((name) => ({ id: id(), name })),
  people: ["Ana Ferreira", "Ben Okafor", "Étienne Boudreau", "Jun Takahashi", "Thandiwe Mokoena"].map((name) => ({ id: id(), name })),
  assistants: ["Booking", "Emergency", "General", "TechSupport"].map((name) => ({ id: id(), name })),
};

export function list(request: TicketsRequest): Tickets {
  const wanted = ticketLines.filter((line) =>
    (request.status === null || line.status === request.status) &&
    (!request.mine || line.assigned_to === "Ana Ferreira") &&
    line.subject.toLowerCase().includes(request.text.toLowerCase()));
  return {
    total: wanted.length, lines: wanted.slice(request.offset, request.offset + request.limit),
    counts: { open: 4, waiting: 1, resolved: 1, closed: 1, mine: 3 },
  };
}
