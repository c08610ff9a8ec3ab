/** Pages go on working when the node that they came from dies. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { newPerson, openSeats, seatBox } from "../src/browser.js";
import { startFront } from "../src/fronts.js";
import { closeHouse, openHouse } from "../src/house.js";

let node, browser, stage, first, second;

before(async () => ({ node, browser, stage } = await openHouse()));

beforeEach(async () => {
  const fronts = [];
  const othersThan = (index) => () => fronts.filter((_front, other) => other !== index).map((front) => front.url);
  fronts.push(await startFront(node.url, othersThan(0)));
  fronts.push(await startFront(node.url, othersThan(1)));
  [first, second] = fronts;
});

afterEach(() => Promise.all([first.die(), second.die()]));

after(closeHouse);

/**
 * Opens a page at the first node, and waits until its service worker knows the second, and the browser asks the worker for
 * pages: for a moment after the worker is there, Chromium still goes past it.
 */
async function settled(page, path) {
  await page.goto(path);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const throughWorker = () => performance.getEntriesByType("navigation")[0].workerStart > 0;
  while (!(await page.evaluate(throughWorker))) await page.reload();
  await page.waitForFunction(async () => {
    const told = await (await caches.open("marquee-nodes")).match("/switch-worker.json");
    return Boolean(told) && (await told.json()).others.length === 1;
  });
}

/** Fills the form of the checkout as a guest, and sends it. */
async function pay(page) {
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByLabel("Name").fill("Ada Adams");
  await page.locator("input[name=method][value=card_ok]").check();
  await page.getByTestId("pay").click();
}

test("a customer picks seats while their node dies: the map stays live, the seats are held once, and they pay at the next node", async () => {
  const { page } = await newPerson(browser, first.url);
  await settled(page, "/help");
  await openSeats(page, stage.performance);
  await (await seatBox(page, "Stalls", "B", 3)).check();
  await (await seatBox(page, "Stalls", "B", 4)).check();

  await first.die();
  await page.getByTestId("moved").waitFor();
  await page.locator("[data-testid=live][data-state=live]").waitFor();
  assert.equal(await page.getByTestId("basket-seat").count(), 2, "what was chosen is still chosen");

  await page.getByTestId("basket-continue").click();
  await page.waitForURL(`${second.url}/checkout/**`);
  await page.getByTestId("moved").getByText("so you go on at this one").waitFor();
  assert.equal(new URL(page.url()).hash, "", "the address is a clean one");
  await pay(page);
  await page.locator("[data-testid=order-status][data-status=booked]").waitFor();
  assert.equal(await page.locator("[data-testid=ticket][data-status=valid]").count(), 2);
});

test("links and forms of a dead node's page lead to the same page at the next node", async () => {
  const { page } = await newPerson(browser, first.url);
  await settled(page, "/");
  await first.die();
  await page.goto("/help?from=here");
  await page.getByTestId("moved").waitFor();
  assert.equal(page.url(), `${second.url}/help?from=here`);
});

test("a form that may have arrived is not sent again: its page says what became of it", async () => {
  const { page } = await newPerson(browser, first.url);
  await settled(page, "/help");
  await openSeats(page, stage.performance);
  await (await seatBox(page, "Stalls", "D", 3)).check();
  await page.getByTestId("basket-continue").click();
  await page.waitForURL(`${first.url}/checkout/**`);
  const path = new URL(page.url()).pathname;
  await first.die();
  await pay(page);
  await page.waitForURL(`${second.url}${path}`);
  await page.getByTestId("countdown").waitFor();
});

test("without any node a page says that there is no connection, and nobody is sent in circles", async () => {
  const { page } = await newPerson(browser, first.url);
  await settled(page, "/help");
  await first.die();
  await second.die();
  const answer = await page.goto("/bookings");
  assert.equal(answer.status(), 503);
  assert.equal(page.url(), `${first.url}/bookings`, "the address is the one that somebody wanted");
  await page.getByTestId("offline").getByRole("link", { name: "Try again" }).waitFor();
  const colour = await page.getByRole("link", { name: "Try again" }).evaluate((link) => getComputedStyle(link).backgroundColor);
  assert.notEqual(colour, "rgba(0, 0, 0, 0)", "the style sheet is there without a line");
});
