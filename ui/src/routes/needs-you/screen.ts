import { status } from "$lib/status.svelte";
import type { Screen } from "../screens";
import Page from "./NeedsYou.svelte";

export const screen: Screen = {
  name: "needs-you",
  title: "Needs you",
  when: "open",
  rail: {
    icon: "warning",
    order: 80,
    key: "Y",
    count: () => (status.value?.needs_you ?? 0) + (status.value?.refused ?? 0),
    isUrgent: true,
  },
  Page,
};
