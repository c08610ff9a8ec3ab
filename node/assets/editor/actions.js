/** What buttons and keys do with what is selected. */

import { alignment, asRows, behind, copies, distribution, mirrored, moved, renumbered, rotated, straightened } from "./arrange.js";
import { add, addCategory, addSection, changeCategory, nameFor, remove, removeCategory, replace } from "./changes.js";
import { middle } from "./geometry.js";
import { paintSeats, priceThings } from "./paint.js";
import { freeColour } from "./palette.js";
import { layout } from "./seats.js";
import { t } from "./tool-words.js";

/** Takes away what is selected: things, or seats, where gaps stay. */
export function removeSelected(editor) {
  if (editor.seats.size > 0) {
    editor.change(t("editor-did-gaps"), paintSeats(editor.doc, editor.seats, "*gap"));
    editor.clear();
    return;
  }
  const count = editor.selected.size;
  if (count === 0) return;
  editor.change(t("editor-did-remove"), remove(editor.doc, editor.selected));
  editor.say(t("editor-said-removed", { count }));
}

export function selectAll(editor) {
  editor.select(editor.doc.things.map((thing) => thing.id));
}

/** A copy behind what is selected, with labels that go on. */
export function duplicate(editor) {
  const things = editor.things();
  if (things.length > 0) put(editor, t("editor-did-duplicate"), things, ...behind(things));
}

export function copy(editor) {
  editor.clipboard = editor.things();
  if (editor.clipboard.length > 0) editor.say(t("editor-said-copied", { count: editor.clipboard.length }));
}

export function paste(editor) {
  const known = new Set(editor.doc.sections.map((section) => section.key));
  const things = editor.clipboard.map((thing) => (known.has(thing.section) ? thing : { ...thing, section: editor.section }));
  if (things.length > 0) put(editor, t("editor-did-paste"), things, ...behind(things));
  // What is pasted again stands behind what was pasted.
  editor.clipboard = editor.things();
}

function put(editor, words, things, dx, dy) {
  const made = copies(things, editor.doc, dx, dy);
  if (made.length === 0) return;
  editor.change(words, add(editor.doc, made));
  editor.select(made.map((thing) => thing.id));
  editor.say(t("editor-said-copies", { count: made.length }));
}

export function nudge(editor, dx, dy) {
  if (editor.selected.size === 0) return;
  editor.change(t("editor-did-move"), replace(editor.doc, editor.selected, (thing) => moved(thing, dx, dy)), "nudge");
}

/** Brings things to an edge or middle of all of them. */
export function align(editor, edge) {
  apply(editor, t("editor-did-align"), alignment(editor.things(), edge));
}

export function distribute(editor, axis) {
  apply(editor, t("editor-did-distribute"), distribution(editor.things(), axis));
}

function apply(editor, words, steps) {
  const changed = [...steps.values()].some(([dx, dy]) => dx !== 0 || dy !== 0);
  if (changed) editor.change(words, replace(editor.doc, new Set(steps.keys()), (thing) => moved(thing, ...steps.get(thing.id))));
}

export function turn(editor, degrees) {
  const box = editor.bounds();
  if (box) turnSelected(editor, middle(box), degrees);
}

/** Turns what is selected around a point. */
export function turnSelected(editor, centre, degrees) {
  const ids = new Set(editor.things().filter((thing) => thing.kind !== "stage").map((thing) => thing.id));
  const doc = replace(editor.doc, ids, (thing) => rotated(thing, centre, degrees));
  const known = new Set(editor.doc.things.map((thing) => thing.id));
  const made = doc.things.filter((thing) => !known.has(thing.id)).map((thing) => thing.id);
  editor.change(t("editor-did-turn"), doc, "turn");
  if (made.length > 0) editor.select(made, { more: true });
}

export function mirror(editor) {
  const box = editor.bounds();
  if (!box) return;
  const known = new Set(editor.selected);
  const doc = replace(editor.doc, known, (thing) => mirrored(thing, middle(box)[0]));
  const before = new Set(editor.doc.things.map((thing) => thing.id));
  editor.change(t("editor-did-mirror"), doc);
  editor.select(doc.things.filter((thing) => !before.has(thing.id)).map((thing) => thing.id), { more: true });
}

/** Makes single rows of blocks, whose seats stay where they are. */
export function breakUp(editor) {
  const blocks = new Set(editor.things().filter((thing) => thing.kind === "block").map((thing) => thing.id));
  if (blocks.size === 0) return;
  const known = new Set(editor.doc.things.map((thing) => thing.id));
  editor.change(t("editor-did-rows"), replace(editor.doc, blocks, asRows));
  editor.select(editor.doc.things.filter((thing) => !known.has(thing.id)).map((thing) => thing.id));
}

export function straighten(editor) {
  editor.change(t("editor-did-straighten"), replace(editor.doc, editor.selected, straightened));
}

export function renumber(editor, numbering, first) {
  editor.change(t("editor-did-number"), replace(editor.doc, editor.selected, (thing) => (thing.kind === "row" ? renumbered(thing, numbering, first) : thing)), "renumber");
}

/** Gives what is selected a price: seats, or whole things. */
export function price(editor, key) {
  if (editor.seats.size > 0) editor.change(t("editor-did-paint"), paintSeats(editor.doc, editor.seats, key));
  else editor.change(t("editor-did-paint"), priceThings(editor.doc, editor.selected, key));
}

/** Makes the selected seats ordinary, accessible or a companion's. */
export function setKind(editor, paint) {
  editor.change(t("editor-did-kind"), paintSeats(editor.doc, editor.seats, paint));
}

/** Puts all seats back that a block leaves out. */
export function fillGaps(editor) {
  const places = new Map();
  for (const thing of editor.things()) {
    const { gaps } = layout(thing);
    if (gaps.length > 0) places.set(thing.id, new Set(gaps.map((gap) => `${gap.row}:${gap.place}`)));
  }
  if (places.size > 0) editor.change(t("editor-did-restore"), paintSeats(editor.doc, places, "*standard"));
}

/** A price category, which is painted with from then on. */
export function newCategory(editor) {
  const name = nameFor(t("editor-category"), editor.doc.categories.map((category) => category.name));
  editor.change(t("editor-did-category"), addCategory(editor.doc, name, freeColour(editor.doc.categories)));
  editor.set({ paint: editor.doc.categories.at(-1).key });
}

export function setCategory(editor, key, facts, name) {
  editor.change(t("editor-did-category-change"), changeCategory(editor.doc, key, facts), `category ${key} ${name}`);
}

export function dropCategory(editor, key) {
  editor.change(t("editor-did-category-remove"), removeCategory(editor.doc, key));
}

/** A section, which is drawn into from then on. */
export function newSection(editor) {
  const name = nameFor(t("editor-section"), editor.doc.sections.map((section) => section.name));
  const price = editor.doc.sections.at(-1)?.price ?? editor.doc.categories[0]?.key ?? null;
  editor.change(t("editor-did-add-section"), addSection(editor.doc, name, { price, rank: editor.doc.sections.length }));
  editor.set({ section: editor.doc.sections.at(-1).key });
}
