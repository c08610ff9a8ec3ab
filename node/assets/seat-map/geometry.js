/** Shapes on the map: lists of points. */

/** A path around points. */
export function outline(points) {
  const path = new Path2D();
  points.forEach(([x, y], at) => (at === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
  return path;
}

/** The middle and the size of what points span. */
export function extent(points) {
  const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
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

/** Where in a polygon a word has most room, which for a U is not its middle; and how wide the polygon is there. */
export function roomiest(points) {
  const STEPS = 24;
  const all = extent(points);
  const edges = points.map((point, at) => [point, points[(at + 1) % points.length]]);
  let best = { x: all.x, y: all.y, width: all.width };
  let most = 0;
  for (let step = 1; step < STEPS; step++) {
    const y = all.y - all.height / 2 + (all.height * step) / STEPS;
    // Where edges cross a horizontal line; between pairs of crossings the polygon is inside.
    const crossings = edges
      .filter(([[, y1], [, y2]]) => y1 > y !== y2 > y)
      .map(([[x1, y1], [x2, y2]]) => x1 + ((x2 - x1) * (y - y1)) / (y2 - y1))
      .sort((left, right) => left - right);
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const width = crossings[at + 1] - crossings[at];
      const x = crossings[at] + width / 2;
      const room = Math.min(...edges.map((edge) => distance(x, y, edge)));
      // Among equals the one nearest to the middle.
      if (room - Math.abs(y - all.y) * 0.001 > most) {
        most = room;
        best = { x, y, width };
      }
    }
  }
  return best;
}

/** How far a point is from a line between two others. */
export function distance(x, y, [[x1, y1], [x2, y2]]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}
