/** What pages say: the texts of the languages, and what somebody reads of a page. */

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const TEXTS = resolve(import.meta.dirname, "../../../node/texts");

/** The sentences of a language that another one says otherwise. */
export function sentences(language, unlike) {
  const others = new Set(lines(unlike));
  return lines(language).filter((said) => said.length > 8 && said.includes(" ") && !/[{[]/.test(said) && !others.has(said));
}

function lines(language) {
  const folder = join(TEXTS, language);
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  return texts.flatMap((text) => text.split("\n")).flatMap((line) => / = (.+)$/.exec(line)?.[1] ?? []);
}

/** All that a page says: what is seen, what is read out, and what stands in empty fields. */
export function said(page) {
  return page.evaluate(() => {
    const named = [...document.querySelectorAll("[aria-label], [placeholder], [title], [alt]")];
    const names = named.flatMap((element) => ["aria-label", "placeholder", "title", "alt"].map((name) => element.getAttribute(name) ?? ""));
    const hidden = [...document.querySelectorAll("option, .visually-hidden, noscript")].map((element) => element.textContent);
    return [document.title, document.body.innerText, ...names, ...hidden].join("\n");
  });
}
