// One registry of keys. What is registered works and is shown in the list of keys; nothing else does.
// A set that was added later stands nearer to the person and is asked first.


export interface Key {
  /** "Mod+K", "Mod+Shift+S", "Alt+ArrowLeft", "F6", "?", "J", or a sequence: "G H". Mod is ⌘ on a Mac, Ctrl elsewhere. */
  keys: string;
  says: string;
  run: (event: KeyboardEvent) => void;
  /** Also while a text is being typed. Keys with Mod, Alt and F keys always do; single letters never do. */
  whileTyping?: boolean;
  /** Works, and is not listed: a second key for the same act. */
  isSilent?: boolean;
}

export interface KeySet {
  group: string;
  keys: Key[];
  /** Nothing below it is asked while it is there: dialogs. */
  isModal: boolean;
}

const SEQUENCE_MS = 1200;
export const isMac: boolean = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

class Keys {
  sets = $state.raw<KeySet[]>([]);
  /** What was typed of a sequence so far, for instance "G". */
  begun = $state("");
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What `sets` shows. Effects add and remove, and one that ends reads state as it was before. */
  #all: KeySet[] = [];

  add(group: string, keys: Key[], isModal = false): () => void {
    const set: KeySet = { group, keys, isModal };
    this.#change([...this.#all, set]);
    return () => this.#change(this.#all.filter((other) => other !== set));
  }

  /** For `window.onkeydown`. */
  hear = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || isModifier(event.key)) return;
    const pressed = nameOf(event);
    const typed = this.begun === "" ? pressed : `${this.begun} ${pressed}`;
    const isTyping = isTextual(event.target);
    const candidates = this.#reachable().filter((key) => !isTyping || worksWhileTyping(key));
    const found = candidates.find((key) => same(key.keys, typed)) ?? candidates.find((key) => same(key.keys, pressed));
    this.#forget();
    if (found !== undefined) {
      event.preventDefault();
      found.run(event);
    } else if (candidates.some((key) => key.keys.toLowerCase().startsWith(`${typed.toLowerCase()} `))) {
      event.preventDefault();
      this.begun = typed;
      this.#timer = setTimeout(() => this.#forget(), SEQUENCE_MS);
    }
  };

  #reachable(): Key[] {
    const from = this.#all.findLastIndex((set) => set.isModal);
    return this.#all.slice(Math.max(from, 0)).reverse().flatMap((set) => set.keys);
  }

  #change(sets: KeySet[]): void {
    this.#all = sets;
    this.sets = sets;
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.begun = "";
  }
}

export const keys = new Keys();

/** Registers keys for as long as the component that calls it is there. */
export function useKeys(group: string, list: () => Key[], isModal = false): void {
  $effect(() => keys.add(group, list(), isModal));
}

/** "Mod+Shift+S" as the caps to show: ["Ctrl", "Shift", "S"], one list for each step of a sequence. */
export function caps(text: string): string[][] {
  return text.split(" ").map((step) => split(step).map((part) => CAPS[part.toLowerCase()] ?? part));
}

const CAPS: Record<string, string> = {
  mod: isMac ? "⌘" : "Ctrl",
  shift: isMac ? "⇧" : "Shift",
  alt: isMac ? "⌥" : "Alt",
  enter: "Enter",
  escape: "Esc",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
};

function split(step: string): string[] {
  return step === "+" ? ["+"] : step.replace(/\+\+$/, "+plus").split("+").map((part) => (part === "plus" ? "+" : part));
}

function nameOf(event: KeyboardEvent): string {
  const parts: string[] = [];
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (isMac ? event.metaKey : event.ctrlKey) parts.push("Mod");
  if (event.altKey) parts.push("Alt");
  // A sign such as "?" already says that Shift was held.
  if (event.shiftKey && (key.length > 1 || key !== key.toLowerCase())) parts.push("Shift");
  return [...parts, key].join("+");
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
const isModifier = (key: string): boolean => ["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock"].includes(key);
const worksWhileTyping = (key: Key): boolean => key.whileTyping ?? /^(?:Mod|Alt)\+|^F\d+$/i.test(key.keys);

function isTextual(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}
