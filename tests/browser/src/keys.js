/** What somebody without a mouse does. */

import assert from "node:assert/strict";

/** How many things a page may have before the one that is looked for. */
const PRESSES_MAX = 400;

/** Goes to an element by the tab key alone. */
export async function tabTo(page, locator) {
  await locator.first().waitFor();
  for (let presses = 0; presses < PRESSES_MAX; presses++) {
    if (await locator.first().evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the tab key never gets to ${locator}`);
}
