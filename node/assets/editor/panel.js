/** The panel of what is selected: its fields, and what can be done with it. */

import { make } from "../elements.js";
import { align, breakUp, distribute, duplicate, mirror, price, removeSelected, setKind, turn } from "./actions.js";
import { changeSection, removeSection, replace } from "./changes.js";
import { button, choice, colourField, field, group } from "./fields.js";
import { icon } from "./icons.js";
import { placeOf } from "./marks.js";
import { byId } from "./model.js";
import { countWords, thingFields } from "./panel-things.js";
import { pickForm } from "./pick-form.js";
import { layout } from "./seats.js";
import { t, texts } from "./tool-words.js";

const ICONS = {
  "align-left": "M3 3v14M6 6h11M6 12h7",
  "align-centre": "M10 3v14M4 6h12M6 13h8",
  "align-right": "M17 3v14M3 6h11M7 12h7",
  "align-top": "M3 3h14M6 6v11M12 6v7",
  "align-middle": "M3 10h14M6 4v12M13 6v8",
  "align-bottom": "M3 17h14M6 3v11M12 7v7",
  "distribute-x": "M3 3v14M17 3v14M8 6h4v8H8z",
  "distribute-y": "M3 3h14M3 17h14M6 8v4h8V8z",
  duplicate: "M7 7h10v10H7zM13 7V3H3v10h4",
  mirror: "M10 3v14M7 6 3 14h4zM13 6l4 8h-4z",
  "turn-left": "M5 9a6 6 0 1 1 1 6M5 4v5h5",
  "turn-right": "M15 9a6 6 0 1 0-1 6M15 4v5h-5",
  remove: "M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11",
};

export class Panel {
  constructor(root, editor) {
    Object.assign(this, { root, editor });
    /** The section whose own fields are shown. */
    this.section = null;
    this.shown = "";
    this.fields = [];
    editor.on("selection", () => this.#show());
    editor.on("doc", () => this.#show());
    this.#show();
  }

  /** Shows the fields of a section, with its name marked. */
  showSection(key) {
    this.section = key;
    this.editor.clear();
    this.#show();
    const name = this.root.querySelector("input");
    name?.focus();
    name?.select();
  }

  #show() {
    const { editor } = this;
    if (editor.selected.size > 0 || editor.seats.size > 0) this.section = null;
    const state = this.#state();
    if (state === this.shown) {
      for (const one of this.fields) one.refresh();
      return;
    }
    this.shown = state;
    const parts = this.#parts();
    this.fields = parts.flatMap((part) => part.fields ?? []);
    this.root.replaceChildren(...parts.map((part) => part.element));
  }

  /** What decides which fields there are; as long as it stays, only values change. */
  #state() {
    const { editor } = this;
    if (editor.seats.size > 0) return `seats ${[...editor.seats].map(([id, places]) => `${id} ${[...places].join()}`).join(";")}`;
    if (editor.selected.size > 0) return `things ${editor.things().map((thing) => `${thing.id} ${Boolean(thing.seatsByRow)} ${thing.wedge ?? ""}`).join()}`;
    const section = editor.doc.sections.find((one) => one.key === this.section);
    return section ? `section ${section.key}` : "nothing";
  }

  #parts() {
    const { editor } = this;
    if (editor.seats.size > 0) return this.#ofSeats();
    if (editor.selected.size > 0) return [{ element: this.#heading() }, ...thingFields(editor), ...this.#pick(), { element: this.#arrange() }];
    const section = editor.doc.sections.find((one) => one.key === this.section);
    return section ? [this.#ofSection(section)] : [{ element: make("div", { class: "editor-blank" }, make("p", { class: "strong" }, t("editor-nothing-selected")), make("p", { class: "soft small" }, t("editor-nothing-hint"))) }];
  }

  #heading() {
    const things = this.editor.things();
    const [first] = things;
    const name = things.length === 1 ? texts.word("editor-the", first.kind) : t("editor-things", { count: things.length });
    return make("div", { class: "editor-heading" }, make("h2", {}, name), make("span", { class: "soft small" }, first.kind === "stage" || first.kind === "area" ? "" : countWords(this.editor)));
  }

  #pick() {
    return this.editor.things().some((thing) => !thing.outline) ? [{ element: pickForm(this.editor) }] : [];
  }

  #arrange() {
    const { editor } = this;
    const tool = (name, act, words) => make("button", { type: "button", class: "editor-icon", "aria-label": words, title: words, "data-testid": `act-${name}`, onclick: act }, icon(ICONS[name]));
    const isMore = editor.selected.size > 1;
    const aligning = ["left", "centre", "right", "top", "middle", "bottom"].map((edge) => tool(`align-${edge}`, () => align(editor, edge), texts.word("editor-align", edge)));
    const spreading = [tool("distribute-x", () => distribute(editor, "x"), t("editor-distribute-x")), tool("distribute-y", () => distribute(editor, "y"), t("editor-distribute-y"))];
    return make(
      "div", { class: "editor-arrange" },
      isMore ? make("div", { class: "editor-icons", role: "group", "aria-label": t("editor-align") }, ...aligning) : null,
      editor.selected.size > 2 ? make("div", { class: "editor-icons", role: "group", "aria-label": t("editor-distribute") }, ...spreading) : null,
      make("div", { class: "editor-icons", role: "group", "aria-label": t("editor-change") },
        tool("duplicate", () => duplicate(editor), t("editor-act-duplicate")), tool("mirror", () => mirror(editor), t("editor-act-mirror")),
        tool("turn-left", () => turn(editor, -15), t("editor-act-turn-left")), tool("turn-right", () => turn(editor, 15), t("editor-act-turn-right")),
        tool("remove", () => removeSelected(editor), t("editor-act-remove"))),
    );
  }

  #ofSeats() {
    const { editor } = this;
    const seats = [...editor.seats].flatMap(([id, places]) => [...places].map((place) => ({ thing: byId(editor.doc).get(id), place })));
    const prices = editor.doc.categories.map((category) => {
      const dot = make("span", { class: "editor-dot" });
      dot.style.backgroundColor = category.color;
      return make("button", { type: "button", class: "button quiet compact", onclick: () => price(editor, category.key), "data-testid": "seat-price" }, dot, category.name);
    });
    const kinds = ["*standard", "*accessible", "*companion", "*restricted"].map((paint) => button(texts.word("editor-paint", paint.slice(1)), () => setKind(editor, paint), { testid: `seat-${paint.slice(1)}` }));
    const [only] = seats;
    const number = seats.length === 1 && only.thing.kind === "row" ? [numberField(editor, only)] : [];
    const blocks = new Set(seats.filter(({ thing }) => thing.kind === "block").map(({ thing }) => thing.id));
    const more = blocks.size > 0 ? [button(t("editor-act-rows"), () => (editor.select([...blocks]), breakUp(editor)), { title: t("editor-hint-rows") })] : [];
    const heading = make("div", { class: "editor-heading" }, make("h2", {}, t("editor-seats", { count: seats.length })), make("span", { class: "soft small" }, seats.length === 1 ? nameOf(editor, only) : ""));
    return [
      { element: heading },
      { element: group(t("editor-label-price"), prices) },
      { fields: number, element: group(t("editor-part-kind"), [...kinds, ...number.map((one) => one.element)]) },
      { element: make("div", { class: "editor-arrange row" }, button(t("editor-act-gap"), () => removeSelected(editor), { testid: "seat-gap" }), ...more) },
    ];
  }

  #ofSection(section) {
    const { editor } = this;
    const read = () => editor.doc.sections.find((one) => one.key === section.key) ?? section;
    const write = (facts, name) => editor.change(t("editor-did-section"), changeSection(editor.doc, section.key, facts), `section ${section.key} ${name}`);
    const options = () => [["", t("editor-no-price")], ...editor.doc.categories.map((category) => [category.key, category.name])];
    const fields = [
      field({ label: t("editor-label-name"), wide: true, testid: "section-name", keepsFaults: true }, () => read().name, (name) => write({ name }, "name")),
      choice({ label: t("editor-label-section-price"), wide: true, testid: "section-price" }, options, () => read().price, (key) => write({ price: key }, "price")),
      field({ label: t("editor-label-section-rank"), hint: t("editor-hint-rank"), wide: true, type: "number", min: 0, max: 1e6, whole: true, testid: "section-rank" }, () => read().rank, (rank) => write({ rank }, "rank")),
    ];
    fields.push(colourField({ label: t("editor-label-color"), hint: t("editor-hint-color"), none: t("editor-no-color"), testid: "section-color" }, () => read().color ?? null, (color) => write({ color }, "color")));
    const things = () => editor.doc.things.filter((thing) => thing.section === section.key).map((thing) => thing.id);
    const buttons = [
      button(t("editor-act-select-section"), () => editor.select(things()), { testid: "section-select" }),
      button(t("editor-act-remove-section"), () => editor.change(t("editor-did-remove-section"), removeSection(editor.doc, section.key)), { testid: "section-remove" }),
    ];
    return { fields, element: make("div", {}, make("div", { class: "editor-heading" }, make("h2", {}, t("editor-the-section"))), group(t("editor-part-section"), [...fields.map((one) => one.element), ...buttons])) };
  }
}

function numberField(editor, { thing, place }) {
  const at = placeOf(place)[1];
  const read = () => byId(editor.doc).get(thing.id)?.seats[at]?.number;
  const write = (number) => editor.change(t("editor-did-number"), replace(editor.doc, new Set([thing.id]), (row) => ({ ...row, seats: row.seats.map((seat, nth) => (nth === at ? { ...seat, number } : seat)) })), `seat ${thing.id} ${place}`);
  return field({ label: t("editor-label-number"), testid: "seat-number", check: (value) => (value.trim() === "" || [...value].length > 20 ? "no" : "") }, read, write);
}

function nameOf(editor, { thing, place }) {
  const laid = layout(thing);
  const [row, at] = placeOf(place);
  const seat = laid.row.findIndex((one, nth) => one === row && laid.place[nth] === at);
  return seat < 0 ? "" : t("editor-seat-name", { row: laid.rows[row], number: laid.number(seat) });
}
