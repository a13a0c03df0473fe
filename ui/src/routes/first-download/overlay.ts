import type { Overlay } from "../screens";
import FirstDownload from "./FirstDownload.svelte";

export const overlay: Overlay = { Overlay: FirstDownload };
