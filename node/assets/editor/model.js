/**
 * The document that is edited: price categories, sections, and the things that stand in the hall. It is never changed:
 * every change makes another document that shares what stayed the same.
 *
 * Things are of the kinds `block`, `tables`, `row`, `area` and `stage`. Lengths are distances between two seats.
 */

import { layout } from "./seats.js";

export const EMPTY = Object.freeze({ categories: [], sections: [], things: [] });

let made = 0;

/** An id for a thing; it is known only while the page is open. */
export function freshId() {
  made += 1;
  return `t${made}`;
}

const BLOCK = {
  kind: "block", rows: "A", seats: 1, growth: 0, seatsByRow: null, wedge: null, x: 0, y: 0, facing: 0, curve: 0, turn: 0,
  rowGap: 1.2, seatGap: 1, aisleAfter: [], aisle: 1.5, numbering: "left", first: null, price: null, rank: null, rowPrices: {}, marks: {},
};
const TABLES = { kind: "tables", labels: "1", prefix: "Table ", chairs: 8, x: 0, y: 0, columns: 1, gapX: 5, gapY: 5, radius: 1.3, price: null, accessible: "", rank: null };
const ROW = { kind: "row", label: "A", rank: null, price: null, seats: [] };
const AREA = { kind: "area", key: "", name: "", capacity: 100, price: null, outline: [] };
const STAGE = { kind: "stage", shape: "stage", label: "Stage", outline: [] };
const USUAL = { block: BLOCK, tables: TABLES, row: ROW, area: AREA, stage: STAGE };

/** A thing with what is said of it; the rest is as usual. */
export function thing(kind, facts) {
  return Object.freeze({ ...USUAL[kind], id: freshId(), section: null, ...facts });
}

const indices = new WeakMap();

/** The things of a document by id. */
export function byId(doc) {
  let index = indices.get(doc.things);
  if (!index) {
    index = new Map(doc.things.map((thing) => [thing.id, thing]));
    indices.set(doc.things, index);
  }
  return index;
}

/** The section of a thing. */
export function sectionOf(doc, thing) {
  return doc.sections.find((section) => section.key === thing.section);
}

/** How many people a thing admits. */
export function capacity(thing) {
  return thing.kind === "area" ? thing.capacity : layout(thing).length;
}

/** How many places there are: altogether, by section and by price category (`null` for those without). */
export function counts(doc) {
  const told = { all: 0, seats: 0, sections: new Map(doc.sections.map((section) => [section.key, 0])), categories: new Map(doc.categories.map((category) => [category.key, 0])) };
  const put = (map, key, many) => map.set(key, (map.get(key) ?? 0) + many);
  for (const thing of doc.things) {
    if (thing.kind === "stage") continue;
    const many = capacity(thing);
    told.all += many;
    put(told.sections, thing.section, many);
    const usual = sectionOf(doc, thing)?.price ?? null;
    if (thing.kind === "area") put(told.categories, thing.price ?? usual, many);
    else {
      told.seats += many;
      for (const [price, seats] of prices(thing)) put(told.categories, price ?? usual, seats);
    }
  }
  return told;
}

const tallies = new WeakMap();

/** How many seats of a thing have which price of their own. */
function prices(thing) {
  let tally = tallies.get(thing);
  if (!tally) {
    tally = new Map();
    for (const price of layout(thing).price) tally.set(price, (tally.get(price) ?? 0) + 1);
    tallies.set(thing, tally);
  }
  return tally;
}
