// What a story is. A part's story is a component in `parts/` that shows all its states. A screen's stories
// are a list in `screens/`: the whole window at an address, with a program that answers what the list says.
import type { Component } from "svelte";
import type { Preferences } from "../src/lib/generated";
import type { Answers, FakeHost } from "../src/lib/host.fake";

export interface ScreenStory {
  name: string;
  /** Such as `#/knowledge`. */
  address: string;
  answers?: Partial<Answers>;
  preferences?: Partial<Preferences>;
  /** What the person does before the picture is taken. */
  then?: (page: Acting) => Promise<void>;
  /** More pictures beside light and dark. */
  also?: Variant[];
}

/** `small` is 1024×700, `zoom` twice the size of everything, `contrast` more contrast. */
export type Variant = "small" | "zoom" | "contrast" | "compact";

export interface Acting {
  host: FakeHost;
  press(keys: string): Promise<void>;
  click(words: string): Promise<void>;
  type(label: string, text: string): Promise<void>;
}

export type Part = Component;

const parts = import.meta.glob<{ default: Part }>("./parts/*.svelte", { eager: true });
const screens = import.meta.glob<{ stories: ScreenStory[] }>("./screens/*.ts", { eager: true });

const nameOf = (path: string): string => path.replace(/^\.\/(?:parts|screens)\//, "").replace(/\.\w+$/, "");

export const partStories = new Map(Object.entries(parts).map(([path, { default: part }]) => [nameOf(path), part]));

export const screenStories = new Map(
  Object.entries(screens).flatMap(([path, { stories }]) =>
    stories.map((story): [string, ScreenStory] => [`${nameOf(path)}-${story.name}`, story])),
);

export const listed: { name: string; also: Variant[] }[] = [
  ...[...partStories.keys()].map((name) => ({ name, also: [] })),
  ...[...screenStories].map(([name, { also = [] }]) => ({ name, also })),
];
