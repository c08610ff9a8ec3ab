/** Reads the hall from the API and writes it back, with the version that was read: nobody's changes are lost unseen. */

import { call, Refused } from "../api.js";
import { fromDrawing, toDrawing } from "./format.js";
import { t } from "./words.js";

export class Saving {
  /** @param hall the hall's id, empty for one that is not there yet; @param venue where it becomes one */
  constructor(hall, venue) {
    Object.assign(this, { hall, venue });
    this.version = null;
    this.name = "";
  }

  /** @returns the document, or null for a hall that is not there yet */
  async load() {
    if (!this.hall) return null;
    // What the browser kept may be older than what was saved a moment ago.
    const hall = await call("GET", `/v1/halls/${this.hall}`, undefined, { cache: "no-store" });
    const drawing = await call("GET", `/v1/halls/${this.hall}/seat-map?version=${hall.seat_map_version}&as_drawn=true`, undefined, { cache: "no-store" });
    Object.assign(this, { version: hall.version, name: hall.name });
    return fromDrawing(drawing);
  }

  /**
   * Saves; throws a {@link Refused}.
   * @param force whether another's changes are overwritten
   */
  async save(doc, name, force = false) {
    const { drawing } = toDrawing(doc);
    if (!this.hall) {
      const made = await call("POST", `/v1/venues/${this.venue}/halls`, { name, seat_map: drawing });
      Object.assign(this, { hall: made.id, version: made.version, name });
      return;
    }
    const match = () => ({ headers: { "if-match": force ? "*" : `"${this.version}"` } });
    const saved = await call("PUT", `/v1/halls/${this.hall}/seat-map`, drawing, match());
    this.version = saved.version;
    if (name === this.name) return;
    const named = await call("PUT", `/v1/halls/${this.hall}`, { name }, { headers: { "if-match": `"${saved.version}"` } });
    Object.assign(this, { version: named.version, name });
  }
}

/** Whether somebody else saved in between. */
export function isConflict(error) {
  return error instanceof Refused && error.status === 412;
}

/** The faults that the server found, each with the things that it is about. */
export function serverFaults(error, doc) {
  const { pointers } = toDrawing(doc);
  return (error.problem.errors ?? []).map(({ pointer, detail }) => {
    const at = pointer.replace(/^\/seat_map/, "");
    // The longest pointer that the fault's begins with.
    const found = pointers.filter(([known]) => at === known || at.startsWith(`${known}/`)).sort(([one], [other]) => other.length - one.length)[0];
    const fault = { level: "bad", key: "editor-fault-server", values: {}, ids: [], words: t("editor-fault-server", { detail, field: at.split("/").at(-1) }) };
    if (found?.[1].startsWith("section ")) return { ...fault, section: found[1].slice(8) };
    return found ? { ...fault, ids: [found[1]] } : fault;
  });
}
