/** The map as people use it: picture, gestures, keys and the tip beside a seat. */

import { contains } from "./geometry.js";
import { listen } from "./gestures.js";
import { Grid } from "./grid.js";
import { Picture } from "./picture.js";
import { View } from "./view.js";

/** At this many pixels between neighbours a seat is hit with a fingertip. */
const PITCH_TOUCHABLE = 22;
/** Below this many, seats cannot be told apart: what is pointed at is their section. */
const PITCH_SECTIONS = 7;

export class Chart {
  /**
   * @param frame the element around canvas, tip and tools
   * @param describe.seat gives the lines of the tip for a seat, describe.section for the section that it is in
   * @param fits says of a free seat whether somebody looks for it
   * @param on.pick called with a seat that was picked, on.area with an area's index, on.look with the seat that is looked at
   *   or -1, on.say with words to be read out
   */
  constructor(frame, hall, describe, fits, on) {
    Object.assign(this, { frame, hall, describe, fits, on });
    this.canvas = frame.querySelector("canvas");
    this.tip = frame.querySelector(".map-tip");
    this.view = new View(hall.width, hall.height);
    this.grid = new Grid(hall);
    this.picture = new Picture(this.canvas, hall, this.view, this.grid, fits);
    this.hasFitted = false;
    new ResizeObserver(() => this.#resized()).observe(frame);
    listen(this.canvas, this.view, {
      pick: (x, y) => this.#pick(x, y),
      hover: (x, y) => this.#hover(x, y),
      move: () => this.picture.draw(),
    });
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    this.canvas.addEventListener("focus", () => this.#showFocus(this.canvas.matches(":focus-visible")));
    this.canvas.addEventListener("blur", () => this.#showFocus(false));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.picture.readColours());
    hall.onChange((seats) => this.picture.seatsChanged(seats));
  }

  zoomIn() {
    this.#zoom(1.6);
  }

  zoomOut() {
    this.#zoom(1 / 1.6);
  }

  fit() {
    this.view.fit();
    this.#hover();
    this.picture.draw();
  }

  /** Brings seats into sight, large enough to be told apart. */
  show(seats) {
    const [first] = seats;
    if (first === undefined) return;
    const mean = (column) => seats.reduce((sum, seat) => sum + column[seat], 0) / seats.length;
    this.view.reveal(mean(this.hall.x), mean(this.hall.y), PITCH_TOUCHABLE / 100);
    this.#hover();
    this.on.look(first);
    this.picture.draw();
  }

  /** What is looked for changed. */
  filterChanged() {
    this.picture.filterChanged();
  }

  choose(seats) {
    this.picture.chosen = new Set(seats);
    this.picture.draw();
  }

  #zoom(factor) {
    this.view.zoom(factor);
    this.#hover();
    this.picture.draw();
  }

  #resized() {
    const { clientWidth, clientHeight } = this.frame;
    if (clientWidth === 0) return;
    this.view.resize(clientWidth, clientHeight);
    if (!this.hasFitted) this.view.fit();
    this.hasFitted = true;
    this.picture.draw();
  }

  #seatAt(px, py) {
    const [x, y] = this.view.toMap(px, py);
    return this.grid.nearest(x, y, Math.max(50, 7 / this.view.scale));
  }

  #areaAt(px, py) {
    const [x, y] = this.view.toMap(px, py);
    return this.hall.areas.find((area) => contains(area.outline, x, y));
  }

  #pick(px, py) {
    const pitch = this.picture.pitch();
    const seat = this.#seatAt(px, py);
    if (seat < 0) {
      const area = this.#areaAt(px, py);
      if (area) this.on.area(area);
      return;
    }
    // Too small to hit for certain: the first press brings the place nearer.
    if (pitch < 11) {
      this.view.zoom(PITCH_TOUCHABLE / pitch, px, py);
      const [x, y] = this.view.toFrame(this.hall.x[seat], this.hall.y[seat]);
      this.view.pan((this.view.width / 2 - x) * 0.7, (this.view.height / 2 - y) * 0.7);
      this.#hover();
      this.picture.draw();
      return;
    }
    this.picture.focused = seat;
    this.on.pick(seat);
    this.on.look(seat);
    this.#showTip(seat, px, py);
  }

  #hover(px, py) {
    const seat = px === undefined ? -1 : this.#seatAt(px, py);
    if (seat !== this.picture.hovered) {
      this.picture.hovered = seat;
      this.picture.draw();
      if (seat >= 0 && this.picture.pitch() >= PITCH_SECTIONS) this.on.look(seat);
    }
    if (seat >= 0 && (this.hall.isFree(seat) || this.picture.chosen.has(seat))) this.canvas.dataset.over = "seat";
    else if (this.canvas.dataset.over === "seat") delete this.canvas.dataset.over;
    this.#showTip(seat, px, py);
  }

  #showTip(seat, px, py) {
    this.tip.hidden = seat < 0;
    if (seat < 0) return;
    const describe = this.picture.pitch() < PITCH_SECTIONS ? this.describe.section : this.describe.seat;
    const [heading, ...lines] = describe(seat);
    const strong = document.createElement("b");
    strong.textContent = heading;
    this.tip.replaceChildren(strong, ...lines.flatMap((line, at) => (at === 0 ? [line] : [document.createElement("br"), line])));
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = Math.max(8, Math.min(this.view.width - width - 8, px - width / 2));
    const above = py - height - 18;
    const top = above > 8 ? above : py + 22;
    this.tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  #showFocus(isShown) {
    this.picture.isFocusShown = isShown;
    if (isShown && this.picture.focused < 0) this.#focusSeat(this.#first());
    if (!isShown) this.#showTip(-1);
    this.picture.draw();
  }

  /** The free seat nearest to the middle of what is seen, else any seat. */
  #first() {
    const [x, y] = this.view.toMap(this.view.width / 2, this.view.height / 2);
    const nearest = this.grid.nearest(x, y, Math.hypot(this.hall.width, this.hall.height));
    if (nearest < 0 || this.hall.isFree(nearest)) return nearest;
    const free = this.hall.status.findIndex((status) => status === 0);
    return free < 0 ? nearest : free;
  }

  #focusSeat(seat) {
    if (seat < 0) return;
    this.picture.focused = seat;
    this.picture.isFocusShown = true;
    this.view.reveal(this.hall.x[seat], this.hall.y[seat], PITCH_TOUCHABLE / 100);
    this.#showTip(seat, ...this.view.toFrame(this.hall.x[seat], this.hall.y[seat]));
    this.on.say(this.describe.seat(seat).join(", "));
    this.on.look(seat);
    this.picture.draw();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    const { focused } = this.picture;
    if (step) this.#focusSeat(focused < 0 ? this.#first() : this.grid.towards(focused, ...step));
    else if ((event.key === "Enter" || event.key === " ") && focused >= 0) this.on.pick(focused);
    else if (event.key === "+" || event.key === "=") this.zoomIn();
    else if (event.key === "-") this.zoomOut();
    else if (event.key === "0" || event.key === "Home") this.fit();
    else if (event.key === "Escape") this.#showTip(-1);
    else return;
    event.preventDefault();
  }
}
