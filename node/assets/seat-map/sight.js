/**
 * What one sees from a seat, as a sketch: the stage in perspective, and the heads of who sits in front. It is computed from
 * where things stand on the plan. Heights are not on the plan, so the floor is taken to rise gently from the stage. Of a
 * balcony that would be wrong, which stands above others and steeper: from there only the distance is told, and nobody who
 * sits there is in anybody's way.
 */

import { language, t } from "../texts.js";
import { extent } from "./geometry.js";

/** Metres by length of the map: neighbours sit half a metre and a little apart. */
const METRE = 0.0054;
const EYE = 1.15;
/** How much the floor rises by metre away from the stage. */
const RISE = 0.11;
/** What is seen at once: as much as an eye sees from afar, and from near as much as a head turns. */
const ANGLE = { least: (60 * Math.PI) / 180, most: (112 * Math.PI) / 180 };
/** Who sits farther in front is too small to matter. */
const HEADS_REACH = 2_000;
/** What sections are called that stand above others, in the languages of those who draw halls. */
const ABOVE = /balc|balkon|circle|galer|galler|\brang\b|\d\. ?rang|empore|loge|\bbox(es)?\b|palco|anfiteatro|amphith|mezzanin|upper|oberrang|grada alta|piso/i;
const STAGE_HEIGHT = { stage: 1, pitch: 0, screen: 1.2 };

export class Sight {
  /** @param figure with a canvas and a caption */
  constructor(figure, hall, grid) {
    Object.assign(this, { figure, hall, grid });
    this.canvas = figure.querySelector("canvas");
    this.caption = figure.querySelector("figcaption");
    this.seat = -1;
    this.isWanted = true;
    this.isAbove = hall.sections.map(({ name }) => ABOVE.test(name));
  }

  toggle() {
    this.isWanted = !this.isWanted;
    this.show(this.seat);
    return this.isWanted;
  }

  show(seat) {
    this.seat = seat;
    this.figure.hidden = seat < 0 || !this.isWanted || !this.hall.stage;
    if (this.figure.hidden) return;
    const words = this.words(seat);
    this.caption.textContent = words;
    this.canvas.setAttribute("aria-label", t("sketch-of-view", { words }));
    this.canvas.hidden = this.#standsAbove(seat);
    if (!this.canvas.hidden) this.#draw(this.#camera(seat));
  }

  /** `About 18 m from: Stage` */
  words(seat) {
    const { stage } = this.hall;
    const metres = this.#toStage(seat) * METRE;
    const rounded = metres < 10 ? Math.max(1, Math.round(metres)) : Math.round(metres / 5) * 5;
    const distance = new Intl.NumberFormat(language, { style: "unit", unit: "meter" }).format(rounded);
    return t("about-from-stage", { distance, stage: stage.label || t(`stage-${stage.shape}`) });
  }

  #standsAbove(seat) {
    return this.isAbove[this.hall.row(seat).section];
  }

  /** From a seat to the nearest point of the stage. */
  #toStage(seat) {
    const { outline } = this.hall.stage;
    const [x, y] = [this.hall.x[seat], this.hall.y[seat]];
    return outline.reduce((least, [x1, y1], at) => {
      const [x2, y2] = outline[(at + 1) % outline.length];
      const [dx, dy] = [x2 - x1, y2 - y1];
      const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
      return Math.min(least, Math.hypot(x - x1 - along * dx, y - y1 - along * dy));
    }, Infinity);
  }

  /** Where the eye is, where it looks, and how a point in the hall comes to a place on the canvas. */
  #camera(seat) {
    const { hall, canvas } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [canvas.clientWidth || 176, canvas.clientHeight || 104];
    Object.assign(canvas, { width: width * ratio, height: height * ratio });
    const middle = extent(hall.stage.outline);
    const [x, y] = [hall.x[seat], hall.y[seat]];
    const far = Math.hypot(middle.x - x, middle.y - y) || 1;
    const [forwardX, forwardY] = [(middle.x - x) / far, (middle.y - y) / far];
    const eye = EYE + this.#floor(seat);
    const angle = Math.min(ANGLE.most, Math.max(ANGLE.least, 2.5 * Math.atan(Math.max(middle.width, middle.height) / 2 / far)));
    const zoom = width / 2 / Math.tan(angle / 2);
    const level = STAGE_HEIGHT[hall.stage.shape] ?? 1;
    // The middle of what is looked at stands a little above the middle of the picture.
    const horizon = height * 0.46 - (zoom * (eye - level - 1.5)) / (far * METRE);
    const project = (px, py, metres) => {
      const [dx, dy] = [(px - x) * METRE, (py - y) * METRE];
      const ahead = Math.max(0.4, dx * forwardX + dy * forwardY);
      const aside = -dx * forwardY + dy * forwardX;
      return { x: width / 2 + (zoom * aside) / ahead, y: horizon + (zoom * (eye - metres)) / ahead, ahead, size: zoom / ahead };
    };
    return { seat, ratio, width, height, project, level, horizon };
  }

  #floor(seat) {
    return RISE * Math.max(0, this.#toStage(seat) * METRE - 4);
  }

  #draw(camera) {
    const { canvas, hall } = this;
    const { ratio, width, height, project, level, horizon } = camera;
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(`--map-${name}`).trim();
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = colour("ground");
    context.fillRect(0, 0, width, height);
    context.fillStyle = colour("row");
    context.fillRect(0, horizon, width, height - horizon);
    const fill = (points, name) => {
      context.beginPath();
      points.forEach((point, at) => (at === 0 ? context.moveTo(point.x, point.y) : context.lineTo(point.x, point.y)));
      context.closePath();
      context.fillStyle = colour(name);
      context.fill();
    };
    const { outline, shape } = hall.stage;
    const floor = outline.map(([x, y]) => project(x, y, level));
    const edges = outline.map((_point, at) => [at, (at + 1) % outline.length]);
    const far = (edge) => edge.reduce((sum, at) => sum + floor[at].ahead, 0);
    const halfway = edges.reduce((sum, edge) => sum + far(edge), 0) / edges.length;
    const wall = (heights, edge, name) => fill([heights[0][edge[0]], heights[0][edge[1]], heights[1][edge[1]], heights[1][edge[0]]], name);
    // What closes the stage behind, or what the screen is: as high as it is wide by a third. In front it is open.
    const span = extent(outline);
    const tall = shape === "pitch" ? 0 : level + Math.max(span.width, span.height) * METRE * (shape === "screen" ? 0.42 : 0.36);
    if (tall > 0) {
      const roof = outline.map(([x, y]) => project(x, y, tall));
      const behind = edges.filter((edge) => far(edge) > halfway).sort((one, other) => far(other) - far(one));
      for (const edge of behind) wall([floor, roof], edge, shape === "screen" ? "label" : "taken");
    }
    if (level > 0) {
      const ground = outline.map(([x, y]) => project(x, y, 0));
      for (const edge of edges.filter((edge) => far(edge) <= halfway)) wall([ground, floor], edge, "ink-soft");
    }
    fill(floor, "stage");
    this.#people(context, camera, colour);
  }

  /** On the stage, so that one sees how large people are there; and in the rows in front. */
  #people(context, { seat, project, level }, colour) {
    const { hall } = this;
    const span = extent(hall.stage.outline);
    if (hall.stage.shape !== "screen") {
      for (const at of [-0.25, 0, 0.22]) {
        person(context, project(span.x + span.width * at, span.y + span.height * at * 0.4, level), colour("ink"));
      }
    }
    const heads = [];
    const [x, y] = [hall.x[seat], hall.y[seat]];
    this.grid.within(x - HEADS_REACH, y - HEADS_REACH, x + HEADS_REACH, y + HEADS_REACH, (other) => {
      if (other === seat || this.#standsAbove(other)) return;
      const head = project(hall.x[other], hall.y[other], EYE - 0.08 + this.#floor(other));
      if (head.ahead > 0.5) heads.push(head);
    });
    heads.sort((one, other) => other.ahead - one.ahead);
    context.fillStyle = colour("taken");
    context.strokeStyle = colour("ground");
    context.lineWidth = 0.75;
    for (const head of heads) {
      context.beginPath();
      context.ellipse(head.x, head.y, head.size * 0.1, head.size * 0.13, 0, 0, 2 * Math.PI);
      context.roundRect(head.x - head.size * 0.21, head.y + head.size * 0.14, head.size * 0.42, head.size * 0.6, head.size * 0.12);
      context.fill();
      context.stroke();
    }
  }
}

/** Somebody who stands: 1.75 m. */
function person(context, { x, y, size }, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.ellipse(x, y - size * 1.6, size * 0.12, size * 0.15, 0, 0, 2 * Math.PI);
  context.roundRect(x - size * 0.23, y - size * 1.42, size * 0.46, size * 0.75, size * 0.15);
  context.rect(x - size * 0.17, y - size * 0.75, size * 0.34, size * 0.75);
  context.fill();
}
