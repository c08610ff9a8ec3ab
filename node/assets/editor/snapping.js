/** Where things come to rest: on the grid, or in line with others. */

import { boundsOf, middle, stepped } from "./geometry.js";

export const STEP = 0.5;
/** So near, in pixels, a thing is drawn to a line. */
const PULL = 6;

/** A point on the grid, if the grid is on. */
export function snapped(editor, { x, y }) {
  return editor.snaps ? [stepped(x, STEP), stepped(y, STEP)] : [x, y];
}

/** The lines that others give: their edges and middles. */
export function linesOf(doc, ids) {
  const lines = { x: [], y: [] };
  for (const thing of doc.things) {
    const box = ids.has(thing.id) ? null : boundsOf(thing);
    if (!box) continue;
    const [x, y] = middle(box);
    lines.x.push(box.left, x, box.right);
    lines.y.push(box.top, y, box.bottom);
  }
  return lines;
}

/**
 * Where a box goes that is moved by so much.
 * @returns {{ dx: number, dy: number, guides: {axis: "x"|"y", at: number}[] }}
 */
export function settled(editor, box, dx, dy, lines, scale) {
  if (!editor.snaps) return { dx, dy, guides: [] };
  const guides = [];
  const settle = (axis, by, places) => {
    let best = null;
    for (const place of places) {
      for (const line of lines[axis]) {
        const off = line - (place + by);
        if (Math.abs(off) * scale < PULL && (best === null || Math.abs(off) < Math.abs(best.off))) best = { off, line };
      }
    }
    if (!best) return stepped(by, STEP);
    guides.push({ axis, at: best.line });
    return by + best.off;
  };
  const [x, y] = middle(box);
  return { dx: settle("x", dx, [box.left, x, box.right]), dy: settle("y", dy, [box.top, y, box.bottom]), guides };
}
