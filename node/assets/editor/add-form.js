/** Adds things by numbers instead of by pointing. */

import { make } from "../elements.js";
import { keyFor, nameFor } from "./changes.js";
import { draw } from "./drawing.js";
import { boundsOfAll, corners } from "./geometry.js";
import { sequence, written } from "./label-lists.js";
import { capacity, thing } from "./model.js";
import { blockIn, rowBetween, tablesIn } from "./suggest.js";
import { t, texts } from "./tool-words.js";

const FIELDS = {
  block: ["rows", "seats", "first-row", "left", "top"],
  row: ["seats", "left", "top"],
  tables: ["columns", "lines", "chairs", "left", "top"],
  area: ["name", "capacity", "left", "top", "width", "height"],
  stage: ["left", "top", "width", "height"],
};
const USUAL = { rows: 10, seats: 20, columns: 3, lines: 2, chairs: 8, capacity: 200, width: 16, height: 3 };
const MOST = { rows: 200, seats: 500, columns: 40, lines: 40, chairs: 30, capacity: 500_000 };

const MAKE = {
  block(doc, section, { rows, seats, left, top, "first-row": first }) {
    const block = blockIn(doc, section, { left, top, right: left + seats - 1, bottom: top + (rows - 1) * 1.2 }, false);
    return first ? { ...block, rows: written(sequence(first, rows)) } : block;
  },
  row: (doc, section, { seats, left, top }) => rowBetween(doc, section, [left, top], [left + seats - 1, top]),
  tables(doc, section, { columns, lines, chairs, left, top }) {
    return { ...tablesIn(doc, section, { left, top, right: left + (columns - 1) * 5, bottom: top + (lines - 1) * 5 }), chairs };
  },
  area(doc, section, { name, capacity, left, top, width, height }) {
    const areas = doc.things.filter((one) => one.kind === "area");
    const called = name || nameFor(t("editor-standing"), areas.map((one) => one.name));
    return thing("area", { section, name: called, key: keyFor(called, areas.map((one) => one.key)), capacity, outline: corners({ left, top, right: left + width, bottom: top + height }) });
  },
  stage: (_doc, _section, { left, top, width, height }) => thing("stage", { label: t("editor-stage"), outline: corners({ left, top, right: left + width, bottom: top + height }) }),
};

export class AddForm {
  /** @param reveal brings things into sight */
  constructor(form, editor, reveal) {
    Object.assign(this, { form, editor, reveal });
    this.kind = form.querySelector("select");
    this.fields = form.querySelector("[data-testid=add-fields]");
    this.kind.addEventListener("change", () => this.#show());
    editor.on("doc", () => this.#place());
    this.#show();
  }

  #show() {
    this.inputs = new Map();
    this.fields.replaceChildren(...FIELDS[this.kind.value].map((name) => {
      const isText = name === "name" || name === "first-row";
      const isPlace = name === "left" || name === "top";
      const input = make("input", {
        class: "input", id: `add-${name}`, name, type: isText ? "text" : "number", value: USUAL[name], required: !isText, maxlength: isText ? 100 : undefined,
        min: isPlace ? -10_000 : isText ? undefined : 1, max: isPlace ? 10_000 : MOST[name], step: isPlace || name === "width" || name === "height" ? 0.5 : isText ? undefined : 1,
        placeholder: isText ? t("editor-automatic") : undefined, "data-testid": `add-${name}`,
      });
      input.addEventListener("input", () => (input.dataset.written = "true"));
      this.inputs.set(name, input);
      return make("div", { class: "field" }, make("label", { for: `add-${name}` }, texts.word("editor-label", name)), input);
    }));
    this.#place();
  }

  /** What comes next stands below everything; the stage above. */
  #place() {
    const things = this.editor.doc.things;
    const box = boundsOfAll(things) ?? { left: -0.5, top: -0.5, right: 0, bottom: this.kind.value === "stage" ? -0.5 : 3 };
    const isStage = this.kind.value === "stage";
    const suggest = (name, value) => {
      const input = this.inputs.get(name);
      if (input && input.dataset.written !== "true") input.value = String(Math.round(value * 2) / 2);
    };
    suggest("left", box.left + 0.5);
    suggest("top", isStage ? (things.length > 0 ? box.top - 5 : 0) : box.bottom + 1);
    if (isStage && things.length > 0) suggest("width", Math.max(6, box.right - box.left - 1));
  }

  /** The form was sent. */
  add() {
    const facts = {};
    for (const [name, input] of this.inputs) facts[name] = input.type === "number" ? Number(input.value) : input.value.trim();
    const { editor } = this;
    const kind = this.kind.value;
    draw(editor, texts.word("editor-did", kind), (section, doc) => [MAKE[kind](doc, section, facts)]);
    const [made] = editor.things();
    for (const name of ["left", "top", "name", "first-row"]) {
      const input = this.inputs.get(name);
      if (!input) continue;
      delete input.dataset.written;
      if (input.type === "text") input.value = "";
    }
    this.#place();
    if (!made) return;
    this.reveal([made.id]);
    editor.say(t("editor-said-drawn", { what: texts.word("editor-a", kind), count: capacity(made) }));
  }
}
