/** The tools. Each is fetched when it is first taken up; what is done with it until it is there, it does then. */

import { Later } from "./later.js";

const select = () => import("./tool-select.js");
const seats = () => import("./tool-seats.js");
const brush = () => import("./tool-brush.js");
const draw = () => import("./tool-draw.js");
const FETCH = { select, seats, brush, block: draw, curve: draw, row: draw, tables: draw, area: draw, stage: draw };

export class Tools {
  /**
   * @param parts what a tool is made with: `[editor, camera, sheet]`
   * @param on `{ arrived(name) a tool is there, lost(error) it could not be fetched }`
   */
  constructor(parts, on, fetch = FETCH) {
    this.on = on;
    this.known = new Map([["hand", { tool: { pans: true } }]]);
    for (const [name, module] of Object.entries(fetch)) this.put(name, new Later(module, ({ makeTool }) => makeTool(name, ...parts)));
  }

  /** Adds a tool that is fetched by others. */
  put(name, later) {
    this.known.set(name, { later, tool: new Coming(name, () => this.#fetch(name)) });
  }

  get(name) {
    return this.known.get(name).tool;
  }

  /** Fetches a tool before it is taken up. */
  ahead(name) {
    this.known.get(name).later?.ahead();
  }

  hint(name, ...elements) {
    this.known.get(name)?.later?.hint(...elements);
  }

  async #fetch(name) {
    const known = this.known.get(name);
    const coming = known.tool;
    try {
      const tool = await known.later.want();
      if (known.tool !== coming) return;
      known.tool = tool;
      coming.handOver(tool);
      this.on.arrived(name);
    } catch (error) {
      coming.cancel();
      this.on.lost(error);
    }
  }
}

/** Stands in for a tool that is on its way. */
class Coming {
  #name;
  #fetch;
  #done = [];

  constructor(name, fetch) {
    this.#name = name;
    this.#fetch = fetch;
  }

  /** The tool is taken up. */
  begin() {
    this.#fetch();
  }

  #keep(what, ...given) {
    this.#done.push([what, given]);
    this.#fetch();
  }

  down(...given) {
    this.#keep("down", ...given);
  }

  move(...given) {
    if (this.#done.length > 0) this.#keep("move", ...given);
  }

  up(...given) {
    if (this.#done.length > 0) this.#keep("up", ...given);
  }

  double(...given) {
    this.#keep("double", ...given);
  }

  /** A finger pans where it would mostly pan; where it only touched, that is a press. */
  yields() {
    return this.#name === "select" || this.#name === "seats";
  }

  tap(point, event) {
    this.#keep("down", point, event);
    this.#keep("up", point, event, true);
  }

  hover(point) {
    if (point) this.#fetch();
  }

  cancel() {
    this.#done = [];
  }

  handOver(tool) {
    for (const [what, given] of this.#done) tool[what]?.(...given);
    this.#done = [];
  }
}
