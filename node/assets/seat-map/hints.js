/** What somebody may want to know of what they chose: seats that are apart, and a single seat that nobody will want. */

import { make } from "../elements.js";
import { t } from "../texts.js";
import { list } from "../words.js";

export class Hints {
  /** @param together proposes as many seats side by side, near those that were chosen */
  constructor(root, hall, neighbours, choice, together) {
    Object.assign(this, { root, hall, neighbours, choice, together });
    choice.onChange(() => this.show());
    hall.onChange((seats) => seats.length > 0 && choice.seats.size > 0 && this.show());
  }

  show() {
    const hints = [this.#apart(), this.#lonely()].filter(Boolean);
    const told = hints.map((hint) => hint.textContent).join();
    // The same words again would be read out again.
    if (told === this.told) return;
    this.told = told;
    this.root.replaceChildren(...hints);
  }

  #apart() {
    const { hall, choice, neighbours } = this;
    if (choice.seats.size < 2) return undefined;
    const groups = neighbours.groups(choice.seats.keys());
    if (groups.length < 2) return undefined;
    const places = list(groups.map((group) => {
      const told = { row: hall.row(group[0]).label, seats: list(group.map((seat) => hall.numbers[seat])) };
      return group.length === 1 ? t("row-and-seat", told) : t("row-and-seats", told);
    }));
    const words = choice.seats.size === 2 ? t("two-apart", { places }) : t("some-apart", { places });
    return make(
      "p",
      { class: "hint-line", "data-testid": "hint-apart" },
      `${words} `,
      make("button", { type: "button", class: "link-button", onclick: this.together }, t("find-together", { seats: choice.seats.size })),
    );
  }

  #lonely() {
    const { hall, choice, neighbours } = this;
    const lonely = neighbours.lonely(new Set(choice.seats.keys()));
    if (lonely.length === 0) return undefined;
    const places = list(lonely.map((seat) => t("seat-in-row", { seat: hall.numbers[seat], row: hall.row(seat).label })));
    return make("p", { class: "hint-line", "data-testid": "hint-single" }, t("leaves-single", { count: lonely.length, places }));
  }
}
