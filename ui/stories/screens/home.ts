// The first screen of a shift.
import * as club from "../../src/lib/fake/club";
import * as knowledge from "../../src/lib/fake/knowledge";
import type { ScreenStory } from "../story";
import { LONG, RTL } from "../words";

const { home } = knowledge;
const empty = { ...home, changed: [], tickets: [], open_tickets: 0, needs_you: [], refused: 0, drafts: [], pinned: [] };

export const stories: ScreenStory[] = [
  { name: "full", address: "#/home", also: ["small", "zoom", "contrast", "compact"] },
  { name: "quiet", address: "#/home", answers: { home: () => ({ ...empty, pinned: home.pinned }), status: () => club.allOnServer } },
  { name: "empty", address: "#/home", answers: { home: () => ({ ...empty, as_of: null }), status: () => club.allOnServer } },
  { name: "offline", address: "#/home", answers: { status: () => club.offline, home: () => ({ ...home, as_of: club.offline.as_of }) } },
  { name: "diff", address: "#/home", steps: [{ press: "d" }] },
  {
    name: "long",
    address: "#/home",
    answers: {
      home: () => ({
        ...home,
        changed: home.changed.map((line, at) => ({ ...line, title: at === 0 ? LONG : RTL, path: "a/b/c/d/e/f/g/h/i/j" })),
        needs_you: home.needs_you.map((one) => ({ ...one, of: LONG })),
        drafts: home.drafts.map((draft) => ({ ...draft, title: LONG })),
        tickets: home.tickets.map((line) => ({ ...line, subject: LONG, customer: RTL })),
      }),
    },
    also: ["small"],
  },
];
