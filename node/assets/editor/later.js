/**
 * Parts of a page that are fetched when they are first wanted: nobody waits for tools that they do not use.
 *
 * Fetching begins when somebody is about to want it (`hint`), so that a press does not wait; what is pressed while it is on
 * its way is done when it is there. If it does not come, who wanted it is told, and asking again fetches it again.
 */

/** A part could not be fetched. */
export class Missing extends Error {}

export class Later {
  /** @param fetch imports the part's module; @param make makes the part of it, once */
  constructor(fetch, make = (module) => module) {
    Object.assign(this, { fetch, make, made: null });
  }

  /** Resolves to the part; rejects with {@link Missing} if it could not be fetched. */
  want() {
    this.coming ??= this.fetch().then(
      (module) => (this.made = this.make(module)),
      (cause) => {
        this.coming = undefined;
        throw new Missing("a part of the page could not be fetched", { cause });
      },
    );
    return this.coming;
  }

  /** Fetches it when a pointer or the focus comes to one of these elements. What fails here is asked for again when it is wanted. */
  hint(...elements) {
    for (const element of elements) {
      for (const event of ["pointerenter", "focusin"]) element.addEventListener(event, () => this.ahead(), { once: true });
    }
    return this;
  }

  ahead() {
    this.want().catch((error) => {
      if (!(error instanceof Missing)) throw error;
    });
  }
}
