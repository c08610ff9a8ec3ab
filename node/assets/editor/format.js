/** Between the document that is edited and the drawing that the API reads and writes. */

import { labelsOrNone } from "./labels.js";
import { readMarks, readRowPrices, writeMarks, writeRowPrices } from "./marks.js";
import { thing } from "./model.js";
import { numberIn, seatCounts } from "./seats.js";

/** From the API's drawing. */
export function fromDrawing(drawing) {
  const categories = drawing.price_categories.map(({ key, name, color }) => ({ key, name, color: color.toLowerCase() }));
  const sections = (drawing.sections ?? []).map(({ key, name, rank = 0, price_category = null }) => ({ key, name, rank, price: price_category }));
  const things = [];
  if (drawing.stage) things.push(thing("stage", { shape: drawing.stage.shape, label: drawing.stage.label ?? "", outline: drawing.stage.outline }));
  for (const section of drawing.sections ?? []) {
    const put = (made) => things.push(made);
    for (const form of section.blocks ?? []) put(readBlock(form, section.key));
    for (const form of section.tables ?? []) put(readTables(form, section.key));
    for (const form of section.rows ?? []) put(readRow(form, section.key));
    for (const form of section.areas ?? []) {
      const { key, name, capacity, price_category = null, outline } = form;
      put(thing("area", { section: section.key, key, name, capacity, price: price_category, outline }));
    }
  }
  return { categories, sections, things };
}

function readBlock(form, section) {
  const facts = { section, rows: form.rows, x: form.at[0], y: form.at[1] };
  const names = [
    ["seats", "seats"], ["growth", "growth"], ["seats_by_row", "seatsByRow"], ["wedge", "wedge"], ["facing", "facing"], ["curve", "curve"],
    ["turn", "turn"], ["row_gap", "rowGap"], ["seat_gap", "seatGap"], ["aisle_after", "aisleAfter"], ["aisle", "aisle"],
    ["numbering", "numbering"], ["first_number", "first"], ["price_category", "price"], ["rank", "rank"],
  ];
  for (const [theirs, ours] of names) if (form[theirs] !== undefined) facts[ours] = form[theirs];
  const block = thing("block", facts);
  const rows = labelsOrNone(block.rows);
  const numberOf = (place, count) => numberIn(block, place, count);
  return { ...block, rowPrices: readRowPrices(form, rows), marks: readMarks(form, rows, seatCounts(block, rows.length), numberOf) };
}

function readTables(form, section) {
  const { labels, prefix = "Table ", chairs, at, columns, gap = [5, 5], radius = 1.3, price_category = null, accessible = "", rank = null } = form;
  return thing("tables", { section, labels, prefix, chairs, x: at[0], y: at[1], columns, gapX: gap[0], gapY: gap[1], radius, price: price_category, accessible, rank });
}

function readRow(form, section) {
  const [first] = form.seats;
  const price = first?.price_category ?? null;
  const isOfOne = form.seats.every((seat) => (seat.price_category ?? null) === price);
  const seats = form.seats.map((seat) => ({
    number: seat.number, x: seat.x, y: seat.y, apart: seat.apart ?? false,
    kind: seat.accessible ? "accessible" : seat.companion ? "companion" : null,
    price: isOfOne ? null : (seat.price_category ?? null),
  }));
  return thing("row", { section, label: form.label, rank: form.rank ?? null, price: isOfOne ? price : null, seats });
}

/**
 * To the API's drawing.
 * @returns {{ drawing: object, pointers: [string, string][] }} with the id of the thing (or `section key`) that stands at a pointer
 */
export function toDrawing(doc) {
  const pointers = [];
  const stage = doc.things.find((thing) => thing.kind === "stage");
  const drawing = {
    ...(stage && { stage: { shape: stage.shape, label: stage.label, outline: stage.outline.map(rounded) } }),
    price_categories: doc.categories.map(({ key, name, color }) => ({ key, name, color })),
    sections: doc.sections.map((section, nth) => writeSection(doc, section, `/sections/${nth}`, pointers)),
  };
  if (stage) pointers.push(["/stage", stage.id]);
  return { drawing, pointers };
}

const LISTS = { block: ["blocks", writeBlock], tables: ["tables", writeTables], row: ["rows", writeRow], area: ["areas", writeArea] };

function writeSection(doc, section, pointer, pointers) {
  const form = { key: section.key, name: section.name, rank: section.rank, ...given("price_category", section.price) };
  pointers.push([pointer, `section ${section.key}`]);
  for (const thing of doc.things) {
    if (thing.section !== section.key || thing.kind === "stage") continue;
    const [list, write] = LISTS[thing.kind];
    form[list] ??= [];
    pointers.push([`${pointer}/${list}/${form[list].length}`, thing.id]);
    form[list].push(write(thing));
  }
  return form;
}

function writeBlock(block) {
  const rows = labelsOrNone(block.rows);
  const counts = seatCounts(block, rows.length);
  const numberOf = (place, count) => numberIn(block, place, count);
  const form = { rows: block.rows, at: rounded([block.x, block.y]) };
  if (block.seatsByRow) form.seats_by_row = block.seatsByRow;
  else if (block.wedge !== null) form.wedge = block.wedge;
  else Object.assign(form, { seats: block.seats, ...unless("growth", block.growth, 0) });
  const priceRows = writeRowPrices(block.rowPrices, rows);
  return {
    ...form,
    ...unless("facing", round(block.facing), 0), ...unless("curve", round(block.curve), 0), ...unless("turn", round(block.turn), 0),
    ...unless("row_gap", block.rowGap, 1.2), ...unless("seat_gap", block.seatGap, 1),
    ...(block.aisleAfter.length > 0 && { aisle_after: block.aisleAfter, ...unless("aisle", block.aisle, 1.5) }),
    ...unless("numbering", block.numbering, "left"), ...given("first_number", block.first), ...given("price_category", block.price),
    ...(priceRows.length > 0 && { price_rows: priceRows }),
    ...writeMarks(block.marks, rows, counts, numberOf), ...given("rank", block.rank),
  };
}

function writeTables(group) {
  return {
    labels: group.labels, prefix: group.prefix, chairs: group.chairs, at: rounded([group.x, group.y]), columns: group.columns,
    gap: [group.gapX, group.gapY], radius: group.radius, ...given("price_category", group.price), ...(group.accessible && { accessible: group.accessible }), ...given("rank", group.rank),
  };
}

function writeRow(row) {
  const seats = row.seats.map((seat) => ({
    number: seat.number, x: round(seat.x), y: round(seat.y), ...given("price_category", seat.price ?? row.price),
    ...(seat.kind && { [seat.kind]: true }), ...(seat.apart && { apart: true }),
  }));
  return { label: row.label, ...given("rank", row.rank), seats };
}

function writeArea(area) {
  return { key: area.key, name: area.name, capacity: area.capacity, ...given("price_category", area.price), outline: area.outline.map(rounded) };
}

function given(field, value) {
  return value === null ? {} : { [field]: value };
}

function unless(field, value, usual) {
  return value === usual ? {} : { [field]: value };
}

/** A ten-thousandth of a seat is finer than what is kept. */
function round(length) {
  return Math.round(length * 10_000) / 10_000;
}

function rounded([x, y]) {
  return [round(x), round(y)];
}
