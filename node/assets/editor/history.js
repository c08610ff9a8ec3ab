/** What was done, to be undone and done again: states of the document, each with the words for the step to it. */

const STEPS_MAX = 1000;
/** Steps with the same mark that follow each other so soon are one. */
const TOGETHER_MS = 1200;

export class History {
  constructor(doc, clock = () => Date.now()) {
    this.clock = clock;
    this.reset(doc);
  }

  reset(doc) {
    this.doc = doc;
    this.past = [];
    this.future = [];
    this.last = { mark: null, at: 0 };
  }

  /** @param mark steps with the same mark, one soon after the other, are undone at once; with a symbol at any time */
  push(doc, words, mark = null) {
    const now = this.clock();
    const isSoon = typeof mark === "symbol" || now - this.last.at < TOGETHER_MS;
    const isSame = mark !== null && mark === this.last.mark && isSoon && this.past.length > 0;
    if (!isSame) this.past.push({ doc: this.doc, words });
    if (this.past.length > STEPS_MAX) this.past.shift();
    this.future = [];
    this.doc = doc;
    this.last = { mark, at: now };
  }

  /** @returns the words of the step that was undone, or null */
  undo() {
    return this.#go(this.past, this.future);
  }

  redo() {
    return this.#go(this.future, this.past);
  }

  #go(from, to) {
    const step = from.pop();
    if (!step) return null;
    to.push({ doc: this.doc, words: step.words });
    this.doc = step.doc;
    this.last = { mark: null, at: 0 };
    return step.words;
  }
}
