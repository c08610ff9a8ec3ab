/** What is wrong with a document: each fault with the things that have it, so that they can be shown. */

import { LABEL_CHARS_MAX, LabelFault, labels } from "./labels.js";
import { sectionOf } from "./model.js";
import { layout, seatCounts } from "./seats.js";

export const SEATS_MAX = 120_000;
const ROWS_MAX = 20_000;
const FAR = 1e5;
/** Seats nearer than this to each other overlap. */
const NEAR = 0.6;
const TOLD_MAX = 100;

/**
 * @typedef {{ level: "bad"|"warn", key: string, values: object, ids: string[], seats?: [string, number][], section?: string, category?: string }} Fault
 * `seats` are pairs of a thing's id and a seat's index in its layout.
 * @returns {Fault[]}
 */
export function check(doc) {
  const faults = [];
  const tell = (level, key, values, ids, more = {}) => faults.length < TOLD_MAX && faults.push({ level, key, values, ids, ...more });
  checkNames(doc, tell);
  for (const thing of doc.things) checkThing(doc, thing, tell);
  checkSeatNames(doc, tell);
  checkOverlaps(doc, tell);
  checkSizes(doc, tell);
  return faults;
}

function checkNames(doc, tell) {
  const twice = (list, empty, taken, where) => {
    const seen = new Set();
    for (const one of list) {
      const name = one.name.trim();
      if (name === "") tell("bad", empty, {}, [], where(one));
      else if (seen.has(name)) tell("bad", taken, { name }, [], where(one));
      seen.add(name);
    }
  };
  twice(doc.sections, "editor-fault-section-empty", "editor-fault-section-twice", (section) => ({ section: section.key }));
  twice(doc.categories, "editor-fault-category-empty", "editor-fault-category-twice", (category) => ({ category: category.key }));
  if (doc.categories.length === 0) tell("bad", "editor-fault-no-categories", {}, []);
}

function checkThing(doc, thing, tell) {
  const bad = (key, values = {}) => tell("bad", key, values, [thing.id]);
  if (thing.outline && (thing.outline.length < 3 || thing.outline.length > 500)) bad("editor-fault-outline");
  if (thing.kind === "stage") return;
  if (thing.kind === "block" || thing.kind === "tables") checkLabels(thing, bad);
  if (thing.kind === "block" && labelsCount(thing) > 0 && seatCounts(thing).length === 0) bad("editor-fault-counts");
  if (thing.kind === "tables" && !(thing.chairs >= 1 && thing.chairs <= 30)) bad("editor-fault-chairs");
  if (thing.kind === "row") checkRow(thing, bad);
  if (thing.kind === "area") checkArea(doc, thing, bad);
  const { bounds } = layout(thing);
  if (bounds && Math.max(-bounds.left, -bounds.top, bounds.right, bounds.bottom) > FAR) bad("editor-fault-far");
  checkPrices(doc, thing, tell);
}

function labelsCount(block) {
  try {
    return labels(block.rows).length;
  } catch {
    return 0;
  }
}

function checkLabels(thing, bad) {
  try {
    labels(thing.kind === "block" ? thing.rows : thing.labels);
    if (thing.accessible) labels(thing.accessible);
  } catch (fault) {
    if (!(fault instanceof LabelFault)) throw fault;
    bad(fault.key, fault.values);
  }
}

function checkRow(row, bad) {
  if (row.label.trim() === "" || [...row.label].length > 2 * LABEL_CHARS_MAX) bad("editor-fault-row-label");
  if (row.seats.some((seat) => seat.number === "" || [...seat.number].length > LABEL_CHARS_MAX)) bad("editor-fault-seat-number", { row: row.label });
  if (row.seats.length === 0) bad("editor-fault-row-empty");
}

function checkArea(doc, area, bad) {
  if (area.name.trim() === "") bad("editor-fault-area-name");
  if (!(area.capacity >= 1 && area.capacity <= 500_000)) bad("editor-fault-capacity");
  if (doc.things.some((other) => other.kind === "area" && other !== area && other.key === area.key)) bad("editor-fault-area-key", { name: area.name });
}

function checkPrices(doc, thing, tell) {
  const known = new Set(doc.categories.map((category) => category.key));
  const usual = sectionOf(doc, thing)?.price ?? null;
  if (!sectionOf(doc, thing)) return tell("bad", "editor-fault-no-section", {}, [thing.id]);
  if (thing.kind === "area") {
    if (!known.has(thing.price ?? usual)) tell("bad", "editor-fault-area-price", { name: thing.name }, [thing.id]);
    return;
  }
  const laid = layout(thing);
  const without = [];
  for (let seat = 0; seat < laid.length; seat++) if (!known.has(laid.price[seat] ?? usual)) without.push([thing.id, seat]);
  if (without.length > 0) tell("bad", "editor-fault-price", { count: without.length }, [thing.id], { seats: without });
}

/** Within a section, row and number name one seat. */
function checkSeatNames(doc, tell) {
  const sections = new Map();
  const told = new Set();
  for (const thing of doc.things) {
    const laid = layout(thing);
    if (!sections.has(thing.section)) sections.set(thing.section, new Map());
    const names = sections.get(thing.section);
    for (let seat = 0; seat < laid.length; seat++) {
      const row = laid.rows[laid.row[seat]];
      const name = `${row}\n${laid.number(seat)}`;
      const other = names.get(name);
      if (!other) {
        names.set(name, [thing.id, seat]);
        continue;
      }
      // One row with another is told once, by its first seat.
      const pair = `${other[0]}\n${thing.id}\n${row}`;
      if (told.has(pair)) continue;
      told.add(pair);
      const section = sectionOf(doc, thing)?.name ?? "";
      tell("bad", "editor-fault-twice", { row, number: laid.number(seat), section }, [...new Set([other[0], thing.id])], { seats: [other, [thing.id, seat]] });
    }
  }
}

function checkOverlaps(doc, tell) {
  const cells = new Map();
  const pairs = new Map();
  for (const thing of doc.things) {
    const laid = layout(thing);
    for (let seat = 0; seat < laid.length; seat++) {
      const [x, y] = [laid.x[seat], laid.y[seat]];
      const [column, line] = [Math.floor(x / NEAR), Math.floor(y / NEAR)];
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          for (const other of cells.get(cellKey(column + dx, line + dy)) ?? []) {
            if (Math.hypot(other.x - x, other.y - y) >= NEAR) continue;
            const key = `${other.id}\n${thing.id}`;
            if (!pairs.has(key)) pairs.set(key, { ids: [...new Set([other.id, thing.id])], count: 0, seats: [] });
            const pair = pairs.get(key);
            pair.count += 1;
            if (pair.seats.length < 200) pair.seats.push([other.id, other.seat], [thing.id, seat]);
          }
        }
      }
      const key = cellKey(column, line);
      const cell = cells.get(key);
      if (cell) cell.push({ id: thing.id, seat, x, y });
      else cells.set(key, [{ id: thing.id, seat, x, y }]);
    }
  }
  for (const { ids, count, seats } of pairs.values()) tell("warn", "editor-fault-overlap", { count }, ids, { seats });
}

/** One number for two: cells are less than four million apart. */
function cellKey(column, line) {
  return (column + 2_000_000) * 4_194_304 + line + 2_000_000;
}

function checkSizes(doc, tell) {
  let [seats, rows, people] = [0, 0, 0];
  for (const thing of doc.things) {
    const laid = layout(thing);
    seats += laid.length;
    rows += laid.rows.length;
    people += laid.length + (thing.kind === "area" ? 1 : 0);
  }
  if (people === 0) tell("bad", "editor-fault-nothing", {}, []);
  if (seats > SEATS_MAX || rows > ROWS_MAX) tell("bad", "editor-fault-many", { seats: SEATS_MAX, rows: ROWS_MAX }, []);
}
