/** A booking that waits for its payment or refund: looks again until something changed, then shows how it ended. */

import { leave, unreachable } from "./nodes.js";

const box = document.querySelector("[data-testid=payment-pending]");
if (box) follow();

/** What a page says of the booking, to be compared. */
function told(page) {
  const status = (name) => Array.from(page.querySelectorAll(`[data-testid=${name}]`), (element) => element.dataset.status);
  return JSON.stringify([status("order-status"), status("payment-pending"), status("refund"), page.querySelector("[data-payment]")?.dataset.payment]);
}

async function follow() {
  const before = told(document);
  for (let wait = 700; ; wait = Math.min(5000, wait * 1.3)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (document.hidden) continue;
    try {
      const response = await fetch(location.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (response.ok && told(page) !== before) return location.reload();
    } catch {
      // The next look may succeed; the page has a link to look by hand.
      if ((await unreachable()) && leave()) return;
    }
  }
}
