/** Selects single seats of what is selected by their names, as pointing at them does. */

import { make } from "../elements.js";
import { group } from "./fields.js";
import { LabelFault, listFrom } from "./labels.js";
import { placeKey } from "./marks.js";
import { layout } from "./seats.js";
import { t } from "./tool-words.js";

/** @returns the form, as a part of the panel */
export function pickForm(editor) {
  const fault = make("p", { class: "fault wide small", role: "alert", hidden: true });
  const [rows, seats] = [input("rows"), input("seats")];
  const form = make(
    "form", { class: "editor-fields wide", onsubmit: submit },
    field(rows, t("kills-rows"), t("kills-rows-hint")), field(seats, t("kills-seats"), t("kills-seats-hint")), fault,
    make("button", { class: "button quiet compact wide", "data-testid": "pick" }, t("kills-do-select")),
  );
  function submit(event) {
    event.preventDefault();
    try {
      const found = placesOf(editor.things(), listFrom(rows.value), listFrom(seats.value));
      fault.hidden = found.size > 0;
      fault.textContent = t("kills-no-such");
      if (found.size > 0) editor.selectSeats(found);
    } catch (error) {
      if (!(error instanceof LabelFault)) throw error;
      fault.hidden = false;
      fault.textContent = t(error.key, error.values);
    }
  }
  return group(t("editor-part-pick"), [form], { isOpen: false });
}

function input(name) {
  return make("input", { class: "input", id: `pick-${name}`, maxlength: 300, autocomplete: "off", "data-testid": `pick-${name}`, "aria-describedby": `pick-${name}-hint` });
}

function field(control, label, hint) {
  return make("div", { class: "field" }, make("label", { for: control.id }, label), control, make("p", { class: "hint", id: `${control.id}-hint` }, hint));
}

/** The places of the seats with these names, by thing's id. */
export function placesOf(things, rows, numbers) {
  const found = new Map();
  for (const thing of things) {
    const laid = layout(thing);
    const places = new Set();
    for (let seat = 0; seat < laid.length; seat++) {
      const isNamed = (rows === null || rows.has(laid.rows[laid.row[seat]])) && (numbers === null || numbers.has(laid.number(seat)));
      if (isNamed) places.add(placeKey(laid.row[seat], laid.place[seat]));
    }
    if (places.size > 0) found.set(thing.id, places);
  }
  return found;
}
