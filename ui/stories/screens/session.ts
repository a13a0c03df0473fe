// Before the guild is open, and while it comes for the first time.
import * as club from "../../src/lib/fake/club";
import type { ScreenStory, Step } from "../story";

const none = { ...club.session, state: "none" as const, guild: null, user: null, user_id: null, role: null, server: null };
const locked = { ...club.session, state: "locked" as const };
const refuse = (code: "locked" | "offline" | "not_found", message: string) => () => Promise.reject({ code, message, hint: null });

const connect: Step[] = [
  { click: "Connect to a server" },
  { type: "guild.fairway-collective.ca", into: "Server" },
  { type: "Fairway Collective", into: "Guild" },
  { type: "ana", into: "Your name or e-mail" },
  { type: "tee time at nine", into: "Password" },
  { press: "Enter" },
];
const received = (done: number): Step => ({ emit: { kind: "progress", progress: { phase: "receiving", done, total: 3300, bytes: done * 850 } } });

export const stories: ScreenStory[] = [
  { name: "welcome", address: "#/", answers: { session: () => none }, also: ["small", "zoom", "contrast"] },
  { name: "connect", address: "#/", answers: { session: () => none }, steps: [{ click: "Connect to a server" }], also: ["small", "zoom"] },
  {
    name: "missing", address: "#/", answers: { session: () => ({ ...none, keyring_answers: false }) },
    steps: [{ click: "Connect to a server" }, { press: "Enter" }],
  },
  { name: "away", address: "#/", answers: { session: () => none, sign_in: refuse("offline", "The server at https://guild.fairway-collective.ca did not answer (connection refused).") }, steps: connect },
  { name: "wrong", address: "#/", answers: { session: () => none, sign_in: refuse("locked", "Guild, name or password is wrong.") }, steps: connect },
  {
    name: "download", address: "#/", answers: { session: () => none, status: () => ({ ...club.allOnServer, rows: [{ table: "assistants", rows: 7 }] }) },
    steps: [...connect, received(1240)],
  },
  {
    name: "download-usable", address: "#/", answers: { session: () => none },
    steps: [...connect, received(2400)],
  },
  { name: "locked", address: "#/", answers: { session: () => locked }, also: ["small", "zoom", "contrast"] },
  { name: "locked-password", address: "#/", answers: { session: () => ({ ...locked, opens_by_keyring: false }) } },
  {
    name: "locked-wrong", address: "#/", answers: { session: () => ({ ...locked, keyring_answers: false }), unlock: refuse("locked", "The password is wrong.") },
    steps: [{ type: "nine", into: "Password" }, { press: "Enter" }],
  },
];
