/** Points, boxes and outlines; lines through rows, and where their labels stand: made once for each state of a thing. */

import { layout } from "./seats.js";

/** How far a seat reaches around its middle. */
export const SEAT_HALF = 0.5;

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Bounds */

/** @returns {Bounds|null} the box around a thing, with the breadth of its seats */
export function boundsOf(thing) {
  if (thing.outline) return extent(thing.outline);
  const { bounds } = layout(thing);
  if (!bounds) return null;
  return { left: bounds.left - SEAT_HALF, top: bounds.top - SEAT_HALF, right: bounds.right + SEAT_HALF, bottom: bounds.bottom + SEAT_HALF };
}

export function extent(points) {
  if (points.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, right, bottom };
}

/** The box around several boxes; null if there is none. */
export function union(boxes) {
  let all = null;
  for (const box of boxes) {
    if (!box) continue;
    if (!all) all = { ...box };
    else {
      all.left = Math.min(all.left, box.left);
      all.top = Math.min(all.top, box.top);
      all.right = Math.max(all.right, box.right);
      all.bottom = Math.max(all.bottom, box.bottom);
    }
  }
  return all;
}

export function boundsOfAll(things) {
  return union(things.map(boundsOf));
}

export function middle(box) {
  return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
}

export function touches(one, other) {
  return one.left <= other.right && other.left <= one.right && one.top <= other.bottom && other.top <= one.bottom;
}

export function holds(box, x, y) {
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

export function grown(box, by) {
  return { left: box.left - by, top: box.top - by, right: box.right + by, bottom: box.bottom + by };
}

/** The box between two corners. */
export function between([x1, y1], [x2, y2]) {
  return { left: Math.min(x1, x2), top: Math.min(y1, y2), right: Math.max(x1, x2), bottom: Math.max(y1, y2) };
}

export function corners({ left, top, right, bottom }) {
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** Whether a polygon contains a point: an odd number of edges to its right. */
export function contains(points, x, y) {
  let isInside = false;
  points.forEach(([x1, y1], at) => {
    const [x2, y2] = points[(at + 1) % points.length];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) isInside = !isInside;
  });
  return isInside;
}

/** A point turned around another, clockwise as seen. */
export function turned([x, y], [cx, cy], degrees) {
  const angle = (degrees * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos];
}

/** An angle between -180 and 180 degrees. */
export function plainAngle(degrees) {
  const angle = ((degrees % 360) + 360) % 360;
  return angle > 180 ? angle - 360 : angle;
}

/** The place of a step: the next multiple, without the noise of fractions. */
export function stepped(length, step) {
  return Math.round(Math.round(length / step) * step * 1e6) / 1e6;
}

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
