/** Whether the map is live, as people see it: a word while it is, a sentence once it is not for longer than a moment. */

import { make } from "../elements.js";
import { language, t } from "../texts.js";
import { follow } from "./stream.js";

/** A line that is back so soon was never missed. */
const MISSED_MS = 4_000;
const WORDS = { live: "live", waiting: "reconnecting", reset: "map-changed" };

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
    this.badge.textContent = t(WORDS[state]);
    if (state === "live") {
      clearTimeout(this.pending);
      this.pending = 0;
      this.since = new Date();
      if (!this.bar.hidden) this.say(t("map-live-again"));
      this.bar.hidden = true;
    } else if (state === "reset") {
      this.#tell(`${t("map-changed-words")} `, make("a", { href: location.href }, t("load-again")));
    } else {
      this.pending ||= setTimeout(() => this.#broken(), MISSED_MS);
    }
  }

  #broken() {
    const at = this.since?.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
    const why = navigator.onLine ? t("line-is-broken") : t("you-are-offline");
    this.#tell(`${why} ${at ? t("map-shows-state-of", { time: at }) : t("map-may-be-old")}`);
  }

  #tell(...words) {
    const old = this.bar.textContent;
    this.bar.replaceChildren(...words);
    this.bar.hidden = false;
    if (this.bar.textContent !== old) this.say(this.bar.textContent);
  }
}
