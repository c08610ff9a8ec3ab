/** The page on which an organizer draws a hall: shows it, and fetches what is wanted to change it. */

import { Refused } from "../api.js";
import { announcer, make } from "../elements.js";
import { Camera } from "./camera.js";
import { Contents, nameOf } from "./contents.js";
import { Draft } from "./draft.js";
import { Editor } from "./editor.js";
import { boundsOf, boundsOfAll, union } from "./geometry.js";
import { listen } from "./keys.js";
import { Later, Missing } from "./later.js";
import { byId } from "./model.js";
import { Pointers } from "./pointer.js";
import { Saving } from "./saving.js";
import { Sheet } from "./sheet.js";
import { Toolbar } from "./toolbar.js";
import { Tools } from "./tools.js";
import { learn, t } from "./words.js";

const CHECK_AFTER_MS = 120;

const root = document.querySelector("[data-testid=editor]");
const part = (name) => root.querySelector(`[data-testid=${name}]`);
const canvas = part("sheet");
const say = announcer(part("announcements"));

class Page {
  constructor() {
    Object.assign(this, { root, say });
    this.editor = new Editor(say);
    this.camera = new Camera();
    this.sheet = new Sheet(canvas, this.editor, this.camera);
    this.saving = new Saving(root.dataset.hall, root.dataset.venue);
    this.name = part("hall-name");
    this.#makeLater();
    this.tools = new Tools([this.editor, this.camera, this.sheet], { arrived: () => this.#showTool(), lost: (error) => this.lost(error) });
    this.tools.put("plan", new Later(() => this.plan.want(), (plan) => plan.tool));
    for (const button of root.querySelectorAll("[data-tool]")) this.tools.hint(button.dataset.tool, button);
    this.tools.hint("select", canvas);
    this.pointers = new Pointers(canvas, this.camera, this.sheet, () => this.tool);
    this.sheet.overlay = (context, camera, colours) => this.tool.overlay?.(context, camera, colours);
    this.draft = this.#draft(root.dataset.hall || `new.${root.dataset.venue}`);
    this.contents = new Contents(root, this.editor, this.#forLists());
    const views = { fit: () => this.fit(), zoom: (factor) => this.zoom(factor), save: () => this.save() };
    this.toolbar = new Toolbar(root, this.editor, views);
    listen(this.editor, { tool: () => this.tool, act: (...what) => this.act(...what), ...views });
    this.#follow();
  }

  get tool() {
    return this.tools.get(this.editor.tool);
  }

  /** What is fetched when it is wanted. */
  #makeLater() {
    const { editor } = this;
    const folded = (name) => part(name).closest("details");
    this.writing = new Later(() => import("./writing.js"));
    this.storing = new Later(() => import("./storing.js")).hint(part("save"));
    this.actions = new Later(() => import("./actions.js")).hint(part("add-category"), part("add-section"), part("categories"));
    this.panel = new Later(() => import("./panel.js"), ({ Panel }) => new Panel(part("panel"), editor)).hint(canvas, part("tree"), part("add-section"));
    this.problems = new Later(() => import("./problems.js"), ({ Problems }) => new Problems(part("problem-list"), editor, this.#forLists()));
    this.brush = new Later(() => import("./brush-bar.js"), ({ BrushBar }) => new BrushBar(root, editor)).hint(root.querySelector("[data-tool=brush]"));
    this.addForm = new Later(() => import("./add-form.js"), ({ AddForm }) => new AddForm(part("add-form"), editor, (ids) => this.reveal(ids))).hint(folded("add-form"));
    const told = { open: (doc, name) => this.#openPlan(doc, name), notice: (kind, words) => this.notice(kind, words) };
    this.pretix = new Later(() => import("./pretix.js"), ({ PretixPlans }) => new PretixPlans(root, root.dataset.venue, told)).hint(folded("pretix-file"));
    this.plan = new Later(() => import("./plan.js"), ({ makePlan }) => makePlan(root, this.sheet, this.camera, told.notice)).hint(folded("plan-file"));
    for (const [name, later] of [["add-form", this.addForm], ["pretix-file", this.pretix], ["plan-file", this.plan]]) {
      folded(name).addEventListener("toggle", () => this.#use(later));
      part(name).addEventListener("change", () => this.#use(later));
    }
    part("add-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use(this.addForm, (form) => form.add());
    });
  }

  #forLists() {
    return { act: (...what) => this.act(...what), section: (key) => this.section(key), reveal: (ids) => this.reveal(ids), lost: (error) => this.lost(error) };
  }

  /** Does something with a part as soon as it is there, and says so if it does not come. */
  async #use(later, act = () => {}) {
    try {
      await act(await later.want());
    } catch (error) {
      this.lost(error);
    }
  }

  lost(error) {
    if (!(error instanceof Missing)) throw error;
    this.notice("bad", t("editor-part-lost"));
  }

  /** Changes the hall by a function of actions.js. */
  act(name, ...given) {
    return this.#use(this.actions, (actions) => actions[name](this.editor, ...given));
  }

  /** Shows the fields of a section. */
  section(key) {
    return this.#use(this.panel, (panel) => panel.showSection(key));
  }

  save() {
    return this.#use(this.storing, ({ save }) => save(this));
  }

  #follow() {
    const { editor } = this;
    let lastTool = editor.tool;
    editor.on("tool", () => {
      this.tools.get(lastTool).cancel?.();
      lastTool = editor.tool;
      if (editor.tool === "brush") this.#use(this.brush);
      this.#showTool();
    });
    editor.on("settings", () => this.sheet.draw());
    editor.on("faults", () => this.#countFaults());
    editor.on("selection", () => {
      if (!this.panel.made && (editor.selected.size > 0 || editor.seats.size > 0)) this.#use(this.panel);
      // Lists say themselves what was pressed in them; the sheet cannot.
      if (document.activeElement === canvas) say(this.#selectionWords());
    });
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

  #showTool() {
    this.tool.begin?.();
    this.pointers.cursor();
    this.sheet.draw();
  }

  #selectionWords() {
    const { editor } = this;
    const seats = [...editor.seats.values()].reduce((sum, places) => sum + places.size, 0);
    if (seats > 0) return t("editor-seats", { count: seats });
    const things = editor.things();
    return things.length === 0 ? t("editor-nothing-selected") : things.length === 1 ? nameOf(things[0]) : t("editor-things", { count: things.length });
  }

  isChanged() {
    return this.editor.isChanged() || this.name.value.trim() !== this.saving.name;
  }

  #changed() {
    if (this.isChanged()) {
      this.writing.ahead();
      this.draft.later();
    }
    this.showState();
  }

  showState() {
    this.toolbar.state(this.isChanged() ? "changed" : "saved");
  }

  #draft(name) {
    const read = () => this.writing.made && { version: this.saving.version, name: this.name.value, drawing: this.writing.made.toDrawing(this.editor.doc).drawing };
    return new Draft(name, read);
  }

  check() {
    clearTimeout(this.checking);
    return this.#use(this.problems, (problems) => {
      problems.check();
      this.#countFaults();
    });
  }

  #countFaults() {
    const { faults } = this.editor;
    const bad = faults.filter((fault) => fault.level === "bad").length;
    const count = part("problem-count");
    count.textContent = faults.length === 0 ? t("editor-no-problems") : t("editor-problems", { count: faults.length });
    count.className = bad > 0 ? "tag bad" : faults.length > 0 ? "tag warn" : "tag good";
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

  /** What went wrong before is over. */
  forget() {
    for (const old of part("notices").querySelectorAll("[data-kind=bad]")) old.remove();
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
    this.fit();
    this.toolbar.state("saved");
    part("loading").remove();
    root.dataset.ready = "true";
    this.check();
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
    this.editor.change(t("editor-did-restore-draft"), this.saving.read(draft.drawing));
    this.fit();
  }

  /** A plan that was read comes as a step. */
  #openPlan(doc, name) {
    this.forget();
    if (this.name.value.trim() === "") this.name.value = name;
    this.editor.change(t("editor-did-open-plan"), doc);
    this.fit();
  }

  /** The document is what the hall is. */
  saved(doc) {
    const { hall, name, version } = this.saving;
    this.editor.savedDoc = doc;
    this.draft.drop();
    // A draft of a hall that is there is another one than of a hall to be.
    this.draft = this.#draft(hall);
    if (this.isChanged()) this.draft.later();
    if (!root.dataset.hall) {
      root.dataset.hall = hall;
      history.replaceState(null, "", `/organizer/halls/${hall}`);
    }
    root.dataset.version = version;
    const link = part("pretix-download");
    Object.assign(link, { href: `/v1/halls/${hall}/plan.json`, download: `${name}.json`, hidden: false });
  }
}

await learn("hall");
new Page().open();
