/** What is written on the map: stage, areas, sections and rows, each where it has room. */

import { t } from "../texts.js";
import { extent, roomiest } from "./geometry.js";

/** Below this many pixels between neighbours, a section's name stands on its seats; above, in front of them. */
const PITCH_NEAR = 9;

export class MapWords {
  constructor(hall, view) {
    Object.assign(this, { hall, view });
    this.sections = measureSections(hall);
    this.areas = hall.areas.map((area) => roomiest(area.outline));
    this.prefix = commonPrefix(hall.sections.map((section) => section.name));
    this.widths = new Map();
  }

  look(colours, font) {
    Object.assign(this, { colours, font });
    this.widths.clear();
  }

  /** @param context with pixels of the page as units */
  draw(context) {
    const { hall, view, colours } = this;
    this.context = context;
    const pitch = view.scale * 100;
    if (hall.stage?.label) {
      const { x, y, width, height } = extent(hall.stage.outline);
      this.#word(hall.stage.label, x, y, { weight: 600, size: 13, colour: colours.soft, room: width * view.scale - 8, tall: height * view.scale });
    }
    for (const [index, area] of hall.areas.entries()) {
      const { x, y, width } = this.areas[index];
      const room = width * view.scale - 12;
      const size = Math.min(18, Math.max(12, 130 * view.scale));
      this.#word(area.name, x, y, { weight: 650, size, colour: colours.ink, room, up: size * 0.65 });
      const left = area.free > 0 ? t("places-left-in-area", { count: area.free }) : t("section-sold-out");
      this.#word(left, x, y, { weight: 500, size: size * 0.85, colour: colours.soft, room, up: -size * 0.65 });
    }
    this.#sectionNames(pitch < PITCH_NEAR);
    if (pitch >= 13) this.#rowLabels(pitch);
  }

  /** Either all names are shortened or none. */
  #sectionNames(isFar) {
    const { hall, view, colours } = this;
    const look = { weight: 650, size: isFar ? 12 : 13, colour: colours.ink, pill: true };
    const room = (index) => Math.max(this.sections[index].width, 150) * view.scale + 6;
    const areAllWhole = hall.sections.every((section, index) => this.#width(section.name, look) <= room(index));
    hall.sections.forEach((section, index) => {
      const mark = this.sections[index];
      if (Number.isNaN(mark.x)) return;
      const name = areAllWhole ? section.name : section.name.slice(this.prefix.length) || section.name;
      this.#word(name, mark.x, isFar ? mark.y : mark.front - 55 - 13 / view.scale, { ...look, room: room(index) });
    });
  }

  #rowLabels(pitch) {
    const { hall, view, colours } = this;
    const size = Math.round(Math.min(14, pitch * 0.5));
    for (const row of hall.rows) {
      const [first, second, last, before] = [row.seats[0], row.seats[1] ?? row.seats[0], row.seats.at(-1), row.seats.at(-2) ?? row.seats[0]];
      for (const [end, next] of [[first, second], [last, before]]) {
        const [endX, endY] = [hall.x[end], hall.y[end]];
        const [px, py] = [(endX - view.left) * view.scale, (endY - view.top) * view.scale];
        if (px < -100 || py < -100 || px > view.width + 100 || py > view.height + 100) continue;
        const away = Math.hypot(endX - hall.x[next], endY - hall.y[next]);
        // Single seats and rows that are told apart by wide gaps have their label on the left.
        const [dx, dy] = away > 0 ? [(endX - hall.x[next]) / away, (endY - hall.y[next]) / away] : [-1, 0];
        this.#word(row.label, endX + dx * 88, endY + dy * 88, { weight: 600, size, colour: colours.soft, room: Infinity });
      }
    }
  }

  #width(text, { weight, size }) {
    const key = `${weight}/${size}/${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      this.context.font = `${weight} ${size}px ${this.font}`;
      width = this.context.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  /** Writes a word around a point of the map, if it is seen and there is room. */
  #word(text, x, y, { weight, size, colour, room, up = 0, pill = false, tall = Infinity }) {
    const { context, view, colours } = this;
    const width = this.#width(text, { weight, size });
    if (width > room || size > tall) return;
    const [px, py] = view.toFrame(x, y);
    if (px < -width || py < -40 || px > view.width + width || py > view.height + 40) return;
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (pill) {
      context.fillStyle = colours.label;
      context.beginPath();
      context.roundRect(px - width / 2 - 6, py - size * 0.8 - up, width + 12, size * 1.6, size * 0.8);
      context.fill();
    }
    context.font = `${weight} ${size}px ${this.font}`;
    context.fillStyle = colour;
    context.fillText(text, px, py - up + 0.5);
  }
}

function measureSections(hall) {
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

/** What all names begin with, up to a space: `Section ` of `Section 101` and `Section 102`. */
function commonPrefix(names) {
  if (names.length < 2) return "";
  let prefix = names[0];
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf(" ") + 1);
}
