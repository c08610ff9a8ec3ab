/**
 * Draws a hall on a canvas: stage and areas, the tiles with rows and seats, what is chosen, pointed at and focused, and the
 * words. See tiles.js for how a stadium stays fluent.
 */

import { outline } from "./geometry.js";
import { MapWords } from "./map-words.js";
import { SeatPainter } from "./seat-painter.js";
import { Tiles } from "./tiles.js";

const TURN = 2 * Math.PI;

export class Picture {
  /** @param fits says of a free seat whether somebody may look for it; others are drawn faintly */
  constructor(canvas, hall, view, grid, fits) {
    Object.assign(this, { canvas, hall, view });
    this.context = canvas.getContext("2d", { alpha: false });
    this.chosen = new Set();
    this.focused = -1;
    this.hovered = -1;
    this.isFocusShown = false;
    this.painter = new SeatPainter(hall, grid, fits);
    this.tiles = new Tiles(hall, this.painter);
    this.words = new MapWords(hall, view);
    this.stage = hall.stage && outline(hall.stage.outline);
    this.areas = hall.areas.map((area) => outline(area.outline));
    this.readColours();
  }

  /** The colours of the style sheet, which follow the browser's colour scheme. */
  readColours() {
    const style = getComputedStyle(this.canvas);
    const token = (name) => style.getPropertyValue(`--map-${name}`).trim();
    this.colours = {
      ground: token("ground"), row: token("row"), stage: token("stage"), taken: token("taken"), ink: token("ink"),
      soft: token("ink-soft"), label: token("label"), chosen: token("chosen"), onChosen: token("on-chosen"), focus: token("focus"),
    };
    this.painter.look(this.colours, style.fontFamily);
    this.words.look(this.colours, style.fontFamily);
    this.tiles.reset();
    this.draw();
  }

  /** Draws in the browser's next frame. */
  draw() {
    this.isDue ||= requestAnimationFrame(() => {
      this.isDue = 0;
      if (this.#paint()) this.draw();
    });
  }

  seatsChanged(seats) {
    this.tiles.touch(seats);
    this.draw();
  }

  /** Another choice of seats fits what somebody looks for. */
  filterChanged() {
    this.tiles.repaint();
    this.draw();
  }

  /** How many pixels there are between neighbours. */
  pitch() {
    return this.view.scale * 100;
  }

  /** True if something is still to be painted. */
  #paint() {
    const { canvas, context, view, colours } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, width, height);
    const scale = view.scale * ratio;
    context.setTransform(scale, 0, 0, scale, -view.left * scale, -view.top * scale);
    if (this.stage) {
      context.fillStyle = colours.stage;
      context.fill(this.stage);
    }
    this.#paintAreas();
    const isIncomplete = this.tiles.draw(context, view, ratio);
    this.#paintHovered();
    for (const seat of this.chosen) this.#paintChosen(seat);
    this.#paintFocus();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.words.draw(context);
    return isIncomplete;
  }

  #paintAreas() {
    const { context, hall } = this;
    for (const [index, area] of hall.areas.entries()) {
      const colour = area.free > 0 ? hall.categories[area.category].color : this.colours.taken;
      context.globalAlpha = 0.22;
      context.fillStyle = colour;
      context.fill(this.areas[index]);
      context.globalAlpha = 1;
      context.strokeStyle = colour;
      context.lineWidth = Math.max(8, 1.5 / this.view.scale);
      context.stroke(this.areas[index]);
    }
  }

  /** A ring around the seat that is pointed at, where seats are large enough to be told apart. */
  #paintHovered() {
    const { hall, context, hovered } = this;
    if (hovered < 0 || !hall.isFree(hovered) || this.chosen.has(hovered) || this.pitch() < 9) return;
    context.beginPath();
    this.#shape(hovered, 46);
    context.strokeStyle = this.colours.ink;
    context.lineWidth = 10;
    context.stroke();
  }

  #shape(seat, radius) {
    const { hall, context } = this;
    const [x, y] = [hall.x[seat], hall.y[seat]];
    if (!hall.isSpecial(seat)) context.arc(x, y, radius, 0, TURN);
    else context.roundRect(x - radius, y - radius, 2 * radius, 2 * radius, radius * 0.35);
  }

  /** A chosen seat: with a check mark, and never too small to be found. */
  #paintChosen(seat) {
    const { hall, context, colours } = this;
    const isFar = this.pitch() < 9;
    context.beginPath();
    this.#shape(seat, isFar ? Math.max(45, 4 / this.view.scale) : 46);
    context.fillStyle = colours.chosen;
    context.fill();
    context.strokeStyle = colours.onChosen;
    if (isFar) {
      context.lineWidth = 1.2 / this.view.scale;
      context.stroke();
      return;
    }
    const [x, y] = [hall.x[seat], hall.y[seat]];
    context.beginPath();
    context.moveTo(x - 20, y + 2);
    context.lineTo(x - 5, y + 17);
    context.lineTo(x + 21, y - 15);
    context.lineWidth = 11;
    context.lineCap = context.lineJoin = "round";
    context.stroke();
  }

  #paintFocus() {
    const { hall, context } = this;
    if (this.focused < 0 || !this.isFocusShown) return;
    context.beginPath();
    context.arc(hall.x[this.focused], hall.y[this.focused], Math.max(58, 8 / this.view.scale), 0, TURN);
    context.strokeStyle = this.colours.focus;
    context.lineWidth = Math.max(12, 3 / this.view.scale);
    context.stroke();
  }
}
