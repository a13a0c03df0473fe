// What the screens of pages say in more than one place.
import type { SopFilter, SopLine, SopOrder } from "$lib/generated";

export const filters: { value: SopFilter; says: string }[] = [
  { value: "all", says: "All pages" },
  { value: "unsent", says: "Not sent yet" },
  { value: "mine", says: "Mine" },
  { value: "unread", says: "Unread" },
  { value: "needs_you", says: "Needs you" },
  { value: "deleted", says: "Deleted" },
];

export const orders: { value: SopOrder; says: string }[] = [
  { value: "path", says: "By folder" },
  { value: "title", says: "By title" },
  { value: "changed", says: "Last changed first" },
];

export const nothing: Record<SopFilter, string> = {
  all: "No pages yet. Import a folder, or write the first one.",
  unsent: "Everything you wrote is on the server.",
  mine: "You have not written a page yet.",
  unread: "Nothing new: you have read every page as it is now.",
  needs_you: "No page needs you.",
  deleted: "No page was deleted.",
};

/** "Booking › access": where a page lies, as people say it. The assistant's own folder is not said twice. */
export function placeOf(line: Pick<SopLine, "assistant" | "category">): string[] {
  const folders = line.category.split("/").filter((part) => part !== "");
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  if (folders[0] !== undefined && plain(folders[0]) === plain(line.assistant)) folders.shift();
  return line.assistant === "" ? folders : [line.assistant, ...folders];
}

/** File name of a page: what its address is made of. */
export function slugOf(title: string): string {
  const slug = title.normalize("NFKC").toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-+|-+$/g, "");
  return slug === "" ? "page" : slug.slice(0, 80);
}

export const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
