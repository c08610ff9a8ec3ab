/**
 * What a customer has chosen and not yet held: seats with their concessions, or places in areas.
 *
 * A hold is of seats or of areas, so choosing the one lets go of the other.
 */

import { t } from "../texts.js";
import { FREE } from "./hall.js";

export class Choice {
  constructor(hall, limit) {
    Object.assign(this, { hall, limit });
    /** Seat → concession. */
    this.seats = new Map();
    /** `area index/concession` → quantity. */
    this.places = new Map();
    this.listeners = new Set();
  }

  onChange(listener) {
    this.listeners.add(listener);
  }

  #tell() {
    for (const listener of this.listeners) listener();
  }

  quantity() {
    return this.seats.size + [...this.places.values()].reduce((sum, quantity) => sum + quantity, 0);
  }

  total() {
    let total = 0;
    for (const [seat, concession] of this.seats) total += this.hall.price(this.hall.category[seat], concession) ?? 0;
    for (const [key, quantity] of this.places) total += this.#placePrice(key) * quantity;
    return total;
  }

  #placePrice(key) {
    const [index, concession] = split(key);
    const area = this.hall.areas.find((area) => area.index === index);
    return this.hall.price(area.category, concession) ?? 0;
  }

  /** Adds or removes a seat. Returns why not, in words; or an empty text. */
  toggle(seat) {
    if (this.seats.delete(seat)) {
      this.#tell();
      return "";
    }
    if (this.hall.status[seat] !== FREE) return t("not-for-sale", { place: this.hall.place(seat) });
    const [concession] = this.hall.concessionsOf(this.hall.category[seat]);
    if (concession === undefined) return t("place-not-sold-online", { place: this.hall.place(seat) });
    if (this.seats.size >= this.limit) return this.#limitWords();
    this.places.clear();
    this.seats.set(seat, concession);
    this.#tell();
    return "";
  }

  /** Chooses these seats under one concession, instead of what was chosen. */
  replace(seats, concession) {
    this.places.clear();
    this.seats.clear();
    for (const seat of seats.slice(0, this.limit)) this.seats.set(seat, concession);
    this.#tell();
  }

  setConcession(seat, concession) {
    if (!this.seats.has(seat)) return;
    this.seats.set(seat, concession);
    this.#tell();
  }

  /** Sets how many places of an area; returns how many it became and why not more. */
  setPlaces(area, concession, quantity) {
    const key = `${area.index}/${concession}`;
    const others = [...this.places].reduce((sum, [other, count]) => sum + (other === key ? 0 : count), 0);
    const most = Math.max(0, Math.min(area.free, this.limit - others));
    const set = Math.max(0, Math.min(most, Math.floor(quantity) || 0));
    if (set > 0) this.seats.clear();
    if (set === 0) this.places.delete(key);
    else this.places.set(key, set);
    this.#tell();
    if (quantity <= most) return [set, ""];
    return [set, area.free <= this.limit - others ? t("area-has-left", { area: area.name, count: area.free }) : this.#limitWords()];
  }

  placesOf(area, concession) {
    return this.places.get(`${area.index}/${concession}`) ?? 0;
  }

  clear() {
    this.seats.clear();
    this.places.clear();
    this.#tell();
  }

  /** Lets go of chosen seats that somebody else took; returns them. */
  dropTaken(changed) {
    const lost = changed.filter((seat) => this.hall.status[seat] !== FREE && this.seats.delete(seat));
    if (lost.length > 0) this.#tell();
    return lost;
  }

  /** Lets go of chosen places that are not there any more; returns the areas. */
  dropFull(changed) {
    const lost = [];
    for (const [key, quantity] of this.places) {
      const [index] = split(key);
      const area = this.hall.areas.find((area) => area.index === index);
      if (!changed.includes(index) || quantity <= area.free) continue;
      if (area.free === 0) this.places.delete(key);
      else this.places.set(key, area.free);
      lost.push(area);
    }
    if (lost.length > 0) this.#tell();
    return lost;
  }

  /** The body of `POST …/holds`. */
  request() {
    if (this.seats.size > 0) {
      return { seats: [...this.seats].map(([seat, concession]) => ({ id: this.hall.ids[seat], concession })) };
    }
    return {
      areas: [...this.places].map(([key, quantity]) => {
        const [index, concession] = split(key);
        return { area: this.hall.areas.find((area) => area.index === index).id, quantity, concession };
      }),
    };
  }

  #limitWords() {
    return t("one-customer-limit", { count: this.limit });
  }
}

function split(key) {
  const at = key.indexOf("/");
  return [Number(key.slice(0, at)), key.slice(at + 1)];
}
