/** Form fields that show a value of the document and change it. */

import { make } from "../elements.js";
import { t } from "./tool-words.js";

let made = 0;

/** @typedef {{ element: HTMLElement, refresh: () => void, input: HTMLElement }} Field */

/**
 * A field with its label.
 * @param look `{ label, hint?, type?, min?, max?, step?, placeholder?, wide?, testid? }`
 * @param read gives the value; `undefined` when several things differ
 * @param write takes a value that is sound
 * @returns {Field}
 */
export function field(look, read, write) {
  made += 1;
  const id = `field-${made}`;
  const isNumber = look.type === "number";
  const input = make("input", {
    class: "input", id, type: look.type ?? "text", min: look.min, max: look.max, step: look.step ?? (isNumber ? "any" : undefined),
    inputmode: isNumber ? "decimal" : undefined, maxlength: isNumber ? undefined : 300, "data-testid": look.testid, autocomplete: "off", spellcheck: "false",
    "aria-describedby": look.hint ? `${id}-hint` : undefined,
  });
  const refresh = () => {
    const value = read();
    const text = value === undefined || value === null ? "" : String(value);
    input.placeholder = value === undefined ? t("editor-several") : (look.placeholder?.() ?? "");
    if (document.activeElement !== input && input.value !== text) input.value = text;
  };
  input.addEventListener("input", () => {
    const value = isNumber ? numberFrom(input, look) : input.value;
    const isSound = value !== undefined && (look.check?.(value) ?? "") === "";
    input.setAttribute("aria-invalid", String(!isSound));
    if (isSound) write(value);
  });
  // What cannot be used is not left standing.
  input.addEventListener("change", () => {
    if (input.getAttribute("aria-invalid") !== "true" || look.keepsFaults) return;
    input.setAttribute("aria-invalid", "false");
    const value = read();
    input.value = value === undefined || value === null ? "" : String(value);
  });
  const hint = look.hint && make("p", { class: "hint", id: `${id}-hint` }, look.hint);
  const element = make("div", { class: look.wide ? "field wide" : "field" }, make("label", { for: id }, look.label), input, hint || null);
  refresh();
  return { element, refresh, input };
}

/** A number in its range; null for nothing, where nothing is allowed; undefined for what is no such number. */
function numberFrom(input, { min = -Infinity, max = Infinity, whole = false, optional = false }) {
  if (input.value.trim() === "") return optional ? null : undefined;
  const value = Number(input.value);
  return Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value)) ? value : undefined;
}

/** @param options `() => [value, words][]`; values are texts, the empty one for nothing */
export function choice(look, options, read, write) {
  made += 1;
  const id = `field-${made}`;
  const input = make("select", { class: "input", id, "data-testid": look.testid });
  let shown = "";
  const refresh = () => {
    const value = read();
    const list = value === undefined ? [["*several", t("editor-several")], ...options()] : options();
    const key = JSON.stringify(list);
    if (key !== shown) {
      input.replaceChildren(...list.map(([value, words]) => make("option", { value }, words)));
      shown = key;
    }
    const wanted = value === undefined ? "*several" : (value ?? "");
    if (input.value !== wanted) input.value = wanted;
  };
  input.addEventListener("change", () => input.value !== "*several" && write(input.value === "" ? null : input.value));
  refresh();
  return { element: make("div", { class: look.wide ? "field wide" : "field" }, make("label", { for: id }, look.label), input), refresh, input };
}

/** A colour, or none. @param look `{ label, hint, none, testid }` */
export function colourField(look, read, write) {
  made += 1;
  const id = `field-${made}`;
  const input = make("input", { type: "color", id, "data-testid": look.testid, "aria-describedby": `${id}-hint`, oninput: () => write(input.value) });
  const none = make("button", { type: "button", class: "link-button small", "data-testid": `${look.testid}-none`, onclick: () => write(null) }, look.none);
  const refresh = () => {
    const value = read();
    input.value = value ?? "#888888";
    input.classList.toggle("is-none", value === null);
    none.hidden = value === null;
  };
  refresh();
  return { element: make("div", { class: "field wide" }, make("label", { for: id }, look.label), make("div", { class: "row" }, input, none), make("p", { class: "hint", id: `${id}-hint` }, look.hint)), refresh, input };
}

export function check(look, read, write) {
  const input = make("input", { type: "checkbox", "data-testid": look.testid, onchange: () => write(input.checked) });
  const refresh = () => {
    const value = read();
    input.indeterminate = value === undefined;
    input.checked = value === true;
  };
  refresh();
  return { element: make("label", { class: "check wide" }, input, make("span", {}, look.label)), refresh, input };
}

export function button(words, act, { testid, quiet = true, title, danger = false } = {}) {
  return make("button", { type: "button", class: `button compact${danger ? " danger" : quiet ? " quiet" : ""}`, onclick: act, "data-testid": testid, title }, words);
}

/** Fields and buttons under a heading that can be closed. */
export function group(heading, children, { isOpen = true } = {}) {
  return make("details", { class: "editor-group", open: isOpen }, make("summary", {}, heading), make("div", { class: "editor-fields" }, ...children));
}
