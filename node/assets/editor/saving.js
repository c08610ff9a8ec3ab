/** Reads the hall from the API, and knows which version was read. storing.js writes it back. */

import { call } from "../api.js";
import { fromDrawing } from "./reading.js";

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
    return this.read(drawing);
  }

  /** The document of a drawing that was kept. */
  read(drawing) {
    return fromDrawing(drawing);
  }
}
