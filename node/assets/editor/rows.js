/** Lines through rows, where their labels stand, and outlines: made once for each state of a thing. */

import { layout } from "./seats.js";

const ribbons = { near: new WeakMap(), far: new WeakMap() };
const ends = new WeakMap();

/** Where a row's label stands: one seat beyond each end. */
export function rowEnds(thing) {
  let known = ends.get(thing);
  if (known) return known;
  known = [];
  const laid = layout(thing);
  for (let first = 0; first < laid.length; ) {
    let last = first;
    while (last + 1 < laid.length && laid.row[last + 1] === laid.row[first]) last++;
    for (const [end, next] of [[first, Math.min(first + 1, last)], [last, Math.max(last - 1, first)]]) {
      const away = Math.hypot(laid.x[end] - laid.x[next], laid.y[end] - laid.y[next]);
      const [dx, dy] = away > 0 ? [(laid.x[end] - laid.x[next]) / away, (laid.y[end] - laid.y[next]) / away] : [end === first && end !== last ? -1 : 1, 0];
      known.push({ row: laid.row[first], x: laid.x[end] + dx * 0.95, y: laid.y[end] + dy * 0.95 });
    }
    first = last + 1;
  }
  ends.set(thing, known);
  return known;
}

/** A line through the seats of each row. */
export function ribbonOf(thing, isNear) {
  const known = ribbons[isNear ? "near" : "far"];
  let path = known.get(thing);
  if (path) return path;
  path = new Path2D();
  const laid = layout(thing);
  for (let seat = 0; seat < laid.length; seat++) {
    const isNext = seat > 0 && laid.row[seat] === laid.row[seat - 1] && Math.hypot(laid.x[seat] - laid.x[seat - 1], laid.y[seat] - laid.y[seat - 1]) < 2.6;
    const isEnd = seat + 1 === laid.length || laid.row[seat + 1] !== laid.row[seat] || Math.hypot(laid.x[seat + 1] - laid.x[seat], laid.y[seat + 1] - laid.y[seat]) >= 2.6;
    // From afar a few points give the bend as well as all.
    if (isNext && (isEnd || isNear || seat % 4 === 0)) path.lineTo(laid.x[seat], laid.y[seat]);
    else if (!isNext) {
      path.moveTo(laid.x[seat], laid.y[seat]);
      // A lone seat is a dot: lines without length are not drawn.
      path.lineTo(laid.x[seat] + 0.001, laid.y[seat]);
    }
  }
  known.set(thing, path);
  return path;
}

export function outlinePath({ outline }) {
  const path = new Path2D();
  outline.forEach(([x, y], at) => (at === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
  return path;
}
