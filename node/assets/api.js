/** Calls to the API as the browser's own session: cookies, and the page's form token for what changes something. */

import { at, base, credentials, leave, unreachable } from "./nodes.js";
import { known, t } from "./texts.js";

/** What the API refused, with the members of its problem document. */
export class Refused extends Error {
  constructor(problem, status) {
    const code = problem.code ?? "unknown";
    // What people often meet is told in their language; the rest as the API says it.
    super(known(`problem-${code}-words`) ?? problem.detail ?? t("answer-not-understood"));
    this.title = known(`problem-${code}`) ?? problem.title ?? t("did-not-work");
    this.code = code;
    this.status = status;
    this.problem = problem;
  }
}

/**
 * Asks the API; resolves to the answer's JSON, or null if it has none.
 * A change is sent again with the same key when the connection broke, so that it is carried out once; to another node if this
 * one does not answer. `cache` is the browser's own option: "no-store" for what is going to be changed.
 */
export async function call(method, path, body, { headers = {}, attempts = 3, signal, cache } = {}) {
  const request = { method, headers: { accept: "application/json", ...headers }, signal, cache };
  if (method !== "GET") {
    request.headers["x-csrf-token"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
    request.headers["idempotency-key"] = key();
  }
  if (body !== undefined) {
    request.headers["content-type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  for (let attempt = 1, switches = 0; ; attempt++) {
    let response;
    try {
      response = await fetch(base() + path, { ...request, credentials: credentials() });
    } catch {
      // Another node, healthy a moment ago, begins with all its attempts.
      if (!signal?.aborted && switches < 3 && (await unreachable())) {
        switches += 1;
        attempt = 0;
        continue;
      }
      if (attempt >= attempts || signal?.aborted) {
        throw new Refused({ title: t("no-connection"), detail: t("no-connection-words"), code: "offline" }, 0);
      }
      await pause(attempt * 500);
      continue;
    }
    if (response.status === 503 && attempt < attempts) {
      await pause(1000 * Math.min(5, Number(response.headers.get("retry-after")) || attempt));
      continue;
    }
    const text = await response.text();
    const answer = parse(text);
    if (response.status === 401 && answer?.code === "token-expired" && attempt < attempts) {
      // The layer before our pages exchanges the session's tokens; the form token stays the same.
      await fetch(`${base()}/session`, { credentials: credentials() });
      continue;
    }
    // A node whose host has no cookies of this session cannot act for it: the page goes on there by itself.
    if (base() && answer?.code === "csrf-token-wrong" && leave()) return new Promise(() => {});
    if (!response.ok) throw new Refused(answer ?? {}, response.status);
    return answer;
  }
}

/** Sends one of our pages' forms that have nothing but a token. What it answers is a page, which nobody looks at. */
export async function sendForm(path) {
  const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  await fetch(base() + path, { method: "POST", body: new URLSearchParams({ csrf }), credentials: credentials() });
}

/** Opens one of our pages, at the node that answers. */
export function visit(path) {
  location.assign(at(path));
}

function parse(text) {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** An idempotency key: 128 random bits. (`randomUUID` is missing where a page came by plain http.) */
function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
