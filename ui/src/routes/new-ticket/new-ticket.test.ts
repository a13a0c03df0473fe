import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { router } from "../../lib/router.svelte";
import { asked, openWindow } from "../../lib/testing/window";
import { newTicket } from "./new-ticket.svelte";
import NewTicket from "./NewTicket.svelte";
import { readPlace, writePlace } from "./place";

beforeEach(() => {
  newTicket.isOpen = false;
});

const draft = { subject: "new-ticket", title: "Lost watch", content: "Silver.", place: writePlace({ customer: "Mo", priority: "low", location: "usual", sop: null }), base_revision: null, kept_at: 1 };

test("t_opens_it_and_control_enter_saves_it_and_shows_it", async () => {
  const fake = openWindow();
  render(NewTicket);
  await userEvent.keyboard("t");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("What is it about?")));
  await userEvent.keyboard("Bay 4 is cold{Control>}{Enter}{/Control}");
  await waitFor(() => expect(router.place.screen).toBe("tickets"));
  expect(asked(fake, "create_ticket")).toEqual([
    { subject: "Bay 4 is cold", customer: "", priority: "medium", message: "", location: null, assistant: null, sop: null },
  ]);
  expect(asked(fake, "drop_draft")).toEqual([{ subject: "new-ticket" }]);
});

test("what_was_begun_is_there_again", async () => {
  openWindow({ draft: () => draft });
  render(NewTicket);
  newTicket.open();
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("What is it about?").value).toBe("Lost watch"));
  expect([screen.getByLabelText<HTMLInputElement>("Customer").value, screen.getByLabelText<HTMLInputElement>("What happened").value]).toEqual(["Mo", "Silver."]);
});

test("closing_the_sheet_keeps_what_was_typed", async () => {
  const fake = openWindow();
  render(NewTicket);
  newTicket.open();
  await userEvent.type(await screen.findByLabelText("What is it about?"), "Half");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(asked(fake, "keep_draft").at(-1)).toMatchObject({ subject: "new-ticket", title: "Half" }));
});

test("from_an_answer_it_begins_with_the_question_and_the_page", async () => {
  const fake = openWindow({ draft: () => draft });
  render(NewTicket);
  newTicket.open({ subject: "pin not work", sop: { id: "a", title: "PIN failures" } });
  await screen.findByText("PIN failures");
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(asked(fake, "create_ticket")).toEqual([expect.objectContaining({ subject: "pin not work", customer: "", sop: "a" })]));
});

test("without_a_subject_it_says_what_is_missing", async () => {
  const fake = openWindow();
  render(NewTicket);
  newTicket.open();
  await userEvent.click(await screen.findByRole("button", { name: "Save the ticket" }));
  await screen.findByText(/Say in a few words what it is about/);
  expect(asked(fake, "create_ticket")).toEqual([]);
});

test("a_draft_of_another_time_is_read_as_far_as_it_goes", () => {
  expect(readPlace("")).toMatchObject({ priority: "medium", location: "usual" });
  expect(readPlace('{"customer":"Mo"}')).toMatchObject({ customer: "Mo", priority: "medium" });
});
