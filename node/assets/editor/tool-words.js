/** The texts of what is fetched later: tools, forms, faults. Modules that say them import from here. */

import { learn } from "../texts.js";

await learn("tools-");

export { language, t, texts } from "../texts.js";
