/** Amounts and counts as people read them. */

import { known, language, t } from "./texts.js";

const formats = new Map();
const lists = new Intl.ListFormat(language);

/** An amount of minor units (cents) in its currency. */
export function money(amount, currency) {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat(language, { style: "currency", currency });
    formats.set(currency, format);
  }
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

/** `1 ticket`, `2 tickets`. */
export function tickets(count) {
  return t("ticket-count", { count });
}

/** `a`, `a and b`, `a, b, and c`. */
export function list(items) {
  return lists.format(items);
}

/** `4:05`; minutes and seconds that are left. */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The name of a ticket type: `adult` → `Adult`; one that only this organizer has is shown by its key. */
export function concessionName(key) {
  const words = key.replaceAll(/[_-]+/g, " ");
  return known(`concession-${key.replaceAll("_", "-")}`) ?? words.charAt(0).toUpperCase() + words.slice(1);
}
