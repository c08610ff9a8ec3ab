/** Which part of the sheet is seen, and how large: pure arithmetic between lengths of the sheet and pixels. */

/** Pixels between two seats. */
const SCALE_MIN = 0.4;
const SCALE_MAX = 80;
const SCALE_USUAL = 22;

export class Camera {
  constructor() {
    Object.assign(this, { width: 1, height: 1, scale: SCALE_USUAL, left: -20, top: -10 });
  }

  resize(width, height) {
    const [x, y] = this.toSheet(this.width / 2, this.height / 2);
    const isFirst = this.width === 1;
    Object.assign(this, { width, height });
    if (isFirst) this.centre(0, 8);
    else this.centre(x, y);
  }

  centre(x, y) {
    this.left = x - this.width / 2 / this.scale;
    this.top = y - this.height / 2 / this.scale;
  }

  /** Shows a box with a margin, not larger than usual. Without a box, the middle of an empty sheet. */
  fit(box) {
    if (!box) {
      this.scale = SCALE_USUAL;
      this.centre(0, 8);
      return;
    }
    const [width, height] = [box.right - box.left + 4, box.bottom - box.top + 4];
    this.scale = Math.max(SCALE_MIN, Math.min(SCALE_USUAL * 1.5, this.width / width, this.height / height));
    this.centre((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  }

  /** Zooms by a factor, keeping what is at this pixel where it is. */
  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toSheet(px, py);
    this.scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, this.scale * factor));
    this.left = x - px / this.scale;
    this.top = y - py / this.scale;
  }

  pan(dx, dy) {
    this.left -= dx / this.scale;
    this.top -= dy / this.scale;
  }

  /** Moves so that a box is in sight, if it is not. */
  reveal(box) {
    const seen = this.seen();
    const isSeen = box.left >= seen.left && box.right <= seen.right && box.top >= seen.top && box.bottom <= seen.bottom;
    if (isSeen) return;
    const fits = box.right - box.left < seen.right - seen.left && box.bottom - box.top < seen.bottom - seen.top;
    if (fits) this.centre((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    else this.fit(box);
  }

  seen() {
    return { left: this.left, top: this.top, right: this.left + this.width / this.scale, bottom: this.top + this.height / this.scale };
  }

  toSheet(px, py) {
    return [this.left + px / this.scale, this.top + py / this.scale];
  }

  toFrame(x, y) {
    return [(x - this.left) * this.scale, (y - this.top) * this.scale];
  }
}
