/** The fields of things that are selected. */

import { breakUp, fillGaps, price, renumber, straighten } from "./actions.js";
import { moved } from "./arrange.js";
import { replace } from "./changes.js";
import { button, check, choice, field, group } from "./fields.js";
import { boundsOf, corners } from "./geometry.js";
import { resized, schemeOf, sequence, written } from "./label-lists.js";
import { LabelFault, labels, labelsOrNone } from "./labels.js";
import { layout } from "./seats.js";
import { t, texts } from "./tool-words.js";

/** What the fields of all kinds need. `things()` are those of the kind that are selected. */
class Subject {
  constructor(editor, kind) {
    Object.assign(this, { editor, kind });
  }

  things() {
    return this.editor.things().filter((thing) => this.kind === null || thing.kind === this.kind);
  }

  /** The value that all have, or undefined if they differ. */
  common(read) {
    const [first, ...others] = this.things();
    if (!first) return undefined;
    const value = read(first);
    return others.every((other) => read(other) === value) ? value : undefined;
  }

  change(name, change) {
    const ids = new Set(this.things().map((thing) => thing.id));
    this.editor.change(t("editor-did-change"), replace(this.editor.doc, ids, change), `field ${name} ${[...ids].join()}`);
  }

  /** A field of a fact of the things. */
  fact(name, look) {
    return field({ testid: `field-${name}`, label: texts.word("editor-label", name), ...look }, () => this.common((thing) => shown(thing[name])), (value) => this.change(name, (thing) => ({ ...thing, [name]: value })));
  }

  number(name, look) {
    return this.fact(name, { type: "number", ...look });
  }

  section() {
    const { editor } = this;
    const options = () => editor.doc.sections.map((section) => [section.key, section.name]);
    return choice({ label: t("editor-label-section"), wide: true, testid: "field-section" }, options, () => this.common((thing) => thing.section), (key) => this.change("section", (thing) => (thing.kind === "stage" ? thing : { ...thing, section: key })));
  }

  price() {
    const { editor } = this;
    const options = () => [["", t("editor-price-of-section")], ...editor.doc.categories.map((category) => [category.key, category.name])];
    return choice({ label: t("editor-label-price"), wide: true, testid: "field-price" }, options, () => this.common((thing) => thing.price), (key) => price(editor, key));
  }

  /** Where the things begin. */
  place() {
    const box = () => this.editor.bounds();
    const by = (axis, value) => {
      const at = axis === "x" ? box().left : box().top;
      this.change(axis, (thing) => (axis === "x" ? moved(thing, value - at, 0) : moved(thing, 0, value - at)));
    };
    return [
      field({ label: t("editor-label-left"), type: "number", step: 0.5, testid: "field-left" }, () => fine(box()?.left), (value) => by("x", value)),
      field({ label: t("editor-label-top"), type: "number", step: 0.5, testid: "field-top" }, () => fine(box()?.top), (value) => by("y", value)),
    ];
  }

  /** The size of what has an outline. */
  size() {
    const side = (low, high) => this.common((thing) => fine(boundsOf(thing)[high] - boundsOf(thing)[low]));
    const stretch = (axis, value) => this.change(`size ${axis}`, (thing) => stretched(thing, axis, value));
    return [
      field({ label: t("editor-label-width"), type: "number", min: 0.5, step: 0.5, testid: "field-width" }, () => side("left", "right"), (value) => stretch(0, value)),
      field({ label: t("editor-label-height"), type: "number", min: 0.5, step: 0.5, testid: "field-height" }, () => side("top", "bottom"), (value) => stretch(1, value)),
    ];
  }
}

function shown(value) {
  return typeof value === "number" ? fine(value) : value;
}

function fine(length) {
  return length === undefined ? undefined : Math.round(length * 1000) / 1000;
}

function stretched(thing, axis, length) {
  const box = boundsOf(thing);
  const [low, high] = axis === 0 ? [box.left, box.right] : [box.top, box.bottom];
  if (high - low < 1e-6) return { ...thing, outline: corners(axis === 0 ? { ...box, right: low + length } : { ...box, bottom: low + length }) };
  return { ...thing, outline: thing.outline.map((point) => point.map((at, of) => (of === axis ? low + ((at - low) * length) / (high - low) : at))) };
}

/** Why a list of labels cannot be used, or an empty text. */
function labelsFault(text) {
  try {
    labels(text);
    return "";
  } catch (fault) {
    if (fault instanceof LabelFault) return t(fault.key, fault.values);
    throw fault;
  }
}

/** @returns {{ fields: import("./fields.js").Field[], element: HTMLElement }[]} */
export function thingFields(editor) {
  const kinds = [...new Set(editor.things().map((thing) => thing.kind))];
  const subject = new Subject(editor, kinds.length === 1 ? kinds[0] : null);
  const [kind] = kinds;
  if (kinds.length !== 1) return several(subject);
  return { block: blockFields, tables: tablesFields, row: rowFields, area: areaFields, stage: stageFields }[kind](subject);
}

function part(heading, fields, more = [], options = {}) {
  return { fields, element: group(heading, [...fields.map((one) => one.element), ...more], options) };
}

function several(subject) {
  return [part(t("editor-part-place"), [subject.section(), subject.price(), ...subject.place()])];
}

function blockFields(subject) {
  const { editor } = subject;
  const rows = (thing) => labelsOrNone(thing.rows);
  const relabel = (name, change) => subject.change(name, (block) => {
    const list = change(rows(block));
    return list.length > 0 ? { ...block, rows: written(list), seatsByRow: fitted(block.seatsByRow, list.length) } : block;
  });
  const scheme = (block) => schemeOf(rows(block));
  const setScheme = (name, facts) => relabel(name, (list) => {
    const { first, step, skip } = { ...schemeOf(list), ...facts };
    return sequence(first, list.length, { step, skip });
  });
  const counts = field({ label: t("editor-label-rows"), type: "number", min: 1, max: 500, whole: true, testid: "field-rows" }, () => subject.common((block) => rows(block).length), (count) => relabel("rows", (list) => resized(list, count)));
  const first = field({ label: t("editor-label-first-row"), testid: "field-first-row", check: (value) => (value.trim() === "" || /[,-]/.test(value) ? "no" : "") }, () => subject.common((block) => scheme(block).first), (value) => setScheme("first-row", { first: value.trim() }));
  const skip = check({ label: t("editor-label-skip"), testid: "field-skip" }, () => subject.common((block) => scheme(block).skip), (isSkipped) => setScheme("skip", { skip: isSkipped }));
  const list = field({ label: t("editor-label-labels"), hint: t("editor-hint-labels"), wide: true, testid: "field-labels", check: labelsFault }, () => subject.common((block) => block.rows), (text) => subject.change("labels", (block) => ({ ...block, rows: text, seatsByRow: fitted(block.seatsByRow, labelsOrNone(text).length) })));
  const numbering = choice({ label: t("editor-label-numbering"), wide: true, testid: "field-numbering" }, numberings, () => subject.common((block) => block.numbering), (key) => subject.change("numbering", (block) => ({ ...block, numbering: key })));
  const aisles = field({ label: t("editor-label-aisles"), hint: t("editor-hint-aisles"), testid: "field-aisles", check: (text) => (aislesFrom(text) ? "" : "no") }, () => subject.common((block) => block.aisleAfter.join(", ")), (text) => subject.change("aisles", (block) => ({ ...block, aisleAfter: aislesFrom(text) })));
  const buttons = [button(t("editor-act-rows"), () => breakUp(editor), { testid: "break-up", title: t("editor-hint-rows") }), button(t("editor-act-gaps"), () => fillGaps(editor), { testid: "fill-gaps" })];
  return [
    part(t("editor-part-rows"), [subject.section(), subject.price(), counts, seatsField(subject), first, subject.number("first", { min: 0, max: 1e6, whole: true, optional: true, placeholder: () => t("editor-automatic") }), skip, numbering, list]),
    part(t("editor-part-shape"), [subject.number("growth", { min: -100, max: 100, step: 0.5 }), subject.number("curve", { min: 0, max: 1e5, hint: t("editor-hint-curve") }), aisles, subject.number("aisle", { min: 0, max: 100, step: 0.5 }), subject.number("rowGap", { min: 0.1, max: 100, step: 0.1 }), subject.number("seatGap", { min: 0.1, max: 100, step: 0.1 })], buttons),
    part(t("editor-part-place"), [...subject.place(), subject.number("facing", { min: -360, max: 360, step: 5 }), subject.number("turn", { min: -360, max: 360, step: 5 }), subject.number("rank", { min: 0, max: 1e9, whole: true, optional: true, placeholder: () => t("editor-automatic") })], [], { isOpen: false }),
  ];
}

/** How many seats a row has: one number for all, or one for each. */
function seatsField(subject) {
  const byRow = subject.things().some((block) => block.seatsByRow);
  const byAngle = subject.things().some((block) => block.wedge !== null);
  if (byAngle) return subject.number("wedge", { min: 0.1, max: 360 });
  if (!byRow) return subject.number("seats", { min: 1, max: 2000, whole: true });
  const read = (text) => text.split(",").map((item) => Number(item.trim()));
  const isSound = (text) => read(text).every((count) => Number.isInteger(count) && count >= 1 && count <= 2000);
  return field({ label: t("editor-label-seats"), testid: "field-seats", check: (text) => (isSound(text) ? "" : "no") }, () => subject.common((block) => block.seatsByRow?.join(", ")), (text) => subject.change("seats", (block) => ({ ...block, seatsByRow: read(text) })));
}

function fitted(counts, rows) {
  return counts && Array.from({ length: rows }, (_, row) => counts[row] ?? counts.at(-1));
}

function aislesFrom(text) {
  if (text.trim() === "") return [];
  const list = text.split(",").map((item) => Number(item.trim()));
  return list.every((after) => Number.isInteger(after) && after !== 0 && Math.abs(after) < 2000) ? list : null;
}

function numberings() {
  return ["left", "right", "odd", "even", "center"].map((key) => [key, texts.word("editor-numbering", key)]);
}

function tablesFields(subject) {
  const list = (name) => subject.fact(name, { wide: true, check: name === "labels" ? labelsFault : (text) => (text === "" ? "" : labelsFault(text)), label: texts.word("editor-label-tables", name) });
  return [
    part(t("editor-part-tables"), [subject.section(), subject.price(), subject.number("chairs", { min: 1, max: 30, whole: true }), subject.number("columns", { min: 1, max: 1000, whole: true }), list("labels"), subject.fact("prefix", { wide: true }), list("accessible")]),
    part(t("editor-part-place"), [...subject.place(), subject.number("gapX", { min: 0.1, max: 100, step: 0.5 }), subject.number("gapY", { min: 0.1, max: 100, step: 0.5 }), subject.number("radius", { min: 0.1, max: 100, step: 0.1 })]),
  ];
}

function rowFields(subject) {
  const { editor } = subject;
  let scheme = "left";
  const numbering = choice({ label: t("editor-label-numbering"), wide: true, testid: "field-numbering" }, () => [["", t("editor-numbering-own")], ...numberings()], () => null, (key) => {
    scheme = key ?? "left";
    renumber(editor, scheme, null);
  });
  const first = field({ label: t("editor-label-first"), testid: "field-first", type: "number", min: 0, max: 1e6, whole: true }, () => subject.common((row) => Math.min(...row.seats.map((seat) => Number(seat.number)).filter(Number.isFinite))), (value) => renumber(editor, scheme, value));
  const label = subject.fact("label", { label: t("editor-label-row-label"), check: (text) => (text.trim() === "" || [...text].length > 40 ? "no" : "") });
  return [
    part(t("editor-part-row"), [subject.section(), subject.price(), label, first, numbering], [button(t("editor-act-straighten"), () => straighten(editor), { testid: "straighten" })]),
    part(t("editor-part-place"), [...subject.place(), subject.number("rank", { min: 0, max: 1e9, whole: true, optional: true, placeholder: () => t("editor-automatic") })], [], { isOpen: false }),
  ];
}

function areaFields(subject) {
  return [
    part(t("editor-part-area"), [subject.section(), subject.price(), subject.fact("name", { wide: true, keepsFaults: true }), subject.number("capacity", { min: 1, max: 500_000, whole: true })]),
    part(t("editor-part-place"), [...subject.place(), ...subject.size()]),
  ];
}

function stageFields(subject) {
  const shapes = () => ["stage", "screen", "pitch"].map((key) => [key, texts.word("editor-shape", key)]);
  const shape = choice({ label: t("editor-label-shape"), testid: "field-shape" }, () => (shapes().some(([key]) => key === subject.common((stage) => stage.shape)) ? shapes() : [...shapes(), [subject.common((stage) => stage.shape), subject.common((stage) => stage.shape)]]), () => subject.common((stage) => stage.shape), (key) => subject.change("shape", (stage) => ({ ...stage, shape: key })));
  return [
    part(t("editor-part-stage"), [subject.fact("label", { label: t("editor-label-stage-label") }), shape]),
    part(t("editor-part-place"), [...subject.place(), ...subject.size()]),
  ];
}

/** How many seats a selection has, in words. */
export function countWords(editor) {
  const seats = editor.things().reduce((sum, thing) => sum + layout(thing).length, 0);
  return t("editor-seats", { count: seats });
}
