/** Moves, turns, mirrors, aligns and copies things. Each function gives other things and leaves those it was given. */

import { keyFor, nameFor } from "./changes.js";
import { boundsOf, boundsOfAll, middle, plainAngle, turned } from "./geometry.js";
import { nextLabel, resized, schemeOf, written } from "./label-lists.js";
import { labelsOrNone } from "./labels.js";
import { placeKey, placeOf } from "./marks.js";
import { freshId, thing } from "./model.js";
import { ACCESSIBLE, APART, COMPANION, RESTRICTED, layout, numberIn } from "./seats.js";

export function moved(one, dx, dy) {
  if (one.outline) return { ...one, outline: one.outline.map(([x, y]) => [x + dx, y + dy]) };
  if (one.kind === "row") return { ...one, seats: one.seats.map((seat) => ({ ...seat, x: seat.x + dx, y: seat.y + dy })) };
  return { ...one, x: one.x + dx, y: one.y + dy };
}

/** Turned around a point, clockwise as seen. A grid of tables becomes single tables, since a grid stands upright. */
export function rotated(one, centre, degrees) {
  if (one.outline) return [{ ...one, outline: one.outline.map((point) => turned(point, centre, degrees)) }];
  if (one.kind === "row") return [{ ...one, seats: one.seats.map((seat) => withPoint(seat, turned([seat.x, seat.y], centre, degrees))) }];
  if (one.kind === "tables") return singles(one).map((table) => withPoint(table, turned([table.x, table.y], centre, degrees)));
  return [{ ...withPoint(one, turned([one.x, one.y], centre, degrees)), facing: plainAngle(one.facing + degrees) }];
}

/** As in a mirror that stands upright at `at`. What was numbered from the left is numbered from the right. */
export function mirrored(one, at) {
  const flip = ([x, y]) => [2 * at - x, y];
  if (one.outline) return [{ ...one, outline: one.outline.map(flip) }];
  if (one.kind === "row") return [{ ...one, seats: flippedSeats(one.seats, flip) }];
  if (one.kind === "tables") return singles(one).map((table) => withPoint(table, flip([table.x, table.y])));
  const numbering = { left: "right", right: "left", odd: "even", even: "odd", center: "center" }[one.numbering];
  const { counts } = layout(one);
  const marks = Object.entries(one.marks).map(([key, mark]) => {
    const [row, place] = placeOf(key);
    return [placeKey(row, (counts[row] ?? place + 1) - 1 - place), mark];
  });
  return [{
    ...withPoint(one, flip([one.x, one.y])), facing: plainAngle(-one.facing), turn: -one.turn, numbering,
    aisleAfter: one.aisleAfter.map((after) => -after), marks: Object.fromEntries(marks),
  }];
}

/** Seats go from one end to the other, and an aisle is told at the seat behind it. */
function flippedSeats(seats, flip) {
  return seats.map((seat, nth) => ({ ...withPoint(seat, flip([seat.x, seat.y])), apart: seats[nth + 1]?.apart ?? false })).reverse();
}

function withPoint(one, [x, y]) {
  return { ...one, x, y };
}

/** Every table by itself. */
export function singles(group) {
  const names = labelsOrNone(group.labels);
  if (names.length <= 1) return [group];
  const { middles } = layout(group);
  const accessible = new Set(group.accessible ? labelsOrNone(group.accessible) : []);
  return names.map((name, nth) => ({ ...group, id: nth === 0 ? group.id : freshId(), labels: name, columns: 1, x: middles[nth][0], y: middles[nth][1], accessible: accessible.has(name) ? name : "" }));
}

/** The rows of a block, each by itself, with the seats where they are. */
export function asRows(block) {
  const laid = layout(block);
  const rows = laid.rows.map((label) => ({ label, seats: [] }));
  for (let seat = 0; seat < laid.length; seat++) {
    const kind = laid.flags[seat] & ACCESSIBLE ? "accessible" : laid.flags[seat] & COMPANION ? "companion" : null;
    const price = laid.price[seat] === block.price ? null : laid.price[seat];
    const [apart, restricted] = [APART, RESTRICTED].map((flag) => (laid.flags[seat] & flag) !== 0);
    rows[laid.row[seat]].seats.push({ number: laid.number(seat), x: laid.x[seat], y: laid.y[seat], kind, restricted, apart, price });
  }
  return rows
    .filter((row) => row.seats.length > 0)
    .map((row, nth) => thing("row", { section: block.section, label: row.label, price: block.price, rank: block.rank === null ? null : block.rank + nth, seats: row.seats }));
}

/** A row with its seats equally far apart on the line between its ends. */
export function straightened(row) {
  if (row.kind !== "row" || row.seats.length < 3) return row;
  const [first, last] = [row.seats[0], row.seats.at(-1)];
  const steps = row.seats.length - 1;
  return { ...row, seats: row.seats.map((seat, nth) => withPoint(seat, [first.x + ((last.x - first.x) * nth) / steps, first.y + ((last.y - first.y) * nth) / steps])) };
}

/** A row with numbers by a scheme. */
export function renumbered(row, numbering, first = null) {
  const count = row.seats.length;
  return { ...row, seats: row.seats.map((seat, place) => ({ ...seat, number: String(numberIn({ numbering, first }, place, count)) })) };
}

const EDGES = {
  left: (box, all) => [all.left - box.left, 0],
  centre: (box, all) => [middle(all)[0] - middle(box)[0], 0],
  right: (box, all) => [all.right - box.right, 0],
  top: (box, all) => [0, all.top - box.top],
  middle: (box, all) => [0, middle(all)[1] - middle(box)[1]],
  bottom: (box, all) => [0, all.bottom - box.bottom],
};

/** Things brought to one edge or middle of all of them. Returns how far each goes, by id. */
export function alignment(things, edge) {
  const all = boundsOfAll(things);
  return new Map(things.map((one) => [one.id, EDGES[edge](boundsOf(one) ?? all, all)]));
}

/** Things with equal gaps between them, along `x` or `y`. The outer two stay. */
export function distribution(things, axis) {
  const [low, high] = axis === "x" ? ["left", "right"] : ["top", "bottom"];
  const boxes = things.map((one) => ({ id: one.id, box: boundsOf(one) })).filter(({ box }) => box);
  boxes.sort((one, other) => one.box[low] + one.box[high] - other.box[low] - other.box[high]);
  if (boxes.length < 3) return new Map();
  const breadth = boxes.reduce((sum, { box }) => sum + box[high] - box[low], 0);
  const gap = (boxes.at(-1).box[high] - boxes[0].box[low] - breadth) / (boxes.length - 1);
  let next = boxes[0].box[low];
  return new Map(boxes.map(({ id, box }) => {
    const by = next - box[low];
    next += box[high] - box[low] + gap;
    return [id, axis === "x" ? [by, 0] : [0, by]];
  }));
}

/** Copies of things, with the labels of rows and tables going on where the last of them ended. */
export function copies(things, doc, dx, dy) {
  const rowLabels = goOn(things.filter((one) => one.kind === "row"), doc);
  const keys = doc.things.filter((one) => one.kind === "area").map((one) => one.key);
  const names = doc.things.filter((one) => one.kind === "area").map((one) => one.name);
  return things.filter((one) => one.kind !== "stage").map((one) => {
    const copy = { ...moved(one, dx, dy), id: freshId() };
    if (one.kind === "block") copy.rows = following(one.rows);
    if (one.kind === "tables") Object.assign(copy, followingTables(one, doc));
    if (one.kind === "row") Object.assign(copy, { label: rowLabels.get(one.id), rank: null });
    if (one.kind === "area") {
      copy.name = nameFor(one.name, names);
      copy.key = keyFor(copy.name, keys);
      keys.push(copy.key);
      names.push(copy.name);
    }
    return copy;
  });
}

/** How far behind itself a thing's copy stands, so that the rows go on at the same distance. */
export function behind(things) {
  const [only] = things;
  if (things.length === 1 && only.kind === "block") {
    const by = labelsOrNone(only.rows).length * only.rowGap;
    const facing = (only.facing * Math.PI) / 180;
    return [-Math.sin(facing) * by, Math.cos(facing) * by];
  }
  const box = boundsOfAll(things);
  return [0, box ? box.bottom - box.top + (things.every((one) => one.kind === "row") ? 0.2 : 1) : 1];
}

/** As many labels after those of a list. */
function following(text) {
  const list = labelsOrNone(text);
  if (list.length === 0) return text;
  const more = resized(list, 2 * list.length).slice(list.length);
  return more.length === list.length ? written(more) : text;
}

/** Tables are counted through the whole section. */
function followingTables(group, doc) {
  const others = doc.things.filter((one) => one.kind === "tables" && one.section === group.section && one.prefix === group.prefix);
  const taken = new Set(others.flatMap((one) => labelsOrNone(one.labels)));
  const wanted = labelsOrNone(group.labels);
  const list = [];
  for (let label = wanted.at(-1); label !== undefined && label !== null && list.length < wanted.length; ) {
    label = nextLabel(label);
    if (label !== null && !taken.has(label)) list.push(label);
  }
  return list.length === wanted.length ? { labels: written(list), accessible: "" } : {};
}

/** The labels of copied rows, after the last one of their section. */
function goOn(rows, doc) {
  const given = new Map();
  const bySection = Map.groupBy ? Map.groupBy(rows, (row) => row.section) : groupBy(rows, (row) => row.section);
  for (const [section, group] of bySection) {
    const labels = group.map((row) => row.label);
    const { step } = schemeOf(labels);
    const taken = new Set(doc.things.filter((one) => one.kind === "row" && one.section === section).map((one) => one.label));
    let label = labels.at(-1);
    for (const row of group) {
      do label = label === null ? null : nextLabel(label, { step });
      while (label !== null && taken.has(label));
      given.set(row.id, label ?? row.label);
      if (label !== null) taken.add(label);
    }
  }
  return given;
}

function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
