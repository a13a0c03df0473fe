import type { Screen } from "../screens";
import Home from "./Home.svelte";

export const screen: Screen = {
  name: "home",
  title: "Home",
  when: "open",
  rail: { icon: "home", order: 1, key: "H" },
  Page: Home,
};
