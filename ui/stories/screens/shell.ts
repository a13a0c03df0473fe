// The frame of the window in its states.
import * as club from "../../src/lib/fake/club";
import type { ScreenStory } from "../story";

export const stories: ScreenStory[] = [
  { name: "usual", address: "#/home", also: ["small", "zoom", "contrast", "compact"] },
  { name: "offline", address: "#/home", answers: { status: () => club.offline } },
  { name: "all-on-server", address: "#/home", answers: { status: () => club.allOnServer } },
  { name: "collapsed", address: "#/home", preferences: { rail_collapsed: true } },
  { name: "staging", address: "#/home", answers: { session: () => ({ ...club.session, server: "https://staging.fairway-collective.ca" }) } },
  { name: "keys", address: "#/home", steps: [{ press: "?" }] },
  { name: "menu", address: "#/home", steps: [{ click: "Menu of the guild" }] },
  { name: "nowhere", address: "#/nowhere" },
];
