import type { Screen } from "../screens";
import Ask from "./Ask.svelte";

export const screen: Screen = {
  name: "ask",
  title: "Ask",
  when: "open",
  rail: { icon: "ask", order: 10, key: "A" },
  Page: Ask,
};
