// The change log.
import * as club from "../../src/lib/fake/club";
import { changePage, history, lines, undoPreview } from "../../src/lib/fake/history";
import type { ScreenStory } from "../story";
import { LONG } from "../words";

const at = (place: number): string => `#/history/${lines[place]!.entry}`;
const many = Array.from({ length: 50 }, (_, place) => ({ ...lines[place % lines.length]!, entry: `e${place}`, at: club.NOW - place * 5 * club.HOUR }));

export const stories: ScreenStory[] = [
  { name: "everybody", address: "#/history", also: ["small", "zoom", "contrast", "compact"] },
  { name: "own", address: at(1) },
  { name: "taken-back", address: at(7) },
  { name: "needs-settling", address: at(4), answers: { change: () => ({ ...changePage, line: lines[4]!, columns: [], stays_because: "It changed nothing yet: both sides are kept until somebody settles it." }) } },
  { name: "one-page", address: `#/history?row=${lines[0]!.row}`, answers: { history: () => ({ ...history, lines: [lines[0]!, { ...lines[0]!, entry: "x", by: "Ana Ferreira", is_mine: true, reason: null, at: club.NOW - club.DAY }] }) } },
  { name: "undo", address: at(0), steps: [{ press: "u" }], also: ["small"] },
  { name: "undo-rest", address: at(0), answers: { preview_undo: () => ({ ...undoPreview, changed_since: ["The title", "The folder"] }) }, steps: [{ press: "u" }] },
  { name: "undo-refused", address: at(0), answers: { preview_undo: () => ({ ...undoPreview, columns: [], refusal: "This is changed by admins and managers only." }) }, steps: [{ press: "u" }] },
  { name: "undone", address: at(0), steps: [{ press: "u" }, { press: "Control+Enter" }] },
  { name: "offline", address: "#/history", answers: { status: () => club.offline, history: () => ({ ...history, lines: lines.filter(({ is_mine }) => is_mine), reach: "own_only" }) } },
  { name: "sample", address: "#/history", answers: { session: () => ({ ...club.session, is_sample: true, server: null }), status: () => ({ ...club.allOnServer, state: "sample", chip: "Sample data" }), history: () => ({ lines: [], more: null, reach: "sample" }) } },
  { name: "nothing-found", address: "#/history?q=helicopter&kind=deleted", answers: { history: () => ({ lines: [], more: null, reach: "everybody" }) } },
  { name: "look-further", address: "#/history?q=helicopter", answers: { history: () => ({ lines: [], more: { at: 1, line: 1, device_seq: null }, reach: "everybody" }) } },
  { name: "full", address: "#/history", answers: { history: () => ({ lines: many, more: { at: 1, line: 1, device_seq: null }, reach: "everybody" }) } },
  {
    name: "long", address: "#/history",
    answers: {
      history: () => ({ ...history, lines: [{ ...lines[0]!, of: LONG, by: LONG, reason: LONG }, ...lines.slice(1)] }),
      change: () => ({ ...changePage, line: { ...lines[0]!, of: LONG, by: LONG, reason: LONG }, columns: [{ ...changePage.columns[0]!, before: LONG, after: `${LONG}${LONG}` }, changePage.columns[1]!] }),
    },
    also: ["zoom"],
  },
];
