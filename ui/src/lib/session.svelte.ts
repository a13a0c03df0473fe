// Who is in front of the window, and whether the guild is open.
import type { Failure, Session } from "./generated";
import { asFailure, listen, run } from "./host";

class SessionState {
  value = $state.raw<Session | null>(null);
  failure = $state.raw<Failure | null>(null);

  start(): () => void {
    void this.read();
    return listen((event) => event.kind === "session_changed" && void this.read());
  }

  async read(): Promise<void> {
    try {
      this.put(await run("session", {}));
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  put(value: Session): void {
    this.value = value;
    this.failure = null;
  }

  async lock(): Promise<void> {
    this.put(await run("lock", {}));
  }
}

export const session = new SessionState();

export type Environment = "DEV" | "STAGING" | null;

/** Which strip stands on top of the window, by the server's name: a guild for trying things out is not mistaken. */
export function environmentOf(server: string | null): Environment {
  if (server === null) return null;
  const host = /^(?:\w+:\/\/)?(\[[^\]]*\]|[^/:]+)/.exec(server.toLowerCase())?.[1] ?? "";
  if (/(?:^|[.-])(?:staging|stage|test|uat)(?:[.-]|$)/.test(host)) return "STAGING";
  if (/(?:^|[.-])dev(?:[.-]|$)/.test(host)) return "DEV";
  return null;
}
