// What a story is. A part's story is a component in `parts/` that shows all its states. A screen's stories
// are a list in `screens/`: the whole window at an address, with a program that answers what the list says.
import type { Component } from "svelte";
import type { Event, Preferences } from "../src/lib/generated";
import type { Answers } from "../src/lib/host.fake";

export interface ScreenStory {
  name: string;
  /** Such as `#/knowledge`. */
  address: string;
  answers?: Partial<Answers>;
  preferences?: Partial<Preferences>;
  /** What the person does, and what the program says, before the picture is taken. */
  steps?: Step[];
  /** More pictures beside light and dark. */
  also?: Variant[];
}

/** `small` is 1024×700, `zoom` twice the size of everything, `contrast` more contrast. */
export type Variant = "small" | "zoom" | "contrast" | "compact";

/** `press` takes "Control+Enter", or a sequence as "g h"; `click` the words of what is clicked; `into` a label. */
export type Step = { press: string } | { click: string } | { type: string; into: string } | { emit: Event };

export type Part = Component;

const parts = import.meta.glob<{ default: Part }>("./parts/*.svelte", { eager: true });
const screens = import.meta.glob<{ stories: ScreenStory[] }>("./screens/*.ts", { eager: true });

const nameOf = (path: string): string => path.replace(/^\.\/(?:parts|screens)\//, "").replace(/\.\w+$/, "");

export const partStories = new Map(Object.entries(parts).map(([path, { default: part }]) => [nameOf(path), part]));

export const screenStories = new Map(
  Object.entries(screens).flatMap(([path, { stories }]) =>
    stories.map((story): [string, ScreenStory] => [`${nameOf(path)}-${story.name}`, story])),
);

export const listed: { name: string; also: Variant[]; steps: Step[] }[] = [
  ...[...partStories.keys()].map((name) => ({ name, also: [], steps: [] })),
  ...[...screenStories].map(([name, { also = [], steps = [] }]) => ({ name, also, steps })),
];
