/** The organizer's pages: numbers that stay live, forms that are sent once, and where the eye should be after a form. */

import { leave, unreachable } from "../nodes.js";

const live = document.getElementById("live");
if (live?.dataset.live) follow(live, Number(live.dataset.live));
sendOnce();
offerToCopy();
lookAt();

/** Looks at the page again and again, and replaces what is live. */
async function follow(live, every) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, every));
    if (document.hidden || document.body.dataset.sending) continue;
    try {
      const response = await fetch(location.href, { credentials: "same-origin", signal: AbortSignal.timeout(10_000) });
      // The session has ended: the page says how to begin another.
      if (response.redirected || response.status === 403) return location.reload();
      if (!response.ok) throw new Error(response.statusText);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const next = page.getElementById("live");
      if (next) replace(live, next);
      live.classList.remove("old");
    } catch {
      // What is shown may be old; it is shown so until somebody answers.
      live.classList.add("old");
      if ((await unreachable()) && leave()) return;
    }
  }
}

function replace(live, next) {
  if (live.innerHTML === next.innerHTML) return;
  // Who is copying something is not disturbed, and the keyboard stays where it is.
  if (!getSelection().isCollapsed) return;
  const focused = [...live.querySelectorAll("a, summary")].indexOf(document.activeElement);
  live.replaceChildren(...next.childNodes);
  if (focused >= 0) live.querySelectorAll("a, summary")[focused]?.focus({ preventScroll: true });
}

/** A form that changes something is sent once, however often its button is pressed. */
function sendOnce() {
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (document.body.dataset.sending) return event.preventDefault();
      document.body.dataset.sending = "true";
      const button = event.submitter ?? form.querySelector("button:not([hidden])");
      if (!button?.dataset.busy) return;
      button.setAttribute("aria-disabled", "true");
      const spinner = document.createElement("span");
      spinner.className = "spinner";
      button.replaceChildren(spinner, button.dataset.busy);
    });
  }
  // Who comes back by the browser's history finds the form as it was.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

function offerToCopy() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      button.textContent = button.dataset.copied;
    });
  }
}

/** What is wrong, or what is to be confirmed, is read first. */
function lookAt() {
  const first = document.querySelector("[data-testid=faults], [data-focus]");
  first?.focus();
  first?.scrollIntoView({ block: "start" });
}
