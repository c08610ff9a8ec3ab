/** Finds seats by where they stand: a grid of cells, each with the seats in it. */

const CELL = 400;

export class Grid {
  constructor(hall) {
    this.hall = hall;
    this.columns = Math.max(1, Math.ceil(hall.width / CELL) + 1);
    this.rows = Math.max(1, Math.ceil(hall.height / CELL) + 1);
    const cells = this.columns * this.rows;
    // A counting sort: where each cell's seats begin, then the seats.
    this.starts = new Uint32Array(cells + 1);
    const cellOf = new Int32Array(hall.length).fill(-1);
    for (let seat = 0; seat < hall.length; seat++) {
      if (Number.isNaN(hall.x[seat])) continue;
      cellOf[seat] = this.#cell(hall.x[seat], hall.y[seat]);
      this.starts[cellOf[seat] + 1]++;
    }
    for (let cell = 0; cell < cells; cell++) this.starts[cell + 1] += this.starts[cell];
    this.seats = new Uint32Array(this.starts[cells]);
    const next = this.starts.slice();
    for (let seat = 0; seat < hall.length; seat++) {
      if (cellOf[seat] >= 0) this.seats[next[cellOf[seat]]++] = seat;
    }
  }

  #column(x) {
    return Math.min(this.columns - 1, Math.max(0, Math.floor(x / CELL)));
  }

  #row(y) {
    return Math.min(this.rows - 1, Math.max(0, Math.floor(y / CELL)));
  }

  #cell(x, y) {
    return this.#row(y) * this.columns + this.#column(x);
  }

  /** Calls `visit(seat)` for every seat in the cells that a rectangle touches. */
  within(left, top, right, bottom, visit) {
    for (let row = this.#row(top); row <= this.#row(bottom); row++) {
      for (let column = this.#column(left); column <= this.#column(right); column++) {
        const cell = row * this.columns + column;
        for (let at = this.starts[cell]; at < this.starts[cell + 1]; at++) visit(this.seats[at]);
      }
    }
  }

  /** The seat nearest to a point, at most `reach` away; -1 if there is none. */
  nearest(x, y, reach) {
    let best = -1;
    let least = reach * reach;
    this.within(x - reach, y - reach, x + reach, y + reach, (seat) => {
      const distance = (this.hall.x[seat] - x) ** 2 + (this.hall.y[seat] - y) ** 2;
      if (distance <= least) [best, least] = [seat, distance];
    });
    return best;
  }

  /** The next seat from one in a direction (`dx`, `dy` are -1, 0 or 1): straight ahead before aside. */
  towards(seat, dx, dy) {
    const { x, y } = this.hall;
    for (let reach = 300; ; reach *= 3) {
      let best = -1;
      let least = Infinity;
      this.within(x[seat] - reach, y[seat] - reach, x[seat] + reach, y[seat] + reach, (other) => {
        const along = (x[other] - x[seat]) * dx + (y[other] - y[seat]) * dy;
        const aside = Math.abs((x[other] - x[seat]) * dy) + Math.abs((y[other] - y[seat]) * dx);
        if (along < 20 || aside > along * 1.5) return;
        const cost = along + aside * 2;
        if (cost < least) [best, least] = [other, cost];
      });
      if (best >= 0 || reach > Math.max(this.hall.width, this.hall.height)) return best;
    }
  }
}
