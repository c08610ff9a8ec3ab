/**
 * What is particular about single seats of a block.
 *
 * The editor keeps it by place (`"row:seat"`, counted from the front and the left), so that it stays where it is when the
 * labels change. The document that the server reads names rows and seats by their labels, in short lists.
 */

import { labelsOrNone, written } from "./labels.js";

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
  for (const some of form.price_seats ?? []) each(some, { price: some.price_category });
  return marks;
}

/** From marks by place to the document's lists: `{ accessible, companion, without, price_seats }`, without empty ones. */
export function writeMarks(marks, rows, counts, numberOf) {
  const lists = new Map();
  for (const [key, mark] of Object.entries(marks)) {
    const [row, place] = placeOf(key);
    if (row >= rows.length || place >= counts[row]) continue;
    const put = (list) => {
      if (!lists.has(list)) lists.set(list, new Map());
      const byRow = lists.get(list);
      byRow.set(row, [...(byRow.get(row) ?? []), place]);
    };
    if (mark.kind) put(mark.kind);
    // What is not there has no price.
    if (mark.price && mark.kind !== GAP) put(`price ${mark.price}`);
  }
  const form = {};
  for (const [list, byRow] of [...lists].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const written = groupRows(byRow, rows, counts, numberOf);
    if (list.startsWith("price ")) {
      form.price_seats = [...(form.price_seats ?? []), ...written.map((some) => ({ ...some, price_category: list.slice(6) }))];
    } else form[list] = written;
  }
  return form;
}

/** Rows in which the same numbers are meant stand together. */
function groupRows(byRow, rows, counts, numberOf) {
  const groups = new Map();
  for (const row of [...byRow.keys()].sort((one, other) => one - other)) {
    const numbers = byRow.get(row).sort((one, other) => one - other).map((place) => String(numberOf(place, counts[row])));
    const seats = written(numbers);
    groups.set(seats, [...(groups.get(seats) ?? []), rows[row]]);
  }
  return [...groups].map(([seats, labels]) => ({ rows: written(labels), seats }));
}

/** Rows with a price of their own: `{ row: key }` from and to the document's list. */
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

export function writeRowPrices(prices, rows) {
  const byKey = new Map();
  for (const row of Object.keys(prices).map(Number).sort((one, other) => one - other)) {
    if (row < rows.length) byKey.set(prices[row], [...(byKey.get(prices[row]) ?? []), rows[row]]);
  }
  return [...byKey].map(([price_category, labels]) => ({ rows: written(labels), price_category }));
}
