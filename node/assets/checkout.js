/** The checkout: how long the seats are kept, and that a payment takes a moment. */

import { announcer } from "./elements.js";
import { t } from "./texts.js";
import { clock } from "./words.js";

const timer = document.querySelector("[data-testid=countdown]");
if (timer) count(timer);

function count(timer) {
  const say = announcer(document.querySelector("[data-testid=announcements]"));
  // The server's clock decides: the page carries how much was left when it was written.
  const until = performance.now() + Number(timer.dataset.left);
  const box = timer.closest(".timer");
  const told = new Set();
  const show = () => {
    const left = until - performance.now();
    timer.textContent = clock(left);
    box.classList.toggle("soon", left < 60_000);
    for (const [at, words] of [[60_000, t("one-minute-left")], [15_000, t("fifteen-seconds-left")]]) {
      if (left < at && left > 0 && !told.has(at)) {
        told.add(at);
        say(words);
      }
    }
    if (left > 0) return;
    clearInterval(ticking);
    // The page says what became of the hold.
    if (!document.body.dataset.sending) location.reload();
  };
  const ticking = setInterval(show, 250);
  show();
}

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (document.body.dataset.sending) {
      event.preventDefault();
      return;
    }
    document.body.dataset.sending = "true";
    const button = event.submitter ?? form.querySelector("button");
    button.setAttribute("aria-disabled", "true");
    const spinner = document.createElement("span");
    spinner.className = "spinner";
    button.replaceChildren(spinner, button.dataset.busy ?? t("one-moment"));
  });
}

// Who comes back by the browser's history finds the form as it was.
addEventListener("pageshow", (event) => event.persisted && location.reload());
