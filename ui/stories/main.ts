// Shows the story that the address asks for (`?story=button&theme=dark`), or the list of all of them.
import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "../src/lib/tokens.css";
import "../src/lib/base.css";
import { mount, tick } from "svelte";
import App from "../src/App.svelte";
import { stopClock } from "../src/lib/clock";
import { NOW, preferences as usual } from "../src/lib/fake/club";
import type { Preferences } from "../src/lib/generated";
import { replaceHost } from "../src/lib/host";
import { fakeHost } from "../src/lib/host.fake";
import Gallery from "./Gallery.svelte";
import { listed, partStories, screenStories } from "./story";

const asked = new URLSearchParams(location.search);
const name = asked.get("story") ?? "";
const target = document.getElementById("app")!;

stopClock(NOW);
localStorage.clear();
const wanted: Preferences = {
  ...usual,
  ...screenStories.get(name)?.preferences,
  theme: asked.get("theme") === "dark" ? "dark" : "light",
  ...(asked.has("contrast") && { contrast: "more" as const }),
  ...(asked.has("compact") && { density: "compact" as const }),
  ...(asked.has("zoom") && { zoom: 2 }),
};

const part = partStories.get(name);
const screen = screenStories.get(name);
const host = fakeHost({ preferences: () => wanted, ...screen?.answers });
replaceHost(host);
localStorage.setItem("guildhall-preferences", JSON.stringify(wanted));

if (screen !== undefined) {
  history.replaceState(null, "", screen.address);
  mount(App, { target });
} else mount(Gallery, { target, props: { name, part, stories: listed.map((story) => story.name) } });

await tick();
await document.fonts.ready;
Object.assign(window, { stories: listed, host });
document.documentElement.dataset["ready"] = "true";
