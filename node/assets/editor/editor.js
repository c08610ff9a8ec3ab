/** The state of the editor: the document with its history, what is selected, the tool, and who wants to know of changes. */

import { boundsOfAll } from "./geometry.js";
import { History } from "./history.js";
import { EMPTY, byId } from "./model.js";
import { t } from "./words.js";

export class Editor {
  /** @param say reads words out */
  constructor(say) {
    this.say = say;
    this.history = new History(EMPTY);
    /** Ids of the things that are selected. */
    this.selected = new Set();
    /** Seats that are selected: id of the thing → places (`"row:seat"`). */
    this.seats = new Map();
    this.tool = "select";
    /** In which section and at which price what is drawn next stands. */
    this.section = null;
    this.paint = null;
    /** What the brush paints at once: `seat`, `row`, `thing`; and how broad it is, in seats. */
    this.brushOn = "seat";
    this.brushSize = 1;
    this.snaps = true;
    this.clipboard = [];
    this.faults = [];
    this.savedDoc = EMPTY;
    this.listeners = new Map();
  }

  get doc() {
    return this.history.doc;
  }

  /** `what` is `doc`, `selection`, `tool`, `settings`, `faults`, `saved`. */
  on(what, listener) {
    this.listeners.set(what, [...(this.listeners.get(what) ?? []), listener]);
  }

  tell(what) {
    for (const listener of this.listeners.get(what) ?? []) listener();
  }

  /** Begins with a document, without a history. */
  open(doc) {
    this.history.reset(doc);
    this.savedDoc = doc;
    this.section = doc.sections[0]?.key ?? null;
    this.paint = doc.categories[0]?.key ?? null;
    this.clear();
    this.tell("doc");
    this.tell("settings");
  }

  isChanged() {
    return this.doc !== this.savedDoc;
  }

  /** Makes a step. @param words what was done, for the button that undoes it */
  change(words, doc, mark = null) {
    if (doc === this.doc) return;
    this.history.push(doc, words, mark);
    this.#keepSelection();
    this.tell("doc");
  }

  undo() {
    this.#went(this.history.undo(), (words) => t("editor-said-undone", { words }));
  }

  redo() {
    this.#went(this.history.redo(), (words) => t("editor-said-redone", { words }));
  }

  #went(words, told) {
    if (words === null) return;
    this.#keepSelection();
    this.say(told(words));
    this.tell("doc");
  }

  /** What is gone cannot be selected, and what was drawn next goes where there is something. */
  #keepSelection() {
    const { doc } = this;
    const known = byId(doc);
    const kept = [...this.selected].filter((id) => known.has(id));
    const seats = [...this.seats].filter(([id]) => known.has(id));
    if (kept.length !== this.selected.size || seats.length !== this.seats.size) {
      this.selected = new Set(kept);
      this.seats = new Map(seats);
      this.tell("selection");
    }
    if (!doc.sections.some((section) => section.key === this.section)) this.section = doc.sections[0]?.key ?? null;
    if (!this.paint?.startsWith("*") && !doc.categories.some((category) => category.key === this.paint)) this.paint = doc.categories[0]?.key ?? null;
  }

  /** The things that are selected, in their order. */
  things() {
    return this.doc.things.filter((thing) => this.selected.has(thing.id));
  }

  bounds() {
    return boundsOfAll(this.things());
  }

  select(ids, { more = false } = {}) {
    this.selected = new Set(more ? [...this.selected, ...ids] : ids);
    this.seats = new Map();
    this.tell("selection");
  }

  toggle(id) {
    if (!this.selected.delete(id)) this.selected.add(id);
    this.seats = new Map();
    this.tell("selection");
  }

  /** @param places by thing's id */
  selectSeats(places) {
    this.seats = places;
    this.selected = new Set();
    this.tell("selection");
  }

  clear() {
    if (this.selected.size === 0 && this.seats.size === 0) return;
    this.select([]);
  }

  use(tool) {
    if (tool === this.tool) return;
    this.tool = tool;
    this.tell("tool");
  }

  set(settings) {
    Object.assign(this, settings);
    this.tell("settings");
  }
}
