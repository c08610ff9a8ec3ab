/** A customer who has no mouse: seats, payment and cancellation by keys alone. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { newPerson } from "../src/browser.js";
import { closeHouse, openHouse } from "../src/house.js";
import { tabTo } from "../src/keys.js";

let node, browser, stage;

before(async () => ({ node, browser, stage } = await openHouse()));

after(closeHouse);

async function press(page, locator, key = "Enter") {
  await tabTo(page, locator);
  await page.keyboard.press(key);
}

async function type(page, locator, text) {
  await tabTo(page, locator);
  await page.keyboard.insertText(text);
}

test("from the event to the tickets and back to the money, by keys alone", async () => {
  const { context, page, wrong } = await newPerson(browser, node.url);
  await page.goto(`/events/${stage.event}`);
  // The first stop leads past the navigation.
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  await press(page, page.getByTestId("performance"));
  await page.locator("[data-testid=seat-page][data-ready=true]").waitFor();

  // On the map: arrows go from seat to seat, each is said, Enter selects.
  const said = page.getByTestId("announcements");
  await tabTo(page, page.getByTestId("seat-map-canvas"));
  await said.filter({ hasText: /row \w+, seat \d+/i }).waitFor();
  await page.keyboard.press("Enter");
  await said.filter({ hasText: "selected" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=basket-seat]").length === 2);

  // In the list: sections and rows are opened with Enter, seats are check boxes.
  const list = page.getByTestId("seat-list");
  await press(page, list.locator("summary").filter({ hasText: "Circle" }));
  await press(page, list.locator("summary").filter({ hasText: "Row D" }));
  await press(page, list.getByRole("checkbox", { name: /^Seat 1\b/ }), "Space");
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=basket-seat]").length === 3);
  await press(page, page.getByRole("button", { name: "Clear" }));
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=basket-seat]").length === 0);

  // The best available, from the form, taken from the notice.
  await press(page, page.getByRole("button", { name: "Find the best seats" }));
  await press(page, page.getByTestId("proposal-take"));
  await page.waitForURL("**/checkout/**");

  await type(page, page.getByLabel("E-mail"), "kay@example.org");
  await type(page, page.getByLabel("Name"), "Kay Board");
  await tabTo(page, page.locator("input[name=method]:checked, input[name=method]"));
  await page.keyboard.press("Space");
  await press(page, page.getByTestId("pay"));
  await page.locator("[data-testid=order-status][data-status=booked]").waitFor();

  await press(page, page.getByTestId("cancel-link"));
  await press(page, page.getByTestId("cancel-choose").getByRole("checkbox"), "Space");
  await press(page, page.getByTestId("cancel-review"));
  await page.getByTestId("refund-total").filter({ hasText: "$62.00" }).waitFor();
  await press(page, page.getByTestId("cancel-confirm"));
  await page.locator("[data-testid=ticket][data-status=cancelled]").waitFor();
  assert.equal(await page.locator("[data-testid=ticket][data-status=valid]").count(), 1);
  assert.deepEqual(wrong, []);
  await context.close();
});
