/** Points, boxes and outlines. */

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
