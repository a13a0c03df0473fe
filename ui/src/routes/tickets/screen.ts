import type { Screen } from "../screens";
import Tickets from "./Tickets.svelte";

export const screen: Screen = {
  name: "tickets",
  title: "Tickets",
  when: "open",
  rail: { icon: "ticket", order: 30, key: "T" },
  Page: Tickets,
};
