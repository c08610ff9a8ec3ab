/**
 * A hall as one performance sells it: seats as columns by their index, areas, prices; and what changes live.
 *
 * A seat is a number everywhere in these modules: the number after the dash of its id.
 */

import { t } from "../texts.js";

export const FREE = 0;
export const HELD = 1;
export const BOOKED = 2;
export const KILLED = 3;
const WORDS = ["free", "held", "booked", "killed"];
const LETTERS = { f: FREE, h: HELD, b: BOOKED, k: KILLED };
const ACCESSIBLE = 1;
const COMPANION = 2;
const RESTRICTED = 4;

export class Hall {
  /** From the answer of `GET /v1/performances/{id}/seats`. */
  constructor(answer) {
    const { width, height, stage } = answer.seat_map;
    Object.assign(this, { width, height, stage, seq: answer.seq, currency: answer.currency });
    this.concessions = answer.concessions;
    this.categories = answer.categories;
    const categoryOf = new Map(answer.categories.map((category, index) => [category.key, index]));
    this.prices = new Map(answer.prices.map((price) => [`${categoryOf.get(price.category)}/${price.concession}`, price.amount]));
    this.#readSeats(answer.seats, categoryOf);
    const colours = new Map(answer.sections.map((section) => [section.name, section.color]));
    for (const section of this.sections) section.color = colours.get(section.name);
    /** The names of the map's sections, also of those without seats: what a section's number means to the node. */
    this.sectionNames = answer.sections.map((section) => section.name);
    this.areas = answer.areas.map((area) => ({ ...area, index: indexOf(area.id), category: categoryOf.get(area.price_category) ?? 0 }));
    this.listeners = new Set();
  }

  #readSeats(seats, categoryOf) {
    const length = seats.reduce((most, seat) => Math.max(most, indexOf(seat.id) + 1), 0);
    this.length = length;
    this.ids = new Array(length);
    this.numbers = new Array(length);
    this.x = new Float32Array(length).fill(NaN);
    this.y = new Float32Array(length).fill(NaN);
    this.status = new Uint8Array(length).fill(KILLED);
    this.category = new Uint8Array(length);
    this.flags = new Uint8Array(length);
    this.rowOf = new Uint32Array(length);
    this.rows = [];
    this.sections = [];
    const sectionOf = new Map();
    const rowOf = new Map();
    for (const seat of seats) {
      const index = indexOf(seat.id);
      if (!sectionOf.has(seat.section)) {
        sectionOf.set(seat.section, this.sections.length);
        this.sections.push({ name: seat.section, rows: [], seats: 0 });
      }
      const section = sectionOf.get(seat.section);
      const rowKey = `${section}/${seat.row}`;
      if (!rowOf.has(rowKey)) {
        rowOf.set(rowKey, this.rows.length);
        this.sections[section].rows.push(this.rows.length);
        this.rows.push({ section, label: seat.row, seats: [] });
      }
      const row = rowOf.get(rowKey);
      this.rows[row].seats.push(index);
      this.sections[section].seats++;
      this.ids[index] = seat.id;
      this.numbers[index] = seat.number;
      this.x[index] = seat.x;
      this.y[index] = seat.y;
      this.status[index] = WORDS.indexOf(seat.status);
      this.category[index] = categoryOf.get(seat.price_category) ?? 0;
      this.flags[index] = (seat.accessible ? ACCESSIBLE : 0) | (seat.companion ? COMPANION : 0) | (seat.restricted_view ? RESTRICTED : 0);
      this.rowOf[index] = row;
    }
    /** How many seats are free, by row and by section. */
    this.freeOfRow = new Uint32Array(this.rows.length);
    this.freeOfSection = new Uint32Array(this.sections.length);
    for (const seat of seats) if (seat.status === "free") this.#count(indexOf(seat.id), 1);
  }

  #count(seat, by) {
    const row = this.rowOf[seat];
    this.freeOfRow[row] += by;
    this.freeOfSection[this.rows[row].section] += by;
  }

  isFree(seat) {
    return this.status[seat] === FREE;
  }

  isAccessible(seat) {
    return (this.flags[seat] & ACCESSIBLE) !== 0;
  }

  isCompanion(seat) {
    return (this.flags[seat] & COMPANION) !== 0;
  }

  /** Whether it is a place for a wheelchair or a companion's, which is nobody else's. */
  isSpecial(seat) {
    return (this.flags[seat] & (ACCESSIBLE | COMPANION)) !== 0;
  }

  /** Whether not all is seen from it. */
  isRestricted(seat) {
    return (this.flags[seat] & RESTRICTED) !== 0;
  }

  row(seat) {
    return this.rows[this.rowOf[seat]];
  }

  section(seat) {
    return this.sections[this.row(seat).section];
  }

  /** The price in minor units; undefined if the pair is not sold. */
  price(category, concession) {
    return this.prices.get(`${category}/${concession}`);
  }

  /** The concessions that a category is sold under. */
  concessionsOf(category) {
    return this.concessions.filter((concession) => this.price(category, concession) !== undefined);
  }

  /** `Stalls, row C, seat 12` */
  place(seat) {
    const row = this.row(seat);
    return t("seat-place", { section: this.sections[row.section].name, row: row.label, seat: this.numbers[seat] });
  }

  /** What is particular about a seat, in words; empty for most. */
  particular(seat) {
    const kind = this.isAccessible(seat) ? t("seat-is-wheelchair") : this.isCompanion(seat) ? t("seat-is-companion") : "";
    return [kind, this.isRestricted(seat) ? t("seat-is-restricted") : ""].filter(Boolean).join(", ");
  }

  /** What a category costs who says nothing else, in minor units; undefined if it is not sold. */
  usualPrice(category) {
    const [first] = this.concessionsOf(category);
    return first === undefined ? undefined : this.price(category, first);
  }

  /** How many minor units the currency's unit has: 100 cents. */
  minorUnits() {
    return 10 ** new Intl.NumberFormat(undefined, { style: "currency", currency: this.currency }).resolvedOptions().maximumFractionDigits;
  }

  /** The lowest price of a section's seats, in minor units; undefined if none is sold. */
  leastPrice(section) {
    const categories = new Set(section.rows.flatMap((row) => this.rows[row].seats.map((seat) => this.category[seat])));
    const prices = [...categories].flatMap((category) => this.concessionsOf(category).map((concession) => this.price(category, concession)));
    return prices.length > 0 ? Math.min(...prices) : undefined;
  }

  /** Calls `listener(seats, areas)` with the indices of what changed. */
  onChange(listener) {
    this.listeners.add(listener);
  }

  /** Takes in an event of the stream: pairs of index and letter, pairs of area index and free places. */
  change(seq, seats, areas) {
    this.seq = seq;
    const changedSeats = [];
    for (const [seat, letter] of seats) {
      const status = LETTERS[letter];
      if (seat < this.length && status !== undefined && this.status[seat] !== status) {
        if (this.status[seat] === FREE) this.#count(seat, -1);
        else if (status === FREE) this.#count(seat, 1);
        this.status[seat] = status;
        changedSeats.push(seat);
      }
    }
    const changedAreas = [];
    for (const [index, free] of areas) {
      const area = this.areas.find((area) => area.index === index);
      if (area && area.free !== free) {
        area.free = free;
        changedAreas.push(index);
      }
    }
    if (changedSeats.length > 0 || changedAreas.length > 0) {
      for (const listener of this.listeners) listener(changedSeats, changedAreas);
    }
  }
}

function indexOf(id) {
  return Number(id.slice(id.lastIndexOf("-") + 1).replace("a", ""));
}
