/** The pure parts of the seat map editor: labels, numbers, blocks, marks, arranging, history and checks. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { alignment, asRows, copies, distribution, mirrored, moved, rotated, straightened } from "../../../node/assets/editor/arrange.js";
import { addSection, removeCategory } from "../../../node/assets/editor/changes.js";
import { check } from "../../../node/assets/editor/checks.js";
import { boundsOf } from "../../../node/assets/editor/geometry.js";
import { History } from "../../../node/assets/editor/history.js";
import { nextLabel, resized, schemeOf, sequence, written } from "../../../node/assets/editor/label-lists.js";
import { labels } from "../../../node/assets/editor/labels.js";
import { counts, thing } from "../../../node/assets/editor/model.js";
import { paintSeats, priceRows, priceThings } from "../../../node/assets/editor/paint.js";
import { fromDrawing } from "../../../node/assets/editor/reading.js";
import { corner, pulled } from "../../../node/assets/editor/resize.js";
import { layout } from "../../../node/assets/editor/seats.js";
import { blockIn, tablesIn } from "../../../node/assets/editor/suggest.js";
import { toDrawing } from "../../../node/assets/editor/writing.js";

const GOLD = { key: "gold", name: "Gold", color: "#b8860b" };
const BLUE = { key: "blue", name: "Blue", color: "#3366cc" };

/** A hall with one section in which these things stand. */
function hall(...things) {
  const doc = addSection({ categories: [GOLD, BLUE], sections: [], things: [] }, "Stalls", { price: "gold" });
  return { ...doc, things: things.map((one) => ({ ...one, section: "stalls" })) };
}

/** Row by row what the Rust tests write of a map: `A: 1 2 | 3`. */
function picture(one) {
  const laid = layout(one);
  return laid.rows.map((row, nth) => {
    const seats = [];
    for (let seat = 0; seat < laid.length; seat++) {
      if (laid.row[seat] !== nth) continue;
      const kind = ["", "a", "c"][laid.flags[seat] & 3];
      seats.push(`${laid.flags[seat] & 4 ? "| " : ""}${laid.number(seat)}${kind}`);
    }
    return `${row}: ${seats.join(" ")}`;
  });
}

const block = (facts) => thing("block", facts);
const keysOf = (doc) => check(doc).map((fault) => fault.key);

test("labels are read as the server reads them, and written as briefly", () => {
  const read = (text) => labels(text).join(" ");
  assert.equal(read("A-D"), "A B C D");
  assert.equal(read("A-C, E,G-H"), "A B C E G H");
  assert.equal(read("AA-CC"), "AA BB CC");
  assert.equal(read("9-11"), "9 10 11");
  assert.equal(read("3-1"), "3 2 1");
  assert.equal(read("c-a"), "c b a");
  assert.equal(read("Royal box"), "Royal box");
  for (const [text, key] of [["A-9", "editor-labels-range"], ["A-CC", "editor-labels-range"], ["A-c", "editor-labels-range"], ["AB-AD", "editor-labels-range"], ["1-4000000000", "editor-labels-many"], ["A-C,B", "editor-labels-twice"], ["", "editor-labels-strange"], ["A,,B", "editor-labels-strange"], ["x".repeat(21), "editor-labels-strange"]]) {
    assert.throws(() => labels(text), { key }, text);
  }
  for (const text of ["A-H,J-N", "1-20", "AA-DD", "20-1", "A,C,E", "Box,1-3", "7", "M-A"]) {
    assert.equal(written(labels(text)), text);
  }
  assert.equal(written(["A", "B"]), "A,B");
});

test("labels go on: beyond Z, without I and O, backwards", () => {
  assert.deepEqual(sequence("X", 5), ["X", "Y", "Z", "AA", "BB"]);
  assert.deepEqual(sequence("G", 4, { skip: true }), ["G", "H", "J", "K"]);
  assert.deepEqual(sequence("10", 3, { step: -1 }), ["10", "9", "8"]);
  assert.deepEqual(sequence("C", 9, { step: -1 }), ["C", "B", "A"]);
  assert.equal(nextLabel("Box 9"), "Box 10");
  assert.equal(nextLabel("Royal box"), null);
  assert.deepEqual(schemeOf(labels("A-H,J-N")), { first: "A", last: "N", step: 1, skip: true });
  assert.equal(schemeOf(labels("A-N")).skip, false);
  assert.equal(written(resized(labels("A-H,J-N"), 15)), "A-H,J-N,P,Q");
  assert.equal(written(resized(labels("A-N"), 4)), "A-D");
  assert.deepEqual(resized(["Royal box"], 3), ["Royal box"]);
});

test("seats are numbered in every way", () => {
  const of = (facts) => picture(block({ seats: 3, ...facts })).join();
  assert.equal(of({}), "A: 1 2 3");
  assert.equal(of({ numbering: "right" }), "A: 3 2 1");
  assert.equal(of({ numbering: "odd" }), "A: 5 3 1");
  assert.equal(of({ numbering: "even" }), "A: 2 4 6");
  assert.equal(of({ numbering: "center" }), "A: 3 1 2");
  assert.equal(of({ numbering: "center", seats: 4 }), "A: 3 1 2 4");
  assert.equal(of({ first: 101 }), "A: 101 102 103");
});

test("a block has rows, aisles and particular seats, which stay in their places when labels change", () => {
  const form = {
    rows: "A-C", at: [0, 0], seats: 4, growth: 1, aisle_after: [2, -1], row_gap: 2, accessible: [{ rows: "C", seats: "1,6" }],
    companion: [{ rows: "C", seats: "2" }], without: [{ rows: "B", seats: "4" }],
    price_rows: [{ rows: "B,C", price_category: "blue" }], price_seats: [{ rows: "A", seats: "1,2", price_category: "blue" }],
  };
  const drawing = { price_categories: [GOLD, BLUE], sections: [{ key: "stalls", name: "Stalls", rank: 0, price_category: "gold", blocks: [form] }] };
  const doc = fromDrawing(drawing);
  assert.deepEqual(picture(doc.things[0]), ["A: 1 2 | 3 | 4", "B: 1 2 | 3 | 5", "C: 1a 2c | 3 4 5 | 6a"]);
  assert.deepEqual(layout(doc.things[0]).price.slice(0, 5), ["blue", "blue", null, null, "blue"]);
  assert.deepEqual(toDrawing(doc).drawing, drawing, "it is written as it was read");
  const other = { ...doc.things[0], rows: "1-3", numbering: "right" };
  assert.deepEqual(picture(other), ["1: 4 3 | 2 | 1", "2: 5 4 | 3 | 1", "3: 6a 5c | 4 3 2 | 1a"]);
  const [written] = toDrawing({ ...doc, things: [other] }).drawing.sections[0].blocks;
  assert.deepEqual(written.accessible, [{ rows: "3", seats: "6,1" }]);
  assert.deepEqual(written.without, [{ rows: "2", seats: "2" }]);
});

test("a curved block has all seats of a row equally far from its focus", () => {
  const curved = block({ rows: "1-2", wedge: 90, curve: 20, facing: 180, aisle: 0 });
  const laid = layout(curved);
  assert.deepEqual(laid.counts, [31, 33]);
  for (let seat = 0; seat < 31; seat++) assert.ok(Math.abs(Math.hypot(laid.x[seat], laid.y[seat] - 20) - 20) < 1e-9);
  assert.ok(laid.x[0] > laid.x[30]);
});

test("moving, turning and mirroring keep the seats of a thing as far apart, and what is written on them", () => {
  const one = block({ rows: "A-C", seats: 5, x: 3, y: 4, curve: 12, turn: 10, aisleAfter: [2], marks: { "1:0": { kind: "without" }, "2:4": { price: "blue" } } });
  const apart = (thing) => {
    const laid = layout(thing);
    return Array.from({ length: laid.length }, (_, seat) => Math.hypot(laid.x[seat] - laid.x[0], laid.y[seat] - laid.y[0]));
  };
  const close = (some, others) => some.every((value, at) => Math.abs(value - others[at]) < 1e-9);
  assert.ok(close(apart(moved(one, 2, 3)), apart(one)));
  const [turned] = rotated(one, [7, -2], 33);
  assert.ok(close(apart(turned), apart(one)));
  assert.deepEqual(picture(turned), picture(one));
  const [flipped] = mirrored(one, 10);
  const [a, b] = [layout(one), layout(flipped)];
  const named = (laid) => new Map(Array.from({ length: laid.length }, (_, seat) => [`${laid.rows[laid.row[seat]]} ${laid.number(seat)}`, [laid.x[seat], laid.y[seat], laid.price[seat]]]));
  const after = named(b);
  for (const [name, [x, y, price]] of named(a)) {
    const [mx, my, mprice] = after.get(name);
    assert.ok(Math.abs(mx - (20 - x)) < 1e-9 && Math.abs(my - y) < 1e-9, name);
    assert.equal(mprice, price);
  }
  assert.deepEqual(mirrored(flipped, 10)[0], { ...one, aisleAfter: [2], facing: 0, turn: 10 });
  const tables = thing("tables", { labels: "1-4", columns: 2 });
  assert.equal(rotated(tables, [0, 0], 45).length, 4, "a grid that is turned is single tables");
});

test("blocks become rows where they are, and rows can be straightened", () => {
  const one = block({ rows: "A-B", seats: 6, curve: 10, aisleAfter: [3], price: "blue", marks: { "0:0": { kind: "accessible" } } });
  const rows = asRows(one);
  assert.deepEqual(rows.flatMap(picture), picture(one));
  const [first] = rows;
  assert.equal(first.price, "blue");
  const straight = straightened(first);
  const slope = (seat) => (seat.y - straight.seats[0].y) / (seat.x - straight.seats[0].x);
  assert.ok(straight.seats.slice(1).every((seat) => Math.abs(slope(seat) - slope(straight.seats.at(-1))) < 1e-9));
});

test("copies go on with the labels", () => {
  const doc = hall(block({ rows: "A-H,J-N", seats: 4 }), thing("tables", { labels: "1-6", columns: 3 }), thing("row", { label: "Q", seats: [{ number: "1", x: 0, y: 0, kind: null, price: null, apart: false }] }));
  const made = copies(doc.things, doc, 0, 20);
  assert.equal(made[0].rows, "P-Z,AA,BB");
  assert.equal(made[1].labels, "7-12");
  assert.equal(made[2].label, "R");
  assert.equal(made[0].y, 20);
});

test("what is drawn beside a block goes on with its numbers, and behind it with its rows", () => {
  const doc = hall(block({ rows: "A-E", seats: 10, x: 0, y: 0 }));
  const beside = blockIn(doc, "stalls", { left: 7, top: 0, right: 11, bottom: 4.8 }, false);
  assert.deepEqual([beside.rows, beside.first, beside.seats], ["A-E", 11, 5]);
  const behind = blockIn(doc, "stalls", { left: -5, top: 8, right: 5, bottom: 12 }, false);
  assert.deepEqual([behind.rows, behind.first], ["F-I", null]);
  const stage = thing("stage", { outline: [[0, 30], [9, 30], [9, 33], [0, 33]] });
  assert.equal(blockIn({ ...doc, things: [stage] }, "stalls", { left: 0, top: 0, right: 9, bottom: 6 }, false).facing, 180);
  assert.equal(tablesIn(doc, "stalls", { left: 0, top: 0, right: 10, bottom: 5 }).labels, "1-6");
});

test("a block that is pulled at its corner gets rows and seats, and its other corner stays", () => {
  const one = block({ rows: "A-C", seats: 4, x: 2, y: 3 });
  const [x, y] = corner(one);
  const larger = pulled(one, [x + 3, y + 2.4]);
  assert.deepEqual([larger.rows, larger.seats], ["A-E", 7]);
  assert.deepEqual([boundsOf(larger).left, boundsOf(larger).top], [boundsOf(one).left, boundsOf(one).top]);
  assert.deepEqual(pulled(one, [x - 100, y - 100]).seats, 1);
  const turnedRound = { ...one, facing: 180 };
  const [right, back] = corner(turnedRound);
  assert.equal(pulled(turnedRound, [right, back - 1.2]).rows, "A-D");
  const area = thing("area", { outline: [[0, 0], [4, 0], [0, 2]] });
  assert.deepEqual(pulled(area, [8, 3]).outline, [[0, 0], [8, 0], [0, 3]]);
});

test("things are aligned and distributed", () => {
  const at = (x, seats) => block({ rows: "A", seats, x, y: x });
  const things = [at(0, 3), at(20, 5), at(7, 1)];
  const shifted = things.map((one) => moved(one, ...alignment(things, "left").get(one.id)));
  assert.deepEqual(shifted.map((one) => boundsOf(one).left), [-1.5, -1.5, -1.5]);
  const spread = things.map((one) => moved(one, ...distribution(things, "x").get(one.id))).map(boundsOf).sort((one, other) => one.left - other.left);
  assert.ok(Math.abs(spread[1].left - spread[0].right - (spread[2].left - spread[1].right)) < 1e-9);
});

test("painting gives prices, kinds and gaps, and counts tell them", () => {
  const one = block({ rows: "A-B", seats: 3 });
  let doc = hall(one);
  doc = paintSeats(doc, new Map([[one.id, new Set(["0:0", "0:1"])]]), "blue");
  doc = paintSeats(doc, new Map([[one.id, new Set(["1:2"])]]), "*gap");
  doc = paintSeats(doc, new Map([[one.id, new Set(["1:0"])]]), "*accessible");
  assert.deepEqual(picture(doc.things[0]), ["A: 1 2 3", "B: 1a 2"]);
  assert.deepEqual([...counts(doc).categories], [["gold", 3], ["blue", 2]]);
  doc = priceRows(doc, one.id, new Set([1]), "blue");
  assert.deepEqual([...counts(doc).categories], [["gold", 1], ["blue", 4]]);
  doc = priceThings(doc, new Set([one.id]), "blue");
  assert.deepEqual([...counts(doc).categories], [["gold", 0], ["blue", 5]]);
  doc = paintSeats(doc, new Map([[one.id, new Set(["1:2"])]]), "*standard");
  assert.equal(layout(doc.things[0]).length, 6, "the seat is back");
  assert.equal(counts(removeCategory(doc, "blue")).categories.get("gold"), 6, "without its own price it has the section's");
});

test("faults are told with the things that have them", () => {
  assert.deepEqual(keysOf(hall(block({ rows: "A-C", seats: 3 }))), []);
  const [one, other] = [block({ rows: "A", seats: 3 }), block({ rows: "A", seats: 2, y: 5 })];
  const [twice] = check(hall(one, other));
  assert.equal(twice.key, "editor-fault-twice");
  assert.deepEqual(twice.ids, [one.id, other.id]);
  assert.deepEqual(twice.values, { row: "A", number: "1", section: "Stalls" });
  assert.deepEqual(keysOf(hall(block({ rows: "A", seats: 3 }), block({ rows: "B", seats: 3 }))), ["editor-fault-overlap"]);
  assert.deepEqual(keysOf(hall(block({ rows: "A-9", seats: 3 }))), ["editor-labels-range", "editor-fault-nothing"]);
  assert.deepEqual(keysOf(hall(block({ rows: "A-C", seats: 3, growth: -2 }))), ["editor-fault-counts", "editor-fault-nothing"]);
  const without = hall(block({ rows: "A", seats: 3 }));
  without.sections[0].price = null;
  assert.deepEqual(check(without).map((fault) => [fault.key, fault.values.count]), [["editor-fault-price", 3]]);
  assert.deepEqual(keysOf({ categories: [], sections: [], things: [] }), ["editor-fault-no-categories", "editor-fault-nothing"]);
});

test("steps are undone and redone, and small ones of one kind together", () => {
  let now = 0;
  const history = new History("a", () => now);
  history.push("b", "first");
  history.push("c", "nudge", "nudge");
  now += 100;
  history.push("d", "nudge", "nudge");
  now += 5000;
  history.push("e", "nudge", "nudge");
  assert.equal(history.undo(), "nudge");
  assert.equal(history.doc, "d");
  history.undo();
  assert.equal(history.doc, "b");
  history.redo();
  assert.equal(history.doc, "d");
  history.push("f", "other");
  assert.equal(history.redo(), null, "another way was taken");
  history.undo();
  history.undo();
  history.undo();
  assert.equal(history.undo(), null);
  assert.equal(history.doc, "a");
});

test("ten thousand seats are laid out and checked quickly", () => {
  const doc = hall(...Array.from({ length: 10 }, (_, nth) => block({ rows: sequence(nth % 2 === 0 ? "1" : "101", 20).join(","), seats: 50, x: 60 * nth, first: nth * 50 + 1 })));
  const begun = performance.now();
  assert.deepEqual(check(doc), []);
  assert.ok(performance.now() - begun < 3000, `${performance.now() - begun} ms`);
});
