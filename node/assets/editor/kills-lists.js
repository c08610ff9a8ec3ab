/** What is out of sale, as a list; and the form that selects seats by their names. */

import { make } from "../elements.js";
import { LabelFault, listFrom } from "./labels.js";
import { t } from "./words.js";

export class KilledList {
  /** @param on `{ select(seats), revive(seats) }` */
  constructor(root, hall, on) {
    Object.assign(this, { root, on });
    this.indexOf = new Map(hall.ids.map((id, seat) => [id, seat]));
  }

  /** @param items `{ seats, reason }` from the API */
  show(items) {
    const lines = items.filter((item) => item.seats.length > 0).map((item) => {
      const seats = item.seats.map((id) => this.indexOf.get(id)).filter((seat) => seat !== undefined);
      return make(
        "li", { class: "kills-item", "data-testid": "killed-item" },
        make("p", {}, make("span", { class: "strong" }, item.reason), " ", make("span", { class: "soft small" }, t("editor-seats", { count: seats.length }))),
        make("div", { class: "row" },
          make("button", { type: "button", class: "link-button", onclick: () => this.on.select(seats) }, t("kills-do-select")),
          make("button", { type: "button", class: "link-button", "data-testid": "killed-revive", onclick: () => this.on.revive(seats) }, t("kills-revive"))),
      );
    });
    this.root.replaceChildren(...(lines.length > 0 ? lines : [make("li", { class: "soft small" }, t("kills-none"))]));
  }
}

export class NamesForm {
  constructor(form, hall, select, complain) {
    const [section, rows, seats] = ["section", "rows", "seats"].map((name) => form.querySelector(`[data-testid=names-${name}]`));
    section.replaceChildren(...hall.sections.map((one, nth) => make("option", { value: nth }, one.name)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        const [wantedRows, wantedSeats] = [listFrom(rows.value), listFrom(seats.value)];
        const found = hall.sections[Number(section.value)].rows
          .map((row) => hall.rows[row])
          .filter((row) => wantedRows === null || wantedRows.has(row.label))
          .flatMap((row) => row.seats.filter((seat) => wantedSeats === null || wantedSeats.has(hall.numbers[seat])));
        if (found.length === 0) complain(t("kills-no-such"));
        else select(found);
      } catch (fault) {
        if (!(fault instanceof LabelFault)) throw fault;
        complain(t("kills-label-failed", { why: t(fault.key, fault.values) }));
      }
    });
  }
}
