/** From the marks of a block's seats to the lists of the document that the server reads. */

import { written } from "./label-lists.js";
import { GAP, placeOf } from "./marks.js";

/** From marks by place to the document's lists: `{ accessible, companion, restricted_view, without, price_seats }`, without empty ones. */
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
    // What is not there has no price and no view.
    if (mark.kind === GAP) continue;
    if (mark.restricted) put("restricted_view");
    if (mark.price) put(`price ${mark.price}`);
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

/** Rows with a price of their own, as the document's list. */
export function writeRowPrices(prices, rows) {
  const byKey = new Map();
  for (const row of Object.keys(prices).map(Number).sort((one, other) => one - other)) {
    if (row < rows.length) byKey.set(prices[row], [...(byKey.get(prices[row]) ?? []), rows[row]]);
  }
  return [...byKey].map(([price_category, labels]) => ({ rows: written(labels), price_category }));
}
