// What the sync centre says, in whole sentences: what is, then what happens next or what to do.
import type { AskedView, ErrandKind, Status } from "../../lib/generated";
import { saidDuration, saidTime } from "../../lib/time";

const SECOND = 1_000_000;

export function standing(status: Status, now: number): string {
  const waits = status.unsent;
  if (status.state === "sample") return "This is the sample club. It has no server, and nothing leaves this laptop.";
  if (status.state === "sign_in_again") {
    return `${safe(waits)}The server wants your password once more. Until then nothing is sent or fetched; you can go on working.`;
  }
  if (status.works_offline) return `You chose to work offline. ${safe(waits)}It goes out when you switch that off.`;
  if (!status.is_reachable) {
    const next = status.next_try_at === null ? "It is tried again by itself." : `It is tried again in ${saidDuration(Math.max(1, (status.next_try_at - now) / SECOND))}.`;
    return `The server did not answer. ${safe(waits)}${next}`;
  }
  if (waits === 0 && status.sent > 0) return "The server has taken what you wrote. Its answer comes with what is fetched next.";
  if (waits > 0) return `${count(waits, "change is", "changes are")} on the way to the server.`;
  const when = status.as_of === null ? "" : ` As of ${saidTime(status.as_of, now)} you have everybody’s changes.`;
  return `Everything you wrote is on the server.${when}`;
}

const safe = (waits: number): string => (waits === 0 ? "" : waits === 1 ? "Your change is safe here. " : `Your ${waits} changes are safe here. `);

export const count = (number: number, one: string, many: string): string => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** What somebody typed into a change that was refused, as text to keep. */
export function typedText(of: string, typed: { column: string; after: string }[]): string {
  if (typed.length === 1) return typed[0]!.after;
  return [of, ...typed.map(({ column, after }) => `${label(column)}: ${after}`)].join("\n");
}

const LABELS: Record<string, string> = {
  content: "Text", title: "Title", category: "Folder", section: "Section", subject: "Subject", customer: "Customer", status: "Status",
  priority: "Priority", assigned_to: "Assigned to", location_id: "Location", body: "Message", note: "Note", is_satisfied: "Helped", deleted_at: "Deleted",
};

export const label = (column: string): string => LABELS[column] ?? column.replaceAll("_", " ");

/** Where a row of the list leads, if it leads anywhere. */
export const opens = (table: string): boolean => table === "sops" || table === "tickets";

/** What can be done about what is here; every sentence says what it does, and none takes anything away. */
export const KINDS: { kind: ErrandKind; title: string; does: string; act: string; asks: boolean }[] = [
  { kind: "verify", title: "Verify", does: "Compares everything with the server and says what differs. Changes nothing.", act: "Verify", asks: false },
  { kind: "repair", title: "Repair", does: "Compares everything with the server and fetches only what differs.", act: "Repair", asks: false },
  { kind: "download", title: "Download a part again", does: "Fetches one part whole. Reading and writing go on meanwhile.", act: "Download…", asks: true },
  { kind: "rebuild", title: "Rebuild", does: "Fetches everything again and makes it findable anew. It takes as long as the first download.", act: "Rebuild…", asks: true },
];

export const CARE = {
  removal: ({ removes, rows }: { removes: number; rows: number }): string =>
    `The server would have ${removes.toLocaleString("en")} of ${count(rows, "row", "rows")} removed from this laptop. Nothing is removed until you say so; what you write is still sent, and nothing new is fetched. Ask your administrator first.`,
  safe: (unsent: number): string => `${count(unsent, "change waits", "changes wait")} to be sent; nothing of this touches ${unsent === 1 ? "it" : "them"}.`,
  asks(kind: ErrandKind, unsent: number): string {
    const what = kind === "rebuild" ? "Everything is fetched again from the server." : "It is fetched again from the server, whole.";
    const kept = unsent === 0 ? "What you write meanwhile is kept." : CARE.safe(unsent);
    return `${what} ${kept} You can stop at any time; the rest comes with the next sync.`;
  },
};

const SYNC = { kind: "sync" as ErrandKind, title: "Sync now", does: "Sends what is unsent and fetches what is new." };

/** What other laptops can be asked for. */
export const LAPTOPS = {
  kinds: [SYNC, ...KINDS].map(({ kind, title }) => ({ id: kind, name: title })),
  does: (asked: ErrandKind): string => [SYNC, ...KINDS].find(({ kind }) => kind === asked)!.does,
  promise: (laptops: number): string => `${laptops === 1 ? "It begins" : "Each begins"} at its next contact, at once where it is online. Nothing of this touches what is unsent there.`,
  asked: ({ kind, asked_by }: AskedView): string => `${asked_by} asked to ${DOING[kind]}`,
};

const DOING: Record<ErrandKind, string> = { sync: "sync", verify: "verify", repair: "repair", download: "download a part again", rebuild: "rebuild" };
