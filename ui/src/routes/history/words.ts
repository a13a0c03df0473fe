// What the change log says, and what it is asked for by an address.
import type { HistoryKind, HistoryLineView, HistoryReach, HistoryStatus, HistoryWish } from "$lib/generated";

export type Filter = Omit<HistoryWish, "after" | "limit">;

export const PROGRAMS = "programs";

export const KINDS: { id: HistoryKind; name: string }[] = [
  { id: "added", name: "Made" },
  { id: "edited", name: "Edited" },
  { id: "deleted", name: "Deleted" },
  { id: "brought_back", name: "Brought back" },
  { id: "taken_back", name: "Taken back" },
  { id: "settled", name: "Settled" },
  { id: "removed", name: "Removed for good" },
];

export const STATUSES: { id: HistoryStatus; name: string }[] = [
  { id: "committed", name: "Done" },
  { id: "pending", name: "Waits for something" },
  { id: "rolled_back", name: "Taken back, refused" },
];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const TIMES: { id: string; name: string; ms: number }[] = [
  { id: "day", name: "The last day", ms: DAY },
  { id: "week", name: "The last week", ms: 7 * DAY },
  { id: "month", name: "The last 30 days", ms: 30 * DAY },
];

/** What an address asks for; `now` in microseconds. */
export function filterOf(query: Record<string, string>, now: number): Filter {
  const who = query["who"] ?? "";
  const time = TIMES.find(({ id }) => id === query["time"]);
  return {
    who: who === "" || who === PROGRAMS ? null : who,
    programs: who === PROGRAMS,
    table: query["table"] ?? null,
    row: query["row"] ?? null,
    kind: KINDS.find(({ id }) => id === query["kind"])?.id ?? null,
    // To the hour, so that the same question stays the same.
    since: time === undefined ? null : Math.floor((now / 1000 - time.ms) / HOUR) * HOUR * 1000,
    until: null,
    text: (query["q"] ?? "").trim(),
    laptop: query["laptop"] ?? null,
    status: STATUSES.find(({ id }) => id === query["status"])?.id ?? null,
  };
}

export const isFiltered = (filter: Filter): boolean =>
  filter.who !== null || filter.programs || filter.table !== null || filter.row !== null || filter.kind !== null || filter.since !== null || filter.text !== "" || filter.laptop !== null || filter.status !== null;

/** Under the list, where not everybody's changes are in it. */
export function reachWords(reach: HistoryReach): string | null {
  if (reach === "own_only") return "Without the server these are your own changes from this laptop. Everybody’s come when it answers.";
  return reach === "sample" ? "There is no server here, so these are only your own changes." : null;
}

export const standing = (line: HistoryLineView): string | null =>
  line.needs_settling ? "Needs settling" : line.is_taken_back ? "Taken back" : (line.mark?.words ?? null);

const days = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const daysOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

/** "Today", "Yesterday", "Tuesday 17 November", "3 March 2025". */
export function dayWords(at: number, now: number): string {
  const [date, today] = [new Date(at / 1000), new Date(now / 1000)];
  const number = (day: Date): number => Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / DAY;
  const past = number(today) - number(date);
  if (past <= 0) return "Today";
  if (past === 1) return "Yesterday";
  return (date.getFullYear() === today.getFullYear() ? days : daysOfYear).format(date);
}

/** Lines under the day on which they were written, in their order. */
export function byDay(lines: HistoryLineView[], now: number): { day: string; lines: HistoryLineView[] }[] {
  const groups: { day: string; lines: HistoryLineView[] }[] = [];
  for (const line of lines) {
    const day = dayWords(line.at, now);
    const last = groups.at(-1);
    if (last?.day === day) last.lines.push(line);
    else groups.push({ day, lines: [line] });
  }
  return groups;
}
