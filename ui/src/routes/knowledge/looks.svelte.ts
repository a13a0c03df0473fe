// How this person likes to write and to compare; stays with the window.
const KEY = "guildhall-writing";

interface Kept {
  hasPreview: boolean;
  isPlain: boolean;
  diff: "unified" | "beside";
}

class Looks {
  value = $state.raw<Kept>({ hasPreview: true, isPlain: false, diff: "unified", ...read() });

  change(part: Partial<Kept>): void {
    this.value = { ...this.value, ...part };
    localStorage.setItem(KEY, JSON.stringify(this.value));
  }
}

function read(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Kept>;
  } catch {
    return {};
  }
}

export const looks = new Looks();
