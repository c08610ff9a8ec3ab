/** The tools, and the steps back and forth. */

import { t, texts } from "./words.js";

export class Toolbar {
  /** @param on `{ fit, zoom, save }` */
  constructor(root, editor, on) {
    Object.assign(this, { root, editor });
    const part = (name) => root.querySelector(`[data-testid=${name}]`);
    this.tools = [...root.querySelectorAll("[data-tool]")];
    for (const button of this.tools) button.addEventListener("click", () => editor.use(button.dataset.tool));
    this.undo = part("undo");
    this.redo = part("redo");
    this.undo.addEventListener("click", () => editor.undo());
    this.redo.addEventListener("click", () => editor.redo());
    this.saved = part("saved");
    this.saveButton = part("save");
    this.saveButton.addEventListener("click", on.save);
    part("fit").addEventListener("click", on.fit);
    part("zoom-in").addEventListener("click", () => on.zoom(1.5));
    part("zoom-out").addEventListener("click", () => on.zoom(1 / 1.5));
    this.snaps = part("snaps");
    this.snaps.addEventListener("click", () => editor.set({ snaps: !editor.snaps }));
    for (const what of ["tool", "settings", "doc"]) editor.on(what, () => this.#show());
    this.#show();
  }

  #show() {
    const { editor } = this;
    for (const button of this.tools) button.setAttribute("aria-pressed", String(button.dataset.tool === editor.tool));
    this.snaps.setAttribute("aria-pressed", String(editor.snaps));
    const steps = [
      [this.undo, editor.history.past, t("editor-undo"), (words) => t("editor-undo-what", { words })],
      [this.redo, editor.history.future, t("editor-redo"), (words) => t("editor-redo-what", { words })],
    ];
    for (const [button, list, nothing, what] of steps) {
      // A button that has the focus keeps it when there is nothing left to undo.
      button.setAttribute("aria-disabled", String(list.length === 0));
      button.title = list.length === 0 ? nothing : what(list.at(-1).words);
    }
  }

  /** @param state `saved`, `changed` or `saving` */
  state(state) {
    this.saved.dataset.state = state;
    this.saved.textContent = texts.word("editor-state", state);
    this.saveButton.setAttribute("aria-disabled", String(state === "saving"));
  }
}
