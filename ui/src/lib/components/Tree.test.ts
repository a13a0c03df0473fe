import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import Tree, { type TreeNode } from "./Tree.svelte";

const leaf = (id: string): TreeNode => ({ id, says: id, children: [] });
const nodes: TreeNode[] = [
  { id: "booking", says: "booking", count: 12, children: [leaf("access"), leaf("money")] },
  leaf("emergency"),
];

const shown = (): string[] => screen.getAllByRole("treeitem").map((item) => item.dataset["id"]!);
const focused = (): string | undefined => (document.activeElement as HTMLElement).dataset["id"];

test("right_opens_and_goes_in_and_left_goes_out_and_closes", async () => {
  render(Tree, { label: "Folders", nodes });
  const user = userEvent.setup();
  await user.tab();
  expect(shown()).toEqual(["booking", "emergency"]);
  await user.keyboard("{ArrowRight}");
  expect([shown(), focused()]).toEqual([["booking", "access", "money", "emergency"], "booking"]);
  await user.keyboard("{ArrowRight}{ArrowDown}");
  expect(focused()).toBe("money");
  await user.keyboard("{ArrowLeft}");
  expect(focused()).toBe("booking");
  await user.keyboard("{ArrowLeft}");
  expect(shown()).toEqual(["booking", "emergency"]);
});

test("levels_and_places_are_told", () => {
  render(Tree, { label: "Folders", nodes, open: ["booking"] });
  const money = screen.getAllByRole("treeitem")[2]!;
  expect(["aria-level", "aria-posinset", "aria-setsize"].map((name) => money.getAttribute(name))).toEqual(["2", "2", "2"]);
  expect(screen.getAllByRole("treeitem")[0]!.getAttribute("aria-expanded")).toBe("true");
});

test("enter_and_a_click_take_and_only_one_item_is_a_stop_for_tab", async () => {
  const onselect = vi.fn();
  render(Tree, { label: "Folders", nodes, selected: "emergency", onselect });
  expect(screen.getAllByRole("treeitem").map((item) => item.tabIndex)).toEqual([-1, 0]);
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard("{Enter}");
  await user.click(screen.getByText("booking"));
  expect(onselect.mock.calls).toEqual([["emergency"], ["booking"]]);
});
