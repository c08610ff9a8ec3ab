/** What tests of pages begin and end with: a node of their own, with something on sale, and a browser. */

import { openBrowser } from "./browser.js";
import { putOnSale, signedIn, startMarquee } from "./marquee.js";

const opened = {};

/**
 * Opens them. `empty` is a node without the demo's catalog; `onSale` puts a performance in a small theatre on sale, whose ids
 * are the `stage`.
 */
export async function openHouse({ empty = true, onSale = true } = {}) {
  opened.node = await startMarquee({ empty });
  if (onSale) opened.stage = await putOnSale(await signedIn(opened.node, "organizer"));
  opened.browser = await openBrowser();
  return opened;
}

/** Closes what was opened, also when the rest failed to open. */
export async function closeHouse() {
  await opened.browser?.close();
  await opened.node?.stop();
}
