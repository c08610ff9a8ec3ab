/**
 * How fluent the seat map of a stadium is on a phone: a finger pans, two fingers pinch, on a processor made four times
 * slower, and every frame is timed.
 *
 * `node tests/browser/src/frames.js [--seconds 6] [--throttle 4] [--json]`. The frames are counted by requestAnimationFrame;
 * how long the page's own work took in each is measured around it, so that what this machine cannot show in time (it has no
 * graphics card, and others use it) is told apart from what the page does.
 */

import { pathToFileURL } from "node:url";

import { newPerson, openBrowser, openSeats } from "./browser.js";
import { api, startMarquee } from "./marquee.js";

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const FRAME_MS = 1000 / 60;

/** The largest performance on sale. */
export async function largest(node) {
  const call = api(node.url);
  const { items } = await call("GET", "/v1/events?limit=200");
  let best = { capacity: 0 };
  for (const { next_performance: next } of items) {
    if (!next) continue;
    const { id, availability } = await call("GET", `/v1/performances/${next.id}`);
    if (availability.capacity > best.capacity) best = { id, capacity: availability.capacity };
  }
  return best;
}

/** Times the frames while somebody moves the map for so many seconds; resolves to what was seen of each gesture. */
export async function measure(browser, node, { performance, seconds = 6, throttle = 4 }) {
  const { context, page, wrong } = await newPerson(browser, node.url, PHONE);
  await openSeats(page, performance);
  const line = await context.newCDPSession(page);
  await line.send("Emulation.setCPUThrottlingRate", { rate: throttle });
  const frame = page.locator(".map-frame");
  await frame.scrollIntoViewIfNeeded();
  const box = await frame.boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const seen = {};
  seen.zoom_in = await timed(page, () => pinch(line, middle, seconds / 3, 1));
  seen.pan_near = await timed(page, () => pan(line, middle, box, seconds));
  seen.pinch = await timed(page, async () => {
    for (const direction of [-1, 1]) await pinch(line, middle, seconds / 4, direction);
  });
  await page.locator("[data-tool=fit]").click();
  seen.pan_far = await timed(page, () => pan(line, middle, box, seconds / 2));
  await context.close();
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return seen;
}

/** Counts frames, and what the page does in each, while something is done. */
async function timed(page, act) {
  await page.evaluate(() => {
    const log = (globalThis.frameLog = { frames: [], work: [] });
    const ask = (globalThis.realAsk ??= globalThis.requestAnimationFrame.bind(globalThis));
    // What the page does when it draws is timed around its own callbacks.
    globalThis.requestAnimationFrame = (callback) =>
      ask((at) => {
        const before = performance.now();
        callback(at);
        log.work.push(performance.now() - before);
      });
    const tick = (at) => {
      log.frames.push(at);
      if (globalThis.frameLog === log) ask(tick);
    };
    ask(tick);
  });
  await act();
  const { frames, work } = await page.evaluate(() => {
    const log = globalThis.frameLog;
    globalThis.frameLog = undefined;
    return log;
  });
  const gaps = frames.slice(1).map((at, index) => at - frames[index]);
  const late = gaps.filter((gap) => gap > FRAME_MS * 1.5).reduce((sum, gap) => sum + Math.round(gap / FRAME_MS) - 1, 0);
  return {
    frames: gaps.length,
    per_second: Number(((1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0)).toFixed(1)),
    dropped: late,
    gap_ms: quantiles(gaps),
    work_ms: quantiles(work),
  };
}

function quantiles(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share) => Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** A finger that goes in circles. */
async function pan(line, middle, box, seconds) {
  const radius = Math.min(box.width, box.height) * 0.35;
  const at = (angle) => [{ x: middle.x + radius * Math.cos(angle), y: middle.y + radius * Math.sin(angle), id: 0 }];
  await line.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) });
  for (const begun = Date.now(); Date.now() - begun < seconds * 1000; ) {
    const angle = ((Date.now() - begun) / 1000) * 3;
    await line.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(angle) });
  }
  await line.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

/** Two fingers that go apart (1) or together (-1), again and again. */
async function pinch(line, middle, seconds, direction) {
  const at = (spread) => [-1, 1].map((side, id) => ({ x: middle.x + side * spread, y: middle.y + side * spread * 0.3, id }));
  const [from, to] = direction > 0 ? [20, 130] : [130, 20];
  for (const begun = Date.now(); Date.now() - begun < seconds * 1000; ) {
    await line.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(from) });
    for (const stroke = Date.now(); Date.now() - stroke < 600; ) {
      const along = (Date.now() - stroke) / 600;
      await line.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(from + (to - from) * along) });
    }
    await line.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const option = (name, usual) => Number(process.argv[process.argv.indexOf(`--${name}`) + 1]) || usual;
  const node = await startMarquee();
  const browser = await openBrowser();
  try {
    const { id, capacity } = await largest(node);
    const seen = await measure(browser, node, { performance: id, seconds: option("seconds", 6), throttle: option("throttle", 4) });
    process.stdout.write(`${JSON.stringify({ seats: capacity, throttle: option("throttle", 4), ...seen }, null, 2)}\n`);
  } finally {
    await browser.close();
    await node.stop();
  }
}
