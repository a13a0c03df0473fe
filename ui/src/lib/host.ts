// The only door between the window and the program. In the window it goes through Tauri; in a browser,
// through the loopback bridge that also serves this page. Nothing else may touch either.
import type { Commands, Event, Failure } from "./generated";

export type Name = keyof Commands;
export type Request<K extends Name> = Commands[K][0];
export type Response<K extends Name> = Commands[K][1];
export type Unsubscribe = () => void;

export interface Host {
  run(name: Name, request: unknown): Promise<unknown>;
  listen(handler: (event: Event) => void): Unsubscribe;
}

let current: Host | null = null;

/** Runs a command of the program. What it throws is always a `Failure`. */
export async function run<K extends Name>(name: K, request: Request<K>): Promise<Response<K>> {
  try {
    return (await host().run(name, request)) as Response<K>;
  } catch (thrown) {
    throw asFailure(thrown);
  }
}

/** Hears every event of the program until the returned function is called. */
export function listen(handler: (event: Event) => void): Unsubscribe {
  return host().listen(handler);
}

/** Puts another program behind the door: tests and stories only. */
export function replaceHost(other: Host | null): void {
  current = other;
}

export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}

/** Whatever was thrown, as the words and the code that screens know. */
export function asFailure(thrown: unknown): Failure {
  if (isFailure(thrown)) return { code: thrown.code, message: thrown.message, hint: thrown.hint ?? null };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "fault", message, hint: null };
}

function host(): Host {
  current ??= "__TAURI_INTERNALS__" in globalThis ? tauriHost() : bridgeHost(takeToken());
  return current;
}

function tauriHost(): Host {
  const core = import("@tauri-apps/api/core");
  const event = import("@tauri-apps/api/event");
  return {
    run: async (name, request) => (await core).invoke("run", { name, request }),
    listen(handler) {
      let isOver = false;
      let stop: Unsubscribe | null = null;
      void event
        .then(({ listen }) => listen<Event>("guildhall", ({ payload }) => handler(payload)))
        .then((unlisten) => {
          if (isOver) unlisten();
          else stop = unlisten;
        });
      return () => {
        isOver = true;
        stop?.();
      };
    },
  };
}

/** Speaks to the loopback bridge of the same origin. */
export function bridgeHost(token: string): Host {
  const heard = new Set<(event: Event) => void>();
  let source: EventSource | null = null;
  return {
    async run(name, request) {
      const answer = await reach("/run", {
        method: "POST",
        headers: { "content-type": "application/json", "x-guildhall-token": token },
        body: JSON.stringify({ name, request }),
      });
      const body = await answer.text();
      if (answer.ok) return JSON.parse(body);
      throw readFailure(body, answer.status);
    },
    listen(handler) {
      heard.add(handler);
      source ??= new EventSource(`/events?token=${encodeURIComponent(token)}`);
      if (heard.size === 1) {
        source.onmessage = ({ data }) => {
          const event = JSON.parse(data) as Event;
          for (const each of heard) each(event);
        };
      }
      return () => {
        heard.delete(handler);
        if (heard.size > 0) return;
        source?.close();
        source = null;
      };
    },
  };
}

async function reach(address: string, what: RequestInit): ReturnType<typeof fetch> {
  try {
    return await fetch(address, what);
  } catch {
    const failure: Failure = { code: "fault", message: "The program does not answer.", hint: "Start Guildhall again." };
    throw failure;
  }
}

function readFailure(body: string, status: number): Failure {
  try {
    const value: unknown = JSON.parse(body);
    if (isFailure(value)) return value;
  } catch {
    // Not from the program: the sentence below says what is known.
  }
  return { code: "fault", message: `The program answered with ${status}.`, hint: null };
}

const TOKEN_KEY = "guildhall-token";

/** Takes the token out of the address, so that it is neither in the history nor in a bookmark. */
function takeToken(): string {
  const found = /(?:^#|&)token=([^&]+)/.exec(location.hash)?.[1];
  if (found === undefined) return sessionStorage.getItem(TOKEN_KEY) ?? "";
  const token = decodeURIComponent(found);
  sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}
