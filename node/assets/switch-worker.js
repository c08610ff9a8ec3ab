/**
 * The service worker of all pages: when their node does not answer a navigation, it sends the browser to the same page at
 * the next node that is healthy, of those that the node named while it answered (see nodes.js). When nobody answers, it shows
 * a page that says so. Nothing else is touched.
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

async function remember(told) {
  const cache = await caches.open(CACHE);
  await cache.put(KEY, new Response(JSON.stringify(told)));
}

async function remembered() {
  return (await (await caches.open(CACHE)).match(KEY))?.json();
}

async function open(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (error) {
    const url = await elsewhere(event.request);
    if (!url) return nobody(event.request, error);
    // Browsers do not let a form be redirected to where its page's policy would not let it be sent.
    return event.request.method === "GET" ? Response.redirect(url, 303) : onward(url);
  }
}

/** What is shown when nobody answers. A form that was sent is the browser's to offer again. */
async function nobody(request, error) {
  const { offline } = (await remembered()) ?? {};
  if (!offline || request.method !== "GET") throw error;
  const { language, title, words, again } = escapedAll(offline);
  // The sheet of all pages, which has nothing that could end its element.
  const { style } = offline;
  const page = `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title} · Marquee</title><style>${style}</style>
<main class="narrow"><div class="stack" data-testid="offline"><h1>${title}</h1><p class="lead">${words}</p><p><a class="button" href="">${again}</a></p></div></main></html>`;
  const policy = `default-src 'none'; style-src 'sha256-${await hashed(style)}'`;
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
  return new Response(page, { status: 503, headers });
}

/** The hash of a sheet, as a policy names it. */
async function hashed(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

function escapedAll(texts) {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, escaped(text)]));
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** A page that leads to another one at once. */
async function onward(url) {
  const { offline } = (await remembered()) ?? {};
  const { language = "en", moment = "Marquee", onward = escaped(url) } = escapedAll(offline ?? {});
  const address = escaped(url);
  const page = `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${moment} · Marquee</title>
<meta http-equiv="refresh" content="0; url=${address}"><p><a href="${address}">${onward}</a></p></html>`;
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" };
  return new Response(page, { headers });
}

/** The same page at the next healthy node. */
async function elsewhere(request) {
  const told = await remembered();
  if (!told) return undefined;
  const { others, moves } = told;
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
