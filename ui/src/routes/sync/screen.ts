import type { Screen } from "../screens";
import SyncCentre from "./SyncCentre.svelte";

export const screen: Screen = {
  name: "sync",
  title: "Sync centre",
  when: "open",
  rail: { icon: "sync", order: 50, key: "S" },
  Page: SyncCentre,
};
