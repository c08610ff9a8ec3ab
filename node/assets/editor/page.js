/** The page on which an organizer draws a hall: puts the parts together. */

import { Refused } from "../api.js";
import { announcer, make } from "../elements.js";
import { AddForm } from "./add-form.js";
import { Camera } from "./camera.js";
import { check } from "./checks.js";
import { Contents, Problems } from "./contents.js";
import { Draft } from "./draft.js";
import { Editor } from "./editor.js";
import { fromDrawing, toDrawing } from "./format.js";
import { boundsOf, boundsOfAll, union } from "./geometry.js";
import { listen } from "./keys.js";
import { byId } from "./model.js";
import { Panel } from "./panel.js";
import { Plan, PlanTool } from "./plan.js";
import { Pointers } from "./pointer.js";
import { PretixPlans } from "./pretix.js";
import { Saving, isConflict, serverFaults } from "./saving.js";
import { Sheet } from "./sheet.js";
import { Toolbar } from "./toolbar.js";
import { AreaTool, blockTool, rowTool, stageTool, tablesTool } from "./tool-draw.js";
import { BrushTool, SeatsTool } from "./tool-seats.js";
import { SelectTool } from "./tool-select.js";
import { t } from "./words.js";

const CHECK_AFTER_MS = 120;

const root = document.querySelector("[data-testid=editor]");
const part = (name) => root.querySelector(`[data-testid=${name}]`);
const canvas = part("sheet");
const say = announcer(part("announcements"));

class Page {
  constructor() {
    this.editor = new Editor(say);
    this.camera = new Camera();
    this.sheet = new Sheet(canvas, this.editor, this.camera);
    this.saving = new Saving(root.dataset.hall, root.dataset.venue);
    this.plan = new Plan(root, this.sheet, this.camera, (words) => this.notice("bad", words));
    this.pretix = new PretixPlans(root, root.dataset.venue, { open: (doc, name) => this.#openPlan(doc, name), notice: (kind, words) => this.notice(kind, words) });
    this.tools = this.#makeTools();
    this.pointers = new Pointers(canvas, this.camera, this.sheet, () => this.tool);
    this.sheet.overlay = (context, camera, colours) => this.tool.overlay?.(context, camera, colours);
    this.name = part("hall-name");
    this.draft = new Draft(root.dataset.hall || `new.${root.dataset.venue}`, () => ({ version: this.saving.version, name: this.name.value, drawing: toDrawing(this.editor.doc).drawing }));
    const reveal = (ids) => this.reveal(ids);
    this.panel = new Panel(part("panel"), this.editor);
    this.contents = new Contents(root, this.editor, this.panel, reveal);
    this.problems = new Problems(root, this.editor, this.panel, reveal);
    this.addForm = new AddForm(part("add-form"), this.editor, reveal);
    this.toolbar = new Toolbar(root, this.editor, { fit: () => this.fit(), zoom: (factor) => this.zoom(factor), save: () => this.save() });
    listen(this.editor, { tool: () => this.tool, fit: () => this.fit(), zoom: (factor) => this.zoom(factor), save: () => this.save() });
    this.#follow();
  }

  get tool() {
    return this.tools[this.editor.tool];
  }

  #makeTools() {
    const parts = [this.editor, this.camera, this.sheet];
    return {
      select: new SelectTool(...parts), seats: new SeatsTool(...parts), brush: new BrushTool(...parts), hand: { pans: true },
      block: blockTool(...parts, false), curve: blockTool(...parts, true), row: rowTool(...parts), tables: tablesTool(...parts),
      area: new AreaTool(...parts), stage: stageTool(...parts), plan: new PlanTool(this.plan),
    };
  }

  #follow() {
    const { editor } = this;
    let lastTool = editor.tool;
    editor.on("tool", () => {
      this.tools[lastTool].cancel?.();
      lastTool = editor.tool;
      this.pointers.cursor();
      this.sheet.draw();
    });
    editor.on("settings", () => this.sheet.draw());
    editor.on("doc", () => {
      clearTimeout(this.checking);
      this.checking = setTimeout(() => this.check(), CHECK_AFTER_MS);
      this.#changed();
    });
    this.name.addEventListener("input", () => this.#changed());
    addEventListener("beforeunload", (event) => this.isChanged() && event.preventDefault());
    new ResizeObserver(() => {
      const { clientWidth, clientHeight } = canvas.parentElement;
      if (clientWidth === 0) return;
      this.camera.resize(clientWidth, clientHeight);
      this.sheet.stale();
    }).observe(canvas.parentElement);
  }

  isChanged() {
    return this.editor.isChanged() || this.name.value.trim() !== this.saving.name;
  }

  #changed() {
    if (this.isChanged()) this.draft.later();
    this.toolbar.state(this.isChanged() ? "changed" : "saved");
  }

  check() {
    clearTimeout(this.checking);
    this.editor.faults = check(this.editor.doc);
    this.editor.tell("faults");
  }

  reveal(ids) {
    const box = union(ids.map((id) => byId(this.editor.doc).get(id)).filter(Boolean).map(boundsOf));
    if (!box) return;
    this.camera.reveal(box);
    this.sheet.stale();
  }

  fit() {
    this.camera.fit(boundsOfAll(this.editor.doc.things));
    this.sheet.stale();
  }

  zoom(factor) {
    this.camera.zoom(factor);
    this.sheet.viewed();
  }

  /** Shows a sentence until it is answered or dismissed, and reads it out. */
  notice(kind, words, choices = []) {
    const close = () => element.remove();
    const buttons = choices.map(([label, act, testid]) => make("button", { type: "button", class: "button quiet compact", "data-testid": testid, onclick: () => (close(), act()) }, label));
    const dismiss = choices.length > 0 ? [] : [make("button", { type: "button", class: "link-button small", onclick: close }, t("editor-dismiss"))];
    const element = make("div", { class: `notice ${kind}`, "data-testid": "notice", "data-kind": kind }, make("p", {}, words), make("div", { class: "row" }, ...buttons, ...dismiss));
    const list = part("notices");
    list.append(element);
    while (list.children.length > 3) list.firstElementChild.remove();
    say(words);
    return element;
  }

  async open() {
    try {
      const doc = await this.saving.load();
      if (doc) this.editor.open(doc);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      part("loading").replaceChildren(make("p", {}, `${error.title}. ${error.message}`));
      return;
    }
    this.#offerDraft();
    this.check();
    this.fit();
    this.toolbar.state("saved");
    part("loading").remove();
    root.dataset.ready = "true";
  }

  #offerDraft() {
    const draft = this.draft.known();
    if (!draft) return;
    const when = new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    const words = draft.version === this.saving.version ? t("editor-draft-found", { when }) : t("editor-draft-old", { when });
    this.notice("warn", words, [
      [t("editor-draft-restore"), () => this.#restore(draft), "draft-restore"],
      [t("editor-draft-discard"), () => this.draft.drop(), "draft-discard"],
    ]);
  }

  #restore(draft) {
    this.name.value = draft.name;
    this.editor.change(t("editor-did-restore-draft"), fromDrawing(draft.drawing));
    this.fit();
  }

  /** A plan that was read comes as a step. */
  #openPlan(doc, name) {
    if (this.name.value.trim() === "") this.name.value = name;
    this.editor.change(t("editor-did-open-plan"), doc);
    this.fit();
  }

  async save({ force = false } = {}) {
    if (this.isSaving) return;
    this.check();
    if (this.name.value.trim() === "") {
      this.notice("bad", t("editor-name-missing"));
      this.name.focus();
      return;
    }
    const bad = this.editor.faults.filter((fault) => fault.level === "bad");
    if (bad.length > 0) {
      this.notice("bad", t("editor-faults-first", { count: bad.length }));
      part("problem-list").querySelector("button")?.focus();
      return;
    }
    const { doc } = this.editor;
    this.isSaving = true;
    this.toolbar.state("saving");
    try {
      await this.saving.save(doc, this.name.value.trim(), force);
      this.#saved(doc);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refused(error, doc);
    } finally {
      this.isSaving = false;
      this.toolbar.state(this.isChanged() ? "changed" : "saved");
    }
  }

  #saved(doc) {
    this.editor.savedDoc = doc;
    this.draft.drop();
    // A draft of a hall that is there is another one than of a hall to be.
    this.draft = new Draft(this.saving.hall, this.draft.read);
    if (this.isChanged()) this.draft.later();
    if (!root.dataset.hall) {
      root.dataset.hall = this.saving.hall;
      history.replaceState(null, "", `/organizer/halls/${this.saving.hall}`);
    }
    root.dataset.version = this.saving.version;
    this.pretix.saved(this.saving.hall, this.saving.name);
    say(t("editor-said-saved"));
  }

  #refused(error, doc) {
    if (isConflict(error)) {
      this.notice("warn", t("editor-conflict"), [
        [t("editor-conflict-theirs"), () => this.#takeTheirs(), "conflict-theirs"],
        [t("editor-conflict-mine"), () => this.save({ force: true }), "conflict-mine"],
        [t("editor-conflict-later"), () => {}, "conflict-later"],
      ]);
      return;
    }
    const faults = serverFaults(error, doc);
    if (faults.length > 0) {
      this.editor.faults = faults;
      this.editor.tell("faults");
    }
    this.notice("bad", faults.length > 0 ? t("editor-refused-faults", { count: faults.length }) : `${error.title}. ${error.message}`);
  }

  /** Another's hall comes as a step, so that undoing it brings back one's own. */
  async #takeTheirs() {
    try {
      const doc = await this.saving.load();
      this.editor.change(t("editor-did-theirs"), doc);
      this.editor.savedDoc = doc;
      this.name.value = this.saving.name;
      this.draft.drop();
      this.toolbar.state("saved");
      this.notice("good", t("editor-theirs-taken"));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.notice("bad", `${error.title}. ${error.message}`);
    }
  }
}

new Page().open();
