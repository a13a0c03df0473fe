// How a text looks while it is written: the tokens of the window, headings and marks of Markdown a little
// stronger than the rest, nothing in colour that is not a link or code.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "var(--text-14)", color: "var(--ink)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "var(--leading-reading)", overflow: "auto" },
  ".cm-content": {
    padding: "var(--space-16) 0 var(--space-48)",
    maxInlineSize: "calc(var(--measure) + 2 * var(--space-32))",
    caretColor: "var(--accent-ink)",
  },
  ".cm-line": { padding: "0 var(--space-32)", unicodeBidi: "plaintext", textAlign: "start" },
  ".cm-cursor, .cm-dropCursor": { borderInlineStartColor: "var(--accent-ink)", borderInlineStartWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklch, var(--accent) 24%, transparent)",
  },
  ".cm-searchMatch": { backgroundColor: "var(--found)", borderRadius: "var(--radius-small)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--found)", outline: "var(--ring) solid var(--focus)" },
  ".cm-selectionMatch": { backgroundColor: "var(--pressed)" },
  ".cm-placeholder": { color: "var(--ink-faint)" },
  ".cm-panels": {
    backgroundColor: "var(--sunken)",
    color: "var(--ink)",
    fontFamily: "var(--font)",
    fontSize: "var(--text-13)",
    borderColor: "var(--line)",
  },
  ".cm-panels-top": { borderBlockEnd: "var(--border) solid var(--line)" },
});

/** The search panel has many small parts of its own; they look like our fields and plain buttons. */
const panel = EditorView.theme({
  ".cm-panel.cm-search": {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "var(--space-6) var(--space-8)",
    padding: "var(--space-8) var(--space-48) var(--space-8) var(--space-12)",
    position: "relative",
  },
  ".cm-panel.cm-search br": { display: "block", flexBasis: "100%", content: "''", blockSize: "0" },
  ".cm-panel.cm-search label": { display: "inline-flex", alignItems: "center", gap: "var(--space-4)", margin: "0", fontSize: "var(--text-12)", color: "var(--ink-soft)" },
  ".cm-panel.cm-search input[type=checkbox]": { margin: "0", inlineSize: "1rem", blockSize: "1rem" },
  ".cm-textfield": {
    blockSize: "var(--control)",
    margin: "0",
    paddingInline: "var(--space-8)",
    border: "var(--border) solid var(--edge)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--surface)",
    fontSize: "var(--text-13)",
  },
  ".cm-textfield:focus": { outline: "var(--ring) solid var(--focus)", outlineOffset: "-1px" },
  ".cm-button": {
    blockSize: "var(--control)",
    margin: "0",
    paddingInline: "var(--space-8)",
    border: "var(--border) solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundImage: "none",
    backgroundColor: "var(--surface)",
    fontSize: "var(--text-12)",
    fontWeight: "var(--medium)",
    "&:hover": { backgroundColor: "var(--hover)" },
    "&:active": { backgroundImage: "none", backgroundColor: "var(--pressed)" },
  },
  ".cm-panel.cm-search [name=close]": {
    position: "absolute",
    insetBlockStart: "var(--space-8)",
    insetInlineEnd: "var(--space-8)",
    inlineSize: "var(--control)",
    blockSize: "var(--control)",
    fontSize: "var(--text-16)",
    color: "var(--ink-soft)",
    borderRadius: "var(--radius)",
    cursor: "pointer",
    "&:hover": { backgroundColor: "var(--hover)" },
  },
});

const marks = HighlightStyle.define([
  { tag: tags.heading, fontWeight: "600", color: "var(--ink)" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strikethrough, textDecoration: "line-through" },
  { tag: [tags.link, tags.url], color: "var(--blue-ink)" },
  { tag: tags.monospace, color: "var(--accent-ink)" },
  { tag: tags.quote, color: "var(--ink-soft)" },
  { tag: [tags.processingInstruction, tags.meta, tags.contentSeparator], color: "var(--ink-faint)" },
]);

export const theme = [look, panel, syntaxHighlighting(marks)];
