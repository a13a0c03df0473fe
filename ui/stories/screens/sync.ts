// The sync centre.
import * as club from "../../src/lib/fake/club";
import * as sync from "../../src/lib/fake/sync";
import type { ScreenStory } from "../story";
import { LONG } from "../words";

const { syncCentre } = sync;
const quiet = { ...syncCentre, status: club.allOnServer, pending: [], refused: [] };

export const stories: ScreenStory[] = [
  { name: "full", address: "#/sync", also: ["small", "zoom", "contrast"] },
  { name: "quiet", address: "#/sync", answers: { status: () => club.allOnServer, sync_centre: () => quiet } },
  { name: "offline", address: "#/sync", answers: { status: () => club.offline, sync_centre: () => ({ ...syncCentre, status: club.offline, refused: [] }) } },
  {
    name: "progress", address: "#/sync", answers: { status: () => club.offline },
    steps: [{ emit: { kind: "progress", progress: { phase: "receiving", done: 1240, total: 3300, bytes: 1_054_000 } } }],
  },
  { name: "laptops", address: "#/sync", steps: [{ click: "Choose all" }] },
  { name: "ask", address: "#/sync", steps: [{ click: "Ask Office…" }] },
  {
    name: "restored", address: "#/sync",
    answers: { sync_centre: () => ({ ...quiet, restored: { words: "The server was restored to an earlier state and stands still. Everything on this laptop is kept, and what you write stays here until then.", stands_still: true } }) },
  },
  { name: "discard", address: "#/sync", steps: [{ click: "Discard…" }] },
  {
    name: "sign-in", address: "#/sync", answers: { status: () => ({ ...club.status, state: "sign_in_again", chip: "Sign in again · 3 to send", needs_you: 0, refused: 0 }), sync_centre: () => ({ ...syncCentre, refused: [] }) },
    steps: [{ click: "Type the password…" }],
  },
  {
    name: "sample", address: "#/sync",
    answers: {
      session: () => ({ ...club.session, is_sample: true, server: null }),
      status: () => ({ ...club.allOnServer, state: "sample", chip: "Sample data", server: null }),
      sync_centre: () => ({ ...quiet, pending: [], activity: [] }),
    },
  },
  {
    name: "long", address: "#/sync",
    answers: {
      sync_centre: () => ({
        ...syncCentre,
        pending: Array.from({ length: 60 }, (_, at) => ({ ...syncCentre.pending[at % 3]!, entry: `p${at}`, of: at === 0 ? LONG : syncCentre.pending[at % 3]!.of })),
        refused: [{ ...syncCentre.refused[0]!, of: LONG, reason: LONG, followers: 3, is_fixable: true, typed: [{ column: "content", before: null, after: `${LONG}\n`.repeat(12), can_edit: true }, { column: "title", before: "a", after: LONG, can_edit: true }] }],
        activity: Array.from({ length: 200 }, (_, at) => ({ ...syncCentre.activity[at % 3]!, of: at === 0 ? LONG : syncCentre.activity[at % 3]!.of })),
      }),
    },
  },
];
