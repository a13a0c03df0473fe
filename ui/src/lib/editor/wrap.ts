// Marks around what is selected: Ctrl+B and Ctrl+I. Pressed again they go away.
import { EditorSelection, type ChangeSpec } from "@codemirror/state";
import type { Command, EditorView } from "@codemirror/view";

export function toggleMark(mark: string): Command {
  return (view: EditorView) => {
    const { state } = view;
    if (state.readOnly) return false;
    const change = state.changeByRange((range) => {
      const before = state.sliceDoc(range.from - mark.length, range.from);
      const after = state.sliceDoc(range.to, range.to + mark.length);
      const isMarked = before === mark && after === mark;
      const changes: ChangeSpec[] = isMarked
        ? [{ from: range.from - mark.length, to: range.from }, { from: range.to, to: range.to + mark.length }]
        : [{ from: range.from, insert: mark }, { from: range.to, insert: mark }];
      const by = isMarked ? -mark.length : mark.length;
      return { changes, range: EditorSelection.range(range.anchor + by, range.head + by) };
    });
    view.dispatch(state.update(change, { userEvent: "input", scrollIntoView: true }));
    return true;
  };
}
