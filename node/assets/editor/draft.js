/** What is not saved yet is kept in the browser, so that a closed page or a lost line costs nothing. */

import { language, t } from "./tool-words.js";
import { toDrawing } from "./writing.js";

const AFTER_MS = 700;

export class Draft {
  /** @param page the page, with its editor, its `saving`, the hall's name and the `draftKey` */
  constructor(page) {
    this.page = page;
    this.pending = 0;
    addEventListener("pagehide", () => this.pending && this.#keep());
  }

  /** @returns `{ version, name, drawing, at }` of the last time, or null */
  #known() {
    try {
      const draft = JSON.parse(localStorage.getItem(this.page.draftKey));
      return draft && draft.drawing ? draft : null;
    } catch {
      return null;
    }
  }

  /** Offers what was kept the last time. */
  offer() {
    const draft = this.#known();
    if (!draft) return;
    const when = new Date(draft.at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
    const words = draft.version === this.page.saving.version ? t("editor-draft-found", { when }) : t("editor-draft-old", { when });
    this.page.notice("warn", words, [
      [t("editor-draft-restore"), () => this.#restore(draft), "draft-restore"],
      [t("editor-draft-discard"), () => this.drop(), "draft-discard"],
    ]);
  }

  #restore(draft) {
    const { page } = this;
    page.name.value = draft.name;
    page.editor.change(t("editor-did-restore-draft"), page.saving.read(draft.drawing));
    page.fit();
  }

  /** Keeps what is shown, a moment after the last change. */
  later() {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.#keep(), AFTER_MS);
  }

  #keep() {
    clearTimeout(this.pending);
    this.pending = 0;
    const { draftKey, saving, name, editor } = this.page;
    const draft = { version: saving.version, name: name.value, drawing: toDrawing(editor.doc).drawing, at: Date.now() };
    try {
      localStorage.setItem(draftKey, JSON.stringify(draft));
    } catch {
      // Without storage, or with a full one, there is no draft; saving works all the same.
    }
  }

  drop() {
    clearTimeout(this.pending);
    this.pending = 0;
    try {
      localStorage.removeItem(this.page.draftKey);
    } catch {
      // See above.
    }
  }
}
