/** Labels in a row: `A-M`, `1-20`, `A-H,J-N`, `AA-DD`. Reads what the server reads; label-lists.js writes it. */

const LABELS_MAX = 2000;
export const LABEL_CHARS_MAX = 20;
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

/** A letter that is written several times: `{ letter, count }`, or null for anything else. */
export function repeated(text) {
  return /^([A-Za-z])\1*$/.test(text) && text.length <= LABEL_CHARS_MAX ? { letter: text[0], count: text.length } : null;
}

export function isUpper(letter) {
  return letter >= "A" && letter <= "Z";
}

/** The labels that somebody wrote, as a set; null for nothing written, which means all. Throws a {@link LabelFault}. */
export function listFrom(text) {
  return text.trim() === "" ? null : new Set(labels(text));
}
