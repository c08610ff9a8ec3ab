/** What somebody looks for: prices and places of which the map shows only these in full colour. */

import { t } from "../texts.js";

export class Filter {
  constructor(hall) {
    Object.assign(this, { hall, categories: new Set(), onlyAccessible: false, listeners: new Set() });
  }

  onChange(listener) {
    this.listeners.add(listener);
  }

  isOn() {
    return this.categories.size > 0 || this.onlyAccessible;
  }

  /** Whether a seat is one that is looked for. */
  fits(seat) {
    if (this.categories.size > 0 && !this.categories.has(this.hall.category[seat])) return false;
    return !this.onlyAccessible || this.hall.flags[seat] !== 0;
  }

  toggleCategory(category) {
    if (!this.categories.delete(category)) this.categories.add(category);
    this.#tell();
  }

  toggleAccessible() {
    this.onlyAccessible = !this.onlyAccessible;
    this.#tell();
  }

  #tell() {
    for (const listener of this.listeners) listener();
  }
}

/** Makes the legend's entries switches: pressed ones are what is looked for; none pressed is everything. */
export function bindLegend(legend, filter, say) {
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
      if (category < 0) filter.toggleAccessible();
      else filter.toggleCategory(category);
      say(filter.isOn() ? t("map-filtered") : t("map-unfiltered"));
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
