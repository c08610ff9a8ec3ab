/** What somebody looks for: prices and places of which the map and the list show only these in full. */

import { t } from "../texts.js";
import { money } from "../words.js";

export class Filter {
  constructor(hall) {
    Object.assign(this, { hall, listeners: new Set() });
    this.#empty();
  }

  #empty() {
    Object.assign(this, { categories: new Set(), onlyAccessible: false, onlyClear: false, least: -Infinity, most: Infinity });
  }

  onChange(listener) {
    this.listeners.add(listener);
  }

  isOn() {
    return this.categories.size > 0 || this.onlyAccessible || this.onlyClear || this.least > -Infinity || this.most < Infinity;
  }

  /** Whether a seat is one that is looked for. */
  fits(seat) {
    const { hall } = this;
    const category = hall.category[seat];
    if (this.categories.size > 0 && !this.categories.has(category)) return false;
    if (this.onlyAccessible && !hall.isSpecial(seat)) return false;
    if (this.onlyClear && hall.isRestricted(seat)) return false;
    if (this.least === -Infinity && this.most === Infinity) return true;
    const price = hall.usualPrice(category);
    return price !== undefined && price >= this.least && price <= this.most;
  }

  /** How many free seats are looked for. */
  count() {
    let count = 0;
    for (let seat = 0; seat < this.hall.length; seat++) if (this.hall.isFree(seat) && this.fits(seat)) count += 1;
    return count;
  }

  toggleCategory(category) {
    if (!this.categories.delete(category)) this.categories.add(category);
    this.#tell();
  }

  /** @param facts those of `onlyAccessible`, `onlyClear`, `least` and `most` (minor units) that change */
  set(facts) {
    Object.assign(this, facts);
    this.#tell();
  }

  reset() {
    this.#empty();
    this.#tell();
  }

  #tell() {
    for (const listener of this.listeners) listener();
  }
}

/** Makes the legend's entries switches: pressed ones are what is looked for; none pressed is everything. */
export function bindLegend(legend, filter) {
  const buttons = [];
  for (const entry of legend.querySelectorAll("[data-category], [data-accessible]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "legend-key";
    button.append(...entry.childNodes);
    entry.append(button);
    const category = filter.hall.categories.findIndex(({ key }) => key === entry.dataset.category);
    const isPressed = () => (category < 0 ? filter.onlyAccessible : filter.categories.has(category));
    button.addEventListener("click", () => {
      if (category < 0) filter.set({ onlyAccessible: !filter.onlyAccessible });
      else filter.toggleCategory(category);
    });
    buttons.push({ button, isPressed });
  }
  const show = () => {
    for (const { button, isPressed } of buttons) button.setAttribute("aria-pressed", String(isPressed()));
    legend.dataset.filtered = String(filter.isOn());
  };
  filter.onChange(show);
  show();
}

/** The form under the legend: between which prices, and with what view. */
export function bindFilter(form, filter, say) {
  const { least, most, clear } = form.elements;
  const { hall } = filter;
  const prices = [...new Set(hall.categories.flatMap((_category, index) => hall.usualPrice(index) ?? []))].sort((one, other) => one - other);
  const unit = hall.minorUnits();
  const bounds = form.querySelector("[data-prices]");
  bounds.hidden = prices.length < 2;
  form.hidden = bounds.hidden && !clear;
  form.querySelector("[data-currency]").textContent = hall.currency;
  for (const [input, price] of [[least, prices[0]], [most, prices.at(-1)]]) {
    input.placeholder = price === undefined ? "" : String(price / unit);
    // Whoever steps goes from one whole unit to the next.
    input.step = "any";
  }
  const read = (input, none) => (input.value.trim() === "" || Number.isNaN(input.valueAsNumber) ? none : Math.round(input.valueAsNumber * unit));
  form.addEventListener("input", () => filter.set({ least: read(least, -Infinity), most: read(most, Infinity), onlyClear: clear?.checked ?? false }));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    least.value = most.value = "";
    if (clear) clear.checked = false;
    filter.reset();
  });
  const reset = form.querySelector("[type=reset]");
  let pending = 0;
  filter.onChange(() => {
    form.hidden = bounds.hidden && !clear && !filter.isOn();
    // A button that has the focus keeps it until the focus goes elsewhere.
    reset.hidden = !filter.isOn() && document.activeElement !== reset;
    const words = () => (filter.isOn() ? `${t("map-filtered")} ${t("seats-fit", { count: filter.count() })}` : t("map-unfiltered"));
    // While somebody writes a price, the last word counts.
    clearTimeout(pending);
    pending = setTimeout(() => say(words()), 300);
  });
  reset.addEventListener("blur", () => (reset.hidden = !filter.isOn()));
  for (const input of [least, most]) input.setAttribute("aria-description", prices.length > 0 ? `${money(prices[0], hall.currency)} – ${money(prices.at(-1), hall.currency)}` : "");
}
