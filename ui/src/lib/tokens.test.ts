// Computes the contrast of every pair of colours that is used, in every theme, from the style sheet itself.
import { readFileSync } from "node:fs";
import { converter, inGamut, parse, wcagContrast, type Color } from "culori";
import { expect, test } from "vitest";

type Theme = "light" | "dark" | "light, more" | "dark, more";
const THEMES: Theme[] = ["light", "dark", "light, more", "dark, more"];
const sheet = readFileSync("src/lib/tokens.css", "utf8");
const toRgb = converter("rgb");

const normal = readBlock(":root {");
const more = readBlock(':root[data-contrast="more"] {');

const GROUNDS = ["ground", "surface", "raised", "sunken", "hover", "pressed", "selected"];
const TEXT: [ground: string, inks: string[]][] = [
  ...GROUNDS.map((ground): [string, string[]] => [ground, ["ink", "ink-soft", "ink-faint", "accent-ink", "red-ink", "amber-ink", "blue-ink"]]),
  ["accent-ground", ["ink", "ink-soft", "accent-ink"]],
  ["amber-ground", ["ink", "ink-soft", "amber-ink"]],
  ["red-ground", ["ink", "ink-soft", "red-ink"]],
  ["blue-ground", ["ink", "ink-soft", "blue-ink"]],
  ["found", ["ink", "ink-soft"]],
  ["added", ["ink", "ink-soft"]],
  ["removed", ["ink", "ink-soft"]],
  ["accent", ["on-accent"]],
  ["accent-hover", ["on-accent"]],
  ["red", ["on-red"]],
  ["red-hover", ["on-red"]],
  ["dev", ["on-strip"]],
  ["staging", ["on-strip"]],
];
const PARTS: [ground: string, parts: string[]][] = [
  ...["ground", "surface", "raised", "sunken"].map((ground): [string, string[]] => [ground, ["edge", "accent", "focus", "amber", "red", "blue"]]),
  ...["hover", "selected"].map((ground): [string, string[]] => [ground, ["focus", "amber"]]),
];

test.each(THEMES)("text_can_be_read_on_every_ground_in_%s", (theme) => {
  expect(weak(theme, TEXT, theme.endsWith("more") ? 7 : 4.5, ["accent", "accent-hover", "red", "red-hover", "dev", "staging"])).toEqual([]);
});

test.each(THEMES)("parts_can_be_told_from_their_ground_in_%s", (theme) => {
  expect(weak(theme, PARTS, 3)).toEqual([]);
});

test("every_colour_can_be_shown_on_an_ordinary_screen", () => {
  const outside = THEMES.flatMap((theme) =>
    [...normal.keys()].filter((name) => !inGamut("rgb")(colour(name, theme))).map((name) => `${name} in ${theme}`));
  expect(outside).toEqual([]);
});

/** Pairs below the limit; on a filled ground more contrast is not asked for beyond 4.5. */
function weak(theme: Theme, pairs: [string, string[]][], limit: number, filled: string[] = []): string[] {
  return pairs.flatMap(([ground, inks]) =>
    inks
      .map((ink) => ({ ink, contrast: wcagContrast(colour(ink, theme), colour(ground, theme)) }))
      .filter(({ contrast }) => contrast < (filled.includes(ground) ? Math.min(limit, 4.5) : limit))
      .map(({ ink, contrast }) => `${ink} on ${ground}: ${contrast.toFixed(2)}`));
}

function colour(name: string, theme: Theme): Color {
  const pair = (theme.endsWith("more") ? more.get(name) : undefined) ?? normal.get(name);
  if (pair === undefined) throw new Error(`there is no colour ${name}`);
  const found = parse(pair[theme.startsWith("dark") ? 1 : 0]);
  if (found === undefined) throw new Error(`${name} is not a colour`);
  return toRgb(found);
}

function readBlock(opening: string): Map<string, [string, string]> {
  const from = sheet.indexOf(opening);
  const block = sheet.slice(from, sheet.indexOf("\n}", from));
  const pairs = [...block.matchAll(/--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\);/g)];
  return new Map(pairs.map((match) => [match[1]!, [match[2]!, match[3]!]]));
}
