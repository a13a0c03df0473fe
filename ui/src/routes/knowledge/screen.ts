import type { Screen } from "../screens";
import Page from "./Knowledge.svelte";

export const screen: Screen = {
  name: "knowledge",
  title: "Knowledge",
  when: "open",
  rail: { icon: "knowledge", order: 20, key: "K" },
  Page,
};
