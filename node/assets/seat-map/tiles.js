/**
 * The ground of the map as tiles: squares of pixels, painted once for a scale and copied in every frame, so that panning
 * and zooming cost the same for a stadium of fifty thousand as for a cabaret.
 *
 * Scales are steps of √2. A frame never waits for tiles: what is not painted yet is shown from the step before or from the
 * overview, a picture of the whole hall, and is painted in the next frames, a few milliseconds in each. What changed stays
 * as it was until it is painted again: nothing flickers. Tiles of scales below the overview's are copies of it.
 */

const SIDE = 256;
const OVERVIEW_SIDE_MAX = 2048;
/** How long a frame may paint, of the 16 ms that it has. */
const BUDGET_MS = 4;
/** So many seats of the overview are painted before the time is looked at. */
const OVERVIEW_BATCH = 500;

export class Tiles {
  constructor(hall, painter) {
    Object.assign(this, { hall, painter, ratio: 1 });
    /** Step → column/row → tile. */
    this.steps = new Map();
    this.count = 0;
    this.shown = undefined;
    const scale = Math.min(OVERVIEW_SIDE_MAX / hall.width, OVERVIEW_SIDE_MAX / hall.height, 0.2);
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(hall.width * scale);
    canvas.height = Math.ceil(hall.height * scale);
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    this.overview = { canvas, context, scale, painted: 0, hasRows: false };
  }

  /** Colours changed: everything is painted again. */
  reset() {
    this.steps.clear();
    this.count = 0;
    this.shown = undefined;
    const { context } = this.overview;
    context.clearRect(0, 0, this.hall.width, this.hall.height);
    Object.assign(this.overview, { painted: 0, hasRows: false });
  }

  /** What fits changed: everything is painted again, over what is there. */
  repaint() {
    this.overview.painted = 0;
    for (const tiles of this.steps.values()) for (const tile of tiles.values()) tile.isStale = true;
  }

  /** Seats changed: what shows them is painted again. */
  touch(seats) {
    const { hall, overview } = this;
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
    const until = performance.now() + BUDGET_MS;
    const step = stepFor(view.scale * ratio);
    const isCopied = scaleOf(step) <= this.overview.scale;
    if (this.#paintOverview(until) && isCopied) {
      this.#drawOverview(context);
      return true;
    }
    const seen = this.#seen(step, view);
    const wanted = seen.filter(({ key }) => this.#tile(step, key)?.isStale !== false);
    while (wanted.length > 0 && performance.now() < until) this.#paint(step, wanted.shift(), isCopied);
    if (wanted.some(({ key }) => !this.#tile(step, key))) this.#drawBefore(context, step, view);
    this.#copy(context, step, seen);
    if (wanted.length === 0) this.shown = step;
    this.#forget(step, seen.length);
    return wanted.length > 0 || this.overview.painted < this.hall.length;
  }

  #tile(step, key) {
    return this.steps.get(step)?.get(key);
  }

  #drawOverview(context) {
    const { canvas, scale } = this.overview;
    context.drawImage(canvas, 0, 0, canvas.width / scale, canvas.height / scale);
  }

  /** What there is of another scale: the step that was shown before, and the overview where that has a gap. */
  #drawBefore(context, step, view) {
    const before = this.shown === undefined || this.shown === step ? [] : this.#seen(this.shown, view);
    if (before.length === 0 || before.length > 200 || before.some(({ key }) => !this.#tile(this.shown, key))) this.#drawOverview(context);
    if (before.length <= 200) this.#copy(context, this.shown, before);
  }

  #paintOverview(until) {
    const { overview, painter, hall } = this;
    if (!overview.hasRows) {
      painter.ribbons(overview.context, -Infinity, -Infinity, Infinity, Infinity);
      overview.hasRows = true;
    }
    while (overview.painted < hall.length && performance.now() < until) {
      const end = Math.min(hall.length, overview.painted + OVERVIEW_BATCH);
      for (let seat = overview.painted; seat < end; seat++) painter.square(overview.context, seat);
      overview.painted = end;
    }
    return overview.painted < hall.length;
  }

  /** The tiles of a step that are seen, those in the middle first. */
  #seen(step, view) {
    const side = SIDE / scaleOf(step);
    const [right, bottom] = view.toMap(view.width, view.height);
    const last = (length) => Math.floor(length / side);
    const columns = [Math.max(0, last(view.left)), Math.min(last(this.hall.width + 100), last(right))];
    const rows = [Math.max(0, last(view.top)), Math.min(last(this.hall.height + 100), last(bottom))];
    const [x, y] = [(columns[0] + columns[1]) / 2, (rows[0] + rows[1]) / 2];
    const seen = [];
    for (let row = rows[0]; row <= rows[1]; row++) {
      for (let column = columns[0]; column <= columns[1]; column++) seen.push({ key: `${column}/${row}`, column, row });
    }
    return seen.sort((one, other) => Math.hypot(one.column - x, one.row - y) - Math.hypot(other.column - x, other.row - y));
  }

  #paint(step, { key, column, row }, isCopied) {
    const scale = scaleOf(step);
    const side = SIDE / scale;
    if (!this.steps.has(step)) this.steps.set(step, new Map());
    const tiles = this.steps.get(step);
    let tile = tiles.get(key);
    if (!tile) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = SIDE;
      tile = { canvas, context: canvas.getContext("2d"), isStale: false };
      tiles.set(key, tile);
      this.count += 1;
    }
    const { context } = tile;
    const [left, top] = [column * side, row * side];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    context.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
    if (isCopied) this.#drawOverview(context);
    else this.painter.paint(context, { left, top, right: left + side, bottom: top + side }, scale, this.ratio);
    tile.isStale = false;
  }

  #copy(context, step, places) {
    const tiles = this.steps.get(step);
    if (!tiles) return;
    const side = SIDE / scaleOf(step);
    for (const { key, column, row } of places) {
      const tile = tiles.get(key);
      if (tile) context.drawImage(tile.canvas, column * side, row * side, side, side);
    }
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

function scaleOf(step) {
  return 2 ** (step / 2);
}

/** The step whose pixels are at least as fine. */
function stepFor(scale) {
  return Math.ceil(2 * Math.log2(scale) - 0.001);
}
