// The palette over a screen, and the question with its passages.
import type { ScreenStory } from "../story";
import * as knowledge from "../../src/lib/fake/knowledge";
import { LONG, RTL } from "../words";

const FIELD = "Search, do, go";
const long = knowledge.hits.hits.map((hit, at) => ({ ...hit, title: { text: at === 1 ? RTL : LONG, marks: [] as [number, number][] }, passage: { text: LONG, marks: [[0, 7]] as [number, number][] }, path: "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q" }));

export const stories: ScreenStory[] = [
  { name: "begin", address: "#/home", steps: [{ press: "Control+k" }], also: ["small"] },
  { name: "found", address: "#/home", also: ["small", "zoom", "contrast"], steps: [{ press: "Control+k" }, { type: "pin not work", into: FIELD }] },
  { name: "commands", address: "#/home", steps: [{ press: "Control+k" }, { type: ">", into: FIELD }] },
  { name: "nothing", address: "#/home", answers: { search: () => ({ words: [], hits: [] }) }, steps: [{ press: "Control+k" }, { type: "zzzz", into: FIELD }] },
  { name: "long", address: "#/home", answers: { search: () => ({ words: [], hits: long }) }, steps: [{ press: "Control+k" }, { type: "rind", into: FIELD }] },
  { name: "ask", address: "#/ask?q=pin+not+work", also: ["small", "zoom"] },
  { name: "ask-empty", address: "#/ask" },
  { name: "ask-nothing", address: "#/ask?q=zzzz", answers: { search: () => ({ words: [], hits: [] }) } },
];
