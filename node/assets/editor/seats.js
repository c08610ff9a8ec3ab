/**
 * Where the seats of a thing stand and what is written on them: the same as the server draws (`node/src/drawing/`).
 *
 * A layout is columns, seat by seat, so that thousands cost little; it is made once for each state of a thing.
 */

import { labelsOrNone } from "./labels.js";
import { GAP, placeKey } from "./marks.js";

export const ACCESSIBLE = 1;
export const COMPANION = 2;
export const APART = 4;
export const RESTRICTED = 8;
const ROW_SEATS_MAX = 2000;
const RADIANS = Math.PI / 180;

/** @typedef {{ length: number, x: Float64Array, y: Float64Array, row: Uint16Array, place: Uint16Array, flags: Uint8Array,
 *   price: (string|null)[], rows: string[], counts: number[], gaps: {x: number, y: number, row: number, place: number}[],
 *   number: (seat: number) => string, bounds: Bounds|null }} Layout */

const made = new WeakMap();

/** @returns {Layout} the seats of a block, of tables or of a row; of anything else none */
export function layout(thing) {
  let known = made.get(thing);
  if (!known) {
    known = make(thing);
    made.set(thing, known);
  }
  return known;
}

function make(thing) {
  if (thing.kind === "block") return layBlock(thing);
  if (thing.kind === "tables") return layTables(thing);
  if (thing.kind === "row") return layRow(thing);
  return columns([], () => "");
}

/** How many seats each row of a block has. None if that cannot be said. */
export function seatCounts(block, rows = labelsOrNone(block.rows).length) {
  if (block.seatsByRow) return block.seatsByRow.length === rows ? block.seatsByRow : [];
  const counts = Array.from({ length: rows }, (_, row) => {
    if (block.wedge === null) return Math.floor(block.seats + block.growth * row);
    const room = block.wedge * RADIANS * (block.curve + block.rowGap * row) - block.aisleAfter.length * block.aisle;
    return Math.floor(room / block.seatGap);
  });
  return counts.every((count) => count >= 1 && count <= ROW_SEATS_MAX) ? counts : [];
}

/** The number on a seat. */
export function numberIn(block, place, count) {
  const middle = Math.ceil(count / 2);
  const [usual, step, nth] = {
    left: [1, 1, place],
    right: [1, 1, count - 1 - place],
    odd: [1, 2, count - 1 - place],
    even: [2, 2, place],
    center: place < middle ? [1, 2, middle - 1 - place] : [1, 2, place - middle],
  }[block.numbering];
  const half = block.numbering === "center" && place >= middle ? 1 : 0;
  return (block.first ?? usual) + step * nth + half;
}

function layBlock(block) {
  const rows = labelsOrNone(block.rows);
  const counts = seatCounts(block, rows.length);
  const seats = [];
  const gaps = [];
  counts.forEach((count, row) => {
    const aisles = aislesOf(block, count);
    let along = (-(count - 1) * block.seatGap - aisles.size * block.aisle) / 2;
    let gapBefore = false;
    let isFirst = true;
    for (let place = 0; place < count; place++) {
      if (aisles.has(place)) {
        along += block.aisle;
        gapBefore = true;
      }
      const mark = block.marks[placeKey(row, place)];
      const [x, y] = pointIn(block, row, along);
      if (mark?.kind === GAP) {
        gapBefore = true;
        gaps.push({ x, y, row, place });
      } else {
        const kind = mark?.kind === "accessible" ? ACCESSIBLE : mark?.kind === "companion" ? COMPANION : 0;
        const price = mark?.price ?? block.rowPrices[row] ?? block.price;
        seats.push({ x, y, row, place, flags: kind | (gapBefore && !isFirst ? APART : 0) | (mark?.restricted ? RESTRICTED : 0), price });
        gapBefore = false;
        isFirst = false;
      }
      along += block.seatGap;
    }
  });
  const laid = columns(seats, (seat) => String(numberIn(block, seats[seat].place, counts[seats[seat].row])));
  return Object.assign(laid, { rows: counts.length === rows.length ? rows : [], counts, gaps });
}

/** Before which places there is an aisle. */
function aislesOf(block, count) {
  const after = block.aisleAfter.map((after) => (after < 0 ? count + after : after));
  return new Set(after.filter((after) => after >= 1 && after < count));
}

/** Where a seat stands that is so far right of its row's middle. */
function pointIn(block, row, along) {
  const facing = block.facing * RADIANS;
  const [sin, cos] = [Math.sin(facing), Math.cos(facing)];
  const back = block.rowGap * row;
  if (block.curve === 0) return [block.x - sin * back + cos * along, block.y + cos * back + sin * along];
  const focus = [block.x + sin * block.curve, block.y - cos * block.curve];
  const radius = block.curve + back;
  const angle = block.turn * RADIANS + along / radius;
  const [aside, ahead] = [radius * Math.sin(angle), radius * Math.cos(angle)];
  return [focus[0] + cos * aside - sin * ahead, focus[1] + sin * aside + cos * ahead];
}

function layTables(group) {
  const names = labelsOrNone(group.labels);
  const accessible = new Set(group.accessible ? labelsOrNone(group.accessible) : []);
  const chairs = group.chairs >= 1 && group.chairs <= 30 ? group.chairs : 0;
  const seats = [];
  const middles = names.map((name, nth) => {
    const x = group.x + group.gapX * (nth % group.columns);
    const y = group.y + group.gapY * Math.floor(nth / group.columns);
    for (let chair = 0; chair < chairs; chair++) {
      const angle = (2 * Math.PI * chair) / chairs;
      const kind = accessible.has(name) && chair < 2 ? [ACCESSIBLE, COMPANION][chair] : 0;
      seats.push({ x: x + group.radius * Math.sin(angle), y: y - group.radius * Math.cos(angle), row: nth, place: chair, flags: kind, price: group.price });
    }
    return [x, y];
  });
  const laid = columns(seats, (seat) => String(seats[seat].place + 1));
  return Object.assign(laid, { rows: names.map((name) => group.prefix + name), counts: names.map(() => chairs), middles });
}

function layRow(row) {
  const seats = row.seats.map((seat, place) => ({
    x: seat.x, y: seat.y, row: 0, place, price: seat.price ?? row.price,
    flags: (seat.kind === "accessible" ? ACCESSIBLE : seat.kind === "companion" ? COMPANION : 0) | (seat.apart && place > 0 ? APART : 0) | (seat.restricted ? RESTRICTED : 0),
  }));
  return Object.assign(columns(seats, (seat) => row.seats[seat].number), { rows: [row.label], counts: [seats.length] });
}

function columns(seats, number) {
  const length = seats.length;
  const laid = {
    length, number, rows: [], counts: [], gaps: [],
    x: new Float64Array(length), y: new Float64Array(length),
    row: new Uint16Array(length), place: new Uint16Array(length), flags: new Uint8Array(length), price: new Array(length),
    bounds: null,
  };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  seats.forEach((seat, at) => {
    laid.x[at] = seat.x;
    laid.y[at] = seat.y;
    laid.row[at] = seat.row;
    laid.place[at] = seat.place;
    laid.flags[at] = seat.flags;
    laid.price[at] = seat.price ?? null;
    left = Math.min(left, seat.x);
    right = Math.max(right, seat.x);
    top = Math.min(top, seat.y);
    bottom = Math.max(bottom, seat.y);
  });
  if (length > 0) laid.bounds = { left, top, right, bottom };
  return laid;
}
