/**
 * The service worker of all pages: when their node does not answer a navigation, it sends the browser to the same page at
 * the next node that is healthy, of those that the node named while it answered (see nodes.js). Nothing else is touched.
 */

const MINUTE = 60_000;
const MOVES_MAX = 3;
/** Where what the pages told is kept: a worker is stopped and started as the browser likes. */
const CACHE = "marquee-nodes";
const KEY = "/switch-worker.json";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(begin()));
addEventListener("message", (event) => event.waitUntil(remember(event.data)));
addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(open(event));
});

async function begin() {
  // The node is asked while the worker starts, so that pages open no later than without it.
  await registration.navigationPreload?.enable();
  await clients.claim();
}

async function remember({ others, moves }) {
  const cache = await caches.open(CACHE);
  await cache.put(KEY, new Response(JSON.stringify({ others, moves })));
}

async function open(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (error) {
    const url = await elsewhere(event.request);
    // Without another node it is the browser's to say that there is no connection.
    if (!url) throw error;
    // Browsers do not let a form be redirected to where its page's policy would not let it be sent.
    return event.request.method === "GET" ? Response.redirect(url, 303) : onward(url);
  }
}

/** A page that leads to another one at once. */
function onward(url) {
  const address = url.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>One moment · Marquee</title>
<meta http-equiv="refresh" content="0; url=${address}"><p><a href="${address}">Go on at the next server</a></p></html>`;
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" };
  return new Response(page, { headers });
}

/** The same page at the next healthy node. */
async function elsewhere(request) {
  const told = await (await caches.open(CACHE)).match(KEY);
  if (!told) return undefined;
  const { others, moves } = await told.json();
  const lately = Date.now() - moves.at < MINUTE ? moves.count : 0;
  if (lately >= MOVES_MAX) return undefined;
  for (const origin of others) {
    if (await answers(origin)) return `${origin}${page(request)}#moved-${lately + 1}`;
  }
  return undefined;
}

/**
 * The page to open. A form may have arrived before the node died, so it is not sent again: the page that it stood on shows
 * what became of it.
 */
function page(request) {
  const { pathname, search } = new URL(request.url);
  if (request.method === "GET") return pathname + search;
  const from = URL.canParse(request.referrer) ? new URL(request.referrer) : undefined;
  return from?.origin === location.origin ? from.pathname + from.search : "/";
}

async function answers(origin) {
  try {
    const response = await fetch(`${origin}/health`, { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(2500) });
    return response.ok;
  } catch {
    return false;
  }
}
