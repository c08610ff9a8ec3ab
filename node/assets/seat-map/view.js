/** Which part of the map is seen, and how large: pure arithmetic between map lengths and pixels. */

/** A seat is never drawn larger than this many pixels apart from its neighbour. */
const PITCH_MAX = 64;

export class View {
  constructor(width, height) {
    Object.assign(this, { mapWidth: width, mapHeight: height, width: 1, height: 1, scale: 1, left: 0, top: 0 });
  }

  /** The frame has another size; what is in its middle stays there. */
  resize(width, height) {
    const wasFitted = this.isFitted();
    const [x, y] = this.toMap(this.width / 2, this.height / 2);
    Object.assign(this, { width, height });
    if (wasFitted) this.fit();
    else this.#centre(x, y);
  }

  scaleMin() {
    const margin = Math.min(40, this.width * 0.04);
    return Math.min((this.width - 2 * margin) / this.mapWidth, (this.height - 2 * margin) / this.mapHeight, this.scaleMax());
  }

  scaleMax() {
    return PITCH_MAX / 100;
  }

  isFitted() {
    return this.scale <= this.scaleMin() * 1.001;
  }

  fit() {
    this.scale = this.scaleMin();
    this.#centre(this.mapWidth / 2, this.mapHeight / 2);
  }

  /** Zooms by a factor, keeping what is at this pixel where it is. */
  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toMap(px, py);
    this.scale = Math.min(this.scaleMax(), Math.max(this.scaleMin(), this.scale * factor));
    this.left = x - px / this.scale;
    this.top = y - py / this.scale;
    this.#clamp();
  }

  pan(dx, dy) {
    this.left -= dx / this.scale;
    this.top -= dy / this.scale;
    this.#clamp();
  }

  /** Moves a point of the map into sight, at least so large. */
  reveal(x, y, scale = this.scale) {
    if (scale > this.scale) {
      this.scale = Math.min(scale, this.scaleMax());
      this.#centre(x, y);
      return;
    }
    const [px, py] = this.toFrame(x, y);
    const margin = Math.min(80, this.width / 4, this.height / 4);
    if (px < margin || py < margin || px > this.width - margin || py > this.height - margin) this.#centre(x, y);
  }

  toMap(px, py) {
    return [this.left + px / this.scale, this.top + py / this.scale];
  }

  toFrame(x, y) {
    return [(x - this.left) * this.scale, (y - this.top) * this.scale];
  }

  #centre(x, y) {
    this.left = x - this.width / 2 / this.scale;
    this.top = y - this.height / 2 / this.scale;
    this.#clamp();
  }

  /** Keeps the map in the frame: centred where it is smaller, and never further off than half a frame. */
  #clamp() {
    const bound = (at, seen, whole) => {
      if (seen >= whole) return (whole - seen) / 2;
      const slack = seen * 0.25;
      return Math.min(whole - seen + slack, Math.max(-slack, at));
    };
    this.left = bound(this.left, this.width / this.scale, this.mapWidth);
    this.top = bound(this.top, this.height / this.scale, this.mapHeight);
  }
}
