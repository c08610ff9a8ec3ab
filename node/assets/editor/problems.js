/** What is wrong with the hall: looked for after every change, and told in a list. */

import { make } from "../elements.js";
import { check } from "./checks.js";
import { Later } from "./later.js";
import { t } from "./words.js";

/** The list of what is wrong; pressing an entry selects what has it. */
export class Problems {
  /** @param on `{ section(key) shows a section's fields, reveal(ids) brings things into sight, lost(error) its texts could not be fetched }` */
  constructor(root, editor, on) {
    Object.assign(this, { editor, on });
    this.list = root.querySelector("[data-testid=problem-list]");
    this.summary = root.querySelector("[data-testid=problem-count]");
    /** What faults say: most halls have none. */
    this.words = new Later(() => import("./tool-words.js"));
    editor.on("faults", () => this.#show());
    this.check();
  }

  check() {
    const { editor } = this;
    const faults = check(editor.doc);
    // Telling it draws everything anew.
    const isStill = faults.length === 0 && editor.faults.length === 0 && this.list.childElementCount === 0;
    editor.faults = faults;
    if (isStill) this.#count();
    else editor.tell("faults");
  }

  #count() {
    const { faults } = this.editor;
    const bad = faults.filter((fault) => fault.level === "bad").length;
    this.summary.textContent = faults.length === 0 ? t("editor-no-problems") : t("editor-problems", { count: faults.length });
    this.summary.className = bad > 0 ? "tag bad" : faults.length > 0 ? "tag warn" : "tag good";
  }

  async #show() {
    this.#count();
    try {
      if (this.editor.faults.length > 0) await this.words.want();
    } catch (error) {
      this.on.lost(error);
      return;
    }
    const { faults } = this.editor;
    this.list.replaceChildren(...faults.slice(0, 30).map((fault) => make("li", {}, make("button", { type: "button", class: `editor-problem ${fault.level}`, "data-testid": "problem", "data-key": fault.key, onclick: () => this.#go(fault) }, fault.words ?? t(fault.key, fault.values)))));
  }

  #go(fault) {
    const { editor } = this;
    if (fault.section) return this.on.section(fault.section);
    if (fault.category) return document.querySelector(`[data-testid=category][data-key="${CSS.escape(fault.category)}"] input[type=text]`)?.focus();
    if (fault.ids.length === 0) return;
    editor.select(fault.ids.filter((id) => editor.doc.things.some((thing) => thing.id === id)));
    this.on.reveal(fault.ids);
  }
}
