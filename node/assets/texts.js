/**
 * The page's language: its texts (node/texts/<language>/), and how it writes numbers and amounts. What every page may say is
 * there at once; what only some pages or tools say is fetched with them (`learn`).
 */

export const language = document.documentElement.lang || "en";

const messages = {};
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

await learn("");

/** Fetches the texts of a part: `seats-`, `hall-`, `kills-` or `tools-`. Resolves when they can be said. */
export async function learn(part) {
  const { default: more } = await import(`./texts/${part}${language}.js`);
  Object.assign(messages, more);
}

/**
 * A text by its key.
 * @param {string} key
 * @param {Record<string, string | number>} [values] what the text puts in; `count` also chooses its form
 */
export function t(key, values = {}) {
  const message = messages[key];
  return message === undefined ? key : write(message, values);
}

export const texts = {
  /** A text whose key is made of a word: `word("editor-the", "block")`. */
  word: (prefix, word, values) => t(`${prefix}-${word}`, values),
};

/** The same as `t`, or undefined if there is none. */
export function known(key) {
  return key in messages ? t(key) : undefined;
}

/** A message that was read, with what it puts in. */
function write(parts, values) {
  if (typeof parts === "string") return parts;
  return parts.map((part) => {
    if (typeof part === "string") return part;
    const [name, variants] = part;
    const value = values[name];
    if (variants) return write(variants[value] ?? variants[plurals.select(value)] ?? variants.other, values);
    return typeof value === "number" ? numbers.format(value) : String(value);
  }).join("");
}
