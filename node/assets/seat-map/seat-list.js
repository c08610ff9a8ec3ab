/**
 * The seats as a list: section → row → seat, with native checkboxes. It does what the map does, without pointing.
 *
 * A row's checkboxes are made when it is opened first, so that a stadium costs nothing until somebody looks.
 */

import { make } from "../elements.js";
import { t } from "../texts.js";
import { money } from "../words.js";

export class SeatList {
  constructor(root, hall, choice, pick) {
    Object.assign(this, { hall, choice, pick });
    /** Seat → its checkbox and words, for those that were made. */
    this.made = new Map();
    this.tallies = [];
    root.replaceChildren(...hall.sections.map((section, index) => this.#section(section, index)));
    choice.onChange(() => this.#showAll());
    hall.onChange((seats) => {
      for (const seat of seats) this.#show(seat);
      for (const tally of this.tallies) if (tally.details.isConnected) tally.show();
    });
  }

  #section(section, index) {
    const rows = make("div", { class: "rows" });
    return this.#disclosure(section.name, () => this.hall.freeOfSection[index], rows, () => {
      rows.append(...section.rows.map((row) => this.#row(row, section)));
    });
  }

  #row(index, section) {
    const row = this.hall.rows[index];
    const seats = make("div", { class: "seats", role: "group", "aria-label": t("row-of-section", { section: section.name, row: row.label }) });
    return this.#disclosure(t("row-name", { row: row.label }), () => this.hall.freeOfRow[index], seats, () => {
      seats.append(...row.seats.map((seat) => this.#seat(seat)));
    });
  }

  /** A `<details>` with the number of free seats, whose content is made when it is opened first. */
  #disclosure(name, count, content, fill) {
    const tally = make("span", { class: "soft small" });
    const details = make("details", {}, make("summary", {}, make("span", {}, name), tally), content);
    const show = () => {
      const free = count();
      tally.textContent = free === 0 ? t("none-free") : t("free-count", { count: free });
    };
    show();
    this.tallies.push({ details, show });
    details.addEventListener("toggle", () => details.open && !content.hasChildNodes() && fill());
    return details;
  }

  #seat(seat) {
    const box = make("input", { type: "checkbox", "data-seat-id": this.hall.ids[seat], onchange: () => this.#toggle(seat) });
    const words = make("span");
    this.made.set(seat, { box, words });
    this.#show(seat);
    return make("label", {}, box, words);
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
    const { hall, choice } = this;
    const isChosen = choice.seats.has(seat);
    const isFree = hall.isFree(seat);
    made.box.checked = isChosen;
    made.box.disabled = !isFree && !isChosen;
    const [concession] = hall.concessionsOf(hall.category[seat]);
    const price = concession === undefined ? t("seat-not-sold-online") : money(hall.price(hall.category[seat], choice.seats.get(seat) ?? concession), hall.currency);
    made.words.textContent = [t("seat-number", { seat: hall.numbers[seat] }), isFree ? price : t("seat-taken"), hall.particular(seat)].filter(Boolean).join(", ");
  }
}
