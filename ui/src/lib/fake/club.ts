// The club that tests and stories show: people, marks and the moment at which everything is looked at.
import type { Mark, Preferences, Session, Status } from "../generated";

export const MINUTE = 60_000_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Saturday, 21 November 2026, 09:14 where the picture is taken. */
export const NOW = new Date(2026, 10, 21, 9, 14).getTime() * 1000;

export const saved: Mark = { state: "saved_here", words: "Saved here", version: null };
export const sent: Mark = { state: "sent", words: "Sent", version: null };
export const needsYou: Mark = { state: "needs_you", words: "Needs you", version: null };
export const refused: Mark = { state: "refused", words: "Refused", version: null };
export const onServer = (version: number): Mark => ({ state: "on_server", words: `On server (v${version})`, version });

export const session: Session = {
  state: "open",
  profile: "~/.local/share/guildhall/fairway",
  guild: "Fairway Collective",
  user: "Ana Ferreira",
  user_id: "0199a0c4-0000-7000-8000-00000000a0a0",
  role: "operator",
  device: "Desk-2",
  server: "https://guild.fairway-collective.ca",
  opens_by_keyring: true,
  keyring_answers: true,
  is_sample: false,
};

export const rows = [
  { table: "sops", rows: 61 },
  { table: "knowledge_items", rows: 148 },
  { table: "tickets", rows: 38 },
  { table: "ticket_messages", rows: 164 },
  { table: "assistants", rows: 7 },
];

export const status: Status = {
  chip: "Needs you (1) · 3 to send",
  state: "needs_you",
  guild: "Fairway Collective",
  user: "Ana Ferreira",
  role: "operator",
  server: session.server,
  is_reachable: true,
  works_offline: false,
  unsent: 3,
  sent: 1,
  needs_you: 1,
  refused: 1,
  as_of: NOW - 4 * MINUTE,
  next_try_at: null,
  locked: null,
  rows,
};

export const offline: Status = {
  ...status,
  chip: "Offline · 3 to send · as of 08:31",
  state: "offline",
  is_reachable: false,
  needs_you: 0,
  refused: 0,
  as_of: NOW - 43 * MINUTE,
  next_try_at: NOW + 40_000_000,
};

export const allOnServer: Status = {
  ...status,
  chip: "All on server 09:12",
  state: "all_on_server",
  unsent: 0,
  sent: 0,
  needs_you: 0,
  refused: 0,
  as_of: NOW - 2 * MINUTE,
};

export const preferences: Preferences = {
  theme: "system",
  contrast: "system",
  density: "comfortable",
  rail_collapsed: false,
  zoom: 1,
};

let counter = 0;

/** The same ids in every run, so that pictures and snapshots stay the same. */
export function id(): string {
  counter += 1;
  return `0199a0c4-7b00-7000-8000-${counter.toString(16).padStart(12, "0")}`;
}
