/** Selects single seats and rows, and puts back those that a block leaves out. */

import { gapAt } from "./hits.js";
import { paintSeats } from "./paint.js";
import { SeatPicking } from "./seat-picking.js";
import { t } from "./tool-words.js";

class SeatsTool extends SeatPicking {
  pressNothing(point, event) {
    const { editor } = this;
    const gap = gapAt(editor.doc, point.x, point.y);
    if (gap) editor.change(t("editor-did-restore"), paintSeats(editor.doc, new Map([[gap.thing.id, new Set([gap.place])]]), "*standard"));
    else super.pressNothing(point, event);
  }
}

export function makeTool(_name, editor, camera, sheet) {
  return new SeatsTool(editor, camera, sheet);
}
