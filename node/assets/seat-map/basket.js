/** Shows what is chosen: each seat with its concession and price, the total, and the steppers of areas. */

import { make } from "../elements.js";
import { t } from "../texts.js";
import { concessionName, money, tickets } from "../words.js";

export class Basket {
  /** @param root the page's seat-picking part; @param complain shows why something cannot be chosen */
  constructor(root, hall, choice, complain) {
    Object.assign(this, { hall, choice, complain });
    this.list = root.querySelector("[data-testid=basket-list]");
    this.empty = root.querySelector("[data-testid=basket-empty]");
    this.totals = root.querySelectorAll("[data-total]");
    this.counts = root.querySelectorAll("[data-count]");
    this.buttons = root.querySelectorAll("[data-continue]");
    this.filled = root.querySelectorAll("[data-when-chosen]");
    this.areaList = root.querySelector("[data-testid=areas]");
    this.isBusy = false;
    this.steppers = [];
    this.areaFree = [];
    this.lines = new Map();
    if (this.areaList) this.#makeSteppers();
    choice.onChange(() => this.show());
    hall.onChange((_seats, areas) => areas.length > 0 && this.#showAreas());
    this.show();
  }

  busy(isBusy) {
    this.isBusy = isBusy;
    this.show();
  }

  show() {
    const { hall, choice } = this;
    for (const [seat, line] of this.lines) {
      if (choice.seats.has(seat)) continue;
      line.element.remove();
      this.lines.delete(seat);
    }
    for (const [seat, concession] of choice.seats) {
      if (!this.lines.has(seat)) this.#addLine(seat);
      const line = this.lines.get(seat);
      line.price.textContent = money(hall.price(hall.category[seat], concession), hall.currency);
    }
    const quantity = choice.quantity();
    this.empty.hidden = quantity > 0;
    for (const element of this.filled) element.hidden = quantity === 0;
    for (const element of this.totals) element.textContent = money(choice.total(), hall.currency);
    for (const element of this.counts) element.textContent = tickets(quantity);
    for (const button of this.buttons) button.disabled = quantity === 0 || this.isBusy;
    this.#showAreas();
  }

  #addLine(seat) {
    const { hall, choice } = this;
    const category = hall.category[seat];
    const row = hall.row(seat);
    const place = hall.place(seat);
    const kind = [hall.categories[category].name, hall.particular(seat)].filter(Boolean).join(" · ");
    const concessions = hall.concessionsOf(category);
    const price = make("span", { class: "money strong" });
    const select = concessions.length > 1 && make(
      "select",
      { class: "input", "aria-label": t("ticket-for", { place }), "data-testid": "concession", onchange: (event) => choice.setConcession(seat, event.target.value) },
      ...concessions.map((concession) => make("option", { value: concession }, `${concessionName(concession)} – ${money(hall.price(category, concession), hall.currency)}`)),
    );
    const element = make(
      "li",
      { class: "basket-seat", "data-testid": "basket-seat", "data-seat-id": hall.ids[seat] },
      make("div", {}, make("div", { class: "place" }, t("seat-place-short", { section: hall.sections[row.section].name, row: row.label, seat: hall.numbers[seat] })), make("div", { class: "kind" }, kind)),
      price,
      select || make("span", { class: "kind" }, concessionName(concessions[0] ?? "")),
      make("button", { type: "button", class: "link-button remove", "aria-label": t("remove-place", { place }), onclick: () => choice.toggle(seat) }, t("remove")),
    );
    this.list.append(element);
    this.lines.set(seat, { element, price });
  }

  #makeSteppers() {
    const { hall, choice } = this;
    for (const area of hall.areas) {
      const free = make("span", { class: "soft small" });
      const line = make("li", { class: "area-line", id: `area-${area.index}`, "data-testid": "area", "data-area-id": area.id }, make("div", { class: "row-between" }, make("span", { class: "strong" }, area.name), free));
      for (const concession of hall.concessionsOf(area.category)) {
        const price = money(hall.price(area.category, concession), hall.currency);
        const input = make("input", { type: "number", min: 0, value: 0, inputmode: "numeric", "aria-label": t("tickets-for-area", { kind: concessionName(concession), area: area.name, price }), "data-testid": "area-quantity", "data-concession": concession });
        const set = (quantity) => {
          const [, why] = choice.setPlaces(area, concession, quantity);
          input.value = choice.placesOf(area, concession);
          if (why) this.complain(why);
        };
        input.addEventListener("change", () => set(Number(input.value)));
        const told = { kind: concessionName(concession), area: area.name };
        const step = (by, sign, words) => make("button", { type: "button", "aria-label": words, onclick: () => set(choice.placesOf(area, concession) + by) }, sign);
        const [less, more] = [step(-1, "−", t("one-less", told)), step(1, "+", t("one-more", told))];
        line.append(make("div", { class: "row-between" }, make("span", {}, concessionName(concession), " ", make("span", { class: "money soft" }, price)), make("span", { class: "stepper" }, less, input, more)));
        this.steppers.push({ area, concession, input, less, more });
      }
      this.areaList.append(line);
      this.areaFree.push({ area, free });
    }
  }

  #showAreas() {
    if (!this.areaList) return;
    for (const { area, free } of this.areaFree) {
      free.textContent = area.free > 0 ? t("places-left-in-area", { count: area.free }) : t("area-sold-out");
    }
    for (const { area, concession, input, less, more } of this.steppers) {
      const quantity = this.choice.placesOf(area, concession);
      if (document.activeElement !== input) input.value = quantity;
      less.disabled = quantity === 0;
      more.disabled = area.free <= quantity;
      input.disabled = area.free === 0 && quantity === 0;
    }
  }
}

/** On a phone, what is chosen is a sheet at the bottom: a bar with the sum, which opens to the list. */
export function bindSheet(root) {
  const toggle = root.querySelector("[data-testid=sheet-toggle]");
  const set = (isOpen) => {
    root.dataset.sheet = isOpen ? "open" : "closed";
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  toggle.addEventListener("click", () => set(root.dataset.sheet !== "open"));
  root.addEventListener("keydown", (event) => event.key === "Escape" && set(false));
  root.querySelector(".map-frame").addEventListener("pointerdown", () => set(false));
  set(false);
}
