// Where things are in the window, and what was opened lately. Titles are read from the guild, so they are
// remembered in memory only.
import { untrack } from "svelte";
import type { IconName } from "./components/Icon.svelte";
import { to } from "./router.svelte";

export interface Opened {
  address: string;
  title: string;
  detail: string;
  icon: IconName;
}

const MAX_REMEMBERED = 8;

class Recent {
  list = $state.raw<Opened[]>([]);

  note(opened: Opened): void {
    const before = untrack(() => this.list);
    this.list = [opened, ...before.filter(({ address }) => address !== opened.address)].slice(0, MAX_REMEMBERED);
  }

  forget(): void {
    this.list = [];
  }
}

export const recent = new Recent();

/** The address of a row that was found; `text` is what it was found by. */
export function addressOf(table: string, id: string, text = ""): string {
  if (table === "sops") return to("knowledge", [id]);
  if (table === "tickets" || table === "ticket_messages") return to("tickets", [id]);
  return to("ask", [], { q: text, hit: id });
}

export function iconOf(table: string): IconName {
  if (table === "tickets" || table === "ticket_messages") return "ticket";
  return table === "sops" ? "page" : "message";
}

/** "booking/access/pin-failures" as people read it: "booking › access". */
export function folderOf(path: string): string {
  return path.split("/").slice(0, -1).map((part) => part.replaceAll(/[_-]+/g, " ")).join(" › ");
}
