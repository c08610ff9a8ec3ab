/** Gives seats, rows and things prices, kinds and gaps. */

import { replace } from "./changes.js";
import { GAP, placeOf } from "./marks.js";

/** What a brush paints beside the keys of price categories. */
export const KIND_PAINTS = { "*standard": null, "*accessible": "accessible", "*companion": "companion", "*restricted": "restricted", "*gap": GAP };

/** What a paint makes of a seat's kind and view: an ordinary seat has neither mark; a view is restricted whatever the seat is. */
function kindOf(paint) {
  if (paint === "*restricted") return { restricted: true };
  return paint === "*standard" ? { kind: null, restricted: false } : { kind: KIND_PAINTS[paint] };
}

/**
 * The document with seats painted.
 * @param places places by thing's id
 * @param paint a price category's key, or one of KIND_PAINTS
 */
export function paintSeats(doc, places, paint) {
  return replace(doc, new Set(places.keys()), (thing) => paintPlaces(thing, places.get(thing.id), paint));
}

function paintPlaces(thing, places, paint) {
  if (thing.kind === "block") return paintBlock(thing, places, paint);
  if (thing.kind === "row") return paintRow(thing, places, paint);
  return paintTables(thing, places, paint);
}

function paintBlock(block, places, paint) {
  const marks = { ...block.marks };
  for (const key of places) {
    const [row] = placeOf(key);
    const mark = { ...marks[key] };
    if (paint in KIND_PAINTS) Object.assign(mark, kindOf(paint));
    // What the row costs anyway needs no mark.
    else mark.price = (block.rowPrices[row] ?? block.price) === paint ? null : paint;
    if (mark.kind || mark.price || mark.restricted) marks[key] = mark;
    else delete marks[key];
  }
  return { ...block, marks };
}

function paintRow(row, places, paint) {
  const at = new Set([...places].map((key) => placeOf(key)[1]));
  if (KIND_PAINTS[paint] === GAP) return withoutSeats(row, at);
  const change = paint in KIND_PAINTS ? kindOf(paint) : { price: row.price === paint ? null : paint };
  return { ...row, seats: row.seats.map((seat, place) => (at.has(place) ? { ...seat, ...change } : seat)) };
}

/** Behind a seat that is gone there is a gap. A row without seats is gone. */
function withoutSeats(row, at) {
  const seats = [];
  let gap = false;
  row.seats.forEach((seat, place) => {
    if (at.has(place)) {
      gap = true;
      return;
    }
    seats.push(gap ? { ...seat, apart: true } : seat);
    gap = false;
  });
  return seats.length === 0 ? null : { ...row, seats };
}

/** A table has one price, and is accessible or not. */
function paintTables(group, _places, paint) {
  return paint in KIND_PAINTS ? group : { ...group, price: paint };
}

/** The document with whole things at a price. */
export function priceThings(doc, ids, price) {
  return replace(doc, ids, (thing) => {
    if (thing.kind === "stage") return thing;
    if (thing.kind === "row") return { ...thing, price, seats: thing.seats.map((seat) => ({ ...seat, price: null })) };
    if (thing.kind !== "block") return { ...thing, price };
    const marks = Object.entries(thing.marks).flatMap(([key, mark]) => (isMore(mark) ? [[key, { ...mark, price: null }]] : []));
    return { ...thing, price, rowPrices: {}, marks: Object.fromEntries(marks) };
  });
}

/** The document with rows of a block at a price. */
export function priceRows(doc, id, rows, price) {
  return replace(doc, new Set([id]), (block) => {
    const rowPrices = { ...block.rowPrices };
    for (const row of rows) rowPrices[row] = price;
    const marks = {};
    for (const [key, mark] of Object.entries(block.marks)) {
      if (!rows.has(placeOf(key)[0])) marks[key] = mark;
      else if (isMore(mark)) marks[key] = { ...mark, price: null };
    }
    return { ...block, rowPrices, marks };
  });
}

/** Whether a mark says more than a price. */
function isMore(mark) {
  return Boolean(mark.kind || mark.restricted);
}
