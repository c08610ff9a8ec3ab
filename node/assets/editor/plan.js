/** A plan to draw over: a picture that stays in the browser. It is neither saved nor sent anywhere. */

import { t } from "./tool-words.js";

/** How many seats wide it is at first. */
const WIDTH_USUAL = 60;

class Plan {
  constructor(root, sheet, camera, notice) {
    Object.assign(this, { sheet, camera, notice });
    this.tool = new PlanTool(this);
    this.bitmap = null;
    const part = (name) => root.querySelector(`[data-testid=plan-${name}]`);
    this.parts = { file: part("file"), opacity: part("opacity"), width: part("width"), lock: part("lock"), remove: part("remove"), more: part("more") };
    this.parts.file.addEventListener("change", () => this.#open(this.parts.file.files[0]));
    // One may have been chosen while this was on its way.
    this.#open(this.parts.file.files[0]);
    for (const name of ["opacity", "width"]) this.parts[name].addEventListener("input", () => this.sheet.draw());
    this.parts.remove.addEventListener("click", () => this.#close());
    sheet.plan = this;
  }

  async #open(file) {
    if (!file) return;
    try {
      this.bitmap?.close();
      this.bitmap = await createImageBitmap(file);
    } catch {
      this.#close();
      this.notice("bad", t("editor-plan-unreadable"));
      return;
    }
    const seen = this.camera.seen();
    this.parts.width.value = String(WIDTH_USUAL);
    [this.x, this.y] = [(seen.left + seen.right - WIDTH_USUAL) / 2, (seen.top + seen.bottom - this.height) / 2];
    this.parts.more.hidden = false;
    this.parts.lock.checked = false;
    this.sheet.draw();
  }

  #close() {
    this.bitmap?.close();
    this.bitmap = null;
    this.parts.file.value = "";
    this.parts.more.hidden = true;
    this.sheet.draw();
  }

  get width() {
    return Math.max(1, Number(this.parts.width.value) || WIDTH_USUAL);
  }

  get height() {
    return (this.width * this.bitmap.height) / this.bitmap.width;
  }

  /** Whether it can be moved, and is at this point. */
  isAt({ x, y }) {
    return this.bitmap !== null && !this.parts.lock.checked && x >= this.x && y >= this.y && x <= this.x + this.width && y <= this.y + this.height;
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.sheet.draw();
  }

  paint(context, camera) {
    if (!this.bitmap) return;
    const [x, y] = camera.toFrame(this.x, this.y);
    context.globalAlpha = Number(this.parts.opacity.value) / 100;
    context.drawImage(this.bitmap, x, y, this.width * camera.scale, this.height * camera.scale);
    context.globalAlpha = 1;
  }
}

/** Moves the plan. */
class PlanTool {
  constructor(plan) {
    this.plan = plan;
    this.last = null;
  }

  cursor = "move";

  down(point) {
    this.last = this.plan.isAt(point) ? point : null;
  }

  move(point) {
    if (!this.last) return;
    this.plan.move(point.x - this.last.x, point.y - this.last.y);
    this.last = point;
  }

  up() {
    this.last = null;
  }

  cancel() {
    this.last = null;
  }
}

/** @returns the plan, with the `tool` that moves it */
export function makePlan(root, sheet, camera, notice) {
  return new Plan(root, sheet, camera, notice);
}
