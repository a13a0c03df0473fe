import { expect, test } from "vitest";
import { firstTrouble, troublesOf, withScheme } from "./sign-in.svelte";

const failure = (code: Parameters<typeof troublesOf>[0]["code"], hint: string | null = null) => ({ code, message: "So it is.", hint });

test.each([
  ["offline", "server"],
  ["bad_request", "server"],
  ["locked", "password"],
  ["disagreement", "name"],
  ["not_found", "guild"],
  ["fault", "form"],
  ["no_profile", "form"],
] as const)("a_refusal_stands_beside_what_it_is_about: %s", (code, about) => {
  expect(troublesOf(failure(code))).toEqual({ [about]: "So it is." });
});

test("what_to_do_is_said_too_but_not_what_is_meant_for_a_terminal", () => {
  expect(troublesOf(failure("disagreement", "Do this."))).toEqual({ name: "So it is. Do this." });
  expect(troublesOf(failure("locked", "Run guildhall sign-in."))).toEqual({ password: "So it is." });
});

test("a_fault_is_about_the_certificate_if_one_was_given", () => {
  expect(firstTrouble(troublesOf(failure("fault"), true))).toBe("certificate");
});

test.each([
  ["guild.example", "https://guild.example"],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["localhost:8080", "https://localhost:8080"],
])("an_address_without_a_scheme_is_https: %s", (typed, address) => {
  expect(withScheme(typed)).toBe(address);
});

test("half_a_sentence_of_a_server_becomes_a_whole_one", () => {
  expect(troublesOf({ code: "locked", message: "guild, name or password is wrong", hint: null })).toEqual({
    password: "Guild, name or password is wrong.",
  });
});
