import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import * as club from "../../lib/fake/club";
import { session } from "../../lib/session.svelte";
import { asked, openWindow } from "../../lib/testing/window";
import Unlock from "./Unlock.svelte";

const locked = { ...club.session, state: "locked" as const };

test("the_keyring_stands_first_where_it_answers_and_enter_is_enough", async () => {
  const fake = openWindow();
  session.put(locked);
  render(Unlock);
  await userEvent.keyboard("{Enter}");
  expect(asked(fake, "unlock")).toEqual([{ password: null, remember: false }]);
});

test("a_wrong_password_is_said_and_can_be_typed_over_at_once", async () => {
  openWindow({ unlock: () => Promise.reject({ code: "locked", message: "The password is wrong.", hint: null }) });
  session.put({ ...locked, opens_by_keyring: false });
  render(Unlock);
  await userEvent.keyboard("nine{Enter}");
  const input = screen.getByLabelText<HTMLInputElement>("Password");
  expect(document.activeElement).toBe(input);
  expect([input.selectionStart, input.selectionEnd]).toEqual([0, 4]);
  expect(screen.getByText(/The password is wrong/)).toBeTruthy();
});

test("without_a_keyring_nothing_offers_to_remember", () => {
  openWindow();
  session.put({ ...locked, keyring_answers: false });
  render(Unlock);
  expect(screen.queryByRole("checkbox")).toBeNull();
  expect(screen.queryByRole("button", { name: /keyring/ })).toBeNull();
  expect(screen.getByText(/waits safely in this profile/)).toBeTruthy();
});
