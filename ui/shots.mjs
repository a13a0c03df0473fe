// Takes a picture of every story, light and dark, and looks at each with axe on the way. A story that
// throws, breaks the policy of the page or breaks a rule of access fails the run.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const SIZES = { usual: [1280, 800], small: [1024, 700] };
const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const PAGES = 2;
const MAX_HEIGHT = 6000;
const USUAL = { theme: "light", contrast: "normal", density: "comfortable" };
const LOOKS = { contrast: { contrast: "more" }, compact: { density: "compact" } };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const here = import.meta.dirname;
const pictures = join(here, "../target/shots");
const only = process.argv.slice(2);
const axe = readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");

const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, "http://x").pathname).replace(/^\/$/, "/stories.html");
  try {
    const body = readFileSync(join(here, "stories-dist", path));
    response.writeHead(200, { "content-type": KINDS[extname(path)] ?? "application/octet-stream" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;
const executablePath = execFileSync(join(here, "../scripts/chromium"), { encoding: "utf8" }).trim();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--force-color-profile=srgb"] });
mkdirSync(pictures, { recursive: true });

const faults = [];
const queue = await listShots();
const started = performance.now();
let taken = 0;
await Promise.all(Array.from({ length: PAGES }, work));
await browser.close();
server.close();
console.log(`${taken} pictures in target/shots, ${((performance.now() - started) / 1000).toFixed(1)} s`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

async function listShots() {
  const page = await browser.newPage();
  await page.goto(origin);
  await page.waitForSelector("[data-ready]");
  const stories = await page.evaluate(() => window.stories);
  await page.close();
  return stories
    .filter(({ name }) => only.length === 0 || only.some((wanted) => name.startsWith(wanted)))
    .flatMap(({ name, also, steps }) => [
      { name, steps, also: also.filter((variant) => variant !== "zoom") },
      // Twice the size is another layout from the first frame on, so it is a story loaded anew.
      ...(also.includes("zoom") ? [{ name, steps, also: [], isZoomed: true }] : []),
    ]);
}

async function work() {
  const context = await browser.newContext({ reducedMotion: "reduce", timezoneId: "America/Halifax", locale: "en-GB" });
  for (let shot = queue.shift(); shot !== undefined; shot = queue.shift()) await take(context, shot);
  await context.close();
}

// Loads a story once and changes its looks on the root of the page, as the person would.
async function take(context, { name, steps, also, isZoomed }) {
  const page = await context.newPage();
  const title = isZoomed ? `${name}-zoom` : name;
  page.on("pageerror", (error) => faults.push(`${title}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && faults.push(`${title}: ${message.text()}`));
  try {
    await page.setViewportSize(size("usual"));
    await page.goto(`${origin}/?story=${name}&theme=light${isZoomed ? "&zoom=1" : ""}`);
    await page.waitForSelector("[data-ready]", { timeout: 10_000 });
    await page.locator("main, [data-screen]").first().waitFor({ timeout: 5000 });
    for (const step of steps) await perform(page, step);
    await page.waitForTimeout(150);
    if (isZoomed) return void (await picture(page, title));
    await picture(page, `${name}-light`);
    await examine(page, `${name}-light`, RULES);
    await look(page, { theme: "dark" });
    await picture(page, `${name}-dark`);
    await examine(page, `${name}-dark`, ["color-contrast"]);
    for (const variant of also) {
      await look(page, LOOKS[variant] ?? {});
      await page.setViewportSize(size(variant));
      await page.waitForTimeout(100);
      await picture(page, `${name}-${variant}`);
    }
  } catch (error) {
    faults.push(`${title}: ${error.message}`);
  } finally {
    await page.close();
  }
}

function size(variant) {
  const [width, height] = SIZES[variant] ?? SIZES.usual;
  return { width, height };
}

async function look(page, looks) {
  await page.evaluate((looks) => Object.assign(document.documentElement.dataset, looks), { ...USUAL, ...looks });
  await page.waitForTimeout(50);
}

/** A part's story is as high as its content; a screen is as high as the window. */
async function picture(page, title) {
  const { width, height } = page.viewportSize();
  const high = await page.evaluate(() => document.querySelector("main")?.scrollHeight ?? 0);
  if (high > height) await page.setViewportSize({ width, height: Math.min(high, MAX_HEIGHT) });
  await page.screenshot({ path: join(pictures, `${title}.png`) });
  taken += 1;
}

async function perform(page, step) {
  if (step.press) for (const keys of step.press.split(" ")) await page.keyboard.press(keys);
  if (step.click) await page.getByText(step.click).or(page.getByLabel(step.click)).first().click({ timeout: 3000 });
  if (step.into) await page.locator("input, textarea, [contenteditable]").and(page.getByLabel(step.into)).first().fill(step.type, { timeout: 3000 });
  if (step.emit) await page.evaluate((event) => window.host.emit(event), step.emit);
  await page.waitForTimeout(60);
}

async function examine(page, title, rules) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules }), rules);
  for (const { id, nodes } of violations) faults.push(`${title}: ${id}: ${nodes.map((node) => node.html.slice(0, 140)).join(" | ")}`);
}
