/** Finds what is at a place: things by their boxes, then by their seats. */

import { boundsOf, contains, grown, holds, touches } from "./geometry.js";
import { placeKey } from "./marks.js";
import { layout } from "./seats.js";

/** The seat nearest to a point: `{ thing, seat }`, or null if none is within reach. */
export function seatAt(doc, x, y, reach = 0.55) {
  let best = null;
  let least = reach * reach;
  for (const thing of doc.things) {
    const box = boundsOf(thing);
    if (thing.outline || !box || !holds(grown(box, reach), x, y)) continue;
    const laid = layout(thing);
    for (let seat = 0; seat < laid.length; seat++) {
      const distance = (laid.x[seat] - x) ** 2 + (laid.y[seat] - y) ** 2;
      if (distance <= least) [best, least] = [{ thing, seat }, distance];
    }
  }
  return best;
}

/** A place of a block where a seat was left out, near a point: `{ thing, place }`. */
export function gapAt(doc, x, y, reach = 0.5) {
  for (const thing of doc.things) {
    for (const gap of layout(thing).gaps) {
      if (Math.hypot(gap.x - x, gap.y - y) <= reach) return { thing, place: placeKey(gap.row, gap.place) };
    }
  }
  return null;
}

/** The topmost thing at a point: one whose seat is near, else an area or the stage around it. */
export function thingAt(doc, x, y, reach = 0.75) {
  const near = seatAt(doc, x, y, reach);
  if (near) return near.thing;
  const between = doc.things.find((thing) => !thing.outline && isBetween(thing, x, y));
  if (between) return between;
  for (const thing of doc.things) {
    if (thing.kind !== "tables") continue;
    if (layout(thing).middles.some(([mx, my]) => Math.hypot(mx - x, my - y) <= thing.radius + 0.4)) return thing;
  }
  for (let at = doc.things.length - 1; at >= 0; at--) {
    const thing = doc.things[at];
    if (thing.outline && contains(thing.outline, x, y)) return thing;
  }
  return null;
}

/** Whether a point is between two seats of a row, as in an aisle. */
function isBetween(thing, x, y) {
  const box = boundsOf(thing);
  if (!box || !holds(grown(box, 0.3), x, y)) return false;
  const laid = layout(thing);
  for (let seat = 1; seat < laid.length; seat++) {
    if (laid.row[seat] !== laid.row[seat - 1]) continue;
    const [x1, y1, dx, dy] = [laid.x[seat - 1], laid.y[seat - 1], laid.x[seat] - laid.x[seat - 1], laid.y[seat] - laid.y[seat - 1]];
    const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
    if (Math.hypot(x - x1 - along * dx, y - y1 - along * dy) <= 0.65) return true;
  }
  return false;
}

/** The things with something inside a box. */
export function thingsWithin(doc, box) {
  return doc.things.filter((thing) => {
    const bounds = boundsOf(thing);
    if (!bounds || !touches(bounds, box)) return false;
    // Areas are often around everything: they count when all of them is inside.
    if (thing.outline) return bounds.left >= box.left && bounds.right <= box.right && bounds.top >= box.top && bounds.bottom <= box.bottom;
    const laid = layout(thing);
    for (let seat = 0; seat < laid.length; seat++) if (holds(box, laid.x[seat], laid.y[seat])) return true;
    return false;
  });
}

/** The seats inside a box, as places by thing's id. */
export function seatsWithin(doc, box) {
  const found = new Map();
  for (const thing of doc.things) {
    const bounds = boundsOf(thing);
    if (thing.outline || !bounds || !touches(bounds, box)) continue;
    const laid = layout(thing);
    const places = new Set();
    for (let seat = 0; seat < laid.length; seat++) if (holds(box, laid.x[seat], laid.y[seat])) places.add(placeKey(laid.row[seat], laid.place[seat]));
    if (places.size > 0) found.set(thing.id, places);
  }
  return found;
}

/** All places of the row that a seat is in. */
export function rowOf(thing, row) {
  const laid = layout(thing);
  const places = new Set();
  for (let seat = 0; seat < laid.length; seat++) if (laid.row[seat] === row) places.add(placeKey(row, laid.place[seat]));
  return places;
}
