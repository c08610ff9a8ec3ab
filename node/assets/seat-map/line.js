/** Whether the map is live, as people see it: a word while it is, a sentence once it is not for longer than a moment. */

import { make } from "../elements.js";
import { follow } from "./stream.js";

/** A line that is back so soon was never missed. */
const MISSED_MS = 4_000;
const WORDS = { live: "Live", waiting: "Reconnecting…", reset: "Changed" };

export class Line {
  /** @param badge the word on the map, @param bar where the sentence goes */
  constructor(badge, bar, path, hall, say) {
    Object.assign(this, { badge, bar, say, since: undefined, pending: 0 });
    this.stop = follow(path, hall, (state) => this.#show(state));
    addEventListener("offline", () => this.#broken());
    addEventListener("online", () => this.badge.dataset.state === "waiting" && this.#broken());
  }

  #show(state) {
    this.badge.dataset.state = state;
    this.badge.textContent = WORDS[state];
    if (state === "live") {
      clearTimeout(this.pending);
      this.pending = 0;
      this.since = new Date();
      if (!this.bar.hidden) this.say("The seat map is live again.");
      this.bar.hidden = true;
    } else if (state === "reset") {
      this.#tell("The organizer changed the seat map. ", make("a", { href: location.href }, "Load it again"));
    } else {
      this.pending ||= setTimeout(() => this.#broken(), MISSED_MS);
    }
  }

  #broken() {
    const at = this.since?.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
    const why = navigator.onLine ? "The line to us is broken" : "You are offline";
    this.#tell(`${why}. ${at ? `The map shows what was free at ${at}` : "The map may be old"}; it goes on by itself as soon as the line is back.`);
  }

  #tell(...words) {
    const old = this.bar.textContent;
    this.bar.replaceChildren(...words);
    this.bar.hidden = false;
    if (this.bar.textContent !== old) this.say(this.bar.textContent);
  }
}
