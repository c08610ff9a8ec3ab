/** What things are called in lists. */

import { layout } from "./seats.js";
import { t, texts } from "./words.js";

export function nameOf(thing) {
  const { rows } = layout(thing);
  if (thing.kind === "block") return rows.length > 1 ? t("editor-name-block", { first: rows[0], last: rows.at(-1) }) : t("editor-name-row", { label: rows[0] ?? thing.rows });
  if (thing.kind === "tables") return rows.length > 1 ? `${rows[0]} – ${rows.at(-1)}` : (rows[0] ?? t("editor-the-tables"));
  if (thing.kind === "row") return t("editor-name-row", { label: thing.label });
  return thing.name || thing.label || texts.word("editor-the", thing.kind);
}
