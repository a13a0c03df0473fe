// What the chip says: one reading of it for the whole window.
import type { Status, SyncProgress } from "./generated";
import { asFailure, listen, run } from "./host";
import { toasts } from "./toasts.svelte";

const SETTLE_MS = 60;

class StatusState {
  value = $state.raw<Status | null>(null);
  progress = $state.raw<SyncProgress | null>(null);
  #settling: ReturnType<typeof setTimeout> | undefined;

  start(): () => void {
    void this.read();
    return listen((event) => {
      if (event.kind === "progress") this.progress = event.progress.phase === "done" ? null : event.progress;
      else if (event.kind !== "act") this.#soon();
    });
  }

  async read(): Promise<void> {
    try {
      this.value = await run("status", {});
    } catch {
      // Locked or not signed in yet: there is nothing to say, and the screen of the session says why.
      this.value = null;
    }
  }

  async workOffline(on: boolean): Promise<void> {
    this.value = await run("work_offline", { on });
  }

  /** Asked for by the person, so the end of it is said. */
  async syncNow(): Promise<void> {
    try {
      const { sent, received_rows: received, conflicts } = await run("sync_now", {});
      const need = conflicts === 0 ? "" : conflicts === 1 ? " · 1 needs you" : ` · ${conflicts} need you`;
      toasts.say(sent + received === 0 ? `Nothing new${need}` : `${sent} sent · ${received} received${need}`);
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code === "offline") toasts.say("The server did not answer. Your changes are safe here; they are sent when it does.");
      else toasts.fail(failure);
    }
    await this.read();
  }

  #soon(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      void this.read();
    }, SETTLE_MS);
  }
}

export const status = new StatusState();
