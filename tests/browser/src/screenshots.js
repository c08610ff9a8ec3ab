/**
 * Pictures of every kind of page in light and dark, on a desk and on a phone, from the demo's own catalog.
 *
 * They go to tests/output/screenshots/, named by kind, size and scheme; further arguments name the kinds to look at. With
 * `--readme` the picture of the seat map in the README is made again.
 */

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { newPerson, openBrowser, openSeats, seatBox } from "./browser.js";
import { api, startMarquee } from "./marquee.js";
import { PAGES, furnish, signInAs } from "./pages.js";

const HOUSE = resolve(import.meta.dirname, "../../..");
const OUTPUT = join(HOUSE, "tests/output/screenshots");
const README_PICTURE = join(HOUSE, ".github/seat-map.png");
const SIZES = {
  desk: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const node = await startMarquee();
const browser = await openBrowser();
try {
  await mkdir(OUTPUT, { recursive: true });
  const world = await furnish(node);
  await fill(world.performance);
  for (const size of Object.keys(SIZES)) await walk(size, world);
  if (process.argv.includes("--readme")) await readmePicture(world);
} finally {
  await browser.close();
  await node.stop();
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

/** Canvas pictures are drawn in the next frames. */
async function settled(page) {
  await page.evaluate(() => new Promise((settle) => requestAnimationFrame(() => requestAnimationFrame(settle))));
}

/** All kinds of page at one size, by people with the sessions that they need. */
async function walk(size, world) {
  const people = new Map();
  for (const kind of PAGES.filter(({ name }) => named.length === 0 || named.includes(name))) {
    if (!people.has(kind.as)) {
      const person = await newPerson(browser, node.url, SIZES[size]);
      if (kind.as) await signInAs(person.page, node, kind.as);
      people.set(kind.as, person);
    }
    const { page } = people.get(kind.as);
    await page.goto(await kind.path(world));
    if (kind.ready) await page.locator(kind.ready).waitFor();
    if (kind.name === "performance") {
      await pickTwo(page, world.performance);
      await page.evaluate(() => scrollTo(0, 0));
    }
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await settled(page);
      // A phone's first screen of the seat map is what matters there: its way on floats.
      await page.screenshot({ path: join(OUTPUT, `${kind.name}-${size}-${colorScheme}.png`), fullPage: kind.name !== "performance" });
    }
  }
  for (const { context } of people.values()) await context.close();
}

async function readmePicture({ performance }) {
  const { context, page } = await newPerson(browser, node.url, { colorScheme: "light", viewport: { width: 1100, height: 720 } });
  await openSeats(page, performance);
  await pickTwo(page, performance);
  await page.evaluate(() => scrollTo(0, 0));
  await settled(page);
  await page.screenshot({ path: README_PICTURE });
  await context.close();
}
