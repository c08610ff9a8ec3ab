/** axe-core: what of the accessibility rules a program can check. */

import axe from "axe-core";

/** The rules: WCAG 2.2 to level AA, and what axe calls best practice. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What of the page as it is shown just then breaks a rule: a line each. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate((tags) => globalThis.axe.run({ runOnly: { type: "tag", values: tags } }), TAGS);
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} – ${node.failureSummary?.split("\n")[1]?.trim() ?? ""}`));
}
