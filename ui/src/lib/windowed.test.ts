import { expect, test, vi } from "vitest";
import { moved, Windowed } from "./windowed.svelte";

const numbers = (total: number) =>
  vi.fn(async (offset: number, limit: number) => ({
    total,
    lines: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, place) => offset + place),
  }));

async function list(total: number) {
  const load = numbers(total);
  const windowed = new Windowed<number>(load);
  windowed.rowPx = 30;
  windowed.viewPx = 300;
  windowed.readAgain();
  await vi.waitFor(() => expect(windowed.hasBegun).toBe(true));
  return { load, windowed };
}

test("of_ten_thousand_rows_only_those_in_view_exist", async () => {
  const { load, windowed } = await list(10_000);
  expect([windowed.total, windowed.heightPx, windowed.rows.length]).toEqual([10_000, 300_000, 18]);
  windowed.scrollPx = 150_000;
  windowed.need();
  await vi.waitFor(() => expect(windowed.at(5_005)).toBe(5_005));
  expect(windowed.rows.map((row) => row.index)).toEqual(Array.from({ length: 26 }, (_, place) => 4_992 + place));
  expect(load.mock.calls).toEqual([[0, 100], [4900, 100], [5000, 100]]);
});

test("what_was_read_stays_while_it_is_read_again", async () => {
  const { windowed } = await list(50);
  windowed.readAgain(() => new Promise(() => undefined));
  expect(windowed.at(3)).toBe(3);
});

test("a_list_that_became_shorter_has_no_rows_beyond_its_end", async () => {
  const { windowed } = await list(10_000);
  windowed.scrollPx = 299_000;
  windowed.readAgain(numbers(5));
  await vi.waitFor(() => expect(windowed.total).toBe(5));
  expect(windowed.rows.every((row) => row.index < 5)).toBe(true);
});

test("an_answer_for_what_was_listed_before_is_not_taken", async () => {
  let late: (value: { total: number; lines: number[] }) => void = () => undefined;
  const windowed = new Windowed<number>(() => new Promise((done) => (late = done)));
  windowed.viewPx = 300;
  windowed.readAgain();
  windowed.readAgain(numbers(2));
  await vi.waitFor(() => expect(windowed.total).toBe(2));
  late({ total: 99, lines: [7] });
  await new Promise((done) => setTimeout(done));
  expect([windowed.total, windowed.at(0)]).toEqual([2, 0]);
});

test("a_failure_is_kept_with_its_words_and_asked_again", async () => {
  const windowed = new Windowed<number>(() => Promise.reject({ code: "fault", message: "The disk does not answer.", hint: null }));
  windowed.viewPx = 300;
  windowed.readAgain();
  await vi.waitFor(() => expect(windowed.failure?.message).toBe("The disk does not answer."));
  windowed.readAgain(numbers(1));
  await vi.waitFor(() => expect([windowed.failure, windowed.at(0)]).toEqual([null, 0]));
});

test("keys_move_within_the_list_and_stop_at_its_ends", () => {
  const check = (key: string, at: number, to: number | null): void => expect([key, at, moved(key, at, 50, 10)]).toEqual([key, at, to]);
  check("j", -1, 0);
  check("ArrowDown", 49, 49);
  check("k", 0, 0);
  check("PageDown", 45, 49);
  check("PageUp", 12, 2);
  check("End", 3, 49);
  check("Home", 3, 0);
  check("x", 3, null);
  expect(moved("j", 0, 0, 10)).toBeNull();
});
