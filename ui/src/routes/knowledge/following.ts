// What it means to follow a link in a page: to another page of the guild, or an address outside, which is
// only copied: nothing in a page opens anything.
import { run } from "$lib/host";
import { router, to } from "$lib/router.svelte";
import { attempt, toasts } from "$lib/toasts.svelte";

const OUTSIDE = /^[a-z][a-z0-9+.-]*:/i;
const LOOKED_THROUGH = 50;

/** `category` is where the page lies that has the link. Headings of the same page are left to the caller. */
export async function follow(link: string, category: string): Promise<void> {
  if (OUTSIDE.test(link) || link.startsWith("//")) {
    await navigator.clipboard.writeText(link);
    toasts.say(`Address copied: ${link}`);
    return;
  }
  const paths = candidates(link, category);
  const name = paths[0]?.split("/").at(-1) ?? "";
  const found = await attempt(() => run("list_sops", {
    assistant: null, folder: null, filter: "all", order: "path", text: name, offset: 0, limit: LOOKED_THROUGH,
  }));
  if (found === null) return;
  const page = paths.flatMap((path) => found.lines.filter((line) => `${line.category}/${line.section}`.toLowerCase() === path))[0];
  if (page) router.go(to("knowledge", [page.id]));
  else toasts.say(`There is no page at ${link} on this laptop.`);
}

/** Paths that a link may mean: from the folder of the page, then from the top. */
export function candidates(link: string, category: string): string[] {
  const path = decodeURI(link.replace(/[#?].*$/, "")).replace(/\.md$/i, "").toLowerCase();
  const joined = (parts: string[]): string => {
    const kept: string[] = [];
    for (const part of parts) {
      if (part === "..") kept.pop();
      else if (part !== "" && part !== ".") kept.push(part);
    }
    return kept.join("/");
  };
  const steps = path.split("/");
  const fromTop = joined(steps);
  if (path.startsWith("/")) return [fromTop];
  return [...new Set([joined([...category.toLowerCase().split("/"), ...steps]), fromTop])];
}
