// The rules of this house that a machine can see. Whoever breaks one is told file and line.
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";

const MAX_LINES = 500;

type Source = { path: string; text: string };
const sources: Source[] = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(svelte|ts|css)$/.test(path) && !path.includes("generated"))
  .map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(`src/${path}`, "utf8") }));

const isTest = ({ path }: Source): boolean => /\.test\.ts$|^lib\/(fake|testing)\/|host\.fake\.ts$/.test(path);
const product = sources.filter((source) => !isTest(source));

function find(among: Source[], pattern: RegExp): string[] {
  return among.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => `${path}:${text.slice(0, match.index).split("\n").length} ${match[0].trim()}`));
}

test("the_sources_were_found", () => {
  expect(product.length).toBeGreaterThan(5);
});

test("no_file_is_longer_than_the_limit", () => {
  expect(sources.filter(({ text }) => text.split("\n").length > MAX_LINES).map(({ path }) => path)).toEqual([]);
});

test("only_the_door_knows_tauri_and_the_bridge", () => {
  const others = product.filter(({ path }) => path !== "lib/host.ts");
  expect(find(others, /@tauri-apps|\bfetch\(|XMLHttpRequest|new (?:EventSource|WebSocket)\b/g)).toEqual([]);
});

test("only_the_clock_reads_the_clock", () => {
  const others = product.filter(({ path }) => path !== "lib/clock.ts");
  expect(find(others, /Date\.now\(|new Date\(\)/g)).toEqual([]);
});

test("no_part_and_no_screen_has_a_colour_of_its_own", () => {
  const others = product.filter(({ path }) => path !== "lib/tokens.css");
  expect(find(others, /#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b(?=\s*[;,)])|\b(?:rgba?|hsla?|oklch|oklab)\(/gi)).toEqual([]);
});

test("every_token_that_is_used_exists", () => {
  const defined = (text: string): string[] => [...text.matchAll(/(--[\w-]+)\s*[:=]/g)].map((match) => match[1]!);
  const known = new Set(product.flatMap(({ text }) => defined(text)));
  const missing = product.flatMap(({ path, text }) =>
    [...text.matchAll(/var\((--[\w-]+)/g)]
      .map((match) => match[1]!)
      .filter((name) => !known.has(name) && !name.startsWith("--bits-"))
      .map((name) => `${path}: ${name}`));
  expect(missing).toEqual([]);
});

test("nothing_asks_for_what_the_policy_of_the_page_forbids", () => {
  expect(find(product, /\beval\(|new Function\(|\sstyle="|https?:\/\/(?!www\.w3\.org\/)[\w.]+\.(?:com|org|net|io)\b/g)).toEqual([]);
});

test("no_word_is_used_that_says_nothing", () => {
  expect(find(product, /\b(?:synced|an? error occurred|something went wrong|please|failed to|oops)\b/gi)).toEqual([]);
});
