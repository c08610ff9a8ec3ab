/**
 * Draws a hall on a canvas.
 *
 * From afar the seats are one bitmap, in which only what changes is painted again, so that a stadium of fifty thousand
 * costs one `drawImage` a frame. From near only the seats in sight are drawn, found by the grid. In between stand the
 * rows: a broad line through each, which together give every section its shape.
 */

import { FREE } from "./hall.js";

/** Below this many pixels between neighbours, seats are drawn from the bitmap. */
const PITCH_NEAR = 9;
const BITMAP_SIDE_MAX = 2048;
const TURN = 2 * Math.PI;
/** A person in a wheelchair, on a field of 24. */
const WHEELCHAIR = "M10.500 4.200h.01M10.500 8v6h5l2.500 5M10.500 10.800h4M8 12.300a5 5 0 1 0 6.300 6.400";

export class Picture {
  constructor(canvas, hall, view, grid) {
    Object.assign(this, { canvas, hall, view, grid });
    this.context = canvas.getContext("2d");
    this.chosen = new Set();
    this.focused = -1;
    this.hovered = -1;
    this.isFocusShown = false;
    this.wheelchair = new Path2D(WHEELCHAIR);
    this.ribbons = this.#makeRibbons();
    this.sectionMarks = this.#measureSections();
    this.areaMarks = hall.areas.map((area) => roomiest(area.outline));
    this.prefix = commonPrefix(hall.sections.map((section) => section.name));
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
    this.font = style.fontFamily;
    this.bitmap = null;
    this.draw();
  }

  /** Draws in the browser's next frame. */
  draw() {
    this.isDue ||= requestAnimationFrame(() => {
      this.isDue = 0;
      this.#paint();
    });
  }

  seatsChanged(seats) {
    if (this.bitmap) for (const seat of seats) this.#paintOnBitmap(seat);
    this.draw();
  }

  /** How many pixels there are between neighbours. */
  pitch() {
    return this.view.scale * 100;
  }

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
    this.#paintStage();
    this.#paintAreas();
    if (this.pitch() < PITCH_NEAR) this.#paintBitmap();
    else this.#paintSeats();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#paintWords();
  }

  #paintStage() {
    const { context, hall, colours } = this;
    if (!hall.stage) return;
    context.fillStyle = colours.stage;
    context.fill(outline(hall.stage.outline));
  }

  #paintAreas() {
    const { context, hall } = this;
    for (const area of hall.areas) {
      const path = outline(area.outline);
      const colour = area.free > 0 ? hall.categories[area.category].color : this.colours.taken;
      context.globalAlpha = 0.22;
      context.fillStyle = colour;
      context.fill(path);
      context.globalAlpha = 1;
      context.strokeStyle = colour;
      context.lineWidth = Math.max(8, 1.5 / this.view.scale);
      context.stroke(path);
    }
  }

  #makeRibbons() {
    const { hall } = this;
    const path = new Path2D();
    for (const row of hall.rows) {
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
        last = seat;
      });
      if (last >= 0) path.lineTo(hall.x[last], hall.y[last]);
    }
    return path;
  }

  #paintRibbons(context) {
    context.strokeStyle = this.colours.row;
    context.lineWidth = 150;
    context.lineCap = context.lineJoin = "round";
    context.stroke(this.ribbons);
  }

  #paintBitmap() {
    const { hall, context } = this;
    this.bitmap ??= this.#makeBitmap();
    context.drawImage(this.bitmap.canvas, 0, 0, this.bitmap.canvas.width / this.bitmap.scale, this.bitmap.canvas.height / this.bitmap.scale);
    for (const seat of this.chosen) {
      const radius = Math.max(45, 4 / this.view.scale);
      context.fillStyle = this.colours.chosen;
      context.beginPath();
      context.arc(hall.x[seat], hall.y[seat], radius, 0, TURN);
      context.fill();
      context.strokeStyle = this.colours.onChosen;
      context.lineWidth = radius * 0.3;
      context.stroke();
    }
    this.#paintFocus();
  }

  #makeBitmap() {
    const { hall } = this;
    const scale = Math.min(BITMAP_SIDE_MAX / hall.width, BITMAP_SIDE_MAX / hall.height, 0.2);
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(hall.width * scale);
    canvas.height = Math.ceil(hall.height * scale);
    const context = canvas.getContext("2d");
    this.bitmap = { canvas, context, scale };
    context.scale(scale, scale);
    this.#paintRibbons(context);
    for (let seat = 0; seat < hall.length; seat++) this.#paintOnBitmap(seat);
    return this.bitmap;
  }

  #paintOnBitmap(seat) {
    const { hall, bitmap: { context } } = this;
    const [x, y] = [hall.x[seat], hall.y[seat]];
    const isFree = hall.status[seat] === FREE;
    context.fillStyle = this.colours.row;
    context.fillRect(x - 40, y - 40, 80, 80);
    const side = isFree ? 76 : 50;
    context.fillStyle = isFree ? hall.categories[hall.category[seat]].color : this.colours.taken;
    context.fillRect(x - side / 2, y - side / 2, side, side);
  }

  #paintSeats() {
    const { hall, view, context, colours } = this;
    this.#paintRibbons(context);
    const byCategory = hall.categories.map(() => new Path2D());
    const taken = new Path2D();
    const marked = [];
    const [right, bottom] = view.toMap(view.width, view.height);
    const seen = [];
    this.grid.within(view.left - 50, view.top - 50, right + 50, bottom + 50, (seat) => {
      seen.push(seat);
      const [x, y] = [hall.x[seat], hall.y[seat]];
      if (this.chosen.has(seat)) return;
      const isFree = hall.status[seat] === FREE;
      const path = isFree ? byCategory[hall.category[seat]] : taken;
      const radius = isFree ? (seat === this.hovered ? 46 : 40) : 24;
      if (hall.flags[seat] !== 0) {
        path.roundRect(x - radius, y - radius, 2 * radius, 2 * radius, radius * 0.35);
        if (isFree) marked.push(seat);
      } else {
        path.moveTo(x + radius, y);
        path.arc(x, y, radius, 0, TURN);
      }
    });
    context.fillStyle = colours.taken;
    context.fill(taken);
    byCategory.forEach((path, category) => {
      context.fillStyle = hall.categories[category].color;
      context.fill(path);
    });
    this.#paintMarks(marked);
    this.#paintNumbers(seen);
    for (const seat of this.chosen) this.#paintChosen(seat);
    this.#paintFocus();
  }

  /** Wheelchair spaces and their companions' seats. */
  #paintMarks(seats) {
    const { hall, context } = this;
    if (this.pitch() < 14) return;
    for (const seat of seats) {
      const [x, y] = [hall.x[seat], hall.y[seat]];
      context.strokeStyle = context.fillStyle = inkOn(hall.categories[hall.category[seat]].color);
      if (hall.isAccessible(seat)) {
        context.save();
        context.translate(x - 33, y - 33);
        context.scale(66 / 24, 66 / 24);
        context.lineWidth = 2.2;
        context.stroke(this.wheelchair);
        context.restore();
      } else {
        context.beginPath();
        context.arc(x, y, 12, 0, TURN);
        context.fill();
      }
    }
  }

  #paintNumbers(seats) {
    const { hall, context } = this;
    if (this.pitch() < 26) return;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `600 34px ${this.font}`;
    for (const seat of seats) {
      if (hall.status[seat] !== FREE || this.chosen.has(seat) || hall.flags[seat] !== 0) continue;
      context.fillStyle = inkOn(hall.categories[hall.category[seat]].color);
      context.fillText(hall.numbers[seat], hall.x[seat], hall.y[seat] + 2, 70);
    }
  }

  #paintChosen(seat) {
    const { hall, context, colours } = this;
    const [x, y] = [hall.x[seat], hall.y[seat]];
    context.beginPath();
    if (hall.flags[seat] === 0) context.arc(x, y, 46, 0, TURN);
    else context.roundRect(x - 46, y - 46, 92, 92, 16);
    context.fillStyle = colours.chosen;
    context.fill();
    context.beginPath();
    context.moveTo(x - 20, y + 2);
    context.lineTo(x - 5, y + 17);
    context.lineTo(x + 21, y - 15);
    context.strokeStyle = colours.onChosen;
    context.lineWidth = 11;
    context.lineCap = context.lineJoin = "round";
    context.stroke();
  }

  #paintFocus() {
    const { hall, context } = this;
    if (this.focused < 0 || !this.isFocusShown) return;
    const radius = Math.max(58, 8 / this.view.scale);
    context.beginPath();
    context.arc(hall.x[this.focused], hall.y[this.focused], radius, 0, TURN);
    context.strokeStyle = this.colours.focus;
    context.lineWidth = Math.max(12, 3 / this.view.scale);
    context.stroke();
  }

  #measureSections() {
    const { hall } = this;
    return hall.sections.map((section) => {
      let [left, right, top, bottom, sumX, sumY, seats] = [Infinity, -Infinity, Infinity, -Infinity, 0, 0, 0];
      for (const row of section.rows) {
        for (const seat of hall.rows[row].seats) {
          const [x, y] = [hall.x[seat], hall.y[seat]];
          [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
          sumX += x;
          sumY += y;
          seats++;
        }
      }
      const x = sumX / seats;
      // The front is where the middle of the section has its first seat.
      let front = bottom;
      for (const row of section.rows) {
        for (const seat of hall.rows[row].seats) if (Math.abs(hall.x[seat] - x) < 160) front = Math.min(front, hall.y[seat]);
      }
      return { x, y: sumY / seats, width: right - left, height: bottom - top, front };
    });
  }

  #paintWords() {
    const { hall, view, colours } = this;
    const pitch = this.pitch();
    if (hall.stage?.label) {
      const { x, y, width, height } = extent(hall.stage.outline);
      this.#word(hall.stage.label, x, y, { weight: 600, size: 13, colour: colours.soft, room: width * view.scale - 8, tall: height * view.scale });
    }
    for (const [index, area] of hall.areas.entries()) {
      const { x, y, width } = this.areaMarks[index];
      const room = width * view.scale - 12;
      const size = Math.min(18, Math.max(12, 130 * view.scale));
      this.#word(area.name, x, y, { weight: 650, size, colour: colours.ink, room, up: size * 0.65 });
      const left = area.free > 0 ? `${area.free.toLocaleString("en-US")} left` : "sold out";
      this.#word(left, x, y, { weight: 500, size: size * 0.85, colour: colours.soft, room, up: -size * 0.65 });
    }
    this.#paintSectionNames(pitch < PITCH_NEAR);
    if (pitch >= 13) this.#paintRowLabels(pitch);
  }

  /** From afar a section's name stands on its seats, from near in front of them. Either all are shortened or none. */
  #paintSectionNames(isFar) {
    const { hall, view, context, colours } = this;
    const look = { weight: 650, size: isFar ? 12 : 13, colour: colours.ink, pill: true };
    context.font = `${look.weight} ${look.size}px ${this.font}`;
    const room = (index) => Math.max(this.sectionMarks[index].width, 150) * view.scale + 6;
    const areAllWhole = hall.sections.every((section, index) => context.measureText(section.name).width <= room(index));
    hall.sections.forEach((section, index) => {
      const mark = this.sectionMarks[index];
      if (Number.isNaN(mark.x)) return;
      const name = areAllWhole ? section.name : section.name.slice(this.prefix.length) || section.name;
      this.#word(name, mark.x, isFar ? mark.y : mark.front - 55 - 13 / view.scale, { ...look, room: room(index) });
    });
  }

  #paintRowLabels(pitch) {
    const { hall, view, colours } = this;
    for (const row of hall.rows) {
      const [first, second, last, before] = [row.seats[0], row.seats[1] ?? row.seats[0], row.seats.at(-1), row.seats.at(-2) ?? row.seats[0]];
      for (const [end, next] of [[first, second], [last, before]]) {
        const away = Math.hypot(hall.x[end] - hall.x[next], hall.y[end] - hall.y[next]);
        // Single seats and rows that are told apart by wide gaps have their label on the left.
        const [dx, dy] = away > 0 ? [(hall.x[end] - hall.x[next]) / away, (hall.y[end] - hall.y[next]) / away] : [-1, 0];
        const [x, y] = [hall.x[end] + dx * 88, hall.y[end] + dy * 88];
        const [px, py] = view.toFrame(x, y);
        if (px < 0 || py < 0 || px > view.width || py > view.height) continue;
        this.#word(row.label, x, y, { weight: 600, size: Math.min(14, pitch * 0.5), colour: colours.soft, room: Infinity });
      }
    }
  }

  /** Writes a word around a point of the map; false if there is not enough room. */
  #word(text, x, y, { weight, size, colour, room, up = 0, pill = false, tall = Infinity }) {
    const { context, view, colours } = this;
    context.font = `${weight} ${size}px ${this.font}`;
    const width = context.measureText(text).width;
    if (width > room || size > tall) return false;
    const [px, py] = view.toFrame(x, y);
    if (px < -width || py < -40 || px > view.width + width || py > view.height + 40) return true;
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (pill) {
      context.fillStyle = colours.label;
      context.beginPath();
      context.roundRect(px - width / 2 - 6, py - size * 0.8 - up, width + 12, size * 1.6, size * 0.8);
      context.fill();
    }
    context.fillStyle = colour;
    context.fillText(text, px, py - up + 0.5);
    return true;
  }
}

function outline(points) {
  const path = new Path2D();
  points.forEach(([x, y], at) => (at === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
  return path;
}

function extent(points) {
  const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
}

/** Where in a polygon a word has most room, which for a U is not its middle; and how wide the polygon is there. */
function roomiest(points) {
  const STEPS = 24;
  const all = extent(points);
  const edges = points.map((point, at) => [point, points[(at + 1) % points.length]]);
  let best = { x: all.x, y: all.y, width: all.width };
  let most = 0;
  for (let step = 1; step < STEPS; step++) {
    const y = all.y - all.height / 2 + (all.height * step) / STEPS;
    // Where edges cross a horizontal line; between pairs of crossings the polygon is inside.
    const crossings = edges
      .filter(([[, y1], [, y2]]) => y1 > y !== y2 > y)
      .map(([[x1, y1], [x2, y2]]) => x1 + ((x2 - x1) * (y - y1)) / (y2 - y1))
      .sort((left, right) => left - right);
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const width = crossings[at + 1] - crossings[at];
      const x = crossings[at] + width / 2;
      const room = Math.min(...edges.map((edge) => distance(x, y, edge)));
      // Among equals the one nearest to the middle.
      if (room - Math.abs(y - all.y) * 0.001 > most) {
        most = room;
        best = { x, y, width };
      }
    }
  }
  return best;
}

/** How far a point is from a line between two others. */
function distance(x, y, [[x1, y1], [x2, y2]]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

/** What all names begin with, up to a space: `Section ` of `Section 101` and `Section 102`. */
function commonPrefix(names) {
  if (names.length < 2) return "";
  let prefix = names[0];
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf(" ") + 1);
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
