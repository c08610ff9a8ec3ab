/** What is wrong with the hall: looked for after every change, and told in a list. */

import { make } from "../elements.js";
import { check } from "./checks.js";
import { Later } from "./later.js";

/** The list of what is wrong; pressing an entry selects what has it. */
export class Problems {
  /**
   * @param list the element for it
   * @param on `{ section(key) shows a section's fields, reveal(ids) brings things into sight, lost(error) its texts could not be fetched }`
   */
  constructor(list, editor, on) {
    Object.assign(this, { list, editor, on });
    /** What faults say: most halls have none. */
    this.words = new Later(() => import("./tool-words.js"));
    editor.on("faults", () => this.#show());
  }

  check() {
    const { editor } = this;
    const faults = check(editor.doc);
    // Telling it draws everything anew.
    const isStill = faults.length === 0 && editor.faults.length === 0;
    editor.faults = faults;
    if (!isStill) editor.tell("faults");
  }

  async #show() {
    try {
      const { t } = this.editor.faults.length > 0 ? await this.words.want() : {};
      const words = (fault) => fault.words ?? t(fault.key, fault.values);
      this.list.replaceChildren(...this.editor.faults.slice(0, 30).map((fault) => this.#entry(fault, words(fault))));
    } catch (error) {
      this.on.lost(error);
    }
  }

  #entry(fault, words) {
    return make("li", {}, make("button", { type: "button", class: `editor-problem ${fault.level}`, "data-testid": "problem", "data-key": fault.key, onclick: () => this.#go(fault) }, words));
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
