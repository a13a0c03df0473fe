// The words of the first screen.
import type { DraftLine, Status } from "../../lib/generated";
import { to } from "../../lib/router.svelte";
import { saidTime } from "../../lib/time";

const NOON = 12;
const EVENING = 18;
const NIGHT = 4;

export function greeting(now: number): string {
  const hour = new Date(now / 1000).getHours();
  if (hour < NIGHT || hour >= EVENING) return "Good evening";
  return hour < NOON ? "Good morning" : "Good afternoon";
}

/** How old what one sees is, and that it is enough to work with. */
export function asOf(at: number | null, status: Status | null, now: number): string {
  if (status?.state === "sample") return "Sample data. Nothing leaves this laptop.";
  if (at === null) return "Nothing has come from the server yet. What you write is safe here.";
  const when = `As of ${saidTime(at, now)}`;
  const isAway = status !== null && (!status.is_reachable || status.works_offline);
  return isAway ? `Offline · ${lower(when)} · everything you need is on this laptop` : `${when} · everything you need is on this laptop`;
}

/** Where somebody goes on with what was begun; null for the new ticket, which opens over any screen. */
export function addressOfDraft({ subject }: DraftLine): string | null {
  const [kind, id = ""] = subject.split(":");
  if (kind === "sop") return to("knowledge", [id], { edit: "1" });
  if (kind === "new-sop") return to("knowledge", ["new", id]);
  return kind === "ticket" ? to("tickets", [id]) : null;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
