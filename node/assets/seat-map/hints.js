/** What somebody may want to know of what they chose: seats that are apart, and a single seat that nobody will want. */

import { make } from "../elements.js";
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
    const places = groups.map((group) => `row ${hall.row(group[0]).label}, ${group.length === 1 ? "seat" : "seats"} ${list(group.map((seat) => hall.numbers[seat]))}`);
    const words = choice.seats.size === 2 ? "These two are apart" : "These are not all side by side";
    return make(
      "p",
      { class: "hint-line", "data-testid": "hint-apart" },
      `${words}: ${list(places)}. `,
      make("button", { type: "button", class: "link-button", onclick: this.together }, `Find ${choice.seats.size} together nearby`),
    );
  }

  #lonely() {
    const { hall, choice, neighbours } = this;
    const lonely = neighbours.lonely(new Set(choice.seats.keys()));
    if (lonely.length === 0) return undefined;
    const places = lonely.map((seat) => `seat ${hall.numbers[seat]} in row ${hall.row(seat).label}`);
    const them = lonely.length === 1 ? "it" : "them";
    return make("p", { class: "hint-line", "data-testid": "hint-single" }, `This leaves ${list(places)} single, and few want to sit alone. If you can, move over by one and leave ${them} a neighbour.`);
  }
}
