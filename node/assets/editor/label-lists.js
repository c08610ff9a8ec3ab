/** How lists of labels are written, and how they go on. */

import { LABEL_CHARS_MAX, isUpper, repeated } from "./labels.js";

/** Letters that look like digits. */
const CONFUSING = "IO";

/** Writes labels as briefly as they can be read: `["A", "B", "C", "E"]` → `A-C,E`. */
export function written(list) {
  const items = [];
  for (let at = 0; at < list.length; ) {
    const step = stepBetween(list[at], list[at + 1]);
    let end = at;
    if (step !== 0) while (end + 1 < list.length && stepBetween(list[end], list[end + 1]) === step) end++;
    // A range of two is no shorter than the two.
    if (end - at >= 2) items.push(`${list[at]}-${list[end]}`);
    else items.push(...list.slice(at, end + 1));
    at = end + 1;
  }
  return items.join(",");
}

function stepBetween(one, next) {
  if (next === undefined) return 0;
  if (isNumber(one) && isNumber(next)) {
    const step = Number(next) - Number(one);
    return Math.abs(step) === 1 ? step : 0;
  }
  const [a, b] = [repeated(one), repeated(next)];
  if (!a || !b || a.count !== b.count || isUpper(a.letter) !== isUpper(b.letter)) return 0;
  const step = b.letter.charCodeAt(0) - a.letter.charCodeAt(0);
  return Math.abs(step) === 1 ? step : 0;
}

/** A number as the server writes it: without zeros in front, and one that it can count to. */
function isNumber(label) {
  return /^(0|[1-9]\d{0,8})$/.test(label);
}

/** The label after (`step` 1) or before (-1) another; `Z` is followed by `AA`. Null where counting ends. */
export function nextLabel(label, { step = 1, skip = false } = {}) {
  if (isNumber(label)) {
    const next = Number(label) + step;
    return next < 0 ? null : String(next);
  }
  const known = repeated(label);
  if (!known) {
    const [, stem, digits] = /^(.*?)(\d+)$/.exec(label) ?? [];
    return digits === undefined ? null : `${stem}${Math.max(0, Number(digits) + step)}`;
  }
  const first = isUpper(known.letter) ? "A" : "a";
  let at = known.letter.charCodeAt(0) - first.charCodeAt(0);
  let { count } = known;
  do {
    at += step;
    if (at > 25) [at, count] = [0, count + 1];
    if (at < 0) [at, count] = [25, count - 1];
    if (count < 1 || count > LABEL_CHARS_MAX) return null;
  } while (skip && CONFUSING.includes(String.fromCharCode(65 + at)));
  return String.fromCharCode(first.charCodeAt(0) + at).repeat(count);
}

/** So many labels from the first on. Fewer where counting ends. */
export function sequence(first, count, { step = 1, skip = false } = {}) {
  const list = [];
  for (let label = first; label !== null && list.length < count; label = nextLabel(label, { step, skip })) list.push(label);
  return list;
}

/** How a list goes on: from front to back or the other way, and whether it leaves out `I` and `O`. */
export function schemeOf(list) {
  const last = list.at(-1);
  const step = list.length > 1 && list[1] === nextLabel(list[0], { step: -1, skip: true }) ? -1 : 1;
  const letters = list.filter((label) => repeated(label));
  const skip = letters.length > 0 && !letters.some((label) => CONFUSING.includes(label[0].toUpperCase())) && isBeyond(list);
  return { first: list[0] ?? "A", last, step, skip };
}

/** Whether the letters go on beyond `I`, so that it is known whether it was left out. */
function isBeyond(list) {
  return list.some((label) => repeated(label) && (label.length > 1 || label[0].toUpperCase() > "I"));
}

/** The same list longer or shorter, going on as it goes. */
export function resized(list, count, skip = schemeOf(list).skip) {
  if (count <= list.length) return list.slice(0, Math.max(1, count));
  const { step } = schemeOf(list);
  const more = [];
  const taken = new Set(list);
  let label = list.at(-1) ?? null;
  while (list.length + more.length < count) {
    label = label === null ? null : nextLabel(label, { step, skip });
    if (label === null || taken.has(label)) break;
    more.push(label);
  }
  return [...list, ...more];
}
