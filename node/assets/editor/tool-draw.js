/** Draws: what is dragged out follows the pointer, with its count, and stands when the pointer is let go. */

import { keyFor, nameFor } from "./changes.js";
import { draw } from "./drawing.js";
import { between, corners } from "./geometry.js";
import { paintGhost } from "./ghost.js";
import { capacity, thing } from "./model.js";
import { snapped } from "./snapping.js";
import { blockIn, rowBetween, tablesIn } from "./suggest.js";
import { t, texts } from "./tool-words.js";

/** A tool that makes a thing out of two points. */
class DragTool {
  /** @param make `(doc, section, from, to)` → the thing, or null if the two are too near */
  constructor(editor, camera, sheet, words, make) {
    Object.assign(this, { editor, camera, sheet, words, make });
    this.from = null;
    this.ghost = null;
  }

  cursor = "crosshair";

  down(point) {
    this.from = snapped(this.editor, point);
    this.ghost = null;
  }

  move(point, event, isStill) {
    if (!this.from || isStill) return;
    this.to = this.#end(point, event);
    this.ghost = this.make(this.editor.doc, this.editor.section, this.from, this.to);
    this.sheet.draw();
  }

  /** With the shift key in steps of 15 degrees. */
  #end(point, event) {
    const to = snapped(this.editor, point);
    if (!event.shiftKey) return to;
    const angle = (Math.round(Math.atan2(to[1] - this.from[1], to[0] - this.from[0]) / (Math.PI / 12)) * Math.PI) / 12;
    const length = Math.hypot(to[0] - this.from[0], to[1] - this.from[1]);
    return [this.from[0] + Math.cos(angle) * length, this.from[1] + Math.sin(angle) * length];
  }

  up(point, event, isStill) {
    const { editor, from } = this;
    const to = isStill ? from : this.#end(point, event);
    this.cancel();
    if (!from) return;
    const before = editor.doc;
    draw(editor, t(this.words), (section, doc) => {
      const made = this.make(doc, section, from, to);
      return made ? [made].flat() : [];
    });
    const [made] = editor.things();
    if (!made || editor.doc === before) return;
    // Rows and tables are mostly drawn one after the other.
    if (made.kind !== "row" && made.kind !== "tables") editor.use("select");
    editor.say(t("editor-said-drawn", { what: texts.word("editor-a", made.kind), count: capacity(made) }));
  }

  cancel() {
    this.from = this.ghost = null;
    this.sheet.draw();
  }

  overlay(context, camera, colours) {
    if (this.ghost) paintGhost(context, camera, colours, [this.ghost].flat()[0]);
  }
}

const far = (from, to, least) => Math.abs(to[0] - from[0]) >= least || Math.abs(to[1] - from[1]) >= least;

/** How a thing is made of two points, with the words for the step. One table where is pressed, a grid where is dragged. */
const MAKE = {
  block: ["editor-did-block", (doc, section, from, to) => (far(from, to, 0.9) ? blockIn(doc, section, between(from, to), false) : null)],
  curve: ["editor-did-block", (doc, section, from, to) => (far(from, to, 0.9) ? blockIn(doc, section, between(from, to), true) : null)],
  row: ["editor-did-row", (doc, section, from, to) => (far(from, to, 0.7) ? rowBetween(doc, section, from, to) : null)],
  tables: ["editor-did-tables", (doc, section, from, to) => tablesIn(doc, section, between(from, to))],
  stage: ["editor-did-stage", (_doc, _section, from, to) => (far(from, to, 0.9) ? thing("stage", { label: t("editor-stage"), outline: corners(between(from, to)) }) : null)],
};

export function makeTool(name, editor, camera, sheet) {
  return name === "area" ? new AreaTool(editor, camera, sheet) : new DragTool(editor, camera, sheet, ...MAKE[name]);
}

/** An area: a rectangle that is dragged, or a polygon whose corners are pressed one by one. */
class AreaTool {
  constructor(editor, camera, sheet) {
    Object.assign(this, { editor, camera, sheet });
    this.points = [];
    this.from = this.to = null;
  }

  cursor = "crosshair";

  hover(point) {
    this.to = point && snapped(this.editor, point);
    if (this.points.length > 0) this.sheet.draw();
  }

  down(point) {
    this.from = snapped(this.editor, point);
  }

  move(point) {
    this.to = snapped(this.editor, point);
    this.sheet.draw();
  }

  up(point, event, isStill) {
    const { from } = this;
    const to = snapped(this.editor, point);
    this.from = null;
    if (!from) return;
    if (!isStill && this.points.length === 0 && far(from, to, 0.9)) return this.#finish(corners(between(from, to)));
    if (this.points.length >= 3 && this.#isFirst(point)) return this.#finish(this.points);
    this.points = [...this.points, from];
    this.sheet.draw();
  }

  double() {
    if (this.points.length >= 3) this.#finish(this.points);
  }

  /** @returns whether the key was for this tool */
  key(event) {
    if (event.key === "Enter" && this.points.length >= 3) this.#finish(this.points);
    else if (event.key === "Backspace" && this.points.length > 0) this.points = this.points.slice(0, -1);
    else return false;
    this.sheet.draw();
    return true;
  }

  #isFirst(point) {
    const [x, y] = this.camera.toFrame(...this.points[0]);
    return Math.hypot(x - point.px, y - point.py) < 10;
  }

  #finish(outline) {
    this.cancel();
    drawArea(this.editor, outline.filter(([x, y], at) => at === 0 || x !== outline[at - 1][0] || y !== outline[at - 1][1]));
  }

  cancel() {
    this.points = [];
    this.from = null;
    this.sheet.draw();
  }

  overlay(context, camera, colours) {
    const isBox = this.from && this.points.length === 0 && this.to;
    const outline = isBox ? corners(between(this.from, this.to)) : this.points.length > 0 && this.to ? [...this.points, this.to] : this.points;
    if (outline.length > 1) paintGhost(context, camera, colours, { kind: "area", outline });
    for (const point of this.points) {
      context.beginPath();
      context.arc(...camera.toFrame(...point), 4, 0, 2 * Math.PI);
      context.fillStyle = colours.focus;
      context.fill();
    }
  }
}

/** Adds an area with this outline. */
function drawArea(editor, outline) {
  draw(editor, t("editor-did-area"), (section, doc) => {
    const areas = doc.things.filter((one) => one.kind === "area");
    const name = nameFor(t("editor-standing"), areas.map((one) => one.name));
    return [thing("area", { section, name, key: keyFor(name, areas.map((one) => one.key)), outline })];
  });
  editor.use("select");
}
