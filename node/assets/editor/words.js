/** The editor's texts in the page's language: those of `node/texts/<language>/editor.ftl`. */

import { language, write } from "../texts.js";

const { default: messages } = await import(`../texts/editor-${language}.js`);

/** A text by its key; see `t` of the pages' texts. */
export function t(key, values = {}) {
  const message = messages[key];
  return message === undefined ? key : write(message, values);
}

export const texts = {
  /** A text whose key is made of a word: `word("editor-the", "block")`. */
  word: (prefix, word, values) => t(`${prefix}-${word}`, values),
};
