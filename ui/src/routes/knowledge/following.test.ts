import { expect, test } from "vitest";
import { candidates } from "./following";

test("a_link_is_sought_from_its_folder_and_from_the_top", () => {
  expect(candidates("pin-failures.md", "booking/access")).toEqual(["booking/access/pin-failures", "pin-failures"]);
  expect(candidates("../money/Refunds.md#limits", "booking/access")).toEqual(["booking/money/refunds", "money/refunds"]);
  expect(candidates("/emergency/fire", "booking")).toEqual(["emergency/fire"]);
  expect(candidates("a%20b", "")).toEqual(["a b"]);
});
