/**
 * Proposes seats side by side, by the rules that the node itself has for the best available: wheelchair places and their
 * companions' seats are left to who asks for them, and no single seat is left over where that can be avoided. Which window
 * is the best is decided by what is wanted: near the stage and its middle, or near another seat.
 */

import { extent } from "./geometry.js";

const NOBODY = new Set();
/** More than anything can be far off. */
const BESIDE = 1e6;

/**
 * @param wish.quantity how many
 * @param wish.fits says of a seat whether it may be proposed
 * @param wish.accessible whether there must be a wheelchair place among them
 * @param wish.near a point to be near to; the stage if there is none
 * @param wish.beside seats that somebody has: next to one of them is better than anywhere else
 * @param wish.refused sets of seats that are not to be proposed again
 * @returns the seats; empty if there are none
 */
export function propose(hall, neighbours, wish) {
  const point = wish.near ?? focus(hall);
  const none = { seats: [], cost: Infinity };
  let [best, relaxed] = [none, none];
  for (let row = 0; row < hall.rows.length; row++) {
    if (hall.freeOfRow[row] < wish.quantity) continue;
    for (const piece of neighbours.pieces(row)) {
      for (let first = 0; first + wish.quantity <= piece.length; first++) {
        const seats = piece.slice(first, first + wish.quantity);
        if (!isPossible(hall, seats, wish)) continue;
        const { beside = NOBODY } = wish;
        const isBeside = beside.has(piece[first - 1]) || beside.has(piece[first + wish.quantity]);
        const cost = farness(hall, seats, point) + accessibleCost(hall, seats, wish) - (isBeside ? BESIDE : 0);
        // Whom a window leaves alone is looked at only where the window would be the best.
        if (cost >= best.cost) continue;
        if (neighbours.lonely(new Set([...seats, ...beside])).length === 0) best = { seats, cost };
        else if (cost < relaxed.cost) relaxed = { seats, cost };
      }
    }
  }
  return best.seats.length > 0 ? best.seats : relaxed.seats;
}

/** The same for who cannot sit together: two groups, as near to each other as there are. */
export function proposeApart(hall, neighbours, wish) {
  const half = Math.ceil(wish.quantity / 2);
  const one = propose(hall, neighbours, { ...wish, quantity: half });
  if (one.length === 0 || half === wish.quantity) return [];
  const taken = new Set(one);
  const [x, y] = middle(hall, one);
  const fits = (seat) => wish.fits(seat) && !taken.has(seat);
  const other = propose(hall, neighbours, { ...wish, quantity: wish.quantity - half, fits, near: { x, y }, accessible: false });
  return other.length === 0 ? [] : [...one, ...other];
}

function isPossible(hall, seats, { fits, accessible, refused = [] }) {
  if (!seats.every((seat) => hall.isFree(seat) && fits(seat))) return false;
  if (accessible ? !seats.some((seat) => hall.isAccessible(seat)) : seats.some((seat) => hall.isSpecial(seat))) return false;
  return !refused.some((other) => seats.some((seat) => other.has(seat)));
}

/** Of wheelchair places as few as may be; then as many of the companions' seats. */
function accessibleCost(hall, seats, { accessible }) {
  if (!accessible) return 0;
  const places = seats.filter((seat) => hall.isAccessible(seat)).length;
  const companions = seats.filter((seat) => hall.isCompanion(seat)).length;
  return places * 1e7 - companions * 1e5;
}

function farness(hall, seats, { x, y }) {
  return seats.reduce((sum, seat) => sum + Math.hypot(hall.x[seat] - x, hall.y[seat] - y), 0) / seats.length;
}

export function middle(hall, seats) {
  const mean = (column) => seats.reduce((sum, seat) => sum + column[seat], 0) / seats.length;
  return [mean(hall.x), mean(hall.y)];
}

/** What everybody looks at. */
function focus(hall) {
  if (hall.stage) return extent(hall.stage.outline);
  return { x: hall.width / 2, y: 0 };
}
