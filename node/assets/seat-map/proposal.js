/**
 * Proposes seats side by side.
 *
 * The best ones are those that the node would give itself (ledger/src/best.rs), so that the map and the form without it tell
 * the same; a test compares them. Where a seat is wanted near another, nearness decides. Seats with a restricted view are
 * proposed only when there are no others.
 */

const NOBODY = new Set();
/** More than anything can be far off. */
const BESIDE = 1e6;

/**
 * @typedef {object} Wish
 * @property {number} quantity how many
 * @property {(seat: number) => boolean} fits says of a seat whether it may be proposed
 * @property {boolean} [accessible] whether there must be a wheelchair place among them
 * @property {{x: number, y: number}} [near] a point to be near to; without it, the best
 * @property {Set<number>} [beside] seats that somebody has: next to one of them is better than anywhere else
 * @property {Set<number>[]} [refused] sets of seats that are not to be proposed again
 */

/** @param {Wish} wish @returns the seats; empty if there are none */
export function propose(hall, neighbours, wish) {
  const find = wish.near ? (clear) => nearest(hall, neighbours, clear) : (clear) => best(hall, clear);
  const clear = find({ ...wish, fits: (seat) => !hall.isRestricted(seat) && wish.fits(seat) });
  return clear.length > 0 ? clear : find(wish);
}

/** The rule of the node: the best row that has such a window without leaving a single seat; if none has, the best row. */
function best(hall, wish) {
  for (const leavesNone of [true, false]) {
    for (const run of hall.runs) {
      const seats = bestIn(hall, run, wish, leavesNone);
      if (seats.length > 0) return seats;
    }
  }
  return [];
}

/** In a row: what takes least of what is kept for others, then what is nearest to the row's middle, then to its beginning. */
function bestIn(hall, { first, end }, wish, leavesNone) {
  const { quantity } = wish;
  let [found, least] = [-1, Infinity];
  let length = 0;
  for (let seat = first; seat < end; seat++) {
    const isOpen = (wish.accessible ? hall.isFree(seat) : hall.isVacant(seat)) && wish.fits(seat);
    length = !isOpen ? 0 : hall.isApart(seat) ? 1 : length + 1;
    if (length < quantity) continue;
    const from = seat + 1 - quantity;
    if (leavesNone && leavesOne(hall, from, seat)) continue;
    const seats = window(from, quantity);
    if (!isPossible(hall, seats, wish)) continue;
    const cost = wasted(hall, seats, wish) + Math.abs(from + seat - (first + end - 1));
    if (cost < least) [found, least] = [from, cost];
  }
  return found < 0 ? [] : window(found, quantity);
}

function window(first, quantity) {
  return Array.from({ length: quantity }, (_, nth) => first + nth);
}

/** Whether a vacant seat beside these loses its last neighbour by it. */
function leavesOne(hall, first, last) {
  const before = (seat) => (hall.isApart(seat) || !hall.isVacant(seat - 1) ? -1 : seat - 1);
  const after = (seat) => (seat + 1 >= hall.length || hall.isApart(seat + 1) || !hall.isVacant(seat + 1) ? -1 : seat + 1);
  const isAlone = (seat, next) => seat >= 0 && next(seat) < 0;
  return (hall.isVacant(first) && isAlone(before(first), before)) || (hall.isVacant(last) && isAlone(after(last), after));
}

/** Of wheelchair places as few as may be, then of ordinary seats: companions sit on companions' seats. */
function wasted(hall, seats, { accessible }) {
  if (!accessible) return 0;
  const places = seats.filter((seat) => hall.isAccessible(seat)).length;
  return places * 1e12 + seats.filter((seat) => !hall.isSpecial(seat)).length * 1e8;
}

/** As near as may be to a point, and beside those who are there already. */
function nearest(hall, neighbours, wish) {
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
        const cost = farness(hall, seats, wish.near) + accessibleCost(hall, seats, wish) - (isBeside ? BESIDE : 0);
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
