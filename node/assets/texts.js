// The page's language: its texts (node/texts/<language>/scripts.ftl), and how it writes numbers and amounts.

export const language = document.documentElement.lang || "en";

const { default: messages } = await import(`./texts/${language}.js`);
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

/**
 * A text by its key.
 * @param {string} key
 * @param {Record<string, string | number>} [values] what the text puts in; `count` also chooses its form
 */
export function t(key, values = {}) {
  const message = messages[key];
  return message === undefined ? key : write(message, values);
}

/** The same, or undefined if there is none. */
export function known(key) {
  return key in messages ? t(key) : undefined;
}

/** A message that was read, with what it puts in. */
export function write(parts, values) {
  if (typeof parts === "string") return parts;
  return parts.map((part) => {
    if (typeof part === "string") return part;
    const [name, variants] = part;
    const value = values[name];
    if (variants) return write(variants[value] ?? variants[plurals.select(value)] ?? variants.other, values);
    return typeof value === "number" ? numbers.format(value) : String(value);
  }).join("");
}
