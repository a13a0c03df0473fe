// The screens of the window. Each is a folder here with a `screen.ts`; what lies over every screen, such as
// the palette, has an `overlay.ts`. A folder more is a screen more: there is no list to keep.
import type { Component } from "svelte";
import type { SessionState } from "../lib/generated";
import type { IconName } from "../lib/components/Icon.svelte";
import type { Place } from "../lib/router.svelte";

export interface Screen {
  /** First part of the address: `#/knowledge`. */
  name: string;
  title: string;
  /** In which state of the session it is shown. The first of "none" and of "locked" is the whole window. */
  when: SessionState;
  /** Its line in the rail; absent for screens that are reached otherwise. */
  rail?: {
    icon: IconName;
    order: number;
    /** The letter after G. */
    key: string;
    /** Shown only while this says so, with the number. */
    count?: () => number;
    isUrgent?: boolean;
  };
  /** Given the place; some look at `place.path`, some at nothing. */
  Page: Component<{ place: Place }> | Component<Record<string, never>>;
}

export interface Overlay {
  Overlay: Component;
}

const folders = import.meta.glob<{ screen: Screen }>("./*/screen.ts", { eager: true });
const over = import.meta.glob<{ overlay: Overlay }>("./*/overlay.ts", { eager: true });

export const screens: Screen[] = Object.values(folders)
  .map(({ screen }) => screen)
  .sort((one, other) => (one.rail?.order ?? Infinity) - (other.rail?.order ?? Infinity));

export const overlays: Overlay[] = Object.values(over).map(({ overlay }) => overlay);

export const findScreen = (name: string, when: SessionState): Screen | undefined =>
  screens.find((screen) => screen.when === when && (when !== "open" || screen.name === name));
