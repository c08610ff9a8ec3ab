/**
 * Where to go on when the node that this page came from does not answer.
 *
 * While it answers, it names the other nodes, the nearest first; only to those the page ever goes. When it does not, scripts
 * ask the next one that is healthy, with the same idempotency keys, so that what was carried out once is not carried out
 * again; and the service worker (switch-worker.js) sends the browser to the same page there when it goes to another page.
 *
 * Cookies belong to hosts. Nodes that share a domain (`cluster.accounts.cookie_domain`), or a host, share the session: who
 * is signed in stays so, and a guest keeps their seats. Between others a session cannot be handed on without showing it to
 * scripts, which we do not do: the same page opens at the next node, and asks to sign in there if it must.
 */

import { language, t } from "./texts.js";

const MINUTE = 60_000;
/** More moves than this in a minute are no help: something else is wrong. */
const MOVES_MAX = 3;
const MOVED = "#moved-";

/** The origins of the other nodes, as they were named last. */
let others = [];
/** The origin of the node that is asked instead of the page's own; empty as long as that one answers. */
let instead = "";
/** A search for the next node that is under way. */
let searching;
/** How often this browser was sent on lately, and when it was last. */
let moves = arrived();

if (document.querySelector('meta[name="other-nodes"]')) {
  learn();
  setInterval(() => document.hidden || learn(), MINUTE);
}

/** What addresses of the API begin with. */
export function base() {
  return instead;
}

/** How requests show who asks: with the cookies that the browser has for that host, if it is another one. */
export function credentials() {
  return instead ? "include" : "same-origin";
}

/** The address of one of our pages, at the node that answers. */
export function at(path) {
  return instead ? `${instead}${path}${path.includes("#") ? "" : `${MOVED}${lately() + 1}`}` : path;
}

/**
 * To be called when the node that is asked cannot be reached. Resolves to true if there is another one to ask: its address is
 * `base()` then. False: it answers again, or nobody does.
 */
export function unreachable() {
  searching ??= search().finally(() => (searching = undefined));
  return searching;
}

/** Opens the page of the address bar at the node that is asked instead; false if there is none. */
export function leave() {
  if (!instead || lately() >= MOVES_MAX) return false;
  location.replace(at(location.pathname + location.search));
  return true;
}

async function search() {
  const asked = instead || location.origin;
  if (lately() >= MOVES_MAX || (await answers(asked))) return false;
  // The page's own node may be back when the next one dies.
  for (const url of [...others, location.origin]) {
    if (url === asked || !(await answers(url))) continue;
    instead = url === location.origin ? "" : url;
    tell(t("moved-on"));
    return true;
  }
  return false;
}

async function answers(origin) {
  try {
    const response = await fetch(`${origin}/health`, { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(2500) });
    return response.ok;
  } catch {
    return false;
  }
}

/** Asks which nodes there are, and tells the service worker. */
async function learn() {
  try {
    const response = await fetch("/v1/nearest", { credentials: "same-origin" });
    if (!response.ok) return;
    const { node, alternatives } = await response.json();
    others = [node, ...alternatives].filter((other) => other && isOther(other.url)).map(({ url }) => new URL(url).origin);
  } catch {
    // What was named before still holds.
    return;
  }
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/switch-worker.js");
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ others, moves, offline: offlinePage() });
  } catch {
    // A browser may forbid workers: pages go on without.
  }
}

/** What the service worker shows when nobody answers, and while it leads on. */
function offlinePage() {
  return {
    language, style: document.querySelector("style").textContent, title: t("no-connection"), words: t("no-connection-words"),
    again: t("try-again"), moment: t("one-moment"), onward: t("go-on-there"),
  };
}

/** Whether a node's address is one to go on at: not this one, and not less private. */
function isOther(url) {
  if (!URL.canParse(url)) return false;
  const { protocol, origin } = new URL(url);
  return origin !== location.origin && (protocol === "https:" || (protocol === "http:" && location.protocol === "http:"));
}

/** Who was sent here from another node is told so; how often that was is remembered for a minute. */
function arrived() {
  const moved = new RegExp(`^${MOVED}(\\d)$`).exec(location.hash);
  const seen = remembered();
  if (!moved) return seen;
  history.replaceState(history.state, "", location.pathname + location.search);
  const now = { count: Math.min(Number(moved[1]), MOVES_MAX), at: Date.now() };
  try {
    sessionStorage.setItem("marquee.moves", JSON.stringify(now));
  } catch {
    // Without storage a reload forgets it, which is as well.
  }
  tell(t("moved-here"));
  return now;
}

/** How often this browser was sent on within the last minute. */
function lately() {
  return Date.now() - moves.at < MINUTE ? moves.count : 0;
}

function remembered() {
  try {
    const seen = JSON.parse(sessionStorage.getItem("marquee.moves"));
    if (Number.isInteger(seen?.count)) return seen;
  } catch {
    // Nothing is remembered, then.
  }
  return { count: 0, at: 0 };
}

/** One line above the page. */
function tell(words) {
  const line = document.querySelector("[data-testid=moved]") ?? document.createElement("p");
  line.className = "notice";
  line.dataset.testid = "moved";
  line.setAttribute("role", "status");
  line.textContent = words;
  document.querySelector("main").prepend(line);
}
