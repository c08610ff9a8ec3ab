/**
 * Paints rows and seats on a canvas of any scale: the ground that tiles and the overview are made of.
 *
 * What is the same for many seats is drawn once, as a small picture (a *sprite*), and copied.
 */

import { FREE } from "./hall.js";

/** From so many pixels between neighbours on, seats are round; below, they are squares without a picture of their own. */
const PITCH_ROUND = 6;
const PITCH_MARKS = 14;
const PITCH_NUMBERS = 26;
const RIBBON = 150;
const EVERYWHERE = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
/** What a slice is: rows that may not be in the rectangle, and seats that are. */
const ROWS_AT_ONCE = 200;
const SEATS_AT_ONCE = 60;
const TURN = 2 * Math.PI;
/** How much is seen of seats that do not fit what somebody looks for. */
const FAINT = 0.16;
/** A person in a wheelchair, on a field of 24. */
const WHEELCHAIR = "M10.500 4.200h.01M10.500 8v6h5l2.500 5M10.500 10.800h4M8 12.300a5 5 0 1 0 6.300 6.400";

export class SeatPainter {
  /** @param fits says of a free seat whether somebody may look for it */
  constructor(hall, grid, fits) {
    Object.assign(this, { hall, grid, fits });
    this.wheelchair = new Path2D(WHEELCHAIR);
    this.rows = hall.rows.map((row) => ribbon(hall, row));
    this.sprites = new Map();
  }

  /** Takes the colours to paint with. */
  look(colours, font) {
    Object.assign(this, { colours, font });
    // Browsers that cannot mix colours leave sections without a tint: what they do not understand changes nothing.
    this.tints = this.hall.sections.map(({ color }) => color && `color-mix(in srgb, ${colours.row} 68%, ${color})`);
    this.sprites.clear();
  }

  /** Rows, from the first to the last (not included): a broad line through each, which together give every section its shape. */
  ribbons(context, first, last, { left, top, right, bottom } = EVERYWHERE) {
    context.lineWidth = RIBBON;
    context.lineCap = context.lineJoin = "round";
    for (const row of this.rows.slice(first, last)) {
      if (row.right > left - RIBBON && row.left < right + RIBBON && row.bottom > top - RIBBON && row.top < bottom + RIBBON) {
        context.strokeStyle = this.colours.row;
        if (this.tints[row.section]) context.strokeStyle = this.tints[row.section];
        context.stroke(row.path);
      }
    }
  }

  /** A seat as a square, for pictures in which it has a few pixels only. */
  square(context, seat) {
    const { hall } = this;
    const [x, y] = [hall.x[seat], hall.y[seat]];
    const isFree = hall.status[seat] === FREE;
    context.fillStyle = this.colours.row;
    const tint = this.tints[hall.row(seat).section];
    if (tint) context.fillStyle = tint;
    context.fillRect(x - 40, y - 40, 80, 80);
    const side = isFree ? 76 : 50;
    context.fillStyle = isFree ? hall.categories[hall.category[seat]].color : this.colours.taken;
    if (isFree && !this.fits(seat)) context.globalAlpha = FAINT;
    context.fillRect(x - side / 2, y - side / 2, side, side);
    context.globalAlpha = 1;
  }

  /**
   * Everything in a rectangle of the map, in slices of less than a millisecond: whoever asks says when to go on.
   * @param scale pixels of the canvas by length of the map
   * @param ratio pixels of the canvas by pixel of the page
   */
  *paint(context, box, scale, ratio) {
    const pitch = (scale * 100) / ratio;
    for (let row = 0; row < this.rows.length; row += ROWS_AT_ONCE) {
      this.ribbons(context, row, row + ROWS_AT_ONCE, box);
      yield;
    }
    const seats = [];
    this.grid.within(box.left - 60, box.top - 60, box.right + 60, box.bottom + 60, (seat) => seats.push(seat));
    for (const some of slices(seats, SEATS_AT_ONCE)) {
      for (const seat of some) {
        if (pitch < PITCH_ROUND) this.square(context, seat);
        else this.#sprite(context, seat, scale);
      }
      yield;
    }
    if (pitch < PITCH_MARKS) return;
    const free = seats.filter((seat) => this.hall.status[seat] === FREE);
    for (const some of slices(free, SEATS_AT_ONCE / 2)) {
      this.#marks(context, some);
      if (pitch >= PITCH_NUMBERS) this.#numbers(context, some);
      yield;
    }
  }

  #sprite(context, seat, scale) {
    const { hall } = this;
    const isFree = hall.status[seat] === FREE;
    const picture = this.#spriteOf(isFree ? hall.category[seat] : -1, hall.isSpecial(seat), isFree && hall.isRestricted(seat), scale);
    const side = picture.width / scale;
    if (isFree && !this.fits(seat)) context.globalAlpha = FAINT;
    context.drawImage(picture, hall.x[seat] - side / 2, hall.y[seat] - side / 2, side, side);
    context.globalAlpha = 1;
  }

  #spriteOf(category, isSquare, isRestricted, scale) {
    const key = `${scale}/${category}/${isSquare}/${isRestricted}`;
    let sprite = this.sprites.get(key);
    if (!sprite) {
      // Scales are steps, of which a zoom passes some: old ones are made again when they are needed.
      if (this.sprites.size > 200) this.sprites.clear();
      sprite = this.#makeSprite(category, isSquare, isRestricted, scale);
      this.sprites.set(key, sprite);
    }
    return sprite;
  }

  #makeSprite(category, isSquare, isRestricted, scale) {
    const radius = category < 0 ? 24 : 40;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(2 * radius * scale) + 2;
    const context = canvas.getContext("2d");
    context.translate(canvas.width / 2, canvas.height / 2);
    context.scale(scale, scale);
    context.fillStyle = category < 0 ? this.colours.taken : this.hall.categories[category].color;
    context.beginPath();
    if (isSquare) context.roundRect(-radius, -radius, 2 * radius, 2 * radius, radius * 0.35);
    else context.arc(0, 0, radius, 0, TURN);
    context.fill();
    if (isRestricted) cutOff(context, radius);
    return canvas;
  }

  /** Wheelchair spaces and their companions' seats. */
  #marks(context, seats) {
    const { hall } = this;
    for (const seat of seats) {
      if (!hall.isSpecial(seat)) continue;
      const [x, y] = [hall.x[seat], hall.y[seat]];
      context.globalAlpha = this.fits(seat) ? 1 : FAINT;
      context.strokeStyle = context.fillStyle = inkOn(hall.categories[hall.category[seat]].color);
      if (hall.isAccessible(seat)) {
        context.save();
        context.translate(x - 33, y - 33);
        context.scale(66 / 24, 66 / 24);
        context.lineWidth = 2.2;
        context.lineCap = context.lineJoin = "round";
        context.stroke(this.wheelchair);
        context.restore();
      } else {
        context.beginPath();
        context.arc(x, y, 12, 0, TURN);
        context.fill();
      }
    }
    context.globalAlpha = 1;
  }

  #numbers(context, seats) {
    const { hall } = this;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `600 34px ${this.font}`;
    for (const seat of seats) {
      if (hall.isSpecial(seat) || !this.fits(seat)) continue;
      context.fillStyle = inkOn(hall.categories[hall.category[seat]].color);
      context.fillText(hall.numbers[seat], hall.x[seat], hall.y[seat] + 2, 70);
    }
  }
}

/** Cuts off the lower part of a seat, as a rail or a head does with what is seen from it. */
function cutOff(context, radius) {
  context.globalCompositeOperation = "destination-out";
  context.lineWidth = radius * 0.24;
  context.beginPath();
  context.moveTo(-radius, radius * 0.52);
  context.lineTo(radius, radius * 0.36);
  context.stroke();
  context.globalCompositeOperation = "source-over";
}

function* slices(list, length) {
  for (let at = 0; at < list.length; at += length) yield list.slice(at, at + length);
}

/** The line through a row, broken where seats are far apart, and what it spans. */
function ribbon(hall, row) {
  const path = new Path2D();
  const span = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  let last = -1;
  row.seats.forEach((seat, at) => {
    const [x, y] = [hall.x[seat], hall.y[seat]];
    const gap = last < 0 ? Infinity : Math.hypot(x - hall.x[last], y - hall.y[last]);
    if (gap > 260) {
      if (last >= 0) path.lineTo(hall.x[last], hall.y[last]);
      path.moveTo(x, y);
      // A lone seat is a dot: lines without length are not drawn.
      path.lineTo(x + 0.1, y);
    } else if (at % 3 === 0 || at === row.seats.length - 1) {
      path.lineTo(x, y);
    }
    span.left = Math.min(span.left, x);
    span.right = Math.max(span.right, x);
    span.top = Math.min(span.top, y);
    span.bottom = Math.max(span.bottom, y);
    last = seat;
  });
  if (last >= 0) path.lineTo(hall.x[last], hall.y[last]);
  return { path, section: row.section, ...span };
}

const inks = new Map();

/** Black or white, whichever reads better on a colour (WCAG relative luminance). */
function inkOn(colour) {
  if (!inks.has(colour)) {
    const linear = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    inks.set(colour, luminance > 0.22 ? "#111111" : "#ffffff");
  }
  return inks.get(colour);
}
