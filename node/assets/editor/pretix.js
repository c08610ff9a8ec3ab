/** Opens seating plans of pretix: the server reads them, and what it understood is one step of the editor. */

import { call, Refused } from "../api.js";
import { fromDrawing } from "./reading.js";
import { t } from "./tool-words.js";

const MEGABYTES_MAX = 30;

export class PretixPlans {
  /** @param on `{ open(doc, name), notice(kind, words) }` */
  constructor(root, venue, on) {
    Object.assign(this, { venue, on });
    const input = root.querySelector("[data-testid=pretix-file]");
    const read = async () => {
      const [file] = input.files;
      if (file) await this.#open(file);
      // The same file can be chosen again after it was put right.
      input.value = "";
    };
    input.addEventListener("change", read);
    // One may have been chosen while this was on its way.
    read();
  }

  async #open(file) {
    if (file.size > MEGABYTES_MAX * 1024 * 1024) {
      this.on.notice("bad", t("editor-pretix-large", { most: MEGABYTES_MAX }));
      return;
    }
    let plan;
    try {
      plan = JSON.parse(await file.text());
    } catch {
      this.on.notice("bad", t("editor-pretix-no-json"));
      return;
    }
    try {
      const read = await call("POST", `/v1/venues/${this.venue}/halls/plans?dry_run=true`, plan);
      this.on.open(fromDrawing(read.seat_map), read.name);
      const [first] = read.left_out;
      if (first) this.on.notice("warn", t("editor-pretix-left-out", { count: read.left_out.length, what: `${first.pointer}: ${first.detail}` }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const faults = (error.problem.errors ?? []).slice(0, 3).map(({ pointer, detail }) => `${pointer} ${detail}`);
      this.on.notice("bad", t("editor-pretix-unreadable", { why: faults.length > 0 ? faults.join("; ") : error.message }));
    }
  }
}
