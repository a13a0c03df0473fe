// The inbox and the conversation.
import * as club from "../../src/lib/fake/club";
import * as tickets from "../../src/lib/fake/tickets";
import type { TicketLine } from "../../src/lib/generated";
import type { ScreenStory } from "../story";
import { LONG, RTL } from "../words";

const { ticketLines, ticketPage } = tickets;
const first = ticketLines[0]!;
const address = `#/tickets/${first.id}`;
const none = { total: 0, lines: [], counts: { open: 0, waiting: 0, resolved: 0, closed: 0, mine: 0 } };

const thousands: TicketLine[] = Array.from({ length: 5000 }, (_, at) => ({
  ...ticketLines[at % ticketLines.length]!, id: `many-${at}`, reference: `D1-${at}`, status: "open" as const,
  subject: `${ticketLines[at % ticketLines.length]!.subject}, ${at}`,
}));

export const stories: ScreenStory[] = [
  { name: "open", address, also: ["small", "zoom", "contrast", "compact"] },
  { name: "list", address: "#/tickets", also: ["small"] },
  { name: "empty", address: "#/tickets", answers: { list_tickets: () => none } },
  { name: "no-match", address: "#/tickets?q=zzz" },
  { name: "offline", address, answers: { status: () => club.offline } },
  { name: "new", address, steps: [{ press: "t" }] },
  { name: "link", address, steps: [{ press: "l" }, { type: "pin", into: "Find the page" }] },
  { name: "waiting", address: "#/tickets?status=waiting" },
  { name: "gone", address: "#/tickets/nothing", answers: { ticket: () => Promise.reject({ code: "not_found", message: "There is no such ticket.", hint: null }) } },
  { name: "read-only", address, answers: { ticket: () => ({ ...ticketPage, may_write: false, why_not: "Tickets of Millside are written by those who work there." }) } },
  {
    name: "long", address, also: ["small"],
    answers: {
      list_tickets: () => ({ ...tickets.list({ status: null, mine: false, text: "", offset: 0, limit: 100 }), lines: ticketLines.map((line, at) => ({ ...line, subject: at % 2 ? RTL : LONG, customer: LONG })) }),
      ticket: () => ({
        ...ticketPage,
        line: { ...first, subject: LONG, customer: LONG },
        draft: { subject: `ticket:${first.id}`, title: "", content: `${RTL}\n\n${LONG}\n`.repeat(4), place: "staff", base_revision: null, kept_at: club.NOW },
        messages: [
          { ...ticketPage.messages[0]!, body: RTL, html: `<p>${RTL}</p>` },
          { ...ticketPage.messages[1]!, author_kind: "assistant", author: "TechSupport", html: `<p>${LONG}</p><ul><li>one</li><li>two</li></ul>` },
          { ...ticketPage.messages[1]!, id: "s", author_kind: "system", author: null, html: "<p>Priority: critical</p>" },
          ...Array.from({ length: 6 }, (_, at) => ({ ...ticketPage.messages[at % 2]!, id: `m${at}` })),
        ],
      }),
    },
  },
  {
    name: "thousands", address: "#/tickets/many-2",
    answers: { list_tickets: ({ offset, limit }) => ({ total: 5000, lines: thousands.slice(offset, offset + limit), counts: { open: 5000, waiting: 120, resolved: 14, closed: 9, mine: 33 } }) },
  },
];
