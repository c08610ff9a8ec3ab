/**
 * Pointer, wheel and keys on the map: one pointer pans, two pinch, the wheel zooms; a short press picks.
 *
 * `on.pick(x, y)` is called with a place in the frame, `on.hover(x, y)` likewise or with nothing when the pointer left,
 * `on.move()` when the view changed.
 */

/** A pointer that moved less than this many pixels was pressed, not dragged. */
const STILL = 6;

export function listen(canvas, view, on) {
  const pointers = new Map();
  let moved = 0;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    if (pointers.size === 1) moved = 0;
  });

  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    const now = at(event);
    if (!before) {
      if (event.pointerType !== "touch") on.hover(now.x, now.y);
      return;
    }
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (moved < STILL && pointers.size === 1) {
      return;
    }
    canvas.dataset.over = "drag";
    if (pointers.size === 1) {
      view.pan(now.x - before.x, now.y - before.y);
    } else {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const spread = (point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
      view.zoom(spread(now) / spread(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
      view.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    }
    pointers.set(event.pointerId, now);
    on.hover();
    on.move();
  });

  const lift = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    delete canvas.dataset.over;
    if (event.type === "pointerup" && pointers.size === 0 && moved < STILL) {
      const { x, y } = at(event);
      on.pick(x, y);
    }
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => on.hover());

  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 30 : 1;
      const { x, y } = at(event);
      // A trackpad's pinch arrives as a wheel with the control key, in small steps.
      view.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0018)), x, y);
      on.hover();
      on.move();
    },
    { passive: false },
  );
}
