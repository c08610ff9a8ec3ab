/** Seats as small pictures, which are drawn faster than circles. */

import { ACCESSIBLE, COMPANION, RESTRICTED } from "./seats.js";

const TURN = 2 * Math.PI;

export class Sprites {
  constructor() {
    Object.assign(this, { side: 0, colours: null, made: new Map() });
  }

  /** What is asked for is of this size and these colours. */
  begin(side, colours) {
    if (side === this.side && colours === this.colours) return;
    Object.assign(this, { side, colours });
    this.made.clear();
  }

  /** @param flags of the seat: 0, ACCESSIBLE or COMPANION, with RESTRICTED if it is */
  get(colour, flags, isChosen) {
    const key = `${colour} ${flags} ${isChosen}`;
    const kind = flags & (ACCESSIBLE | COMPANION);
    let sprite = this.made.get(key);
    if (sprite) return sprite;
    const { side } = this;
    sprite = document.createElement("canvas");
    sprite.width = sprite.height = side + 4;
    const context = sprite.getContext("2d");
    const at = sprite.width / 2;
    const radius = side / 2 - 0.5;
    context.beginPath();
    if (kind === 0) context.arc(at, at, radius, 0, TURN);
    else context.roundRect(at - radius, at - radius, 2 * radius, 2 * radius, radius * 0.35);
    if (colour) {
      context.fillStyle = colour;
      context.fill();
    } else {
      context.fillStyle = this.colours.label;
      context.fill();
      context.strokeStyle = this.colours.bad;
      context.lineWidth = Math.max(1, side * 0.1);
      context.stroke();
    }
    if (flags & RESTRICTED) cutOff(context, at, radius);
    if (kind !== 0) mark(context, at, side, kind, colour ? inkOn(colour) : this.colours.ink);
    if (isChosen) {
      context.beginPath();
      context.arc(at, at, side / 2 + 0.5, 0, TURN);
      context.strokeStyle = this.colours.chosen;
      context.lineWidth = Math.max(2, side * 0.16);
      context.stroke();
    }
    this.made.set(key, sprite);
    return sprite;
  }
}

/** Cuts off the lower part of a seat, as on the customers' map. */
function cutOff(context, at, radius) {
  context.globalCompositeOperation = "destination-out";
  context.lineWidth = radius * 0.24;
  context.beginPath();
  context.moveTo(at - radius, at + radius * 0.52);
  context.lineTo(at + radius, at + radius * 0.36);
  context.stroke();
  context.globalCompositeOperation = "source-over";
}

/** A wheel for a wheelchair, a dot for a companion's seat. */
function mark(context, at, side, kind, ink) {
  context.beginPath();
  if (kind === ACCESSIBLE) {
    context.arc(at - side * 0.04, at + side * 0.1, side * 0.2, -0.4, Math.PI * 1.35);
    context.moveTo(at - side * 0.04, at - side * 0.3);
    context.lineTo(at - side * 0.04, at + side * 0.02);
    context.lineTo(at + side * 0.2, at + side * 0.02);
    context.lineTo(at + side * 0.28, at + side * 0.26);
    context.strokeStyle = ink;
    context.lineWidth = Math.max(1, side * 0.08);
    context.stroke();
  } else if (kind === COMPANION) {
    context.arc(at, at, side * 0.14, 0, TURN);
    context.fillStyle = ink;
    context.fill();
  }
}

const inks = new Map();

/** Black or white, whichever reads better on a colour (WCAG relative luminance). */
export function inkOn(colour) {
  if (!inks.has(colour)) {
    const linear = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    inks.set(colour, 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.22 ? "#111111" : "#ffffff");
  }
  return inks.get(colour);
}
