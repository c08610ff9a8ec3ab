/** Who comes back from the checkout still holds seats: the tab remembers it, offers the way on, and lets them go. */

import { sendForm } from "../api.js";
import { make } from "../elements.js";
import { t } from "../texts.js";
import { clock } from "../words.js";

function key(performance) {
  return `marquee.hold.${performance}`;
}

/** Remembers what was held. */
export function remember(performance, held) {
  try {
    sessionStorage.setItem(key(performance), JSON.stringify({ id: held.id, expires: held.expires_at }));
  } catch {
    // Without storage nobody is reminded; the hold is the same.
  }
}

/** Says what is still held, if anything is. */
export function remind(root, choice, say) {
  const held = remembered(root.dataset.performance);
  if (!held || Date.parse(held.expires) <= Date.now()) return;
  const left = clock(Date.parse(held.expires) - Date.now());
  const element = make(
    "div",
    { class: "notice good", "data-testid": "held-reminder" },
    make("p", {}, t("still-held", { left })),
    make(
      "div",
      { class: "row" },
      make("a", { class: "button compact", href: `/checkout/${held.id}` }, t("go-to-checkout")),
      make("button", { type: "button", class: "button quiet compact", onclick: release }, t("give-back")),
    ),
  );
  root.querySelector("[data-testid=seat-map]").prepend(element);

  async function release() {
    sessionStorage.removeItem(key(root.dataset.performance));
    element.remove();
    await sendForm(`/checkout/${held.id}/release`);
    say(t("given-back"));
    choice.clear();
  }
}

function remembered(performance) {
  try {
    return JSON.parse(sessionStorage.getItem(key(performance)));
  } catch {
    return undefined;
  }
}
