import type { Overlay } from "../screens";
import Palette from "./Palette.svelte";

export const overlay: Overlay = { Overlay: Palette };
