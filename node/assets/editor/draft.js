/** What is not saved yet is kept in the browser, so that a closed page or a lost line costs nothing. */

const AFTER_MS = 700;

export class Draft {
  /** @param name of the hall's draft; @param read gives `{ version, name, drawing }` of what is shown, or null if it cannot be said yet */
  constructor(name, read) {
    this.key = `marquee.draft.${name}`;
    this.read = read;
    this.pending = 0;
    addEventListener("pagehide", () => this.pending && this.#keep());
  }

  /** @returns `{ version, name, drawing, at }` of the last time, or null */
  known() {
    try {
      const draft = JSON.parse(localStorage.getItem(this.key));
      return draft && draft.drawing ? draft : null;
    } catch {
      return null;
    }
  }

  /** Keeps what is shown, a moment after the last change. */
  later() {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.#keep(), AFTER_MS);
  }

  #keep() {
    clearTimeout(this.pending);
    this.pending = 0;
    const shown = this.read();
    if (!shown) return;
    try {
      localStorage.setItem(this.key, JSON.stringify({ ...shown, at: Date.now() }));
    } catch {
      // Without storage, or with a full one, there is no draft; saving works all the same.
    }
  }

  drop() {
    clearTimeout(this.pending);
    this.pending = 0;
    try {
      localStorage.removeItem(this.key);
    } catch {
      // See above.
    }
  }
}
