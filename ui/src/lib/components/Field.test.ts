import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { choices } from "../fake/tickets";
import Checkbox from "./Checkbox.svelte";
import Combobox from "./Combobox.svelte";
import Field from "./Field.svelte";
import Select from "./Select.svelte";
import Tabs from "./Tabs.svelte";
import Textarea from "./Textarea.svelte";

const describedBy = (element: HTMLElement): string | undefined =>
  document.getElementById(element.getAttribute("aria-describedby") ?? "")?.textContent?.trim();

test("a_field_has_its_label_its_hint_and_what_is_wrong_with_it", async () => {
  const { rerender } = render(Field, { label: "Server", hint: "As your administrator gave it to you." });
  const field = screen.getByLabelText("Server");
  expect(describedBy(field)).toBe("As your administrator gave it to you.");
  await rerender({ wrong: "There is no server of this name." });
  expect([field.getAttribute("aria-invalid"), describedBy(field)]).toEqual(["true", "✕ There is no server of this name."]);
});

test("lines_and_boxes_have_their_label_too", async () => {
  render(Textarea, { label: "Reason" });
  render(Checkbox, { label: "Mine only" });
  await userEvent.type(screen.getByLabelText("Reason"), "new keypad");
  await userEvent.click(screen.getByLabelText("Mine only"));
  expect((screen.getByLabelText("Reason") as HTMLTextAreaElement).value).toBe("new keypad");
  expect((screen.getByLabelText("Mine only") as HTMLInputElement).checked).toBe(true);
});

test("a_select_says_what_is_chosen_and_gives_the_id_of_the_choice", async () => {
  const onchange = vi.fn();
  render(Select, { label: "Location", choices: choices.locations, value: choices.locations[0]!.id, onchange });
  const trigger = screen.getByLabelText("Location: Harbourfront");
  trigger.focus();
  await userEvent.keyboard("{Enter}");
  await userEvent.keyboard("{ArrowDown}{Enter}");
  expect(onchange).toHaveBeenCalledWith(choices.locations[1]!.id);
});

test("a_combobox_finds_a_name_without_its_accent", async () => {
  const onchange = vi.fn();
  render(Combobox, { label: "Assigned to", choices: choices.people, onchange });
  await userEvent.type(screen.getByLabelText("Assigned to"), "etienne");
  const options = await screen.findAllByRole("option");
  expect(options.map((option) => option.textContent!.trim())).toEqual(["Étienne Boudreau"]);
  await userEvent.keyboard("{ArrowDown}{Enter}");
  expect(onchange).toHaveBeenCalledWith(choices.people[2]!.id);
});

test("arrows_move_between_tabs", async () => {
  const onchange = vi.fn();
  render(Tabs, { label: "Status", value: "open", tabs: [{ value: "open", says: "Open", count: 4 }, { value: "closed", says: "Closed" }], onchange });
  screen.getByRole("tab", { name: /Open/ }).focus();
  await userEvent.keyboard("{ArrowRight}");
  expect(onchange).toHaveBeenCalledWith("closed");
});
