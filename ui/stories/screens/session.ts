// Before the guild is open, and while it comes for the first time.
import * as club from "../../src/lib/fake/club";
import type { ScreenStory } from "../story";

const none = { ...club.session, state: "none" as const, guild: null, user: null, user_id: null, role: null, server: null };
const locked = { ...club.session, state: "locked" as const };
const refuse = (code: "locked" | "offline" | "not_found", message: string) => () => Promise.reject({ code, message, hint: null });

async function fill(page: { click(words: string): Promise<void>; type(label: string, text: string): Promise<void> }): Promise<void> {
  await page.click("Connect to a server");
  for (const [name, text] of [["server", "guild.fairway-collective.ca"], ["guild", "Fairway Collective"], ["name", "ana"], ["password", "tee time at nine"]]) {
    const input = document.querySelector<HTMLInputElement>(`input[name="${name}"]`)!;
    input.value = text!;
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  await page.click("Connect");
}

export const stories: ScreenStory[] = [
  { name: "welcome", address: "#/", answers: { session: () => none }, also: ["small", "zoom", "contrast"] },
  { name: "connect", address: "#/", answers: { session: () => none }, then: ({ click }) => click("Connect to a server"), also: ["small", "zoom"] },
  {
    name: "missing", address: "#/", answers: { session: () => ({ ...none, keyring_answers: false }) },
    then: async ({ click }) => {
      await click("Connect to a server");
      await click("Connect");
    },
  },
  { name: "away", address: "#/", answers: { session: () => none, sign_in: refuse("offline", "The server at https://guild.fairway-collective.ca did not answer (connection refused).") }, then: fill },
  { name: "wrong", address: "#/", answers: { session: () => none, sign_in: refuse("locked", "Guild, name or password is wrong.") }, then: fill },
  {
    name: "download", address: "#/", answers: { session: () => none, status: () => ({ ...club.allOnServer, rows: [{ table: "assistants", rows: 7 }] }) },
    then: async (page) => {
      await fill(page);
      page.host.emit({ kind: "progress", progress: { phase: "receiving", done: 1240, total: 3300 } });
    },
  },
  {
    name: "download-usable", address: "#/", answers: { session: () => none },
    then: async (page) => {
      await fill(page);
      page.host.emit({ kind: "progress", progress: { phase: "receiving", done: 2400, total: 3300 } });
    },
  },
  { name: "locked", address: "#/", answers: { session: () => locked }, also: ["small", "zoom", "contrast"] },
  { name: "locked-password", address: "#/", answers: { session: () => ({ ...locked, opens_by_keyring: false }) } },
  {
    name: "locked-wrong", address: "#/", answers: { session: () => ({ ...locked, keyring_answers: false }), unlock: refuse("locked", "The password is wrong.") },
    then: async ({ click }) => {
      const input = document.querySelector<HTMLInputElement>('input[name="password"]')!;
      input.value = "nine";
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await click("Unlock");
    },
  },
];
