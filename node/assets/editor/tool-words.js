/** The texts of what is fetched later: tools, forms, faults. Modules that say them import from here. */

import { learn } from "./words.js";

await learn("tools");

export { t, texts } from "./words.js";
