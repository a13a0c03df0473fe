// Opens the palette, types each text letter by letter, and says how long it took until the screen
// showed what followed: [openings, keystrokes], in milliseconds.
const [texts, openings] = arguments;
const done = arguments[arguments.length - 1];
const LONGEST_MS = 400;

const find = () => document.querySelector("[role=dialog] input");
const press = (key, ctrlKey = false) =>
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", { key, code: key === "k" ? "KeyK" : key, ctrlKey, bubbles: true, cancelable: true }),
  );
// The frame in which the change is drawn has begun; a task after it comes when it is drawn.
const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does something and waits until the page has changed as wished and is drawn; null where nothing
 * had to change, because the same still fits. */
async function time(act, isDone, watched) {
  const begin = performance.now();
  const changed = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!isDone()) return;
      observer.disconnect();
      resolve(true);
    });
    observer.observe(watched, { subtree: true, childList: true, characterData: true, attributes: true });
    setTimeout(() => resolve(false), LONGEST_MS);
  });
  act();
  if (!(await changed)) return null;
  await drawn();
  return performance.now() - begin;
}

async function open() {
  const took = await time(() => press("k", true), () => find() !== null, document.body);
  await pause(50);
  return took;
}

async function close() {
  press("Escape");
  while (find() !== null) await pause(10);
}

async function measure() {
  const opened = [];
  for (let turn = 0; turn < openings; turn++) {
    opened.push(await open());
    await close();
  }
  const typed = [];
  for (const text of texts) {
    await open();
    for (let length = 1; length <= text.length; length++) {
      const input = find();
      input.value = text.slice(0, length);
      const type = () => input.dispatchEvent(new Event("input", { bubbles: true }));
      typed.push(await time(type, () => true, document.querySelector("[role=dialog] [role=listbox]")));
      // Somebody who types very fast.
      await pause(60);
    }
    await close();
  }
  return [opened, typed];
}

measure().then(done, (error) => done(String(error)));
