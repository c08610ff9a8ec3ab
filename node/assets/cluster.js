/** The cluster's page, looked at again every two seconds. What somebody has opened stays open. */

const EVERY = 2000;

const live = document.getElementById("cluster-live");
if (live) follow();

async function follow() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    if (document.hidden) continue;
    try {
      const response = await fetch(location.href, { credentials: "same-origin", signal: AbortSignal.timeout(5000) });
      // The session has ended.
      if (response.redirected || response.status === 403) return location.reload();
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const next = page.getElementById("cluster-live");
      if (next) replace(next);
      live.classList.remove("old");
    } catch {
      // The node may be gone for a moment; what is shown says when that was.
      live.classList.add("old");
    }
  }
}

function replace(next) {
  for (const opened of live.querySelectorAll("details[open][id]")) {
    const same = next.querySelector(`#${CSS.escape(opened.id)}`);
    if (same) same.open = true;
  }
  // Who is copying something is not disturbed, and the keyboard stays where it is.
  if (!getSelection().isCollapsed) return;
  const focused = focusable().indexOf(document.activeElement);
  live.replaceChildren(...next.children);
  focusable()[focused]?.focus({ preventScroll: true });
}

function focusable() {
  return [...live.querySelectorAll("a, summary, [tabindex]")];
}
