// Each test begins with an empty page and with no program behind the door.
import { configure } from "@testing-library/svelte";
import { afterEach } from "vitest";
import { replaceHost, type Host } from "../host";

// How long something may take to appear on a machine that has much else to do.
configure({ asyncUtilTimeout: 15_000 });

// What a part still asks for while it goes away is asked of nobody, and not of a network.
const nobody: Host = {
  run: () => new Promise(() => undefined),
  listen: () => () => undefined,
};

replaceHost(nobody);
afterEach(() => {
  replaceHost(nobody);
  // A field that was taken off the page with the focus in it would go on hearing every key.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
});
