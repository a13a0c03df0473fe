import { expect, test } from "vitest";
import { saidBytes, saidDuration, saidTime, shortTime } from "./time";

const at = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime() * 1000;
const now = at(2026, 10, 21, 9, 14);

function check(moment: number, said: string, short: string): void {
  expect([saidTime(moment, now), shortTime(moment, now)]).toEqual([said, short]);
}

test("a_moment_is_said_as_people_say_it", () => {
  check(now - 20_000_000, "just now", "09:13");
  check(now + 20_000_000, "just now", "09:14");
  check(at(2026, 10, 21, 9, 2), "12 min ago", "09:02");
  check(at(2026, 10, 21, 6, 50), "today 06:50", "06:50");
  check(at(2026, 10, 20, 22, 58), "yesterday 22:58", "yesterday");
  check(at(2026, 10, 17, 8, 0), "Tue 17 Nov", "Tue 17 Nov");
  check(at(2026, 10, 12, 8, 0), "12 Nov", "12 Nov");
  check(at(2025, 2, 3, 8, 0), "3 Mar 2025", "3 Mar 2025");
});

test("yesterday_is_a_day_of_the_calendar_and_not_24_hours", () => {
  const early = at(2026, 10, 21, 0, 10);
  expect(saidTime(at(2026, 10, 20, 0, 5), early)).toBe("yesterday 00:05");
  expect(saidTime(at(2026, 10, 19, 23, 59), early)).toBe("Thu 19 Nov");
});

test("a_clock_that_is_ahead_says_the_time_and_not_nonsense", () => {
  check(at(2026, 10, 21, 9, 40), "today 09:40", "09:40");
});

test("durations_and_sizes_have_their_unit", () => {
  expect([0.2, 40, 61, 3700].map(saidDuration)).toEqual(["1 s", "40 s", "1 min", "1 h 2 min"]);
  expect([12, 1536, 14_680_064, 3_221_225_472].map(saidBytes)).toEqual(["12 B", "1.5 kB", "14 MB", "3.0 GB"]);
});
