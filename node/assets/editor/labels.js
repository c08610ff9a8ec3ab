/** Labels in a row: `A-M`, `1-20`, `A-H,J-N`, `AA-DD`. Reads what the server reads, and writes it. */

const LABELS_MAX = 2000;
export const LABEL_CHARS_MAX = 20;
/** Letters that look like digits. */
const CONFUSING = "IO";

/** Why a list of labels cannot be read; `key` names the words. */
export class LabelFault extends Error {
  constructor(key, values = {}) {
    super(key);
    Object.assign(this, { key, values });
  }
}

/** Reads a list of labels and ranges of labels; throws a {@link LabelFault}. */
export function labels(text) {
  const list = [];
  for (const item of text.split(",").map((item) => item.trim())) {
    const dash = item.indexOf("-");
    if (dash < 0) list.push(item);
    else list.push(...range(item.slice(0, dash).trim(), item.slice(dash + 1).trim()));
    if (list.length > LABELS_MAX) throw new LabelFault("editor-labels-many", { most: LABELS_MAX });
  }
  const strange = list.find((label) => label === "" || [...label].length > LABEL_CHARS_MAX);
  if (strange !== undefined) throw new LabelFault("editor-labels-strange", { most: LABEL_CHARS_MAX });
  const seen = new Set();
  for (const label of list) {
    if (seen.has(label)) throw new LabelFault("editor-labels-twice", { label });
    seen.add(label);
  }
  return list;
}

/** The labels, or none if they cannot be read. */
export function labelsOrNone(text) {
  try {
    return labels(text);
  } catch (fault) {
    if (fault instanceof LabelFault) return [];
    throw fault;
  }
}

function range(first, last) {
  if (/^\d+$/.test(first) && /^\d+$/.test(last)) {
    const [from, to] = [Number(first), Number(last)];
    if (Math.abs(to - from) >= LABELS_MAX) throw new LabelFault("editor-labels-many", { most: LABELS_MAX });
    const step = to < from ? -1 : 1;
    return Array.from({ length: Math.abs(to - from) + 1 }, (_, nth) => String(from + step * nth));
  }
  const [from, to] = [repeated(first), repeated(last)];
  if (!from || !to || from.count !== to.count || isUpper(from.letter) !== isUpper(to.letter)) {
    throw new LabelFault("editor-labels-range", { range: `${first}-${last}` });
  }
  const [a, b] = [from.letter.charCodeAt(0), to.letter.charCodeAt(0)];
  const step = b < a ? -1 : 1;
  return Array.from({ length: Math.abs(b - a) + 1 }, (_, nth) => String.fromCharCode(a + step * nth).repeat(from.count));
}

function repeated(text) {
  return /^([A-Za-z])\1*$/.test(text) && text.length <= LABEL_CHARS_MAX ? { letter: text[0], count: text.length } : null;
}

function isUpper(letter) {
  return letter >= "A" && letter <= "Z";
}

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
