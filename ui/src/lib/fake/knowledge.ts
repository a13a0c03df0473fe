// Pages of the club, as the program would list and show them.
import type {
  AssistantNode, Diff, HitView, Hits, Home, KnowledgeTree, Passage, SopLine, SopPage, Sops, SopsRequest, VersionLine,
} from "../generated";
import { DAY, HOUR, MINUTE, NOW, id, needsYou, onServer, refused, saved, sent } from "./club";
import { conflict } from "./sync";
import { ticketLines } from "./tickets";

const titles: [assistant: string, category: string, section: string, title: string][] = [
  ["Booking", "booking", "access", "PIN failures"],
  ["Booking", "booking", "access", "Doors that are offline"],
  ["Booking", "booking", "access", "Entry after hours"],
  ["Booking", "booking", "money", "Refunds"],
  ["Booking", "booking", "money", "Gift cards"],
  ["Booking", "booking", "money", "Club credit"],
  ["Booking", "booking", "memberships", "Freezing a membership"],
  ["Booking", "booking", "memberships", "Signing up"],
  ["Booking", "booking", "reservations", "Cancelling a booking"],
  ["Booking", "booking", "reservations", "Double bookings"],
  ["Emergency", "emergency", "fire", "Fire alarm"],
  ["Emergency", "emergency", "medical", "Struck by a ball or club"],
  ["TechSupport", "tech", "bays", "Projector stays black"],
  ["TechSupport", "tech", "bays", "TrackMan keeps searching"],
  ["General", "general", "day", "Opening"],
  ["General", "general", "day", "Shift hand-over"],
  ["General", "general", "weather", "Storm closure: whom to call, what to say, and how lost time is credited afterwards"],
  ["CustomerInfo", "customer_info", "parties", "Kids’ parties"],
];

const slug = (title: string): string => title.toLowerCase().replaceAll(/[^a-z]+/g, "-");

export const lines: SopLine[] = titles.map(([assistant, category, section, title], place) => ({
  id: id(),
  path: `${category}/${section}/${slug(title)}`,
  category: `${category}/${section}`,
  section: slug(title),
  title,
  assistant,
  mark: place === 3 ? needsYou : place === 0 ? saved : place === 6 ? sent : place === 9 ? refused : onServer(place % 5 + 1),
  version: place % 5 + 1,
  changed_at: NOW - [12 * MINUTE, 3 * HOUR, 26 * HOUR, 9 * DAY, 40 * DAY, 400 * DAY][place % 6]!,
  changed_by: ["Ana Ferreira", "Ben Okafor", "Thandiwe Mokoena", null][place % 4]!,
  is_pinned: place === 10 || place === 14,
  is_draft: place === 15,
  has_draft: place === 1,
  is_unread: place === 3 || place === 12,
  is_deleted: false,
}));

export const content = `A PIN has six digits. It reaches the guest by e-mail 24 hours before the start. It opens the street door and unlocks the bay screen from **15 minutes before the start until 15 minutes after the end** of the booking.

## At once

If the booking exists and the guest stands at the door in desk hours, open the door first and look for the cause afterwards.

## Find the cause

1. Find the booking in BayBook by name. Compare date, **location** and time.
2. Prove who it is: name, e-mail of the booking, last four digits of the telephone number.
3. Ask what the keypad shows.

| keypad | meaning | do |
|---|---|---|
| red for five minutes | three wrong entries | wait, or open from the desk with \`DoorHub › Open once\` |
| amber, short tone | PIN right, time wrong | look at the start time |
| no light | no power or no network | follow [the page on doors that are offline](doors-that-are-offline.md) |

> Lost time is credited in steps of 15 minutes.

## Nothing helps

    bay unlock 4 --for 10m

- [x] booking found
- [ ] ticket written
`;

export const html = `<p>A PIN has six digits. It reaches the guest by e-mail 24 hours before the start. It opens the street door and unlocks the bay screen from <strong>15 minutes before the start until 15 minutes after the end</strong> of the booking.</p>
<h2 id="at-once">At once</h2>
<p>If the booking exists and the guest stands at the door in desk hours, open the door first and look for the cause afterwards.</p>
<h2 id="find-the-cause">Find the cause</h2>
<ol><li>Find the booking in BayBook by name. Compare date, <strong>location</strong> and time.</li><li>Prove who it is: name, e-mail of the booking, last four digits of the telephone number.</li><li>Ask what the keypad shows.</li></ol>
<table><thead><tr><th>keypad</th><th>meaning</th><th>do</th></tr></thead><tbody>
<tr><td>red for five minutes</td><td>three wrong entries</td><td>wait, or open from the desk with <code>DoorHub › Open once</code></td></tr>
<tr><td>amber, short tone</td><td>PIN right, time wrong</td><td>look at the start time</td></tr>
<tr><td>no light</td><td>no power or no network</td><td>follow <a data-to="booking/access/doors-that-are-offline" role="link" tabindex="0">the page on doors that are offline</a></td></tr></tbody></table>
<blockquote><p>Lost time is credited in steps of 15 minutes.</p></blockquote>
<h2 id="nothing-helps">Nothing helps</h2>
<pre><code>bay unlock 4 --for 10m</code></pre>
<ul><li>booking found</li><li>ticket written</li></ul>`;

export const outline = [
  { level: 2, text: "At once", anchor: "at-once", line: 2 },
  { level: 2, text: "Find the cause", anchor: "find-the-cause", line: 6 },
  { level: 2, text: "Nothing helps", anchor: "nothing-helps", line: 20 },
];

export const page: SopPage = {
  line: lines[0]!, assistant_id: id(), content, front_matter: "title: PIN failures\n", html, outline,
  revision: 7, read_version: 1, conflicts: [], draft: null, may_write: true, why_not: null,
};

const folder = (path: string, name: string, rows: number, folders: AssistantNode["folders"] = []) => ({ path, name, rows, folders });

export const tree: KnowledgeTree = {
  total: 18, drafts: 1, deleted: 1,
  assistants: [
    { id: id(), slug: "booking", name: "Booking", rows: 10, may_write: true, folders: [folder("booking", "booking", 10, [
      folder("booking/access", "access", 3), folder("booking/memberships", "memberships", 2),
      folder("booking/money", "money", 3), folder("booking/reservations", "reservations", 2)])] },
    { id: id(), slug: "emergency", name: "Emergency", rows: 2, may_write: false, folders: [folder("emergency", "emergency", 2, [
      folder("emergency/fire", "fire", 1), folder("emergency/medical", "medical", 1)])] },
    { id: id(), slug: "tech_support", name: "TechSupport", rows: 2, may_write: true, folders: [folder("tech", "tech", 2, [
      folder("tech/bays", "bays", 2)])] },
    { id: id(), slug: "general", name: "General", rows: 3, may_write: true, folders: [folder("general", "general", 3, [
      folder("general/day", "day", 2), folder("general/weather", "weather", 1)])] },
    { id: id(), slug: "customer_info", name: "CustomerInfo", rows: 1, may_write: true, folders: [folder("customer_info", "customer_info", 1, [
      folder("customer_info/parties", "parties", 1)])] },
    { id: id(), slug: "brand_voice", name: "BrandVoice", rows: 0, may_write: false, folders: [] },
  ],
};

export const versions: VersionLine[] = [
  { version: 3, changed_by: "Ana Ferreira", changed_kind: "edit", title: "PIN failures", reason: "New keypad since Tuesday", parents: [2], at: NOW - 2 * HOUR },
  { version: 2, changed_by: "Ben Okafor", changed_kind: "merge", title: "PIN failures", reason: null, parents: [1], at: NOW - 5 * DAY },
  { version: 1, changed_by: "Thandiwe Mokoena", changed_kind: "create", title: "PIN failures", reason: null, parents: [], at: NOW - 90 * DAY },
];

const same = (text: string) => [{ text, is_changed: false }];

export const diff: Diff = {
  changed: 3,
  hunks: [
    { is_changed: false, before: same("## At once"), after: same("## At once") },
    { is_changed: true,
      before: [{ text: "A refund goes back to the card within ", is_changed: false }, { text: "ten working days", is_changed: true }, { text: ", never in cash.", is_changed: false }],
      after: [{ text: "A refund goes back to the card within ", is_changed: false }, { text: "five working days", is_changed: true }, { text: ", never in cash.", is_changed: false }] },
    { is_changed: false, before: same("Say so to the guest before you press the button."), after: same("Say so to the guest before you press the button.") },
    { is_changed: true,
      before: [{ text: "Above ", is_changed: false }, { text: "$80", is_changed: true }, { text: " ask the manager on duty.", is_changed: false }],
      after: [{ text: "Above ", is_changed: false }, { text: "$120", is_changed: true }, { text: " ask the manager on duty, ", is_changed: false }, { text: "or the on-call manager after 20:00", is_changed: true }, { text: ".", is_changed: false }] },
    { is_changed: true, before: [], after: [{ text: "A charge that was taken twice is always given back at once.", is_changed: true }] },
  ],
};

const hit = (place: number, marks: [number, number][], passage: HitView["passage"]): HitView => ({
  table: "sops", id: lines[place]!.id, path: lines[place]!.path, title: { text: lines[place]!.title, marks }, passage, has_all: place === 0,
});

export const hits: Hits = {
  words: ["pin", "not", "work"],
  hits: [
    hit(0, [[0, 3]], { text: "amber, short tone: PIN right, time wrong; look at the start time", marks: [[19, 22]] }),
    hit(1, [], { text: "A door without light has no power or no network, so no PIN works", marks: [[55, 58], [59, 63]] }),
    hit(2, [], { text: "After 22:00 a PIN works only at the side door", marks: [[14, 17], [18, 23]] }),
  ],
};

export const passage: Passage = {
  table: "sops", id: lines[0]!.id, title: "PIN failures", path: lines[0]!.path, heading: "Find the cause",
  html: "<p>amber, short tone: <mark>PIN</mark> right, time wrong; look at the start time.</p>",
  copy: "Your PIN works from 15 minutes before the start of your booking.",
  mark: onServer(3), changed_at: NOW - 12 * DAY, changed_by: "Ana Ferreira", assistant: "Booking",
};

export const home: Home = {
  user: "Ana Ferreira",
  as_of: NOW - 4 * MINUTE,
  changed: [3, 12, 4].map((place, at) => ({
    id: lines[place]!.id, title: lines[place]!.title, path: lines[place]!.path, from_version: at === 1 ? null : 3, to_version: at === 1 ? 1 : 5,
    changed_by: ["Ben Okafor", "Jun Takahashi", "Thandiwe Mokoena"][at]!, changed_at: NOW - (at + 1) * 7 * HOUR,
  })),
  pinned: lines.filter((line) => line.is_pinned),
  tickets: ticketLines.slice(0, 4),
  open_tickets: 6,
  needs_you: [conflict],
  refused: 1,
  drafts: [{ subject: `sop:${lines[1]!.id}`, title: "Doors that are offline", path: lines[1]!.path, kept_at: NOW - 40 * MINUTE }],
  suggestions: ["PIN does not open the door", "refund a booking that was charged twice", "projector stays black"],
};

export function list(request: SopsRequest): Sops {
  const wanted = lines.filter((line) => {
    const { assistant, folder, filter, text } = request;
    const isThere = folder === null || line.category === folder || line.category.startsWith(`${folder}/`);
    const isWhose = assistant === null || tree.assistants.find((node) => node.id === assistant)?.name === line.assistant;
    const isFound = `${line.title} ${line.path}`.toLowerCase().includes(text.toLowerCase());
    return isThere && isWhose && isFound && line.is_deleted === (filter === "deleted") && ofFilter(filter, line);
  });
  const order = { path: (line: SopLine) => line.path, title: (line: SopLine) => line.title, changed: (line: SopLine) => String(1e17 - line.changed_at) }[request.order];
  wanted.sort((one, other) => order(one).localeCompare(order(other)));
  return { total: wanted.length, lines: wanted.slice(request.offset, request.offset + request.limit) };
}

function ofFilter(filter: SopsRequest["filter"], line: SopLine): boolean {
  switch (filter) {
    case "unsent": return line.mark.state === "saved_here" || line.mark.state === "sent";
    case "mine": return line.changed_by === "Ana Ferreira";
    case "unread": return line.is_unread;
    case "needs_you": return line.mark.state === "needs_you" || line.mark.state === "refused";
    default: return true;
  }
}
