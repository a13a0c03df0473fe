// A trap for text that does something. Set once in the window; what is caught is asked for page by page.
const tripped = [];
const calls = new Set();
const address = () => location.origin + location.pathname;
const begun = address();

window.tripwire = () => tripped.push("it ran");
for (const name of ["alert", "confirm", "prompt", "open", "print"]) window[name] = () => void tripped.push(name);
addEventListener("securitypolicyviolation", (event) => tripped.push(`policy: ${event.effectiveDirective} ${event.blockedURI}`), true);
addEventListener("error", (event) => tripped.push(`error: ${event.message ?? event.target?.outerHTML}`), true);
addEventListener("submit", () => tripped.push("a form was sent"), true);
addEventListener("beforeunload", () => tripped.push("the page was left"));
// Every command goes through here on its way to the program.
const { fetch } = window;
window.fetch = (to, how) => {
  const command = decodeURIComponent(new URL(String(to)).pathname.slice(1));
  calls.add(command === "run" ? JSON.parse(how.body).name : command);
  return fetch(to, how);
};

const ELEMENTS = "script, iframe, frame, object, embed, applet, form, style, link, meta, base, svg, math, img, video, audio, source, template, button, select, textarea, input:not([type=checkbox][disabled])";
const ATTRIBUTES = /^(?:on.*|href|src|srcset|srcdoc|action|formaction|background|poster|ping|data|style|xlink:.*|target|autofocus|contenteditable|popover.*|form)$/i;

function examine(view) {
  const elements = [...view.querySelectorAll(ELEMENTS)].map((element) => element.outerHTML.slice(0, 200));
  const attributes = [...view.querySelectorAll("*")].flatMap((element) =>
    element.getAttributeNames().filter((name) => ATTRIBUTES.test(name)).map((name) => `${element.tagName} ${name}=${element.getAttribute(name)}`));
  return [...elements, ...attributes];
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const run = async (name, request) => (await window.__TAURI_INTERNALS__.invoke("run", { name, request }));
const box = document.createElement("div");
box.className = "prose";
document.body.append(box);

async function show(html) {
  box.innerHTML = html;
  const found = examine(box);
  await pause(0);
  return found;
}

const where = () => (address() === begun ? [] : [`it went to ${location.href}`]);

window.trap = {
  /** Each text by itself, as the program renders it. */
  async try(texts) {
    const found = [];
    for (const text of texts) {
      const { html } = await run("render", { text });
      found.push(...(await show(html)).map((what) => `${what} of ${text}`));
    }
    box.replaceChildren();
    return [...found, ...tripped, ...where()];
  },
  /** What would be if nothing made it harmless. */
  async tryRaw(html) {
    const found = await show(html);
    await pause(200);
    box.replaceChildren();
    return found;
  },
  /** What is in the page of this title once it is shown. */
  async look(title) {
    const isThere = () => [...document.querySelectorAll("main h1")].some((each) => each.textContent.trim() === title) && document.querySelector("main .prose")?.childNodes.length > 0 &&
      location.hash.includes("edit=") === (document.querySelector("main .cm-content") !== null);
    for (let tries = 0; !isThere(); tries += 1) {
      if (tries > 1000) return [`${title} does not appear`];
      await pause(10);
    }
    return [...[...document.querySelectorAll("main .prose")].flatMap(examine), ...tripped, ...where()];
  },
  async end() {
    await pause(500);
    return { calls: [...calls], tripped: [...tripped, ...where()] };
  },
};
