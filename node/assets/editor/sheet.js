/**
 * The canvas. Things are drawn on layers, which are kept while only the view or what is dragged moves; a frame then costs
 * two pictures, however many seats there are. What a tool shows (frames, handles, guides) is drawn over them.
 */

import { boundsOf, boundsOfAll, grown, touches, union } from "./geometry.js";
import { Picture } from "./picture.js";

/** How much of the view's size a layer reaches beyond it, on every side. */
const MARGIN = 0.3;
/** So long after the view moved it is drawn anew; and while it moves, not more often. */
const SETTLED_MS = 90;
const RENEWED_MS = 220;
/** When more things changed than this share, everything is drawn anew. */
const FEW = 0.3;

export class Sheet {
  constructor(canvas, editor, camera) {
    Object.assign(this, { canvas, editor, camera });
    this.context = canvas.getContext("2d");
    this.picture = new Picture(canvas);
    /** What is being moved: `{ ids, dx, dy }` or turned: `{ ids, angle, centre }`. */
    this.moving = null;
    /** Called with the context in pixels of the view, to draw over everything. */
    this.overlay = () => {};
    /** The background plan: drawn by `paint(context, camera)`. */
    this.plan = null;
    this.base = null;
    this.carried = null;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.picture.readColours();
      this.stale();
    });
    this.shown = editor.doc;
    editor.on("doc", () => this.#changed());
    for (const what of ["selection", "faults"]) editor.on(what, () => this.stale());
  }

  /** The layers are not what they should show. */
  stale() {
    for (const layer of [this.base, this.carried]) if (layer) layer.isStale = true;
    this.draw();
  }

  /** Where a few things changed, only their place is drawn anew, so that a brush is as quick in a large hall. */
  #changed() {
    const [before, now] = [this.shown, this.editor.doc];
    this.shown = now;
    const isSame = before.categories === now.categories && before.sections === now.sections && before.things.length === now.things.length;
    const changed = isSame ? now.things.flatMap((thing, nth) => (thing === before.things[nth] ? [] : [thing, before.things[nth]])) : null;
    if (!changed || changed.length > 2 + now.things.length * FEW * 2) return this.stale();
    if (this.base && !this.base.isStale) this.base.dirty = union([this.base.dirty, boundsOfAll(changed)]);
    this.draw();
  }

  /** Draws in the browser's next frame. */
  draw() {
    this.isDue ||= requestAnimationFrame(() => {
      this.isDue = 0;
      this.#paint();
    });
  }

  /** The view moved: the layers follow at once, and are drawn anew when it rests. */
  viewed() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.settling = 0;
      this.stale();
    }, SETTLED_MS);
    this.draw();
  }

  /** Things are about to be moved. */
  carry(ids) {
    this.moving = { ids, dx: 0, dy: 0, angle: 0, centre: [0, 0] };
    this.stale();
  }

  drop() {
    this.moving = null;
    this.stale();
  }

  #paint() {
    const { canvas, context, camera, picture } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = picture.colours.ground;
    context.fillRect(0, 0, width, height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.plan?.paint(context, camera);
    this.#grid();
    this.base = this.#layer(this.base, (thing) => !this.moving?.ids.has(thing.id));
    this.#place(this.base, ratio);
    if (this.moving) {
      this.carried = this.#layer(this.carried, (thing) => this.moving.ids.has(thing.id));
      this.#placeCarried(ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.overlay(context, camera, picture.colours);
  }

  #grid() {
    const { editor, context, camera, picture } = this;
    if (!editor.snaps) return;
    const step = camera.scale >= 14 ? 1 : camera.scale >= 3 ? 5 : 25;
    const seen = camera.seen();
    context.strokeStyle = picture.colours.line;
    context.lineWidth = 1;
    context.globalAlpha = 0.55;
    context.beginPath();
    for (let x = Math.ceil(seen.left / step) * step; x <= seen.right; x += step) {
      const px = Math.round((x - camera.left) * camera.scale) + 0.5;
      context.moveTo(px, 0);
      context.lineTo(px, camera.height);
    }
    for (let y = Math.ceil(seen.top / step) * step; y <= seen.bottom; y += step) {
      const py = Math.round((y - camera.top) * camera.scale) + 0.5;
      context.moveTo(0, py);
      context.lineTo(camera.width, py);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /** A layer that shows what is seen, drawn if there is none that does. */
  #layer(known, isOn) {
    const { camera, editor } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    if (known && !known.isStale && this.#isGood(known)) {
      if (known.dirty) this.#renew(known, isOn);
      return known;
    }
    const layer = {
      scale: camera.scale, ratio,
      left: camera.left - (camera.width * MARGIN) / camera.scale, top: camera.top - (camera.height * MARGIN) / camera.scale,
      width: camera.width * (1 + 2 * MARGIN), height: camera.height * (1 + 2 * MARGIN),
    };
    const [width, height] = [Math.ceil(layer.width * ratio), Math.ceil(layer.height * ratio)];
    layer.canvas = known?.canvas ?? document.createElement("canvas");
    if (layer.canvas.width !== width || layer.canvas.height !== height) Object.assign(layer.canvas, { width, height });
    const context = layer.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    this.picture.paint(context, layer, editor.doc.things.filter(isOn), this.#state());
    layer.at = performance.now();
    return layer;
  }

  /** While the view moves, a layer that does not reach everywhere is good for a moment. */
  #isGood(layer) {
    return covers(layer, this.camera) || (this.settling !== 0 && this.settling !== undefined && performance.now() - layer.at < RENEWED_MS);
  }

  #state() {
    const { editor } = this;
    const faulty = new Set(editor.faults.filter((fault) => fault.level === "bad").flatMap((fault) => fault.ids));
    return { doc: editor.doc, selected: editor.selected, seats: editor.seats, faulty };
  }

  /** Draws the part of a layer anew in which something changed. */
  #renew(layer, isOn) {
    // Words and rings reach a little beyond the seats.
    const box = grown(layer.dirty, 2.5);
    layer.dirty = null;
    const scale = layer.scale * layer.ratio;
    const context = layer.canvas.getContext("2d");
    const [left, top] = [Math.floor((box.left - layer.left) * scale), Math.floor((box.top - layer.top) * scale)];
    const [width, height] = [Math.ceil((box.right - box.left) * scale) + 1, Math.ceil((box.bottom - box.top) * scale) + 1];
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.clearRect(left, top, width, height);
    const near = this.editor.doc.things.filter((thing) => {
      const bounds = isOn(thing) ? boundsOf(thing) : null;
      return bounds && touches(grown(bounds, 2.5), box);
    });
    this.picture.paint(context, layer, near, this.#state());
    context.restore();
  }

  #place(layer, ratio) {
    const { context, camera } = this;
    const size = (camera.scale / layer.scale) * ratio;
    const [x, y] = [(layer.left - camera.left) * camera.scale * ratio, (layer.top - camera.top) * camera.scale * ratio];
    // On whole pixels the picture stays sharp.
    context.setTransform(size, 0, 0, size, Math.round(x), Math.round(y));
    context.drawImage(layer.canvas, 0, 0, layer.canvas.width / ratio, layer.canvas.height / ratio);
  }

  #placeCarried(ratio) {
    const { context, camera, carried, moving } = this;
    const size = (camera.scale / carried.scale) * ratio;
    const [cx, cy] = camera.toFrame(...moving.centre);
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (moving.angle) {
      context.translate(cx * ratio, cy * ratio);
      context.rotate((moving.angle * Math.PI) / 180);
      context.translate(-cx * ratio, -cy * ratio);
    }
    const [x, y] = [(carried.left + moving.dx - camera.left) * camera.scale * ratio, (carried.top + moving.dy - camera.top) * camera.scale * ratio];
    context.translate(Math.round(x), Math.round(y));
    context.scale(size, size);
    context.drawImage(carried.canvas, 0, 0, carried.canvas.width / ratio, carried.canvas.height / ratio);
  }
}

/** Whether a layer is large enough for what is seen, and not much too small or large to be magnified. */
function covers(layer, camera) {
  const size = camera.scale / layer.scale;
  const seen = camera.seen();
  const [right, bottom] = [layer.left + layer.width / layer.scale, layer.top + layer.height / layer.scale];
  return size > 0.5 && size < 2.5 && seen.left >= layer.left && seen.top >= layer.top && seen.right <= right && seen.bottom <= bottom;
}
