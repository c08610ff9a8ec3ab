/** Which seats are side by side: neighbours in a row that no aisle parts. */

/** Seats that are so much farther apart than their row's usually are have an aisle between them. */
const AISLE = 1.45;

export class Neighbours {
  constructor(hall) {
    this.hall = hall;
    this.known = new Map();
  }

  /** A row's seats in pieces without an aisle. */
  pieces(row) {
    if (!this.known.has(row)) this.known.set(row, this.#cut(this.hall.rows[row].seats));
    return this.known.get(row);
  }

  #cut(seats) {
    const { x, y } = this.hall;
    const gaps = seats.slice(1).map((seat, at) => Math.hypot(x[seat] - x[seats[at]], y[seat] - y[seats[at]]));
    const usual = gaps.toSorted((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0;
    const pieces = [[seats[0]]];
    gaps.forEach((gap, at) => {
      if (gap > usual * AISLE) pieces.push([]);
      pieces.at(-1).push(seats[at + 1]);
    });
    return pieces;
  }

  /** These seats in groups of neighbours, the largest first. */
  groups(seats) {
    const wanted = new Set(seats);
    const rows = new Set([...wanted].map((seat) => this.hall.rowOf[seat]));
    const groups = [];
    for (const row of rows) {
      for (const piece of this.pieces(row)) {
        let group = [];
        for (const seat of piece) {
          if (wanted.has(seat)) group.push(seat);
          else if (group.length > 0) group = (groups.push(group), []);
        }
        if (group.length > 0) groups.push(group);
      }
    }
    return groups.sort((one, other) => other.length - one.length);
  }

  /**
   * Free seats that these would leave alone between what is taken: nobody buys a single seat gladly. Where a party cannot
   * sit without leaving one, nothing is said.
   */
  lonely(chosen) {
    const lonely = [];
    for (const group of this.groups(chosen)) {
      const piece = this.pieces(this.hall.rowOf[group[0]]).find((piece) => piece.includes(group[0]));
      const isVacant = (at) => at >= 0 && at < piece.length && this.isOrdinary(piece[at]) && !chosen.has(piece[at]);
      const [first, last] = [piece.indexOf(group[0]), piece.indexOf(group.at(-1))];
      const before = run(isVacant, first - 1, -1);
      const after = run(isVacant, last + 1, 1);
      if (before + after <= 1) continue;
      if (before === 1) lonely.push(piece[first - 1]);
      if (after === 1) lonely.push(piece[last + 1]);
    }
    return lonely;
  }

  /** Whether a seat is free and anybody's. */
  isOrdinary(seat) {
    return this.hall.isFree(seat) && !this.hall.isSpecial(seat);
  }
}

/** How many in a line are vacant, from a place on. */
function run(isVacant, from, step) {
  let length = 0;
  while (isVacant(from + length * step)) length++;
  return length;
}
