/** What the seat map does without a browser: when the tiles of its ground are painted. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Tiles } from "../../../node/assets/seat-map/tiles.js";
import { View } from "../../../node/assets/seat-map/view.js";

const HALL = { width: 20_000, height: 20_000, length: 0, rows: [], x: [], y: [] };
let now, realNow, realDocument;

/** A canvas that keeps what was drawn on it. */
function canvas() {
  const drawn = [];
  const context = { drawn, scale() {}, setTransform() {}, clearRect() {}, drawImage: (...given) => drawn.push(given) };
  return { width: 0, height: 0, getContext: () => context };
}

beforeEach(() => {
  [realNow, realDocument] = [performance.now, globalThis.document];
  now = 1000;
  performance.now = () => now;
  globalThis.document = { createElement: canvas };
});

afterEach(() => {
  performance.now = realNow;
  globalThis.document = realDocument;
});

/** Tiles over a painter of which every slice takes a millisecond; `painted` are the scales of what was begun. */
function tiled({ slices = 3 } = {}) {
  const painted = [];
  const painter = {
    ribbons() {},
    square() {},
    *paint(_context, _box, scale) {
      painted.push(scale);
      for (let slice = 0; slice < slices; slice++) {
        now += 1;
        yield;
      }
    },
  };
  const view = new View(HALL.width, HALL.height);
  view.resize(400, 600);
  view.fit();
  view.zoom(4);
  const tiles = new Tiles(HALL, painter);
  const frame = () => {
    const screen = canvas().getContext();
    const begun = now;
    const isMore = tiles.draw(screen, view, 2);
    const took = now - begun;
    now += 16;
    return { isMore, took, drawn: screen.drawn };
  };
  const rest = () => {
    for (let frames = 0; frame().isMore; frames++) assert.ok(frames < 1000, "it never rests");
  };
  return { tiles, view, painted, frame, rest };
}

test("a frame paints as long as it may, and goes on with the same tile in the next", () => {
  const { frame, painted, rest } = tiled({ slices: 20 });
  const { took, isMore } = frame();
  assert.ok(took >= 4 && took <= 5, `${took} ms`);
  assert.equal(isMore, true);
  assert.equal(painted.length, 1);
  frame();
  assert.equal(painted.length, 1, "it was begun again");
  rest();
  const tiles = painted.length;
  assert.equal(frame().isMore, false);
  assert.equal(painted.length, tiles);
});

test("while somebody zooms, what there is grows; when they rest, it is painted at the scale they see", () => {
  const { view, frame, painted, rest } = tiled();
  rest();
  const before = painted.length;
  const [shown] = new Set(painted);
  for (let step = 0; step < 6; step++) {
    view.zoom(1.1);
    const { drawn, took } = frame();
    assert.ok(drawn.length > 0 && took === 0);
  }
  assert.equal(painted.length, before, "it was painted while the fingers moved");
  rest();
  assert.ok(painted.at(-1) > shown);
  // Where it would be much too coarse, it is painted even so, in little time.
  for (let step = 0; step < 5; step++) {
    view.zoom(1.5);
    assert.ok(frame().took <= 3);
  }
  assert.ok(painted.at(-1) > 2 * shown);
});

test("every place is drawn once, from what there is", () => {
  const { view, frame, rest, tiles } = tiled({ slices: 30 });
  rest();
  const areas = (drawn) => drawn.reduce((sum, given) => sum + given.at(-1) * given.at(-2), 0);
  const shown = areas(frame().drawn);
  view.pan(-150, -150);
  view.zoom(3);
  now += 1000;
  const { drawn, isMore } = frame();
  assert.equal(isMore, true);
  const side = 256 / 2 ** (Math.ceil(2 * Math.log2(view.scale * 2)) / 2);
  const [columns, rows] = [view.width / view.scale / side + 2, view.height / view.scale / side + 2];
  assert.ok(areas(drawn) <= columns * rows * side * side, "something is drawn twice");
  assert.ok(areas(drawn) >= (view.width / view.scale) * (view.height / view.scale) && shown > 0);
  assert.ok(tiles.count > 0);
});

test("a seat that changes is painted again while the tile as it was is shown", () => {
  const hall = { ...HALL };
  const { tiles, view, frame, rest } = tiled({ slices: 10 });
  rest();
  const [x, y] = view.toMap(200, 300);
  Object.assign(hall, { x: [x], y: [y] });
  tiles.hall = hall;
  const pictures = () => new Set(frame().drawn.map(([picture]) => picture));
  const before = pictures();
  tiles.touch([0]);
  const meanwhile = pictures();
  assert.deepEqual([...meanwhile].filter((picture) => !before.has(picture)), []);
  rest();
  assert.equal([...pictures()].filter((picture) => !before.has(picture)).length, 1);
});
