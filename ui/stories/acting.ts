// What a person does in a story before the picture is taken.
import type { FakeHost } from "../src/lib/host.fake";
import type { Acting } from "./story";

const PATIENCE_MS = 3000;

export function acting(host: FakeHost): Acting {
  return {
    host,
    async press(keys) {
      for (const step of keys.split(" ")) pressOne(step);
      await frame();
    },
    async click(words) {
      const button = await found(() =>
        [...document.querySelectorAll<HTMLElement>("button, a, [role=option], [role=treeitem], [role=row], [role=tab], [role=menuitem]")].find(
          (each) => (each.getAttribute("aria-label") ?? each.textContent ?? "").includes(words)));
      const options = { bubbles: true, cancelable: true, button: 0, pointerType: "mouse" };
      for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"])
        button.dispatchEvent(type.startsWith("pointer") ? new PointerEvent(type, options) : new MouseEvent(type, options));
      await frame();
    },
    async type(label, text) {
      const field = await found(() => document.querySelector<HTMLInputElement>(`[aria-label="${label}"], [placeholder="${label}"]`));
      field.focus();
      field.value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text }));
      await frame();
    },
  };
}

function pressOne(step: string): void {
  const parts = step.split("+");
  const key = parts.at(-1)!;
  const event = new KeyboardEvent("keydown", {
    key: key.length === 1 && !parts.includes("Shift") ? key.toLowerCase() : key,
    ctrlKey: parts.includes("Mod"), shiftKey: parts.includes("Shift"), altKey: parts.includes("Alt"),
    bubbles: true, cancelable: true,
  });
  (document.activeElement ?? document.body).dispatchEvent(event);
}

async function found<T>(look: () => T | null | undefined): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = look();
    if (value !== null && value !== undefined) return value;
    if (performance.now() > until) throw new Error(`not found: ${look.toString()}`);
    await frame();
  }
}

const frame = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
