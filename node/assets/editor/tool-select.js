/** Selects things and moves and turns them. */

import { turnSelected } from "./actions.js";
import { moved } from "./arrange.js";
import { replace } from "./changes.js";
import { between, middle, plainAngle } from "./geometry.js";
import { paintCount } from "./ghost.js";
import { rowOf, seatAt, thingAt, thingsWithin } from "./hits.js";
import { frame, paintMarquee } from "./marquee.js";
import { corner, pulled, resizable } from "./resize.js";
import { layout } from "./seats.js";
import { linesOf, settled, snapped } from "./snapping.js";
import { t } from "./tool-words.js";

/** How far above the selection its handle for turning is, in pixels. */
const HANDLE = 26;

class SelectTool {
  constructor(editor, camera, sheet) {
    Object.assign(this, { editor, camera, sheet });
    this.act = null;
  }

  get cursor() {
    if (this.act?.kind === "pull" || this.isOverCorner) return "pull";
    return this.act?.kind === "move" || this.isOverThing ? "move" : this.isOverHandle ? "turn" : "default";
  }

  /** A finger on nothing pans. */
  yields({ px, py, x, y }) {
    return !this.#isHandle(px, py) && !this.#isCorner(px, py) && !this.#thingAt(x, y);
  }

  tap() {
    this.editor.clear();
  }

  hover(point) {
    this.isOverHandle = point !== null && this.#isHandle(point.px, point.py);
    this.isOverCorner = point !== null && this.#isCorner(point.px, point.py);
    this.isOverThing = point !== null && !this.isOverHandle && !this.isOverCorner && this.#thingAt(point.x, point.y) !== null;
  }

  #thingAt(x, y) {
    return thingAt(this.editor.doc, x, y, Math.max(0.75, 6 / this.camera.scale));
  }

  down(point, event) {
    const { editor } = this;
    if (this.#isHandle(point.px, point.py)) {
      this.act = { kind: "turn", centre: middle(editor.bounds()), from: point };
      this.sheet.carry(new Set(editor.selected));
      return;
    }
    if (this.#isCorner(point.px, point.py)) {
      const start = resizable(editor);
      const [x, y] = corner(start);
      this.act = { kind: "pull", start, off: [x - point.x, y - point.y], mark: Symbol("pull") };
      return;
    }
    const thing = this.#thingAt(point.x, point.y);
    if (!thing) {
      this.act = { kind: "marquee", from: point, to: point, more: event.shiftKey };
      return;
    }
    if (event.shiftKey) editor.toggle(thing.id);
    else if (!editor.selected.has(thing.id)) editor.select([thing.id]);
    this.act = { kind: "press", from: point };
  }

  move(point, event, isStill) {
    const { act, editor } = this;
    if (act?.kind === "press" && !isStill && editor.selected.size > 0) this.#beginMove();
    if (this.act?.kind === "move") this.#move(point, event);
    if (act?.kind === "turn") this.#turn(point, event);
    if (act?.kind === "pull") this.#pull(point);
    if (act?.kind === "marquee") act.to = point;
    this.sheet.draw();
  }

  #beginMove() {
    const { editor } = this;
    this.act = { ...this.act, kind: "move", box: editor.bounds(), lines: linesOf(editor.doc, editor.selected), guides: [], dx: 0, dy: 0 };
    this.sheet.carry(new Set(editor.selected));
  }

  #move({ x, y }, event) {
    const { act, editor, camera, sheet } = this;
    let [dx, dy] = [x - act.from.x, y - act.from.y];
    // With the shift key, straight along one axis.
    if (event.shiftKey) [dx, dy] = Math.abs(dx) > Math.abs(dy) ? [dx, 0] : [0, dy];
    Object.assign(act, event.altKey ? { dx, dy, guides: [] } : settled(editor, act.box, dx, dy, act.lines, camera.scale));
    Object.assign(sheet.moving, { dx: act.dx, dy: act.dy });
  }

  #pull(point) {
    const { act, editor } = this;
    const to = snapped(editor, { x: point.x + act.off[0], y: point.y + act.off[1] });
    const next = pulled(act.start, to);
    editor.change(t("editor-did-resize"), replace(editor.doc, new Set([next.id]), () => next), act.mark);
  }

  #turn(point, event) {
    const { act, sheet } = this;
    const angleOf = ({ x, y }) => (Math.atan2(y - act.centre[1], x - act.centre[0]) * 180) / Math.PI;
    const angle = plainAngle(angleOf(point) - angleOf(act.from));
    act.angle = event.altKey ? angle : Math.round(angle / 5) * 5;
    Object.assign(sheet.moving, { angle: act.angle, centre: act.centre });
  }

  up(point, event, isStill) {
    const { act, editor } = this;
    this.act = null;
    if (!act) return;
    if (act.kind === "move") {
      this.sheet.drop();
      if (act.dx !== 0 || act.dy !== 0) editor.change(t("editor-did-move"), replace(editor.doc, editor.selected, (thing) => moved(thing, act.dx, act.dy)));
    } else if (act.kind === "turn") {
      this.sheet.drop();
      if (act.angle) turnSelected(editor, act.centre, act.angle);
    } else if (act.kind === "marquee" && isStill) {
      if (!event.shiftKey) editor.clear();
    } else if (act.kind === "marquee") {
      editor.select(thingsWithin(editor.doc, between([act.from.x, act.from.y], [act.to.x, act.to.y])).map((thing) => thing.id), { more: act.more });
    }
    this.sheet.draw();
  }

  /** Twice on a seat: its row. */
  double({ x, y }) {
    const found = seatAt(this.editor.doc, x, y);
    if (!found || found.thing.kind === "tables") return;
    this.editor.use("seats");
    this.editor.selectSeats(new Map([[found.thing.id, rowOf(found.thing, layout(found.thing).row[found.seat])]]));
  }

  cancel() {
    if (this.act?.kind === "move" || this.act?.kind === "turn") this.sheet.drop();
    this.act = null;
    this.sheet.draw();
  }

  #handle() {
    const box = this.editor.selected.size > 0 ? this.editor.bounds() : null;
    if (!box || this.editor.things().every((thing) => thing.kind === "stage")) return null;
    const [x, y] = this.camera.toFrame((box.left + box.right) / 2, box.top);
    return [x, y - HANDLE];
  }

  #isHandle(px, py) {
    const handle = this.#handle();
    return handle !== null && Math.hypot(handle[0] - px, handle[1] - py) < 12;
  }

  #corner() {
    const thing = this.editor.selected.size === 1 ? resizable(this.editor) : null;
    return thing && this.camera.toFrame(...corner(thing));
  }

  #isCorner(px, py) {
    const at = this.#corner();
    return at !== null && Math.hypot(at[0] + 4 - px, at[1] - py) < 11;
  }

  overlay(context, camera, colours) {
    const { act, editor } = this;
    context.lineWidth = 1.5;
    context.strokeStyle = context.fillStyle = colours.focus;
    if (act?.kind === "marquee") {
      paintMarquee(context, camera, colours, act.from, act.to);
      return;
    }
    const box = editor.selected.size > 0 ? editor.bounds() : null;
    if (!box) return;
    const by = act?.kind === "move" ? act : { dx: 0, dy: 0 };
    if (act?.kind !== "turn") {
      context.setLineDash([4, 3]);
      frame(context, camera, { left: box.left + by.dx - 0.2, top: box.top + by.dy - 0.2, right: box.right + by.dx + 0.2, bottom: box.bottom + by.dy + 0.2 });
      context.setLineDash([]);
    }
    if (act?.kind === "move") guides(context, camera, act.guides, colours);
    else this.#paintHandle(context, colours);
    if (act?.kind === "pull") paintCount(context, camera, colours, editor.things()[0]);
  }

  #paintHandle(context, colours) {
    const handle = this.#handle();
    if (!handle || this.act) return;
    context.beginPath();
    context.moveTo(handle[0], handle[1] + 6);
    context.lineTo(handle[0], handle[1] + HANDLE - 4);
    context.stroke();
    context.beginPath();
    context.arc(...handle, 6, 0, 2 * Math.PI);
    context.fillStyle = colours.label;
    context.fill();
    context.stroke();
    const at = this.#corner();
    if (!at) return;
    context.beginPath();
    context.roundRect(at[0] - 2, at[1] - 6, 12, 12, 3);
    context.fill();
    context.stroke();
  }
}

function guides(context, camera, lines, colours) {
  context.strokeStyle = colours.accent;
  context.lineWidth = 1;
  for (const { axis, at } of lines) {
    const [x, y] = camera.toFrame(at, at);
    context.beginPath();
    if (axis === "x") {
      context.moveTo(Math.round(x) + 0.5, 0);
      context.lineTo(Math.round(x) + 0.5, camera.height);
    } else {
      context.moveTo(0, Math.round(y) + 0.5);
      context.lineTo(camera.width, Math.round(y) + 0.5);
    }
    context.stroke();
  }
}

export function makeTool(_name, editor, camera, sheet) {
  return new SelectTool(editor, camera, sheet);
}
