/** Draws things of a document on a canvas layer: ribbons of rows, seats, tables, areas, the stage, and their words. */

import { boundsOf, middle, touches } from "./geometry.js";
import { placeKey } from "./marks.js";
import { sectionOf } from "./model.js";
import { ACCESSIBLE, COMPANION, layout } from "./seats.js";
import { t } from "./words.js";

/** Below this many pixels between neighbours seats are plain squares. */
const PITCH_NEAR = 8;
const TURN = 2 * Math.PI;
const ribbons = new WeakMap();

export class Picture {
  /** @param canvas whose style has the colours */
  constructor(canvas) {
    this.canvas = canvas;
    this.sprites = new Map();
    this.spriteSide = 0;
    this.readColours();
  }

  /** The colours of the style sheet, which follow the browser's colour scheme. */
  readColours() {
    const style = getComputedStyle(this.canvas);
    const token = (name) => style.getPropertyValue(`--${name}`).trim();
    this.colours = {
      ground: token("map-ground"), row: token("map-row"), stage: token("map-stage"), ink: token("map-ink"), soft: token("map-ink-soft"),
      label: token("map-label"), chosen: token("map-chosen"), onChosen: token("map-on-chosen"), focus: token("focus"), bad: token("bad"), line: token("line"), accent: token("accent"),
    };
    this.font = style.fontFamily;
    this.sprites.clear();
  }

  /**
   * @param context of the layer, in device pixels
   * @param frame `{ left, top, scale, ratio, width, height }`: what the layer shows
   * @param things those to draw
   * @param state `{ doc, selected, seats, faulty }`
   */
  paint(context, frame, things, state) {
    const seen = { left: frame.left, top: frame.top, right: frame.left + frame.width / frame.scale, bottom: frame.top + frame.height / frame.scale };
    const visible = things.filter((thing) => {
      const box = boundsOf(thing);
      return box && touches(box, seen);
    });
    const scale = frame.scale * frame.ratio;
    const toSheet = () => context.setTransform(scale, 0, 0, scale, -frame.left * scale, -frame.top * scale);
    toSheet();
    for (const thing of visible) if (thing.outline) this.#outline(context, frame, thing, state);
    this.#ribbons(context, visible, state);
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.#seats(context, frame, visible, state, seen);
    context.setTransform(frame.ratio, 0, 0, frame.ratio, 0, 0);
    for (const thing of visible) this.#words(context, frame, thing);
  }

  #outline(context, frame, thing, { doc, selected }) {
    const path = outlinePath(thing);
    const isSelected = selected.has(thing.id);
    const colour = thing.kind === "stage" ? this.colours.stage : (colourOf(doc, thing.price ?? sectionOf(doc, thing)?.price) ?? this.colours.bad);
    context.globalAlpha = thing.kind === "stage" ? 1 : 0.22;
    context.fillStyle = colour;
    context.fill(path);
    context.globalAlpha = 1;
    context.strokeStyle = isSelected ? this.colours.focus : thing.kind === "stage" ? this.colours.soft : colour;
    context.lineWidth = (isSelected ? 2.5 : 1.5) / frame.scale;
    context.stroke(path);
  }

  #ribbons(context, things, { selected, faulty }) {
    context.lineCap = context.lineJoin = "round";
    const rounds = [
      [this.colours.row, 1.1, (thing) => !selected.has(thing.id)],
      [this.colours.focus, 1.3, (thing) => selected.has(thing.id)],
    ];
    for (const [colour, width, isOf] of rounds) {
      context.strokeStyle = context.fillStyle = colour;
      context.globalAlpha = colour === this.colours.focus ? 0.32 : 1;
      context.lineWidth = width;
      for (const thing of things) if (!thing.outline && isOf(thing)) this.#ribbon(context, thing);
    }
    context.globalAlpha = 0.3;
    context.strokeStyle = this.colours.bad;
    context.lineWidth = 1.3;
    for (const thing of things) if (!thing.outline && faulty.has(thing.id) && thing.kind !== "tables") context.stroke(ribbonOf(thing));
    context.globalAlpha = 1;
    context.fillStyle = this.colours.stage;
    for (const thing of things) {
      if (thing.kind !== "tables") continue;
      for (const [x, y] of layout(thing).middles) {
        context.beginPath();
        context.arc(x, y, Math.max(0.2, thing.radius - 0.55), 0, TURN);
        context.fill();
      }
    }
  }

  #ribbon(context, thing) {
    if (thing.kind !== "tables") {
      context.stroke(ribbonOf(thing));
      return;
    }
    for (const [x, y] of layout(thing).middles) {
      context.beginPath();
      context.arc(x, y, thing.radius + 0.55, 0, TURN);
      context.fill();
    }
  }

  #seats(context, frame, things, { doc, seats, selected }, seen) {
    const scale = frame.scale * frame.ratio;
    const isNear = frame.scale >= PITCH_NEAR;
    const side = isNear ? Math.ceil(scale * 0.86) : Math.max(1, scale * 0.72);
    if (isNear && this.spriteSide !== side) {
      this.spriteSide = side;
      this.sprites.clear();
    }
    const colours = new Map(doc.categories.map((category) => [category.key, category.color]));
    let last = "";
    for (const thing of things) {
      const laid = layout(thing);
      const usual = sectionOf(doc, thing)?.price ?? null;
      const chosen = seats.get(thing.id);
      for (let seat = 0; seat < laid.length; seat++) {
        const [x, y] = [laid.x[seat], laid.y[seat]];
        if (x < seen.left - 1 || x > seen.right + 1 || y < seen.top - 1 || y > seen.bottom + 1) continue;
        const colour = colours.get(laid.price[seat] ?? usual) ?? "";
        const isChosen = chosen !== undefined && chosen.has(placeKey(laid.row[seat], laid.place[seat]));
        const [px, py] = [(x - frame.left) * scale, (y - frame.top) * scale];
        if (isNear) {
          const sprite = this.#sprite(colour, laid.flags[seat] & 3, isChosen);
          context.drawImage(sprite, Math.round(px - sprite.width / 2), Math.round(py - sprite.height / 2));
        } else {
          const shown = isChosen ? this.colours.chosen : colour || this.colours.bad;
          if (shown !== last) context.fillStyle = last = shown;
          context.fillRect(px - side / 2, py - side / 2, side, side);
        }
      }
      if (isNear && (selected.has(thing.id) || chosen)) this.#gaps(context, frame, laid, scale);
    }
    if (frame.scale >= 20) this.#numbers(context, frame, things, doc, seen, scale);
  }

  /** Where a block leaves seats out. */
  #gaps(context, frame, laid, scale) {
    context.strokeStyle = this.colours.soft;
    context.lineWidth = frame.ratio;
    context.setLineDash([2 * frame.ratio, 2 * frame.ratio]);
    for (const gap of laid.gaps) {
      context.beginPath();
      context.arc((gap.x - frame.left) * scale, (gap.y - frame.top) * scale, scale * 0.3, 0, TURN);
      context.stroke();
    }
    context.setLineDash([]);
  }

  #sprite(colour, kind, isChosen) {
    const key = `${colour} ${kind} ${isChosen}`;
    let sprite = this.sprites.get(key);
    if (sprite) return sprite;
    const side = this.spriteSide;
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
    if (kind !== 0) mark(context, at, side, kind, colour ? inkOn(colour) : this.colours.ink);
    if (isChosen) {
      context.beginPath();
      context.arc(at, at, side / 2 + 0.5, 0, TURN);
      context.strokeStyle = this.colours.chosen;
      context.lineWidth = Math.max(2, side * 0.16);
      context.stroke();
    }
    this.sprites.set(key, sprite);
    return sprite;
  }

  #numbers(context, frame, things, doc, seen, scale) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `600 ${scale * 0.34}px ${this.font}`;
    for (const thing of things) {
      const laid = layout(thing);
      const usual = sectionOf(doc, thing)?.price ?? null;
      for (let seat = 0; seat < laid.length; seat++) {
        const [x, y] = [laid.x[seat], laid.y[seat]];
        if ((laid.flags[seat] & 3) !== 0 || x < seen.left || x > seen.right || y < seen.top || y > seen.bottom) continue;
        const colour = colourOf(doc, laid.price[seat] ?? usual);
        context.fillStyle = colour ? inkOn(colour) : this.colours.ink;
        context.fillText(laid.number(seat), (x - frame.left) * scale, (y - frame.top) * scale + scale * 0.02, scale * 0.7);
      }
    }
  }

  #words(context, frame, thing) {
    const at = (x, y) => [(x - frame.left) * frame.scale, (y - frame.top) * frame.scale];
    if (thing.outline) {
      const box = boundsOf(thing);
      const room = (box.right - box.left) * frame.scale - 8;
      const [x, y] = at(...middle(box));
      const lines = thing.kind === "stage" ? [thing.label] : [thing.name, t("people", { count: thing.capacity })];
      lines.forEach((line, nth) => this.#word(context, line, x, y + (nth - (lines.length - 1) / 2) * 18, nth === 0 ? 14 : 12, room));
      return;
    }
    if (frame.scale < 10) return;
    const size = Math.min(14, frame.scale * 0.5);
    const laid = layout(thing);
    if (thing.kind === "tables") {
      laid.middles.forEach(([x, y], nth) => this.#word(context, laid.rows[nth], ...at(x, y), size, Math.max(24, thing.radius * 1.6 * frame.scale)));
      return;
    }
    for (const end of rowEnds(thing)) this.#word(context, laid.rows[end.row], ...at(end.x, end.y), size, Infinity);
  }

  #word(context, text, x, y, size, room) {
    context.font = `600 ${size}px ${this.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (context.measureText(text).width > room) return;
    context.fillStyle = this.colours.soft;
    context.fillText(text, x, y);
  }
}

const ends = new WeakMap();

/** Where a row's label stands: one seat beyond each end. */
function rowEnds(thing) {
  let known = ends.get(thing);
  if (known) return known;
  known = [];
  const laid = layout(thing);
  for (let first = 0; first < laid.length; ) {
    let last = first;
    while (last + 1 < laid.length && laid.row[last + 1] === laid.row[first]) last++;
    for (const [end, next] of [[first, Math.min(first + 1, last)], [last, Math.max(last - 1, first)]]) {
      const away = Math.hypot(laid.x[end] - laid.x[next], laid.y[end] - laid.y[next]);
      const [dx, dy] = away > 0 ? [(laid.x[end] - laid.x[next]) / away, (laid.y[end] - laid.y[next]) / away] : [end === first && end !== last ? -1 : 1, 0];
      known.push({ row: laid.row[first], x: laid.x[end] + dx * 0.95, y: laid.y[end] + dy * 0.95 });
    }
    first = last + 1;
  }
  ends.set(thing, known);
  return known;
}

/** A line through the seats of each row. */
function ribbonOf(thing) {
  let path = ribbons.get(thing);
  if (path) return path;
  path = new Path2D();
  const laid = layout(thing);
  for (let seat = 0; seat < laid.length; seat++) {
    const isNext = seat > 0 && laid.row[seat] === laid.row[seat - 1] && Math.hypot(laid.x[seat] - laid.x[seat - 1], laid.y[seat] - laid.y[seat - 1]) < 2.6;
    if (isNext) path.lineTo(laid.x[seat], laid.y[seat]);
    else {
      path.moveTo(laid.x[seat], laid.y[seat]);
      // A lone seat is a dot: lines without length are not drawn.
      path.lineTo(laid.x[seat] + 0.001, laid.y[seat]);
    }
  }
  ribbons.set(thing, path);
  return path;
}

export function outlinePath({ outline }) {
  const path = new Path2D();
  outline.forEach(([x, y], at) => (at === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
  return path;
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

function colourOf(doc, key) {
  return doc.categories.find((category) => category.key === key)?.color;
}

const inks = new Map();

/** Black or white, whichever reads better on a colour (WCAG relative luminance). */
function inkOn(colour) {
  if (!inks.has(colour)) {
    const linear = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    inks.set(colour, 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.22 ? "#111111" : "#ffffff");
  }
  return inks.get(colour);
}
