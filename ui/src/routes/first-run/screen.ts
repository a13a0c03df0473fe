import type { Screen } from "../screens";
import FirstRun from "./FirstRun.svelte";

export const screen: Screen = { name: "first-run", title: "Welcome", when: "none", Page: FirstRun };
