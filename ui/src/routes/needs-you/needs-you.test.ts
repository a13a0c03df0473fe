import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { conflict, conflictPage, syncCentre } from "../../lib/fake/sync";
import type { ConflictView } from "../../lib/generated";
import { asked, openWindow } from "../../lib/testing/window";
import Probe from "../../lib/testing/Screen.svelte";
import NeedsYou from "./NeedsYou.svelte";
import { alike } from "./words";

const value = (id: string, given: Partial<ConflictView> = {}): ConflictView =>
  ({ ...conflict, id, kind: "field", table: "tickets", of: `Ticket ${id}`, columns: ["priority"], is_of_values: true, ...given });
const many = [value("a"), value("b"), value("c"), value("other", { columns: ["status"] }), conflict];

beforeEach(() => {
  Element.prototype.scrollIntoView ??= () => undefined;
});

function open(id: string) {
  const page = (view: ConflictView) => ({ ...conflictPage, view, units: [], sides: [] });
  const answers = {
    list_conflicts: () => many, sync_centre: () => ({ ...syncCentre, refused: [] }),
    conflict: (request: { id: string }) => page(many.find((view) => view.id === request.id)!),
  };
  const fake = openWindow(answers, `#/needs-you/${id}`);
  render(Probe, { Page: NeedsYou });
  return fake;
}

test("conflicts_are_alike_where_they_are_about_the_same_values_and_never_where_about_words", () => {
  expect(alike(many[0]!, many).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(alike(many[3]!, many)).toHaveLength(1);
  expect(alike(conflict, many)).toEqual([]);
});

test("theirs_is_taken_in_all_that_are_alike_after_they_were_named", async () => {
  const fake = open("b");
  await screen.findByRole("button", { name: /Use theirs in all of them/ });
  await userEvent.keyboard("a");
  const dialog = await screen.findByRole("dialog", { name: "Use theirs in all 3?" });
  expect(dialog.textContent).toContain("Ticket c");
  expect(asked(fake, "take_theirs")).toEqual([]);
  await userEvent.click(screen.getAllByRole("button", { name: "Use theirs" }).at(-1)!);
  await waitFor(() => expect(asked(fake, "take_theirs")).toEqual([{ ids: ["a", "b", "c"] }]));
});

test("where_somebody_wrote_words_one_by_one_is_all_there_is", async () => {
  open(conflict.id);
  await screen.findByRole("button", { name: /Decide later/ });
  expect(screen.queryByRole("button", { name: /in all/ })).toBeNull();
});
