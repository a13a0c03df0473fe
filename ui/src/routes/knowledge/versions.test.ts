import { expect, test } from "vitest";
import { lines } from "$lib/fake/knowledge";
import { onServer, saved } from "$lib/fake/club";
import type { VersionLine } from "$lib/generated";
import { nameOf, startFor } from "./versions";

const versions = (...numbers: number[]): VersionLine[] =>
  numbers.map((version) => ({ version, changed_by: null, changed_kind: "edit", title: "", reason: null, parents: [], at: 0 }));
const page = (mark: typeof saved) => ({ line: { ...lines[0]!, mark } });

test("a_version_is_compared_with_the_one_before_it", () => {
  expect(startFor("3", versions(5, 3, 2), page(onServer(5)))).toBe("2");
  expect(startFor("2", versions(5, 3, 2), page(onServer(5)))).toBeNull();
});

test("now_is_compared_with_the_server_while_something_is_unsent_and_with_the_version_before_otherwise", () => {
  expect(startFor("now", versions(5, 3), page(saved))).toBe("5");
  expect(startFor("now", versions(5, 3), page(onServer(5)))).toBe("3");
  expect(startFor("now", versions(1), page(onServer(1)))).toBeNull();
  expect(startFor("now", versions(), page(saved))).toBeNull();
});

test("unsaved_text_is_compared_with_the_page", () => {
  expect(startFor("draft", versions(2), page(onServer(2)))).toBe("now");
  expect(["now", "draft", "3"].map(nameOf)).toEqual(["Now", "Your unsaved text", "Version 3"]);
});
