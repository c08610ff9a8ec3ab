/** What the brush paints, and how broad it is: a bar on the sheet, as long as the brush is in use. */

import { make } from "../elements.js";
import { KIND_PAINTS } from "./paint.js";
import { texts } from "./tool-words.js";

export class BrushBar {
  constructor(root, editor) {
    Object.assign(this, { editor });
    const part = (name) => root.querySelector(`[data-testid=${name}]`);
    this.bar = part("brush");
    this.paint = part("brush-paint");
    this.paint.addEventListener("change", () => editor.set({ paint: this.paint.value }));
    part("brush-on").addEventListener("change", (event) => editor.set({ brushOn: event.target.value }));
    part("brush-size").addEventListener("input", (event) => editor.set({ brushSize: Number(event.target.value) }));
    for (const what of ["tool", "settings", "doc"]) editor.on(what, () => this.#show());
    this.#show();
  }

  #show() {
    const { editor } = this;
    this.bar.hidden = editor.tool !== "brush";
    if (this.bar.hidden) return;
    const options = [...editor.doc.categories.map((category) => [category.key, category.name]), ...Object.keys(KIND_PAINTS).map((paint) => [paint, texts.word("editor-paint", paint.slice(1))])];
    const key = JSON.stringify(options);
    if (key !== this.shown) {
      this.paint.replaceChildren(...options.map(([value, words]) => make("option", { value }, words)));
      this.shown = key;
    }
    editor.paint ??= options[0][0];
    this.paint.value = editor.paint;
  }
}
