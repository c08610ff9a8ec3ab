/** The handle at a thing's corner: pulling it gives a block more rows and seats, and an area or the stage another size. */

import { boundsOf } from "./geometry.js";
import { resized, written } from "./label-lists.js";
import { labelsOrNone } from "./labels.js";
import { layout } from "./seats.js";

const ROWS_MAX = 200;
const SEATS_MAX = 500;

/** The thing that can be resized: the only one that is selected, if it stands upright. */
export function resizable(editor) {
  const [only, ...others] = editor.things();
  if (!only || others.length > 0) return null;
  if (only.outline) return only;
  const isUpright = only.kind === "block" && (only.facing === 0 || Math.abs(only.facing) === 180) && only.turn === 0;
  return isUpright && only.wedge === null && only.seatsByRow === null && layout(only).length > 0 ? only : null;
}

/** The corner that is pulled: that on the right, behind the last row. */
export function corner(thing) {
  const box = boundsOf(thing);
  return thing.kind === "block" && thing.facing !== 0 ? [box.right, box.top] : [box.right, box.bottom];
}

/** What a thing becomes when its corner is pulled to a point. `start` is the thing as it was before. */
export function pulled(start, [x, y]) {
  const box = boundsOf(start);
  if (start.outline) return pulledOutline(start, box, x, y);
  const isDown = start.facing === 0;
  const front = start.y;
  const depth = isDown ? y - 0.5 - front : front - (y + 0.5);
  const rows = Math.min(ROWS_MAX, Math.max(1, Math.round(depth / start.rowGap) + 1));
  const before = Math.max(...layout(start).counts);
  const more = Math.round((x - box.right) / start.seatGap);
  const seats = Math.min(SEATS_MAX, Math.max(1, start.seats + more));
  // The other side stays where it is.
  const shift = ((seats - start.seats) * start.seatGap) / 2;
  const list = labelsOrNone(start.rows);
  return before + seats - start.seats < 1 ? start : { ...start, seats, x: start.x + shift, rows: rows === list.length ? start.rows : written(resized(list, rows)) };
}

function pulledOutline(start, box, x, y) {
  const [width, height] = [Math.max(0.5, x - box.left), Math.max(0.5, y - box.top)];
  const [wide, high] = [width / (box.right - box.left), height / (box.bottom - box.top)];
  return { ...start, outline: start.outline.map(([px, py]) => [box.left + (px - box.left) * wide, box.top + (py - box.top) * high]) };
}
