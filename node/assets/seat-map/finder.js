/** Finds seats for people and shows them on the map: the best available, the same together, the nearest to one that is gone. */

import { make } from "../elements.js";
import { t } from "../texts.js";
import { money } from "../words.js";
import { middle, propose, proposeApart } from "./proposal.js";

export class Finder {
  /** @param on.tell shows a notice with buttons, on.show brings seats into sight, on.hold goes on to pay */
  constructor(hall, neighbours, choice, filter, on) {
    Object.assign(this, { hall, neighbours, choice, filter, on });
  }

  /** What the form for the best available seats asks for. */
  best(form) {
    Object.assign(this, { form, refused: [] });
    this.#best();
  }

  #best() {
    const { form, hall, neighbours, filter } = this;
    const where = form.elements.where.value;
    const [section, category] = ["s", "c"].map((letter) => (where.startsWith(letter) ? Number(where.slice(1)) : undefined));
    const concession = form.elements.concession?.value ?? hall.concessions[0];
    const fits = (seat) =>
      (section === undefined || hall.section(seat).name === hall.sectionNames[section]) &&
      (category === undefined ? filter.suits(seat) : hall.category[seat] === category) &&
      hall.price(hall.category[seat], concession) !== undefined;
    const quantity = Math.min(Number(form.elements.quantity.value), this.choice.limit);
    const wish = { quantity, fits, accessible: form.elements.accessible?.checked ?? false, refused: this.refused };
    let seats = propose(hall, neighbours, wish);
    const areTogether = seats.length > 0;
    if (!areTogether) seats = proposeApart(hall, neighbours, wish);
    if (seats.length === 0) {
      const more = this.refused.length > 0 ? t("none-like-these") : t("ask-for-fewer");
      return this.on.tell("warn", `${t("no-seats-found", { count: quantity })} ${more}`);
    }
    this.choice.replace(seats, concession);
    this.on.show(seats);
    this.#offer(seats, areTogether);
  }

  #offer(seats, areTogether) {
    const told = { places: this.neighbours.places(seats), total: money(this.choice.total(), this.hall.currency) };
    const words = areTogether ? t("best-for-you", told) : t("not-side-by-side", told);
    const another = () => {
      this.refused.push(new Set(seats));
      this.#best();
    };
    this.on.tell(
      "good",
      words,
      make("button", { type: "button", class: "button compact", onclick: this.on.hold, "data-testid": "proposal-take" }, t("take-them")),
      make("button", { type: "button", class: "button quiet compact", onclick: another, "data-testid": "proposal-other" }, t("show-others")),
    );
  }

  /** As many as are chosen, side by side, as near as may be to the first of them. */
  together() {
    const { hall, choice, neighbours } = this;
    const [[first, concession]] = choice.seats;
    const fits = (seat) => hall.price(hall.category[seat], concession) !== undefined;
    const near = { x: hall.x[first], y: hall.y[first] };
    const seats = propose(hall, neighbours, { quantity: choice.seats.size, fits, near });
    if (seats.length === 0) return this.on.tell("warn", t("none-together", { seats: choice.seats.size }));
    choice.replace(seats, concession);
    this.on.show(seats);
    this.on.say(t("places-selected", { places: this.neighbours.places(seats) }));
  }

  /** The nearest to seats that are gone, beside what is still chosen if there is room. */
  nearest(lost) {
    const { hall, choice, neighbours } = this;
    const chosen = new Set(choice.seats.keys());
    const [x, y] = middle(hall, chosen.size > 0 ? [...chosen] : lost);
    const concession = choice.seats.values().next().value ?? hall.concessionsOf(hall.category[lost[0]])[0];
    const fits = (seat) => !chosen.has(seat) && hall.price(hall.category[seat], concession) !== undefined;
    let seats = propose(hall, neighbours, { quantity: lost.length, fits, near: { x, y }, beside: chosen });
    if (seats.length === 0) seats = proposeApart(hall, neighbours, { quantity: lost.length, fits, near: { x, y }, beside: chosen });
    if (seats.length === 0) return this.on.tell("warn", t("nothing-like-it"));
    for (const seat of seats) choice.toggle(seat);
    this.on.show([...choice.seats.keys()]);
    this.on.say(t("places-selected", { places: this.neighbours.places(seats) }));
  }
}
