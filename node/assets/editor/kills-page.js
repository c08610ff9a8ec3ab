/** The page on which an organizer takes seats of a performance out of sale, and puts them back. */

import { call, Refused } from "../api.js";
import { announcer, make } from "../elements.js";
import { BOOKED, FREE, HELD, Hall, KILLED } from "../seat-map/hall.js";
import { follow } from "../seat-map/stream.js";
import { Camera } from "./camera.js";
import { Editor } from "./editor.js";
import { boundsOfAll } from "./geometry.js";
import { KilledList, NamesForm } from "./kills-lists.js";
import { Missing } from "./later.js";
import { placeKey, placeOf } from "./marks.js";
import { thing } from "./model.js";
import { Pointers } from "./pointer.js";
import { Sheet } from "./sheet.js";
import { Tools } from "./tools.js";
import { learn, t } from "./words.js";

const root = document.querySelector("[data-testid=kills]");
const part = (name) => root.querySelector(`[data-testid=${name}]`);
const api = `/v1/performances/${root.dataset.performance}`;
const say = announcer(part("announcements"));

class Page {
  constructor() {
    this.editor = new Editor(say);
    this.camera = new Camera();
    this.sheet = new Sheet(part("sheet"), this.editor, this.camera);
    this.editor.snaps = false;
    // Selecting seats changes nothing of the hall: what is drawn is what is sold.
    const on = { arrived: () => (this.pointers.cursor(), this.sheet.draw()), lost: (error) => this.lost(error) };
    this.tools = new Tools([this.editor, this.camera, this.sheet], on, { seats: () => import("./seat-picking.js") });
    const tool = () => this.tools.get("seats");
    this.tools.hint("seats", part("sheet"));
    this.sheet.overlay = (context, camera, colours) => tool().overlay?.(context, camera, colours);
    this.pointers = new Pointers(part("sheet"), this.camera, this.sheet, tool);
    this.pointers.cursor();
    this.editor.on("selection", () => this.#showSelection());
    part("fit").addEventListener("click", () => this.fit());
    part("zoom-in").addEventListener("click", () => this.zoom(1.5));
    part("zoom-out").addEventListener("click", () => this.zoom(1 / 1.5));
    part("clear").addEventListener("click", () => this.editor.clear());
    part("kill-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.kill();
    });
    part("revive").addEventListener("click", () => this.revive(this.selected().filter((seat) => this.hall.status[seat] === KILLED)));
    new ResizeObserver(() => {
      const { clientWidth, clientHeight } = part("sheet").parentElement;
      this.camera.resize(clientWidth, clientHeight);
      this.sheet.stale();
    }).observe(part("sheet").parentElement);
  }

  async open() {
    try {
      this.hall = new Hall(await call("GET", `${api}/seats`, undefined, { cache: "no-store" }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      part("loading").replaceChildren(make("p", {}, `${error.title}. ${error.message}`));
      return;
    }
    this.#draw();
    this.#legend();
    this.killed = new KilledList(part("killed"), this.hall, { select: (seats) => this.select(seats), revive: (seats) => this.revive(seats) });
    new NamesForm(part("names-form"), this.hall, (seats) => this.select(seats), (words) => this.notice("warn", words));
    await this.#list();
    this.hall.onChange(() => this.#draw());
    const stop = follow(`${api}/seats/stream`, this.hall, (state) => state === "reset" && location.reload());
    addEventListener("pagehide", stop);
    this.fit();
    this.#showSelection();
    part("loading").remove();
    root.dataset.ready = "true";
  }

  /** The hall as a document: a row is a thing, and what a seat is now stands in place of its price. */
  #draw() {
    const { hall, editor } = this;
    const colours = this.sheet.picture.colours;
    const categories = [{ key: "taken", name: "", color: colours.soft }, ...hall.categories.map((category) => ({ key: `free ${category.key}`, name: "", color: category.color }))];
    // What is out of sale has no colour, and is drawn hollow.
    const state = (seat) => (hall.status[seat] === KILLED ? "killed" : hall.status[seat] === FREE ? `free ${hall.categories[hall.category[seat]].key}` : "taken");
    const known = new Map(editor.doc.things.map((one) => [one.id, one]));
    const things = hall.rows.map((row, nth) => {
      const id = `row ${nth}`;
      const before = known.get(id);
      const prices = row.seats.map(state);
      // A row in which nothing changed stays the same, with all that was made of it.
      if (before && prices.every((price, at) => price === before.seats[at].price)) return before;
      const seats = row.seats.map((seat, at) => ({ number: hall.numbers[seat], x: hall.x[seat] / 100, y: hall.y[seat] / 100, kind: hall.isAccessible(seat) ? "accessible" : hall.isCompanion(seat) ? "companion" : null, apart: false, price: prices[at] }));
      return { ...thing("row", { label: row.label, section: String(row.section), seats }), id };
    });
    const outline = (points) => points.map(([x, y]) => [x / 100, y / 100]);
    const stage = hall.stage ? [known.get("stage") ?? { ...thing("stage", { label: hall.stage.label ?? "", outline: outline(hall.stage.outline) }), id: "stage" }] : [];
    const sections = hall.sections.map((section, nth) => ({ key: String(nth), name: section.name, rank: 0, price: null }));
    editor.history.reset({ categories, sections, things: [...stage, ...things] });
    editor.tell("doc");
    this.#showSelection();
  }

  #legend() {
    const colours = this.sheet.picture.colours;
    const entry = (colour, words) => {
      const dot = make("span", { class: colour ? "editor-dot" : "editor-dot is-hollow" });
      if (colour) dot.style.backgroundColor = colour;
      return make("li", {}, dot, words);
    };
    part("legend").replaceChildren(...this.hall.categories.map((category) => entry(category.color, category.name)), entry(null, t("kills-killed")), entry(colours.soft, t("kills-taken")));
  }

  /** The seats that are selected, by their index. */
  selected() {
    if (!this.hall) return [];
    return [...this.editor.seats].flatMap(([id, places]) => {
      const row = this.hall.rows[Number(id.slice(4))];
      return row ? [...places].map((place) => row.seats[placeOf(place)[1]]) : [];
    });
  }

  select(seats) {
    const wanted = new Set(seats);
    const places = new Map();
    this.hall.rows.forEach((row, nth) => {
      const found = row.seats.flatMap((seat, at) => (wanted.has(seat) ? [placeKey(0, at)] : []));
      if (found.length > 0) places.set(`row ${nth}`, new Set(found));
    });
    this.editor.selectSeats(places);
    say(t("kills-selected", { count: seats.length }));
  }

  #showSelection() {
    const seats = this.selected();
    const count = (...states) => seats.filter((seat) => states.includes(this.hall.status[seat])).length;
    part("selected").textContent = seats.length === 0 ? t("editor-nothing-selected") : t("kills-selected", { count: seats.length });
    part("selected-kinds").textContent = seats.length === 0 ? t("kills-nothing-selected") : t("kills-of-them", { free: count(FREE), killed: count(KILLED), taken: count(HELD, BOOKED) });
    part("kill").setAttribute("aria-disabled", String(count(FREE) === 0));
    part("revive").setAttribute("aria-disabled", String(count(KILLED) === 0));
  }

  async kill() {
    const seats = this.selected().filter((seat) => this.hall.status[seat] === FREE);
    if (seats.length === 0) return;
    const reason = part("reason").value.trim();
    if (reason === "") {
      this.notice("warn", t("kills-reason-missing"));
      part("reason").focus();
      return;
    }
    const isDone = await this.#change("POST", { seats: seats.map((seat) => this.hall.ids[seat]), reason }, seats, "k");
    if (isDone) this.notice("good", t("kills-done", { count: seats.length }));
  }

  async revive(seats) {
    if (seats.length === 0) return;
    const isDone = await this.#change("DELETE", { seats: seats.map((seat) => this.hall.ids[seat]) }, seats, "f");
    if (isDone) this.notice("good", t("kills-revived", { count: seats.length }));
  }

  async #change(method, body, seats, letter) {
    try {
      await call(method, `${api}/kills`, body);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.notice("bad", error.code === "seats-taken" ? t("kills-taken-meanwhile") : `${error.title}. ${error.message}`);
      return false;
    }
    // The stream tells it as well, a moment later.
    this.hall.change(this.hall.seq, seats.map((seat) => [seat, letter]), []);
    await this.#list();
    return true;
  }

  async #list() {
    const { items } = await call("GET", `${api}/kills`, undefined, { cache: "no-store" });
    this.killed.show(items);
  }

  lost(error) {
    if (!(error instanceof Missing)) throw error;
    this.notice("bad", t("editor-part-lost"));
  }

  fit() {
    this.camera.fit(boundsOfAll(this.editor.doc.things));
    this.sheet.stale();
  }

  zoom(factor) {
    this.camera.zoom(factor);
    this.sheet.viewed();
  }

  notice(kind, words) {
    const element = make("div", { class: `notice ${kind}`, "data-testid": "notice", "data-kind": kind }, make("p", {}, words), make("button", { type: "button", class: "link-button small", onclick: () => element.remove() }, t("editor-dismiss")));
    const list = part("notices");
    list.replaceChildren(element);
    say(words);
  }
}

await learn("kills");
new Page().open();
