/** Selects single seats and rows by pointing. */

import { between } from "./geometry.js";
import { rowOf, seatAt, seatsWithin } from "./hits.js";
import { placeKey } from "./marks.js";
import { paintMarquee } from "./marquee.js";
import { layout } from "./seats.js";

export class SeatPicking {
  constructor(editor, camera, sheet) {
    Object.assign(this, { editor, camera, sheet });
    this.act = null;
  }

  cursor = "crosshair";

  yields({ x, y }) {
    return !seatAt(this.editor.doc, x, y);
  }

  tap() {
    this.editor.clear();
  }

  down(point, event) {
    this.act = { from: point, to: point, more: event.shiftKey };
  }

  move(point) {
    if (this.act) this.act.to = point;
    this.sheet.draw();
  }

  up(point, event, isStill) {
    const { act, editor } = this;
    this.act = null;
    if (!act) return;
    if (!isStill) {
      const found = seatsWithin(editor.doc, between([act.from.x, act.from.y], [point.x, point.y]));
      editor.selectSeats(act.more ? joined(editor.seats, found) : found);
      return;
    }
    const found = seatAt(editor.doc, point.x, point.y);
    if (found) this.#press(found, event);
    else this.pressNothing(point, event);
  }

  #press({ thing, seat }, event) {
    const { editor } = this;
    const laid = layout(thing);
    const places = event.altKey ? rowOf(thing, laid.row[seat]) : new Set([placeKey(laid.row[seat], laid.place[seat])]);
    if (!event.shiftKey) return editor.selectSeats(new Map([[thing.id, places]]));
    const known = editor.seats.get(thing.id) ?? new Set();
    const areAll = [...places].every((place) => known.has(place));
    const next = new Map(editor.seats);
    next.set(thing.id, new Set(areAll ? [...known].filter((place) => !places.has(place)) : [...known, ...places]));
    if (next.get(thing.id).size === 0) next.delete(thing.id);
    editor.selectSeats(next);
  }

  /** There is no seat where was pressed. */
  pressNothing(_point, event) {
    if (!event.shiftKey) this.editor.clear();
  }

  double({ x, y }) {
    const found = seatAt(this.editor.doc, x, y);
    if (found) this.editor.selectSeats(new Map([[found.thing.id, rowOf(found.thing, layout(found.thing).row[found.seat])]]));
  }

  cancel() {
    this.act = null;
    this.sheet.draw();
  }

  overlay(context, camera, colours) {
    if (this.act) paintMarquee(context, camera, colours, this.act.from, this.act.to);
  }
}

function joined(one, other) {
  const all = new Map(one);
  for (const [id, places] of other) all.set(id, new Set([...(all.get(id) ?? []), ...places]));
  return all;
}

/** The tool of a page on which seats are only selected. */
export function makeTool(_name, editor, camera, sheet) {
  return new SeatPicking(editor, camera, sheet);
}
