/** The editor's texts in the page's language. */

import { EN } from "./texts-en.js";

const LOADERS = {};
let texts = EN;
let plurals = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en-US");

/** Reads the texts of a language; without them the texts are English. */
export async function speak(language) {
  const load = LOADERS[language];
  if (!load) return;
  texts = { ...EN, ...(await load()) };
  plurals = new Intl.PluralRules(language);
  numbers = new Intl.NumberFormat(language);
}

/** `t("fault-price", { count: 3 })`. A text that differs by number stands under `key.one` and `key.other`. */
export function t(key, values = {}) {
  const text = texts[key] ?? texts[`${key}.${plurals.select(values.count ?? 0)}`] ?? texts[`${key}.other`] ?? key;
  return text.replaceAll(/\{(\w+)\}/g, (_all, name) => (typeof values[name] === "number" ? numbers.format(values[name]) : String(values[name] ?? "")));
}
