/**
 * Pictures of the pages in light and dark, on a desk and on a phone, from the demo's own catalog.
 *
 * They go to tests/output/. With `--readme` the picture of the seat map in the README is made again.
 */

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { newPerson, openBrowser, openSeats, seatBox } from "./browser.js";
import { api, startMarquee } from "./marquee.js";

const HOUSE = resolve(import.meta.dirname, "../../..");
const OUTPUT = join(HOUSE, "tests/output");
const README_PICTURE = join(HOUSE, ".github/seat-map.png");
const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

const node = await startMarquee();
const browser = await openBrowser();
try {
  await mkdir(OUTPUT, { recursive: true });
  const hall = await mostPicturesque();
  await fill(hall.id);
  for (const [look, options] of Object.entries(LOOKS)) await walk(look, options, hall);
  if (process.argv.includes("--readme")) await readmePicture(hall);
} finally {
  await browser.close();
  await node.stop();
}

/** A performance with a few hundred to a few thousand seats and several prices. */
async function mostPicturesque() {
  const call = api(node.url);
  const { items } = await call("GET", "/v1/events?limit=100");
  const offers = items.filter((event) => event.next_performance);
  let best;
  for (const event of offers) {
    const performance = await call("GET", `/v1/performances/${event.next_performance.id}`);
    const { capacity } = performance.availability;
    const score = performance.price_categories.length * 10 - Math.abs(Math.log10(capacity / 1_500)) * 8;
    if (capacity > 300 && capacity < 5_000 && (!best || score > best.score)) best = { score, id: performance.id, event: event.id };
  }
  if (!best) throw new Error("the demo catalog has no hall that makes a picture");
  return best;
}

/** Sells some of the house, so that the map looks as it does in life. */
async function fill(performance) {
  const guest = api(node.url);
  const map = await guest("GET", `/v1/performances/${performance}/seats`);
  const rows = groups(map.seats);
  let nth = 0;
  for (const seats of rows.values()) {
    // The same seats in every run: a picture that differs shows a change of the pages.
    for (let at = (nth * 7) % 5; at + 2 < seats.length; at += 5 + ((nth * 3 + at) % 7)) {
      const chosen = seats.slice(at, at + 2).filter((seat) => seat.status === "free" && !seat.accessible && !seat.companion);
      if (chosen.length < 2) continue;
      const hold = await guest("POST", `/v1/performances/${performance}/holds`, { seats: chosen.map((seat) => seat.id) });
      if (nth % 3 === 0) continue;
      // A buyer each: there is a limit of tickets.
      const order = { hold_id: hold.id, hold_token: hold.token, payment: { method: "card_ok" }, email: `g${nth}-${at}@example.org` };
      await guest("POST", "/v1/bookings", order);
    }
    nth += 1;
  }
}

function groups(seats) {
  const rows = new Map();
  for (const seat of seats) {
    const name = `${seat.section}/${seat.row}`;
    rows.set(name, [...(rows.get(name) ?? []), seat]);
  }
  return rows;
}

/** Picks two seats side by side that are free. */
async function pickTwo(page, performance) {
  const map = await api(node.url)("GET", `/v1/performances/${performance}/seats`);
  const middle = Math.floor(map.seats.length / 3);
  const plain = (seat) => seat.status === "free" && !seat.accessible && !seat.companion;
  for (let at = middle; at + 1 < map.seats.length; at++) {
    const [one, two] = [map.seats[at], map.seats[at + 1]];
    if (plain(one) && plain(two) && one.row === two.row && one.section === two.section) {
      for (const seat of [one, two]) await (await seatBox(page, seat.section, seat.row, seat.number)).check();
      return;
    }
  }
}

async function walk(look, options, hall) {
  const { context, page } = await newPerson(browser, node.url, options);
  const shoot = async (name) => {
    // Canvas pictures are drawn in the next frame.
    await page.evaluate(() => new Promise((settle) => requestAnimationFrame(() => requestAnimationFrame(settle))));
    await page.screenshot({ path: join(OUTPUT, `${look}-${name}.png`), fullPage: name !== "seat-map" });
  };
  await page.goto("/");
  await shoot("events");
  await page.goto(`/events/${hall.event}`);
  await shoot("event");
  await openSeats(page, hall.id);
  await pickTwo(page, hall.id);
  await page.evaluate(() => scrollTo(0, 0));
  await shoot("seat-map");
  await page.getByTestId("basket-continue").click();
  await page.waitForURL("**/checkout/**");
  await shoot("checkout");
  await page.getByLabel("E-mail").fill("pia@example.org");
  await page.getByLabel("Name").fill("Pia Picture");
  await page.locator("input[name=method][value=card_ok]").check();
  await page.getByTestId("pay").click();
  await page.locator("[data-testid=order-status][data-status=booked]").waitFor();
  await shoot("booking");
  await page.goto("/sign-up");
  await shoot("sign-up");
  await context.close();
}

async function readmePicture(hall) {
  const { context, page } = await newPerson(browser, node.url, { colorScheme: "light", viewport: { width: 1100, height: 720 } });
  await openSeats(page, hall.id);
  await pickTwo(page, hall.id);
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(() => new Promise((settle) => requestAnimationFrame(() => requestAnimationFrame(settle))));
  await page.screenshot({ path: README_PICTURE });
  await context.close();
}
