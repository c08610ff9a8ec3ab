/** Adds what somebody draws: to a section and at a price, which are made where there are none. */

import { add, addCategory, addSection, nameFor } from "./changes.js";
import { freeColour } from "./palette.js";
import { t } from "./tool-words.js";

/** The document with a section to draw into. The editor draws there from then on. */
function ready(editor) {
  let made = editor.doc;
  if (made.categories.length === 0) made = addCategory(made, t("editor-first-category"), freeColour([]));
  if (made.sections.length === 0) made = addSection(made, nameFor(t("editor-first-section"), []), { price: made.categories[0].key });
  editor.section = made.sections.some((section) => section.key === editor.section) ? editor.section : made.sections[0].key;
  editor.paint ??= made.categories[0].key;
  return made;
}

/** Adds what was drawn, and selects it. `make(section, doc)` gives the things. */
export function draw(editor, words, make) {
  const doc = ready(editor);
  const things = make(editor.section, doc);
  if (things.length === 0) return;
  // There is one stage: drawn again, it is another one.
  const isStage = things.some((thing) => thing.kind === "stage");
  const kept = isStage ? { ...doc, things: doc.things.filter((thing) => thing.kind !== "stage") } : doc;
  editor.history.push(add(kept, things), words);
  editor.selected = new Set(things.map((thing) => thing.id));
  editor.seats = new Map();
  for (const what of ["doc", "selection", "settings"]) editor.tell(what);
}
