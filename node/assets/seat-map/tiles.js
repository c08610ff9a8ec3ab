/**
 * The ground of the map as tiles: squares of pixels, painted once for a scale and copied in every frame, so that panning
 * and zooming cost the same for a stadium of fifty thousand as for a cabaret.
 *
 * Scales are steps of √2. A frame never waits for tiles: what is not painted yet is shown from the step before or from the
 * overview, a picture of the whole hall, and is painted in the next frames, in slices, a few milliseconds in each. While
 * somebody zooms, what there is grows and shrinks with their fingers; another step is painted only when it is far from the
 * one that is shown, or when the fingers rest. What changed stays as it was until it is painted again: nothing flickers.
 * Tiles of scales below the overview's are copies of it.
 */

const SIDE = 256;
const OVERVIEW_SIDE_MAX = 2048;
/** How long a frame may paint, of the 16 ms that it has: at rest, and while somebody zooms. */
const BUDGET_MS = { resting: 4, zooming: 2 };
/** The view rests when its scale has been the same for so long. */
const RESTS_AFTER_MS = 120;
/** While somebody zooms: so many steps what is shown may be too fine, or too coarse. */
const TOO_FINE = 1;
const TOO_COARSE = 2;
/** So much of the overview is painted before the time is looked at. */
const OVERVIEW_SEATS = 250;
const OVERVIEW_ROWS = 50;

export class Tiles {
  constructor(hall, painter) {
    Object.assign(this, { hall, painter, ratio: 1 });
    /** Step → column/row → tile. */
    this.steps = new Map();
    this.count = 0;
    /** The step that was complete last. */
    this.shown = undefined;
    /** The tile that is being painted. */
    this.work = undefined;
    this.spare = undefined;
    this.zoomed = { scale: 0, at: -Infinity };
    const scale = Math.min(OVERVIEW_SIDE_MAX / hall.width, OVERVIEW_SIDE_MAX / hall.height, 0.2);
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(hall.width * scale);
    canvas.height = Math.ceil(hall.height * scale);
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    this.overview = { canvas, context, scale, rows: 0, painted: 0 };
  }

  /** Colours changed: everything is painted again. */
  reset() {
    this.steps.clear();
    this.count = 0;
    this.shown = this.work = undefined;
    const { context } = this.overview;
    context.clearRect(0, 0, this.hall.width, this.hall.height);
    Object.assign(this.overview, { rows: 0, painted: 0 });
  }

  /** What fits changed: everything is painted again, over what is there. */
  repaint() {
    this.overview.painted = 0;
    this.work = undefined;
    for (const tiles of this.steps.values()) for (const tile of tiles.values()) tile.isStale = true;
  }

  /** Seats changed: what shows them is painted again. */
  touch(seats) {
    const { hall, overview } = this;
    // What is being painted may have passed them.
    this.work = undefined;
    for (const seat of seats) {
      if (seat < overview.painted) this.painter.square(overview.context, seat);
      for (const [step, tiles] of this.steps) {
        const side = SIDE / scaleOf(step);
        // A seat on the edge stands on both sides of it.
        for (const dx of [-50, 50]) {
          for (const dy of [-50, 50]) {
            const tile = tiles.get(`${Math.floor((hall.x[seat] + dx) / side)}/${Math.floor((hall.y[seat] + dy) / side)}`);
            if (tile) tile.isStale = true;
          }
        }
      }
    }
  }

  /**
   * Draws what is seen; true if something is still to be painted.
   * @param context with the map's lengths as units
   */
  draw(context, view, ratio) {
    if (this.ratio !== ratio) this.reset();
    this.ratio = ratio;
    const now = performance.now();
    const isZooming = this.#isZooming(view.scale, now);
    const until = now + (isZooming ? BUDGET_MS.zooming : BUDGET_MS.resting);
    const wantedStep = stepFor(view.scale * ratio);
    const step = isZooming ? this.#stepWhileZooming(wantedStep) : wantedStep;
    const isCopied = scaleOf(step) <= this.overview.scale;
    if (this.#paintOverview(until) && isCopied) {
      this.#drawOverview(context);
      return true;
    }
    const seen = this.#seen(step, view);
    const wanted = seen.filter(({ key }) => this.#tile(step, key)?.isStale !== false);
    this.#paint(step, wanted, isCopied, until);
    for (const place of seen) {
      const tile = this.#tile(step, place.key);
      const side = SIDE / scaleOf(step);
      const [x, y] = [place.column * side, place.row * side];
      if (tile) context.drawImage(tile.canvas, x, y, side, side);
      else this.#drawBefore(context, step, { left: x, top: y, right: x + side, bottom: y + side });
    }
    if (wanted.length === 0) this.shown = step;
    this.#forget(step, seen.length);
    return wanted.length > 0 || step !== wantedStep || this.overview.painted < this.hall.length;
  }

  #isZooming(scale, now) {
    if (scale !== this.zoomed.scale) this.zoomed = { scale, at: this.zoomed.scale === 0 ? -Infinity : now };
    return now - this.zoomed.at < RESTS_AFTER_MS;
  }

  /** What is shown, as long as it is neither much too coarse nor so fine that there are many tiles of it. */
  #stepWhileZooming(wanted) {
    const { shown } = this;
    return shown !== undefined && shown - wanted <= TOO_FINE && wanted - shown <= TOO_COARSE ? shown : wanted;
  }

  #tile(step, key) {
    return this.steps.get(step)?.get(key);
  }

  #drawOverview(context) {
    const { canvas, scale } = this.overview;
    context.drawImage(canvas, 0, 0, canvas.width / scale, canvas.height / scale);
  }

  /** Where a tile is missing, what there is of another scale: the step that was shown before, or else the overview. */
  #drawBefore(context, step, box) {
    const { canvas, scale } = this.overview;
    const before = this.shown === undefined || this.shown === step ? [] : this.#within(this.shown, box);
    if (before.length === 0 || before.some(({ key }) => !this.#tile(this.shown, key))) {
      drawPart(context, canvas, { left: 0, top: 0, right: canvas.width / scale, bottom: canvas.height / scale }, scale, box);
      return;
    }
    const side = SIDE / scaleOf(this.shown);
    for (const { key, column, row } of before) {
      const place = { left: column * side, top: row * side, right: (column + 1) * side, bottom: (row + 1) * side };
      drawPart(context, this.#tile(this.shown, key).canvas, place, scaleOf(this.shown), box);
    }
  }

  /** True if it is still to be painted. */
  #paintOverview(until) {
    const { overview, painter, hall } = this;
    while (overview.rows < hall.rows.length && performance.now() < until) {
      painter.ribbons(overview.context, overview.rows, overview.rows + OVERVIEW_ROWS);
      overview.rows += OVERVIEW_ROWS;
    }
    while (overview.painted < hall.length && performance.now() < until) {
      const end = Math.min(hall.length, overview.painted + OVERVIEW_SEATS);
      for (let seat = overview.painted; seat < end; seat++) painter.square(overview.context, seat);
      overview.painted = end;
    }
    return overview.painted < hall.length;
  }

  /** The tiles of a step that are seen, those in the middle first. */
  #seen(step, view) {
    const [right, bottom] = view.toMap(view.width, view.height);
    const seen = this.#within(step, { left: view.left, top: view.top, right, bottom });
    const side = SIDE / scaleOf(step);
    const [x, y] = [(view.left + right) / 2 / side - 0.5, (view.top + bottom) / 2 / side - 0.5];
    return seen.sort((one, other) => Math.hypot(one.column - x, one.row - y) - Math.hypot(other.column - x, other.row - y));
  }

  /** The tiles of a step in a rectangle of the map. */
  #within(step, { left, top, right, bottom }) {
    const side = SIDE / scaleOf(step);
    const places = [];
    const first = (length) => Math.max(0, Math.floor(length / side));
    // What ends where a tile begins is not in it.
    const last = (length, whole) => Math.min(Math.floor((whole + 100) / side), Math.ceil(length / side - 1e-6) - 1);
    for (let row = first(top); row <= last(bottom, this.hall.height); row++) {
      for (let column = first(left); column <= last(right, this.hall.width); column++) places.push({ key: `${column}/${row}`, column, row });
    }
    return places;
  }

  /** Paints what is wanted, the first first, as far as the time goes; what was finished is wanted no longer. */
  #paint(step, wanted, isCopied, until) {
    const isWanted = (work) => work.step === step && wanted.some(({ key }) => key === work.key);
    if (this.work && !isWanted(this.work)) this.work = undefined;
    while (wanted.length > 0 && performance.now() < until) {
      this.work ??= this.#begin(step, wanted[0], isCopied);
      if (!this.work.slices.next().done) continue;
      const { key } = this.work;
      this.#finish();
      wanted.splice(wanted.findIndex((place) => place.key === key), 1);
      // Shrinking the overview takes longer than it takes to say so.
      if (isCopied) return;
    }
  }

  #begin(step, { key, column, row }, isCopied) {
    const scale = scaleOf(step);
    const side = SIDE / scale;
    this.spare ??= tileCanvas();
    const { context } = this.spare;
    const [left, top] = [column * side, row * side];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.clearRect(0, 0, SIDE, SIDE);
    context.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
    const box = { left, top, right: left + side, bottom: top + side };
    return { step, key, slices: isCopied ? this.#copyOverview(context) : this.painter.paint(context, box, scale, this.ratio) };
  }

  *#copyOverview(context) {
    this.#drawOverview(context);
  }

  /** What was painted takes the place of what is shown, at once. */
  #finish() {
    const { step, key } = this.work;
    this.work = undefined;
    if (!this.steps.has(step)) this.steps.set(step, new Map());
    const tiles = this.steps.get(step);
    const before = tiles.get(key);
    if (!before) this.count += 1;
    tiles.set(key, { ...this.spare, isStale: false });
    this.spare = before;
  }

  /** Keeps memory bounded: steps that are not shown go first, then what of this step is far off. */
  #forget(step, seen) {
    const most = Math.max(96, 3 * seen);
    for (const [other, tiles] of this.steps) {
      if (this.count <= most) return;
      if (other === step || other === this.shown) continue;
      this.count -= tiles.size;
      this.steps.delete(other);
    }
    const tiles = this.steps.get(step);
    for (const key of tiles?.keys() ?? []) {
      if (this.count <= most * 2) return;
      tiles.delete(key);
      this.count -= 1;
    }
  }
}

/** Draws the part of a picture that a box shows. `place` is where the whole picture stands, at so many of its pixels by length. */
function drawPart(context, picture, place, scale, box) {
  const [left, top] = [Math.max(place.left, box.left), Math.max(place.top, box.top)];
  const [width, height] = [Math.min(place.right, box.right) - left, Math.min(place.bottom, box.bottom) - top];
  if (width <= 0 || height <= 0) return;
  context.drawImage(picture, (left - place.left) * scale, (top - place.top) * scale, width * scale, height * scale, left, top, width, height);
}

function tileCanvas() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  return { canvas, context: canvas.getContext("2d") };
}

function scaleOf(step) {
  return 2 ** (step / 2);
}

/** The step whose pixels are at least as fine. */
function stepFor(scale) {
  return Math.ceil(2 * Math.log2(scale) - 0.001);
}
