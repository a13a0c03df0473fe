import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { session } from "../../lib/session.svelte";
import { asked, openWindow } from "../../lib/testing/window";
import FirstRun from "./FirstRun.svelte";

async function fill(): Promise<void> {
  await userEvent.click(screen.getByRole("button", { name: /Connect to a server/ }));
  await userEvent.type(screen.getByLabelText("Server"), "guild.example");
  await userEvent.type(screen.getByLabelText("Guild"), " Fairway ");
  await userEvent.type(screen.getByLabelText("Your name or e-mail"), "ana");
  await userEvent.type(screen.getByLabelText("Password"), " nine {Enter}");
}

test("enter_sends_and_the_password_is_sent_as_it_was_typed", async () => {
  const fake = openWindow();
  render(FirstRun);
  await fill();
  expect(asked(fake, "sign_in")).toEqual([
    expect.objectContaining({ server: "https://guild.example", guild: "Fairway", name: "ana", password: " nine ", device: null, ca_file: null }),
  ]);
  expect(session.value?.state).toBe("open");
});

test("nothing_is_sent_while_something_is_missing_and_the_focus_goes_there", async () => {
  const fake = openWindow();
  render(FirstRun);
  await userEvent.click(screen.getByRole("button", { name: /Connect to a server/ }));
  await userEvent.type(screen.getByLabelText("Server"), "guild.example{Enter}");
  expect(asked(fake, "sign_in")).toEqual([]);
  expect(document.activeElement).toBe(screen.getByLabelText("Guild"));
  expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
});

test("a_server_that_does_not_answer_is_said_beside_its_field_and_nothing_typed_is_lost", async () => {
  openWindow({ sign_in: () => Promise.reject({ code: "offline", message: "The server did not answer.", hint: null }) });
  render(FirstRun);
  await fill();
  const server = screen.getByLabelText<HTMLInputElement>("Server");
  expect(document.getElementById(server.getAttribute("aria-describedby")!)?.textContent).toContain("The server did not answer.");
  expect([document.activeElement, server.value]).toEqual([server, "guild.example"]);
  expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe(" nine ");
});

test("escape_goes_back_to_the_choice", async () => {
  openWindow();
  render(FirstRun);
  await userEvent.click(screen.getByRole("button", { name: /Connect to a server/ }));
  await userEvent.keyboard("{Escape}");
  expect(screen.getByRole("button", { name: /Try with sample data/ })).toBeTruthy();
});
