/**
 * Pointers and wheel on the canvas: the space bar, the middle button or the hand pan, two fingers pinch, the wheel zooms;
 * everything else goes to the tool. A finger on an empty place pans as well.
 */

/** A pointer that moved less than this many pixels was pressed, not dragged. */
const STILL = 4;

export class Pointers {
  /** @param tool gives the tool in use */
  constructor(canvas, camera, sheet, tool) {
    Object.assign(this, { canvas, camera, sheet, tool });
    this.down = new Map();
    this.isPanning = false;
    this.isSpaceHeld = false;
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, (event) => this.#lift(event));
    canvas.addEventListener("pointerleave", () => this.down.size === 0 && this.tool().hover?.(null));
    canvas.addEventListener("dblclick", (event) => this.tool().double?.(this.#at(event), event));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    addEventListener("keydown", (event) => event.code === "Space" && isFree(event) && this.#space(true, event));
    addEventListener("keyup", (event) => event.code === "Space" && this.#space(false, event));
  }

  #space(isHeld, event) {
    if (isHeld) event.preventDefault();
    this.isSpaceHeld = isHeld;
    this.cursor();
  }

  /** Shows what a press would do. */
  cursor() {
    const { dataset } = this.canvas;
    dataset.cursor = this.isPanning ? "grabbing" : this.isSpaceHeld || this.tool().pans ? "grab" : (this.tool().cursor ?? "default");
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const [x, y] = this.camera.toSheet(px, py);
    return { px, py, x, y };
  }

  #press(event) {
    if (event.button > 1) return;
    this.canvas.setPointerCapture(event.pointerId);
    const point = this.#at(event);
    this.down.set(event.pointerId, { ...point, from: point, isStill: true });
    if (this.down.size === 2) {
      this.tool().cancel?.();
      this.isPanning = true;
    } else if (this.down.size === 1) {
      const isFinger = event.pointerType === "touch";
      this.isPanning = event.button === 1 || this.isSpaceHeld || this.tool().pans === true || (isFinger && this.tool().yields?.(point) === true);
      if (!this.isPanning) this.tool().down?.(point, event);
    }
    this.cursor();
  }

  #move(event) {
    const known = this.down.get(event.pointerId);
    const point = this.#at(event);
    if (!known) {
      if (event.pointerType !== "touch") this.tool().hover?.(point);
      this.cursor();
      return;
    }
    if (Math.hypot(point.px - known.from.px, point.py - known.from.py) > STILL) known.isStill = false;
    if (!this.isPanning) {
      // Fast strokes arrive in several steps at once.
      this.tool().move?.(point, event, known.isStill);
      return;
    }
    if (this.down.size === 1) this.camera.pan(point.px - known.px, point.py - known.py);
    else this.#pinch(event.pointerId, known, point);
    Object.assign(known, { px: point.px, py: point.py });
    this.sheet.viewed();
  }

  #pinch(id, known, point) {
    const other = [...this.down].find(([otherId]) => otherId !== id)[1];
    const spread = ({ px, py }) => Math.max(1, Math.hypot(px - other.px, py - other.py));
    this.camera.zoom(spread(point) / spread(known), (point.px + other.px) / 2, (point.py + other.py) / 2);
    this.camera.pan((point.px - known.px) / 2, (point.py - known.py) / 2);
  }

  #lift(event) {
    const known = this.down.get(event.pointerId);
    if (!known) return;
    this.down.delete(event.pointerId);
    const point = this.#at(event);
    if (!this.isPanning) {
      if (event.type === "pointercancel") this.tool().cancel?.();
      else this.tool().up?.(point, event, known.isStill);
    } else if (this.down.size === 0) {
      this.isPanning = false;
      // A finger that only touched an empty place lets go of what was selected.
      if (known.isStill && event.pointerType === "touch") this.tool().tap?.(point, event);
    }
    this.cursor();
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    const { px, py } = this.#at(event);
    if (event.shiftKey) this.camera.pan(-event.deltaY * lines, 0);
    // A trackpad's pinch arrives as a wheel with the control key, in small steps.
    else this.camera.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), px, py);
    this.sheet.viewed();
  }
}

/** Whether a key is not meant for what has the focus. */
function isFree(event) {
  return !(event.target instanceof HTMLElement) || !event.target.closest("input, select, textarea, button, summary, a, dialog");
}
