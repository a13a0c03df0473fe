// The first download after the first sign-in: how far it is, and whether enough is here to begin.
import type { Event, Status, SyncProgress } from "../../lib/generated";

/** Without these there is nothing to look up. */
const ESSENTIALS = ["assistants", "sops"];

class FirstDownload {
  isOn = $state(false);
  progress = $state.raw<SyncProgress | null>(null);
  isOver = $state(false);

  begin(): void {
    this.isOn = true;
    this.isOver = false;
    this.progress = null;
  }

  end(): void {
    this.isOn = false;
  }

  hear(event: Event): void {
    if (event.kind !== "progress") return;
    this.progress = event.progress;
    if (event.progress.phase === "done") this.isOver = true;
  }
}

export const firstDownload = new FirstDownload();

export const hasEssentials = (status: Status | null): boolean =>
  ESSENTIALS.every((table) => (status?.rows.find((count) => count.table === table)?.rows ?? 0) > 0);

export const rowsHere = (status: Status | null): number => (status?.rows ?? []).reduce((sum, { rows }) => sum + rows, 0);
