/** What is drawn next to what stands there goes on with its labels, and looks where the others look. */

import { boundsOf, middle } from "./geometry.js";
import { nextLabel, sequence, written } from "./label-lists.js";
import { labelsOrNone } from "./labels.js";
import { thing } from "./model.js";
import { layout } from "./seats.js";

const TABLES_APART = 5;

/** Where the audience in a box looks: up, unless the stage is below. */
export function facingOf(doc, box) {
  const stage = doc.things.find((one) => one.kind === "stage");
  if (!stage) return 0;
  const at = middle(boundsOf(stage));
  return at[1] > box.bottom ? 180 : 0;
}

/** How far before a front row the focus of its curve is: in the stage, if there is one ahead. */
export function curveOf(doc, front) {
  const stage = doc.things.find((one) => one.kind === "stage");
  if (!stage) return 18;
  const [, y] = middle(boundsOf(stage));
  return Math.max(8, Math.round(Math.abs(front[1] - y)) + 4);
}

/** The block that a box is filled with. `isCurved` bends its rows around the stage. */
export function blockIn(doc, section, box, isCurved) {
  const [rowGap, seatGap] = [1.2, 1];
  const count = Math.min(200, Math.floor((box.bottom - box.top) / rowGap + 1e-6) + 1);
  const seats = Math.min(500, Math.floor((box.right - box.left) / seatGap + 1e-6) + 1);
  const facing = facingOf(doc, box);
  const width = (seats - 1) * seatGap;
  const depth = (count - 1) * rowGap;
  const x = box.left + width / 2;
  const y = facing === 0 ? box.top : box.top + depth;
  const facts = { section, seats, x, y, facing, curve: isCurved ? curveOf(doc, [x, y]) : 0 };
  const { first, number } = neighbours(doc, section, { left: box.left, right: box.left + width, top: box.top, bottom: box.top + depth });
  return thing("block", { ...facts, rows: written(sequence(first, count)), first: number });
}

/**
 * The label of the first row and, beside another block, the number after its last.
 * A block beside others begins with their row; one behind them goes on after their last row.
 */
function neighbours(doc, section, box) {
  const blocks = doc.things.filter((one) => one.kind === "block" && one.section === section && layout(one).bounds);
  if (blocks.length === 0) return { first: "A", number: null };
  const beside = blocks.filter((one) => {
    const { bounds } = layout(one);
    return bounds.top <= box.bottom && bounds.bottom >= box.top && (bounds.right < box.left || bounds.left > box.right);
  });
  if (beside.length === 0) {
    const last = blocks.flatMap((one) => labelsOrNone(one.rows)).reduce((one, other) => (isAfter(other, one) ? other : one));
    return { first: nextLabel(last) ?? "A", number: null };
  }
  const first = labelsOrNone(beside[0].rows)[0] ?? "A";
  const numbers = beside.flatMap((one) => numbersOf(one)).filter(Number.isFinite);
  return { first, number: numbers.length > 0 ? Math.max(...numbers) + 1 : null };
}

function numbersOf(block) {
  const laid = layout(block);
  return Array.from({ length: laid.length }, (_, seat) => Number(laid.number(seat)));
}

function isAfter(one, other) {
  if (/^\d+$/.test(one) && /^\d+$/.test(other)) return Number(one) > Number(other);
  return one.length === other.length ? one > other : one.length > other.length;
}

/** A row of seats from one point to another. */
export function rowBetween(doc, section, [x1, y1], [x2, y2]) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const count = Math.min(500, Math.floor(length + 1e-6) + 1);
  const [dx, dy] = length > 0 ? [(x2 - x1) / length, (y2 - y1) / length] : [1, 0];
  const seats = Array.from({ length: count }, (_, nth) => ({ number: String(nth + 1), x: x1 + dx * nth, y: y1 + dy * nth, kind: null, apart: false, price: null }));
  return thing("row", { section, label: nextRowLabel(doc, section), seats });
}

function nextRowLabel(doc, section) {
  const taken = doc.things.filter((one) => one.section === section).flatMap((one) => (one.kind === "row" ? [one.label] : one.kind === "block" ? labelsOrNone(one.rows) : []));
  if (taken.length === 0) return "A";
  let label = taken.reduce((one, other) => (isAfter(other, one) ? other : one));
  do label = nextLabel(label);
  while (label !== null && taken.includes(label));
  return label ?? "A";
}

/** Tables that fill a box, counted after those of the section. */
export function tablesIn(doc, section, box) {
  const columns = Math.min(40, Math.floor((box.right - box.left) / TABLES_APART + 1e-6) + 1);
  const lines = Math.min(40, Math.floor((box.bottom - box.top) / TABLES_APART + 1e-6) + 1);
  const others = doc.things.filter((one) => one.kind === "tables" && one.section === section).flatMap((one) => labelsOrNone(one.labels));
  const last = others.reduce((most, label) => (isAfter(label, most) ? label : most), "0");
  const labels = written(sequence(nextLabel(last) ?? "1", columns * lines));
  return thing("tables", { section, labels, columns, x: box.left, y: box.top });
}
