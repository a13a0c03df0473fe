import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ticketLines, ticketPage } from "../../lib/fake/tickets";
import { router } from "../../lib/router.svelte";
import { toasts } from "../../lib/toasts.svelte";
import { asked, openWindow } from "../../lib/testing/window";
import { giveLayout } from "../../lib/testing/layout";
import Tickets from "./Tickets.svelte";

const first = ticketLines[0]!;
const NO_CHANGE = { subject: null, customer: null, status: null, priority: null, location: null, assigned_to: null };

async function show(answers: Parameters<typeof openWindow>[0] = {}, address = `#/tickets/${first.id}`) {
  const fake = openWindow(answers, address);
  const shown = render(Tickets, { place: router.place });
  if (router.place.path.length > 0) await screen.findByText(first.subject, { selector: "h2" });
  return { fake, shown };
}

const area = (): HTMLTextAreaElement => screen.getByLabelText("Your message");

test("a_key_moves_the_ticket_on_and_it_can_be_taken_back", async () => {
  const { fake } = await show();
  await userEvent.keyboard("w");
  await waitFor(() => expect(asked(fake, "edit_ticket")).toEqual([{ id: first.id, ...NO_CHANGE, status: "waiting" }]));
  expect(toasts.undoNewest()).toBe(true);
  await waitFor(() => expect(asked(fake, "edit_ticket").at(-1)).toEqual({ id: first.id, ...NO_CHANGE, status: "open" }));
});

test("only_the_moves_that_the_program_allows_have_keys", async () => {
  const { fake } = await show({ ticket: () => ({ ...ticketPage, next: ["resolved"] }) });
  await userEvent.keyboard("wd");
  expect(asked(fake, "edit_ticket")).toEqual([]);
});

test("letters_are_letters_while_one_types_and_control_enter_saves", async () => {
  const { fake } = await show();
  await userEvent.keyboard("m");
  await userEvent.keyboard("work went on");
  expect([area().value, asked(fake, "edit_ticket")]).toEqual(["work went on", []]);
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(asked(fake, "add_message")).toEqual([{ id: first.id, author_kind: "staff", body: "work went on" }]));
  await waitFor(() => expect(asked(fake, "drop_draft")).toEqual([{ subject: `ticket:${first.id}` }]));
  expect([area().value, document.activeElement]).toEqual(["", area()]);
});

test("a_message_that_was_refused_is_still_there", async () => {
  const { fake } = await show({ add_message: () => Promise.reject({ code: "fault", message: "The disk is full.", hint: null }) });
  await userEvent.type(area(), "still here");
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(toasts.shown.at(-1)?.words).toBe("The disk is full."));
  expect([area().value, asked(fake, "drop_draft")]).toEqual(["still here", []]);
});

test("a_draft_is_there_again_and_leaving_keeps_what_was_typed", async () => {
  const draft = { subject: `ticket:${first.id}`, title: "", content: "as it was", place: "staff", base_revision: null, kept_at: 1 };
  const { fake, shown } = await show({ ticket: () => ({ ...ticketPage, draft }) });
  expect(area().value).toBe("as it was");
  await userEvent.type(area(), " and more");
  shown.unmount();
  await waitFor(() => expect(asked(fake, "keep_draft").at(-1)).toMatchObject({ subject: `ticket:${first.id}`, content: "as it was and more" }));
});

test("somebody_elses_change_is_read_and_what_one_types_stays", async () => {
  let subject = first.subject;
  const { fake } = await show({ ticket: () => ({ ...ticketPage, line: { ...first, subject } }) });
  await userEvent.type(area(), "half a sent");
  subject = "Projector works again";
  fake.emit({ kind: "rows_touched", table: "tickets", ids: [first.id], origin: "server" });
  await screen.findByText("Projector works again", { selector: "h2" });
  expect([area().value, document.activeElement]).toEqual(["half a sent", area()]);
});

test("a_page_is_linked_and_judged_by_keys", async () => {
  const { fake } = await show();
  await userEvent.keyboard("1");
  await waitFor(() => expect(asked(fake, "link_answer")).toEqual([expect.objectContaining({ row: ticketPage.answers[0]!.row, satisfied: true })]));
  await userEvent.keyboard("l");
  await userEvent.type(await screen.findByRole("combobox", { name: "Find the page" }), "pin");
  await screen.findByRole("option", { name: /PIN failures/ });
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(asked(fake, "link_answer")).toHaveLength(2));
});

test("renaming_is_one_key_and_escape_leaves_it_as_it_was", async () => {
  const { fake } = await show();
  await userEvent.keyboard("e");
  const input = await screen.findByLabelText("Subject");
  await userEvent.clear(input);
  await userEvent.type(input, "Other{Escape}");
  expect(asked(fake, "edit_ticket")).toEqual([]);
  await userEvent.keyboard("e");
  await userEvent.clear(await screen.findByLabelText("Subject"));
  await userEvent.keyboard("Black screen{Enter}");
  await waitFor(() => expect(asked(fake, "edit_ticket")).toEqual([{ id: first.id, ...NO_CHANGE, subject: "Black screen" }]));
});

test("five_thousand_tickets_draw_only_what_is_seen", async () => {
  const restore = giveLayout({ rowPx: 52, viewPx: 520 });
  const many = Array.from({ length: 5000 }, (_, at) => ({ ...first, id: `t${at}`, subject: `Ticket ${at}` }));
  const counts = { open: 5000, waiting: 0, resolved: 0, closed: 0, mine: 0 };
  const { fake } = await show({ list_tickets: ({ offset, limit }) => ({ total: 5000, lines: many.slice(offset, offset + limit), counts }) }, "#/tickets");
  await screen.findByText("Ticket 0");
  expect(screen.getAllByRole("option").length).toBeLessThan(60);
  expect(asked(fake, "list_tickets").length).toBeLessThan(4);
  restore();
});

test("no_open_tickets_says_which_key_makes_one", async () => {
  await show({ list_tickets: () => ({ total: 0, lines: [], counts: { open: 0, waiting: 0, resolved: 0, closed: 0, mine: 0 } }) }, "#/tickets");
  await screen.findByText("No open tickets. Press T anywhere.");
});
