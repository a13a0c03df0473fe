import { expect, test } from "vitest";
import { Lines } from "./lines.svelte";

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function thousand(asked: string[], say = (index: number) => `line ${index}`, total = 1000) {
  return async (offset: number, limit: number) => {
    asked.push(`${offset}+${limit}`);
    const count = Math.max(0, Math.min(limit, total - offset));
    return { total, lines: Array.from({ length: count }, (_, at) => say(offset + at)) };
  };
}

test("only_the_pages_that_are_seen_are_read_and_each_once", async () => {
  const asked: string[] = [];
  const lines = new Lines<string>(100);
  lines.want("all", thousand(asked));
  await settle();
  lines.see(0, 30);
  lines.see(690, 720);
  lines.see(691, 721);
  await settle();
  expect(asked).toEqual(["0+100", "600+100", "700+100"]);
  expect([lines.total, lines.at(3), lines.at(705), lines.at(400)]).toEqual([1000, "line 3", "line 705", undefined]);
});

test("read_again_keeps_the_lines_until_the_new_ones_are_there", async () => {
  const asked: string[] = [];
  const lines = new Lines<string>(100);
  lines.want("all", thousand(asked));
  await settle();
  lines.see(250, 260);
  await settle();
  lines.want("all", thousand(asked, (index) => `newer ${index}`));
  const reading = lines.readAgain();
  expect(lines.at(255)).toBe("line 255");
  await reading;
  expect([lines.at(255), lines.at(0)]).toEqual(["newer 255", undefined]);
});

test("a_list_that_became_shorter_shows_its_end", async () => {
  const asked: string[] = [];
  const lines = new Lines<string>(100);
  lines.want("all", thousand(asked));
  await settle();
  lines.see(950, 980);
  await settle();
  lines.want("few", thousand(asked, (index) => `few ${index}`, 3));
  await settle();
  expect([lines.total, lines.at(0), lines.at(960)]).toEqual([3, "few 0", undefined]);
});

test("an_answer_to_an_older_question_is_not_shown", async () => {
  const lines = new Lines<string>(100);
  const late: (() => void)[] = [];
  lines.want("old", () => new Promise((resolve) => late.push(() => resolve({ total: 1, lines: ["old"] }))));
  lines.want("new", async () => ({ total: 1, lines: ["new"] }));
  await settle();
  late.forEach((answer) => answer());
  await settle();
  expect(lines.at(0)).toBe("new");
});
