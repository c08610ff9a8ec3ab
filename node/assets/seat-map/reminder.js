/** Who comes back from the checkout still holds seats: the tab remembers it, offers the way on, and lets them go. */

import { sendForm } from "../api.js";
import { make } from "../elements.js";
import { t } from "../texts.js";
import { clock } from "../words.js";

/** @param key under which the tab remembers it; @param held what it remembers */
export function remind(root, key, held, choice, say) {
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
    sessionStorage.removeItem(key);
    element.remove();
    await sendForm(`/checkout/${held.id}/release`);
    say(t("given-back"));
    choice.clear();
  }
}
