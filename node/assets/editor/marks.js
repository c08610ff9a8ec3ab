/**
 * What is particular about single seats of a block.
 *
 * The editor keeps it by place (`"row:seat"`, counted from the front and the left), so that it stays where it is when the
 * labels change. The document that the server reads names rows and seats by their labels, in short lists.
 */

import { labelsOrNone } from "./labels.js";

export const GAP = "without";
const KINDS = ["accessible", "companion", GAP];

/** The mark's place. */
export function placeKey(row, place) {
  return `${row}:${place}`;
}

/** `"3:14"` → `[3, 14]`. */
export function placeOf(key) {
  const at = key.indexOf(":");
  return [Number(key.slice(0, at)), Number(key.slice(at + 1))];
}

/**
 * From the document's lists to marks by place.
 * @param counts how many seats each row has
 * @param numberOf `(place, count)` → the number that is written on a seat
 */
export function readMarks(form, rows, counts, numberOf) {
  const marks = {};
  const rowAt = new Map(rows.map((label, row) => [label, row]));
  const places = counts.map(() => null);
  const placeIn = (row, number) => {
    places[row] ??= new Map(Array.from({ length: counts[row] }, (_, place) => [String(numberOf(place, counts[row])), place]));
    return places[row].get(number);
  };
  const each = (some, change) => {
    for (const label of labelsOrNone(some.rows)) {
      const row = rowAt.get(label);
      if (row === undefined) continue;
      for (const number of labelsOrNone(some.seats)) {
        const place = placeIn(row, number);
        if (place === undefined) continue;
        const key = placeKey(row, place);
        marks[key] = { ...marks[key], ...change };
      }
    }
  };
  for (const kind of KINDS) for (const some of form[kind] ?? []) each(some, { kind });
  for (const some of form.restricted_view ?? []) each(some, { restricted: true });
  for (const some of form.price_seats ?? []) each(some, { price: some.price_category });
  return marks;
}

/** Rows with a price of their own: `{ row: key }` from the document's list. */
export function readRowPrices(form, rows) {
  const prices = {};
  for (const some of form.price_rows ?? []) {
    for (const label of labelsOrNone(some.rows)) {
      const row = rows.indexOf(label);
      if (row >= 0) prices[row] = some.price_category;
    }
  }
  return prices;
}
