/** From the document that is edited to the drawing that the API reads. */

import { labelsOrNone } from "./labels.js";
import { writeMarks, writeRowPrices } from "./marks-written.js";
import { numberIn, seatCounts } from "./seats.js";

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
  const form = { key: section.key, name: section.name, rank: section.rank, ...given("price_category", section.price), ...given("color", section.color ?? null) };
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
    ...(seat.kind && { [seat.kind]: true }), ...(seat.restricted && { restricted_view: true }), ...(seat.apart && { apart: true }),
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
