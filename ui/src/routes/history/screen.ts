import type { Screen } from "../screens";
import Page from "./ChangeLog.svelte";

export const screen: Screen = {
  name: "history",
  title: "Change log",
  when: "open",
  rail: { icon: "history", order: 60, key: "L" },
  Page,
};
