import type { Overlay } from "../screens";
import NewTicket from "./NewTicket.svelte";

export const overlay: Overlay = { Overlay: NewTicket };
