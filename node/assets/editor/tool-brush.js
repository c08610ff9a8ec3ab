/** The brush: paints prices, kinds and gaps. */

import { gapAt, rowOf, seatAt, seatsWithin } from "./hits.js";
import { placeKey, placeOf } from "./marks.js";
import { byId } from "./model.js";
import { KIND_PAINTS, paintSeats, priceRows, priceThings } from "./paint.js";
import { layout } from "./seats.js";
import { t } from "./tool-words.js";

/** Paints what is under the pointer with the paint that is chosen: seats, their rows, or the whole thing. */
class BrushTool {
  constructor(editor, camera, sheet) {
    Object.assign(this, { editor, camera, sheet });
    this.stroke = null;
    this.at = null;
  }

  cursor = "none";

  yields() {
    return false;
  }

  hover(point) {
    this.at = point;
    this.sheet.draw();
  }

  down(point) {
    const { editor } = this;
    editor.set({});
    if (editor.paint === null) return;
    this.stroke = { doc: editor.doc, mark: Symbol("stroke"), places: new Map(), rows: new Map(), things: new Set(), last: point };
    this.#over(point);
  }

  move(point) {
    this.at = point;
    if (!this.stroke) return;
    // A fast stroke leaves no seats out.
    const { last } = this.stroke;
    const steps = Math.max(1, Math.ceil(Math.hypot(point.x - last.x, point.y - last.y) / 0.4));
    for (let step = 1; step <= steps; step++) {
      this.#over({ x: last.x + ((point.x - last.x) * step) / steps, y: last.y + ((point.y - last.y) * step) / steps });
    }
    this.stroke.last = point;
    this.sheet.draw();
  }

  up() {
    this.stroke = null;
    this.sheet.draw();
  }

  cancel() {
    this.stroke = null;
    this.at = null;
    this.sheet.draw();
  }

  get reach() {
    return this.editor.brushSize / 2;
  }

  #over({ x, y }) {
    const { editor, stroke } = this;
    const found = new Map();
    const put = (thing, place) => found.set(thing.id, (found.get(thing.id) ?? new Set()).add(place));
    const box = { left: x - this.reach, top: y - this.reach, right: x + this.reach, bottom: y + this.reach };
    for (const [id, places] of seatsWithin(editor.doc, box)) for (const place of places) put(byId(editor.doc).get(id), place);
    const near = seatAt(editor.doc, x, y);
    if (near) put(near.thing, placeKey(layout(near.thing).row[near.seat], layout(near.thing).place[near.seat]));
    if (editor.paint in KIND_PAINTS) {
      const gap = gapAt(editor.doc, x, y, Math.max(0.5, this.reach));
      if (gap && editor.paint !== "*gap") put(gap.thing, gap.place);
    }
    let isMore = false;
    for (const [id, places] of found) isMore = this.#take(byId(editor.doc).get(id), places) || isMore;
    if (isMore) editor.change(t("editor-did-paint"), this.#painted(stroke), stroke.mark);
  }

  #take(thing, places) {
    const { stroke, editor } = this;
    if (editor.brushOn === "thing" && !(editor.paint in KIND_PAINTS)) {
      if (stroke.things.has(thing.id)) return false;
      stroke.things.add(thing.id);
      return true;
    }
    // The rows of a block are told as rows, which is shorter than their seats.
    if (editor.brushOn === "row" && thing.kind === "block" && !(editor.paint in KIND_PAINTS)) {
      const rows = stroke.rows.get(thing.id) ?? new Set();
      const before = rows.size;
      for (const place of places) rows.add(placeOf(place)[0]);
      stroke.rows.set(thing.id, rows);
      return rows.size > before;
    }
    const known = stroke.places.get(thing.id) ?? new Set();
    const { size } = known;
    for (const place of places) {
      if (editor.brushOn === "row") for (const other of rowOf(thing, placeOf(place)[0])) known.add(other);
      else known.add(place);
    }
    stroke.places.set(thing.id, known);
    return known.size > size;
  }

  #painted({ doc, places, rows, things }) {
    let whole = things.size > 0 ? priceThings(doc, things, this.editor.paint) : doc;
    for (const [id, some] of rows) whole = priceRows(whole, id, some, this.editor.paint);
    return places.size > 0 ? paintSeats(whole, places, this.editor.paint) : whole;
  }

  overlay(context, camera, colours) {
    if (!this.at) return;
    context.beginPath();
    context.arc(this.at.px, this.at.py, Math.max(6, this.reach * camera.scale), 0, 2 * Math.PI);
    context.lineWidth = 3;
    context.strokeStyle = colours.label;
    context.stroke();
    context.lineWidth = 1.5;
    context.strokeStyle = colours.ink;
    context.stroke();
  }
}

export function makeTool(_name, editor, camera, sheet) {
  return new BrushTool(editor, camera, sheet);
}
