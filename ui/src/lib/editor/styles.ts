// The editor writes its rules while it runs. The policy of the page forbids style elements, so the rules
// go into a sheet that is adopted by the document instead; that is no less strict, and needs no nonce.
import { StyleModule } from "style-mod";

const mounted = new WeakMap<Document | ShadowRoot, { sheet: CSSStyleSheet; modules: StyleModule[] }>();

type Mount = (root: Document | ShadowRoot, modules: StyleModule | readonly StyleModule[]) => void;

const adopt: Mount = (root, modules) => {
  const held = mounted.get(root) ?? { sheet: new CSSStyleSheet(), modules: [] };
  const wanted = Array.isArray(modules) ? (modules as StyleModule[]) : [modules as StyleModule];
  const isNew = wanted.some((module) => !held.modules.includes(module));
  mounted.set(root, held);
  if (isNew) {
    // What is mounted again takes the place that it has among the others now.
    held.modules = [...held.modules.filter((module) => !wanted.includes(module)), ...wanted];
    held.sheet.replaceSync(held.modules.map((module) => module.getRules()).join("\n"));
  }
  if (!root.adoptedStyleSheets.includes(held.sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, held.sheet];
};

/** To be called before the first editor is made. */
export function adoptStyles(): void {
  StyleModule.mount = adopt;
}
