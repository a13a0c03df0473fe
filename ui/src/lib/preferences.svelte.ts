// Looks as the person wants them, kept by the program. They are put on the root of the page; the style
// sheets do the rest. A copy stays with the page, so that the first frame is right.
import type { Preferences } from "./generated";
import { run } from "./host";

const COPY = "guildhall-preferences";
const ZOOMS = [0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];
const ROOT_PX = 16;

const usual: Preferences = { theme: "system", contrast: "system", density: "comfortable", rail_collapsed: false, zoom: 1 };

class PreferencesState {
  value = $state.raw<Preferences>(usual);

  start(): () => void {
    this.#apply({ ...usual, ...readCopy() });
    void run("preferences", {}).then((value) => this.#apply(value), () => undefined);
    const contrast = matchMedia("(prefers-contrast: more)");
    const again = (): void => this.#apply(this.value);
    contrast.addEventListener("change", again);
    return () => contrast.removeEventListener("change", again);
  }

  /** Seen at once; kept as soon as the program answers. */
  async change(part: Partial<Preferences>): Promise<void> {
    this.#apply({ ...this.value, ...part });
    await run("set_preferences", this.value);
  }

  zoom(step: -1 | 0 | 1): Promise<void> {
    const at = ZOOMS.findIndex((zoom) => zoom >= this.value.zoom);
    const next = step === 0 ? 1 : (ZOOMS[Math.min(Math.max(at + step, 0), ZOOMS.length - 1)] ?? 1);
    return this.change({ zoom: next });
  }

  #apply(value: Preferences): void {
    this.value = value;
    const root = document.documentElement;
    if (value.theme === "system") root.removeAttribute("data-theme");
    else root.dataset["theme"] = value.theme;
    const wantsMore = value.contrast === "more" || matchMedia("(prefers-contrast: more)").matches;
    root.dataset["contrast"] = wantsMore ? "more" : "normal";
    root.dataset["density"] = value.density;
    root.style.fontSize = value.zoom === 1 ? "" : `${ROOT_PX * value.zoom}px`;
    localStorage.setItem(COPY, JSON.stringify(value));
  }
}

export const preferences = new PreferencesState();

function readCopy(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(COPY) ?? "{}") as Partial<Preferences>;
  } catch {
    return {};
  }
}
