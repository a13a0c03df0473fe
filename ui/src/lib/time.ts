// Moments in people's words: "just now", "12 min ago", "today 07:05", "yesterday 22:58", "Tue 17 Nov", "3 Mar 2025".
const MINUTE = 60_000_000;
const JUST_NOW = MINUTE;
const MINUTES_UNTIL = 60 * MINUTE;
const WEEKDAY_DAYS = 6;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const exactFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short" });
const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

const toDate = (at: number): Date => new Date(at / 1000);

/** 09:14 */
export const clockTime = (at: number): string => clock.format(toDate(at));

/** Saturday 21 November 2026 at 09:14:00 */
export const exactTime = (at: number): string => exactFormat.format(toDate(at));

/** For lines and sentences. */
export function saidTime(at: number, now: number): string {
  const past = now - at;
  // The moment that is shown may be a little ahead of the one that is counted from.
  if (past > -JUST_NOW && past < JUST_NOW) return "just now";
  if (past >= 0 && past < MINUTES_UNTIL) return `${Math.floor(past / MINUTE)} min ago`;
  const days = daysBetween(toDate(at), toDate(now));
  if (days === 0) return `today ${clockTime(at)}`;
  if (days === 1) return `yesterday ${clockTime(at)}`;
  return saidDay(at, now);
}

/** For narrow columns: "09:14" today, then the day. */
export function shortTime(at: number, now: number): string {
  const days = daysBetween(toDate(at), toDate(now));
  if (days === 0) return clockTime(at);
  return days === 1 ? "yesterday" : saidDay(at, now);
}

function saidDay(at: number, now: number): string {
  const [date, today] = [toDate(at), toDate(now)];
  const days = daysBetween(date, today);
  if (days > 0 && days <= WEEKDAY_DAYS) return `${weekday.format(date)} ${dayMonth.format(date)}`;
  return (date.getFullYear() === today.getFullYear() ? dayMonth : dayMonthYear).format(date);
}

/** Days of the calendar, not of 24 hours: summer time must not move yesterday. */
function daysBetween(from: Date, to: Date): number {
  const day = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day(to) - day(from)) / 86_400_000);
}

/** What is left, roughly, as people say it. */
export function saidDuration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function saidBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
