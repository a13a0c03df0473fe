import { afterEach, expect, test, vi } from "vitest";
import type { Event } from "./generated";
import { bridgeHost, listen, replaceHost, run } from "./host";
import { fakeHost } from "./host.fake";

afterEach(() => vi.unstubAllGlobals());

const answer = (status: number, body: string) => new Response(body, { status });

test("a_command_goes_to_the_bridge_with_its_name_and_the_token", async () => {
  const fetched = vi.fn().mockResolvedValue(answer(200, '{"on":true}'));
  vi.stubGlobal("fetch", fetched);
  replaceHost(bridgeHost("secret"));
  await run("work_offline", { on: true });
  const [address, { method, headers, body }] = fetched.mock.calls[0]!;
  expect([address, method, headers["x-guildhall-token"]]).toEqual(["/run", "POST", "secret"]);
  expect(JSON.parse(body)).toEqual({ name: "work_offline", request: { on: true } });
});

test("a_refusal_of_the_program_is_thrown_as_it_is", async () => {
  const failure = { code: "locked", message: "The guild is locked.", hint: "Unlock it." };
  vi.stubGlobal("fetch", vi.fn().mockResolvedValue(answer(423, JSON.stringify(failure))));
  replaceHost(bridgeHost(""));
  await expect(run("status", {})).rejects.toEqual(failure);
});

test("what_is_not_a_failure_becomes_a_fault_with_words", async () => {
  replaceHost(bridgeHost(""));
  vi.stubGlobal("fetch", vi.fn().mockResolvedValue(answer(502, "<html>")));
  await expect(run("status", {})).rejects.toMatchObject({ code: "fault", message: "The program answered with 502." });
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("Failed to fetch")));
  await expect(run("status", {})).rejects.toMatchObject({ code: "fault", message: "The program does not answer." });
});

class Source {
  static last: Source;
  onmessage: ((message: { data: string }) => void) | null = null;
  isClosed = false;
  constructor(readonly address: string) {
    Source.last = this;
  }
  close(): void {
    this.isClosed = true;
  }
}

test("events_reach_everyone_through_one_source_which_closes_with_the_last", () => {
  vi.stubGlobal("EventSource", Source);
  replaceHost(bridgeHost("a/b"));
  const heard: Event[] = [];
  const stops = [listen((event) => heard.push(event)), listen((event) => heard.push(event))];
  Source.last.onmessage?.({ data: '{"kind":"status_changed"}' });
  expect(Source.last.address).toBe("/events?token=a%2Fb");
  expect(heard).toHaveLength(2);
  stops.forEach((stop) => stop());
  expect(Source.last.isClosed).toBe(true);
});

test("the_fake_answers_every_command_and_remembers_what_was_asked", async () => {
  const fake = fakeHost();
  replaceHost(fake);
  expect((await run("list_sops", { assistant: null, folder: null, filter: "all", order: "path", text: "pin", offset: 0, limit: 50 })).total).toBe(1);
  expect(fake.calls.map((call) => call.name)).toEqual(["list_sops"]);
});
