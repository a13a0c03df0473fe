import { expect, test } from "vitest";
import { environmentOf } from "./session.svelte";

function check(server: string | null, environment: ReturnType<typeof environmentOf>): void {
  expect([server, environmentOf(server)]).toEqual([server, environment]);
}

test("a_guild_that_is_not_the_real_one_is_told_by_its_server", () => {
  check("https://guild.fairway-collective.ca", null);
  check("https://staging.fairway-collective.ca", "STAGING");
  check("https://guild-test.fairway.ca:8443", "STAGING");
  check("http://127.0.0.1:7420", null);
  check("http://[::1]:7420", null);
  check("https://dev.fairway.ca", "DEV");
  check("https://developers-club.ca", null);
  check("https://latest-news.ca", null);
  check(null, null);
});
