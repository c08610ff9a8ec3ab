/** The panel of what is selected: its fields, and what can be done with it. */

import { make } from "../elements.js";
import { align, breakUp, distribute, duplicate, mirror, price, removeSelected, setKind, turn } from "./actions.js";
import { button, choice, field, group } from "./fields.js";
import { icon } from "./icons.js";
import { placeOf } from "./marks.js";
import { byId, changeSection, removeSection, replace } from "./model.js";
import { countWords, thingFields } from "./panel-things.js";
import { layout } from "./seats.js";
import { t } from "./words.js";

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

  /** Shows the fields of a section. */
  showSection(key) {
    this.section = key;
    this.editor.clear();
    this.#show();
    this.root.querySelector("input")?.focus();
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
    if (editor.selected.size > 0) return [{ element: this.#heading() }, ...thingFields(editor), { element: this.#arrange() }];
    const section = editor.doc.sections.find((one) => one.key === this.section);
    return section ? [this.#ofSection(section)] : [{ element: make("div", { class: "editor-blank" }, make("p", { class: "strong" }, t("nothing-selected")), make("p", { class: "soft small" }, t("nothing-hint"))) }];
  }

  #heading() {
    const things = this.editor.things();
    const [first] = things;
    const name = things.length === 1 ? t(`the-${first.kind}`) : t("things", { count: things.length });
    return make("div", { class: "editor-heading" }, make("h2", {}, name), make("span", { class: "soft small" }, first.kind === "stage" || first.kind === "area" ? "" : countWords(this.editor)));
  }

  #arrange() {
    const { editor } = this;
    const tool = (name, act, words) => make("button", { type: "button", class: "editor-icon", "aria-label": t(words), title: t(words), "data-testid": words, onclick: act }, icon(name));
    const isMore = editor.selected.size > 1;
    const aligning = ["left", "centre", "right", "top", "middle", "bottom"].map((edge) => tool(`align-${edge}`, () => align(editor, edge), `align-${edge}`));
    const spreading = [tool("distribute-x", () => distribute(editor, "x"), "distribute-x"), tool("distribute-y", () => distribute(editor, "y"), "distribute-y")];
    return make(
      "div", { class: "editor-arrange" },
      isMore ? make("div", { class: "editor-icons", role: "group", "aria-label": t("align") }, ...aligning) : null,
      editor.selected.size > 2 ? make("div", { class: "editor-icons", role: "group", "aria-label": t("distribute") }, ...spreading) : null,
      make("div", { class: "editor-icons", role: "group", "aria-label": t("change") },
        tool("duplicate", () => duplicate(editor), "act-duplicate"), tool("mirror", () => mirror(editor), "act-mirror"),
        tool("turn-left", () => turn(editor, -15), "act-turn-left"), tool("turn-right", () => turn(editor, 15), "act-turn-right"),
        tool("remove", () => removeSelected(editor), "act-remove")),
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
    const kinds = ["*standard", "*accessible", "*companion"].map((paint) => button(t(`paint-${paint.slice(1)}`), () => setKind(editor, paint), { testid: `seat-${paint.slice(1)}` }));
    const [only] = seats;
    const number = seats.length === 1 && only.thing.kind === "row" ? [numberField(editor, only)] : [];
    const blocks = new Set(seats.filter(({ thing }) => thing.kind === "block").map(({ thing }) => thing.id));
    const more = blocks.size > 0 ? [button(t("act-rows"), () => (editor.select([...blocks]), breakUp(editor)), { title: t("hint-rows") })] : [];
    const heading = make("div", { class: "editor-heading" }, make("h2", {}, t("seats", { count: seats.length })), make("span", { class: "soft small" }, seats.length === 1 ? nameOf(editor, only) : ""));
    return [
      { element: heading },
      { element: group(t("label-price"), prices) },
      { fields: number, element: group(t("part-kind"), [...kinds, ...number.map((one) => one.element)]) },
      { element: make("div", { class: "editor-arrange row" }, button(t("act-gap"), () => removeSelected(editor), { testid: "seat-gap" }), ...more) },
    ];
  }

  #ofSection(section) {
    const { editor } = this;
    const read = () => editor.doc.sections.find((one) => one.key === section.key) ?? section;
    const write = (facts, name) => editor.change(t("did-section"), changeSection(editor.doc, section.key, facts), `section ${section.key} ${name}`);
    const options = () => [["", t("no-price")], ...editor.doc.categories.map((category) => [category.key, category.name])];
    const fields = [
      field({ label: t("label-name"), wide: true, testid: "section-name", keepsFaults: true }, () => read().name, (name) => write({ name }, "name")),
      choice({ label: t("label-section-price"), wide: true, testid: "section-price" }, options, () => read().price, (key) => write({ price: key }, "price")),
      field({ label: t("label-section-rank"), hint: t("hint-rank"), wide: true, type: "number", min: 0, max: 1e6, whole: true, testid: "section-rank" }, () => read().rank, (rank) => write({ rank }, "rank")),
    ];
    const things = () => editor.doc.things.filter((thing) => thing.section === section.key).map((thing) => thing.id);
    const buttons = [
      button(t("act-select-section"), () => editor.select(things()), { testid: "section-select" }),
      button(t("act-remove-section"), () => editor.change(t("did-remove-section"), removeSection(editor.doc, section.key)), { testid: "section-remove" }),
    ];
    return { fields, element: make("div", {}, make("div", { class: "editor-heading" }, make("h2", {}, t("the-section"))), group(t("part-section"), [...fields.map((one) => one.element), ...buttons])) };
  }
}

function numberField(editor, { thing, place }) {
  const at = placeOf(place)[1];
  const read = () => byId(editor.doc).get(thing.id)?.seats[at]?.number;
  const write = (number) => editor.change(t("did-number"), replace(editor.doc, new Set([thing.id]), (row) => ({ ...row, seats: row.seats.map((seat, nth) => (nth === at ? { ...seat, number } : seat)) })), `seat ${thing.id} ${place}`);
  return field({ label: t("label-number"), testid: "seat-number", check: (value) => (value.trim() === "" || [...value].length > 20 ? "no" : "") }, read, write);
}

function nameOf(editor, { thing, place }) {
  const laid = layout(thing);
  const [row, at] = placeOf(place);
  const seat = laid.row.findIndex((one, nth) => one === row && laid.place[nth] === at);
  return seat < 0 ? "" : t("seat-name", { row: laid.rows[row], number: laid.number(seat) });
}
