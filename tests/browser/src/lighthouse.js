/**
 * Lighthouse as its mobile profile is: a phone's screen, slow 4G and a processor four times slower, simulated from what
 * was seen. It looks at pages in the default context of a browser of its own, so that cookies set there count.
 */

import { createServer } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import lighthouse from "lighthouse";
import { chromium } from "playwright-core";

import { browserOptions } from "./browser.js";

/** Opens a browser; `look(url, …)` audits an address with the cookies of `context`. */
export async function openLighthouse() {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "marquee-lighthouse-"));
  const options = browserOptions();
  const context = await chromium.launchPersistentContext(folder, {
    ...options, args: [...options.args, `--remote-debugging-port=${port}`], viewport: null,
  });
  return {
    context,
    /**
     * @param skip audits that this page cannot pass by its nature
     * @param report where the report goes, without its ending
     */
    async look(url, { skip = [], report }) {
      const flags = {
        port, output: "html", logLevel: "error", disableFullPageScreenshot: true, skipAudits: skip,
        onlyCategories: ["performance", "accessibility", "best-practices", "seo"],
        // The simulation needs no quiet line: it takes what was seen and computes the rest.
        maxWaitForLoad: 30_000,
        // The page that says that there is none is a page too.
        ignoreStatusCode: true,
      };
      const result = await lighthouse(url, flags);
      if (!result) throw new Error(`Lighthouse said nothing of ${url}`);
      await writeFile(`${report}.html`, result.report);
      return summary(result.lhr);
    },
    async close() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What of a report is compared and kept. */
function summary(lhr) {
  if (lhr.runtimeError?.code) throw new Error(`${lhr.finalDisplayedUrl}: ${lhr.runtimeError.message}`);
  const scores = Object.fromEntries(Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round(score * 100)]));
  const failed = Object.values(lhr.categories).flatMap((category) =>
    category.auditRefs
      .map(({ id, weight }) => ({ id, weight, audit: lhr.audits[id] }))
      .filter(({ weight, audit }) => weight > 0 && audit.score !== null && audit.score < 0.9)
      .map(({ id, audit }) => `${category.id}: ${id} ${audit.displayValue ?? ""} ${seen(audit)}`.trim()),
  );
  const value = (name) => Math.round(lhr.audits[name]?.numericValue ?? 0);
  return {
    scores,
    failed,
    first_contentful_paint_ms: value("first-contentful-paint"),
    largest_contentful_paint_ms: value("largest-contentful-paint"),
    total_blocking_ms: value("total-blocking-time"),
    layout_shift: Number((lhr.audits["cumulative-layout-shift"]?.numericValue ?? 0).toFixed(3)),
    bytes: bytes(lhr.audits["network-requests"]?.details?.items ?? []),
  };
}

/** Where an audit saw something. */
function seen(audit) {
  const items = audit.details?.items ?? [];
  return items.slice(0, 4).map((item) => item.node?.snippet ?? item.url ?? item.description ?? item.reason ?? "").join(" | ");
}

/** What came over the line, by what it is. */
function bytes(requests) {
  const sums = { page: 0, data: 0, pictures: 0 };
  for (const { resourceType, transferSize = 0, url } of requests) {
    if (url.startsWith("data:")) continue;
    // What a script is to ask for may be asked for before: by the browser, as something of no kind.
    if (new URL(url).pathname.startsWith("/v1/")) sums.data += transferSize;
    else if (resourceType === "Image") sums.pictures += transferSize;
    else if (["Fetch", "XHR", "EventSource"].includes(resourceType)) sums.data += transferSize;
    else sums.page += transferSize;
  }
  return sums;
}

function freePort() {
  return new Promise((settle, fail) => {
    const server = createServer();
    server.on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => settle(port));
    });
  });
}
