/** From the drawing that the API gives to the document that is edited. */

import { labelsOrNone } from "./labels.js";
import { readMarks, readRowPrices } from "./marks.js";
import { thing } from "./model.js";
import { numberIn, seatCounts } from "./seats.js";

/** @returns the document of a drawing */
export function fromDrawing(drawing) {
  const categories = drawing.price_categories.map(({ key, name, color }) => ({ key, name, color: color.toLowerCase() }));
  const sections = (drawing.sections ?? []).map(({ key, name, rank = 0, price_category = null, color = null }) => ({ key, name, rank, price: price_category, color }));
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
    kind: seat.accessible ? "accessible" : seat.companion ? "companion" : null, restricted: seat.restricted_view ?? false,
    price: isOfOne ? null : (seat.price_category ?? null),
  }));
  return thing("row", { section, label: form.label, rank: form.rank ?? null, price: isOfOne ? price : null, seats });
}
