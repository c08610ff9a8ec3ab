/**
 * The editor's texts in the page's language: those of `node/texts/<language>/editor.ftl`, in parts. A page fetches what its
 * first view says (`learn`); what tools and forms say comes with them (tool-words.js).
 */

import { language, write } from "../texts.js";

const messages = {};

/** Fetches the texts of a part: `hall`, `kills` or `tools`. Resolves when they can be said. */
export async function learn(part) {
  const { default: more } = await import(`../texts/${part}-${language}.js`);
  Object.assign(messages, more);
}

/** A text by its key; see `t` of the pages' texts. */
export function t(key, values = {}) {
  const message = messages[key];
  return message === undefined ? key : write(message, values);
}

export const texts = {
  /** A text whose key is made of a word: `word("editor-the", "block")`. */
  word: (prefix, word, values) => t(`${prefix}-${word}`, values),
};
