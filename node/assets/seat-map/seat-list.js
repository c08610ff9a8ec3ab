/**
 * The seats as a list: section → row → seat, with native checkboxes. It does what the map does, without pointing, and shows
 * what the filter lets through, in sections and rows whose names hold what somebody wrote.
 *
 * A row's checkboxes are made when it is opened first, so that a stadium costs nothing until somebody looks.
 */

import { make } from "../elements.js";
import { language, t } from "../texts.js";
import { money } from "../words.js";

/** So long after the last letter the list is searched. */
const PAUSE_MS = 150;

export class SeatList {
  /** @param search the field for a section or row; there is none in a hall without seats */
  constructor(root, search, hall, choice, filter, pick) {
    Object.assign(this, { search, hall, choice, filter, pick });
    /** Seat → its checkbox and words, for those that were made. */
    this.made = new Map();
    this.entries = [];
    this.nothing = make("p", { class: "soft", "data-testid": "list-empty", role: "status", hidden: true }, t("list-none-fit"));
    root.replaceChildren(...hall.sections.map((section) => this.#section(section)), this.nothing);
    choice.onChange(() => this.#showAll());
    filter.onChange(() => this.#sift());
    search?.addEventListener("input", () => {
      clearTimeout(this.counting);
      this.counting = setTimeout(() => ((this.counting = 0), this.#sift()), PAUSE_MS);
    });
    hall.onChange((seats) => {
      for (const seat of seats) this.#show(seat);
      if (!filter.isOn()) for (const entry of this.entries) entry.show();
      // What fits is counted seat by seat: once for all changes of a moment.
      else this.counting ||= setTimeout(() => ((this.counting = 0), this.#sift()), PAUSE_MS);
    });
    this.#sift();
  }

  #section(section) {
    const rows = make("div", { class: "rows" });
    const entry = this.#disclosure(section.name, section.rows, rows, () => {
      entry.children = section.rows.map((row) => this.#row(row, section));
      rows.append(...entry.children.map(({ details }) => details));
      this.#sift();
    });
    entry.section = section;
    return entry.details;
  }

  #row(index, section) {
    const row = this.hall.rows[index];
    const seats = make("div", { class: "seats", role: "group", "aria-label": t("row-of-section", { section: section.name, row: row.label }) });
    return this.#disclosure(t("row-name", { row: row.label }), [index], seats, () => seats.append(...row.seats.map((seat) => this.#seat(seat))));
  }

  /** A `<details>` with the number of free seats in these rows, whose content is made when it is opened first. */
  #disclosure(name, rows, content, fill) {
    const tally = make("span", { class: "soft small" });
    const details = make("details", {}, make("summary", {}, make("span", {}, name), tally), content);
    const entry = {
      details, children: [],
      show: () => {
        const free = rows.reduce((sum, row) => sum + this.#freeOf(row), 0);
        tally.textContent = free === 0 ? t("none-free") : t("free-count", { count: free });
        return free;
      },
    };
    this.entries.push(entry);
    details.addEventListener("toggle", () => details.open && !content.hasChildNodes() && fill());
    return entry;
  }

  /** How many free seats of a row are looked for. */
  #freeOf(row) {
    const { hall, filter } = this;
    return filter.isOn() ? hall.rows[row].seats.filter((seat) => hall.isFree(seat) && filter.fits(seat)).length : hall.freeOfRow[row];
  }

  /** Shows what fits: sections by name, or by a row of that label; then only these rows. */
  #sift() {
    const asked = (this.search?.value ?? "").trim().toLocaleLowerCase(language);
    const has = (name) => name.toLocaleLowerCase(language).includes(asked);
    const is = (label) => label.toLocaleLowerCase(language) === asked;
    let isSomething = false;
    for (const entry of this.entries) {
      if (!entry.section) continue;
      const isNamed = asked === "" || has(entry.section.name);
      const rows = entry.section.rows.filter((row) => isNamed || is(this.hall.rows[row].label));
      const isShown = (row) => rows.includes(row) && (!this.filter.isOn() || this.#freeOf(row) > 0);
      const shown = entry.section.rows.filter(isShown);
      entry.details.hidden = shown.length === 0;
      isSomething ||= shown.length > 0;
      entry.show();
      entry.children.forEach((child, nth) => {
        child.details.hidden = !isShown(entry.section.rows[nth]);
        child.show();
      });
    }
    this.nothing.hidden = isSomething || this.hall.sections.length === 0;
    for (const seat of this.made.keys()) this.#show(seat);
  }

  #seat(seat) {
    const box = make("input", { type: "checkbox", "data-seat-id": this.hall.ids[seat], onchange: () => this.#toggle(seat) });
    const words = make("span");
    const label = make("label", {}, box, words);
    this.made.set(seat, { box, words, label });
    this.#show(seat);
    return label;
  }

  #toggle(seat) {
    this.pick(seat);
    this.#show(seat);
  }

  #showAll() {
    for (const seat of this.made.keys()) this.#show(seat);
  }

  #show(seat) {
    const made = this.made.get(seat);
    if (!made) return;
    const { hall, choice, filter } = this;
    const isChosen = choice.seats.has(seat);
    const isFree = hall.isFree(seat);
    made.box.checked = isChosen;
    made.box.disabled = !isFree && !isChosen;
    // What is chosen stays where it was chosen.
    made.label.hidden = !isChosen && filter.isOn() && !(isFree && filter.fits(seat));
    const [concession] = hall.concessionsOf(hall.category[seat]);
    const price = concession === undefined ? t("seat-not-sold-online") : money(hall.price(hall.category[seat], choice.seats.get(seat) ?? concession), hall.currency);
    made.words.textContent = [t("seat-number", { seat: hall.numbers[seat] }), isFree ? price : t("seat-taken"), hall.particular(seat)].filter(Boolean).join(", ");
  }
}
