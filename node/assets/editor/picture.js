/** Draws things of a document on a canvas layer: ribbons of rows, seats, tables, areas, the stage, and their words. */

import { boundsOf, middle, outlinePath, ribbonOf, rowEnds, touches } from "./geometry.js";
import { placeKey } from "./marks.js";
import { sectionOf } from "./model.js";
import { ACCESSIBLE, COMPANION, RESTRICTED, layout } from "./seats.js";
import { Sprites, inkOn } from "./sprites.js";
import { t } from "./words.js";

/** Below this many pixels between neighbours seats are plain squares. */
const PITCH_NEAR = 8;
const TURN = 2 * Math.PI;

export class Picture {
  /** @param canvas whose style has the colours */
  constructor(canvas) {
    this.canvas = canvas;
    this.sprites = new Sprites();
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
    this.sprites.begin(0, this.colours);
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
    context.lineCap = frame.scale >= 4 ? "round" : "square";
    context.lineJoin = frame.scale >= 4 ? "round" : "bevel";
    this.#ribbons(context, visible, state, frame.scale >= PITCH_NEAR);
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

  #ribbons(context, things, { doc, selected, faulty }, isNear) {
    const tints = new Map(doc.sections.map(({ key, color }) => [key, color && `color-mix(in srgb, ${this.colours.row} 68%, ${color})`]));
    const rounds = [
      [this.colours.row, 1.1, (thing) => !selected.has(thing.id)],
      [this.colours.focus, 1.3, (thing) => selected.has(thing.id)],
    ];
    for (const [colour, width, isOf] of rounds) {
      context.strokeStyle = context.fillStyle = colour;
      context.globalAlpha = colour === this.colours.focus ? 0.32 : 1;
      context.lineWidth = width;
      for (const thing of things) {
        if (thing.outline || !isOf(thing)) continue;
        const tint = colour === this.colours.row ? tints.get(thing.section) : undefined;
        context.strokeStyle = context.fillStyle = colour;
        // Browsers that cannot mix colours keep the plain one.
        if (tint) context.strokeStyle = context.fillStyle = tint;
        this.#ribbon(context, thing, isNear);
      }
    }
    context.globalAlpha = 0.3;
    context.strokeStyle = this.colours.bad;
    context.lineWidth = 1.3;
    for (const thing of things) if (!thing.outline && faulty.has(thing.id) && thing.kind !== "tables") context.stroke(ribbonOf(thing, isNear));
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

  #ribbon(context, thing, isNear) {
    if (thing.kind !== "tables") {
      context.stroke(ribbonOf(thing, isNear));
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
    if (isNear) this.sprites.begin(side, this.colours);
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
          const sprite = this.sprites.get(colour, laid.flags[seat] & (ACCESSIBLE | COMPANION | RESTRICTED), isChosen);
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

  #numbers(context, frame, things, doc, seen, scale) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `600 ${scale * 0.34}px ${this.font}`;
    for (const thing of things) {
      const laid = layout(thing);
      const usual = sectionOf(doc, thing)?.price ?? null;
      for (let seat = 0; seat < laid.length; seat++) {
        const [x, y] = [laid.x[seat], laid.y[seat]];
        if ((laid.flags[seat] & (ACCESSIBLE | COMPANION)) !== 0 || x < seen.left || x > seen.right || y < seen.top || y > seen.bottom) continue;
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
      const lines = thing.kind === "stage" ? [thing.label] : [thing.name, t("editor-people", { count: thing.capacity })];
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

function colourOf(doc, key) {
  return doc.categories.find((category) => category.key === key)?.color;
}
