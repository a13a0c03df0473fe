import type { Screen } from "../screens";
import Unlock from "./Unlock.svelte";

export const screen: Screen = { name: "unlock", title: "Unlock", when: "locked", Page: Unlock };
