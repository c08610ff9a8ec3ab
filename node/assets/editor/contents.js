/**
 * What is in the hall, as a list: price categories; sections with their blocks, rows and areas. With the form that adds
 * things by numbers, it does without pointing what the sheet does with it.
 */

import { make } from "../elements.js";
import { language } from "../texts.js";
import { BRUSH, CROSS, icon } from "./icons.js";
import { capacity, counts } from "./model.js";
import { layout } from "./seats.js";
import { t, texts } from "./words.js";

const SHOWN_AFTER_MS = 60;

export class Contents {
  /** @param on `{ act(name, ...) changes the hall by actions.js, section(key) shows a section's fields, reveal(ids) brings things into sight }` */
  constructor(root, editor, on) {
    Object.assign(this, { editor, on });
    this.categories = root.querySelector("[data-testid=categories]");
    this.tree = root.querySelector("[data-testid=tree]");
    this.total = root.querySelector("[data-testid=total]");
    this.open = new Set();
    root.querySelector("[data-testid=add-category]").addEventListener("click", () => this.#addCategory());
    root.querySelector("[data-testid=add-section]").addEventListener("click", () => this.#addSection());
    for (const what of ["doc", "settings", "selection", "faults"]) editor.on(what, () => this.#later());
    this.#show();
  }

  /** Once for all changes of a moment: while a brush paints, the list waits. */
  #later() {
    this.due ??= setTimeout(() => {
      this.due = undefined;
      this.#show();
    }, SHOWN_AFTER_MS);
  }

  async #addCategory() {
    await this.on.act("newCategory");
    this.#show();
    const input = this.categories.querySelector("li:last-child input[type=text]");
    input?.focus();
    input?.select();
  }

  async #addSection() {
    await this.on.act("newSection");
    await this.on.section(this.editor.section);
  }

  #show() {
    const told = counts(this.editor.doc);
    this.total.textContent = t("editor-capacity", { count: told.all });
    this.#showCategories(told);
    this.#showTree(told);
  }

  /** Rows of inputs are kept while one of them is written in. */
  #showCategories(told) {
    const { editor } = this;
    const { categories } = editor.doc;
    const state = categories.map((category) => category.key).join();
    if (state !== this.shownCategories) {
      this.shownCategories = state;
      this.categories.replaceChildren(...categories.map((category) => this.#category(category)));
    }
    categories.forEach((category, nth) => {
      const line = this.categories.children[nth];
      const [colour, name, use] = [line.querySelector("input[type=color]"), line.querySelector("input[type=text]"), line.querySelector(".editor-use")];
      if (colour.value !== category.color) colour.value = category.color;
      if (document.activeElement !== name && name.value !== category.name) name.value = category.name;
      colour.setAttribute("aria-label", t("editor-colour-of", { name: category.name }));
      use.setAttribute("aria-pressed", String(editor.paint === category.key));
      use.setAttribute("aria-label", t("editor-paint-with", { name: category.name }));
      line.querySelector(".editor-count").textContent = (told.categories.get(category.key) ?? 0).toLocaleString(language);
      line.querySelector(".editor-drop").setAttribute("aria-label", t("editor-remove-name", { name: category.name }));
    });
  }

  #category({ key }) {
    const { editor } = this;
    const change = (facts, name) => this.on.act("setCategory", key, facts, name);
    return make(
      "li", { class: "editor-category", "data-testid": "category", "data-key": key },
      make("input", { type: "color", oninput: (event) => change({ color: event.target.value }, "color") }),
      make("input", { type: "text", class: "input", maxlength: 100, "aria-label": t("editor-label-name"), "data-testid": "category-name", oninput: (event) => change({ name: event.target.value }, "name") }),
      make("span", { class: "editor-count soft small" }),
      make("button", { type: "button", class: "editor-use", title: t("editor-use-brush"), onclick: () => (editor.set({ paint: key }), editor.use("brush")) }, icon(BRUSH, 16)),
      make("button", { type: "button", class: "editor-drop", onclick: () => this.on.act("dropCategory", key) }, icon(CROSS, 14)),
    );
  }

  #showTree(told) {
    const { editor } = this;
    const { doc } = editor;
    const focused = this.tree.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const stage = doc.things.find((thing) => thing.kind === "stage");
    this.tree.replaceChildren(...(stage ? [make("li", {}, this.#thing(stage))] : []), ...doc.sections.map((section) => this.#section(section, told)));
    if (focused) this.tree.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  #section(section, told) {
    const { editor } = this;
    const things = editor.doc.things.filter((thing) => thing.section === section.key && thing.kind !== "stage");
    const isOpen = this.open.has(section.key) || (things.length <= 12 && !this.open.has(`closed ${section.key}`));
    const list = make("ul", {});
    const fill = () => list.replaceChildren(...things.map((thing) => make("li", {}, this.#thing(thing))));
    const details = make(
      "details", { open: isOpen, "data-testid": "tree-section" },
      make("summary", { "data-focus": `section ${section.key}`, class: editor.section === section.key ? "is-current" : null }, make("span", {}, dotOf(section), section.name || t("editor-unnamed")), make("span", { class: "soft small" }, (told.sections.get(section.key) ?? 0).toLocaleString(language))),
      make("div", { class: "row" },
        make("button", { type: "button", class: "link-button small", "data-focus": `edit ${section.key}`, "data-testid": "edit-section", onclick: () => (editor.set({ section: section.key }), this.on.section(section.key)) }, t("editor-act-edit-section")),
        editor.section === section.key ? make("span", { class: "soft small" }, t("editor-draws-here")) : make("button", { type: "button", class: "link-button small", "data-focus": `here ${section.key}`, onclick: () => editor.set({ section: section.key }) }, t("editor-act-draw-here"))),
      list,
    );
    if (isOpen) fill();
    details.addEventListener("toggle", () => {
      this.open.delete(section.key);
      this.open.delete(`closed ${section.key}`);
      this.open.add(details.open ? section.key : `closed ${section.key}`);
      if (details.open && !list.hasChildNodes()) fill();
    });
    return make("li", {}, details);
  }

  #thing(thing) {
    const { editor } = this;
    const isBad = editor.faults.some((fault) => fault.level === "bad" && fault.ids.includes(thing.id));
    const choose = (event) => {
      if (event.shiftKey || event.ctrlKey || event.metaKey) editor.toggle(thing.id);
      else editor.select([thing.id]);
      this.on.reveal([thing.id]);
    };
    return make(
      "button", { type: "button", class: isBad ? "tree-thing is-bad" : "tree-thing", "aria-pressed": String(editor.selected.has(thing.id)), "data-focus": thing.id, "data-testid": "tree-thing", "data-kind": thing.kind, onclick: choose },
      make("span", {}, nameOf(thing)), make("span", { class: "soft small" }, thing.kind === "stage" ? "" : capacity(thing).toLocaleString(language)),
    );
  }
}

/** What a thing is called in lists. */
export function nameOf(thing) {
  const { rows } = layout(thing);
  if (thing.kind === "block") return rows.length > 1 ? t("editor-name-block", { first: rows[0], last: rows.at(-1) }) : t("editor-name-row", { label: rows[0] ?? thing.rows });
  if (thing.kind === "tables") return rows.length > 1 ? `${rows[0]} – ${rows.at(-1)}` : (rows[0] ?? t("editor-the-tables"));
  if (thing.kind === "row") return t("editor-name-row", { label: thing.label });
  return thing.name || thing.label || texts.word("editor-the", thing.kind);
}

/** The colour of a section, before its name. */
function dotOf({ color }) {
  if (!color) return null;
  const dot = make("span", { class: "editor-dot" });
  dot.style.backgroundColor = color;
  return dot;
}
