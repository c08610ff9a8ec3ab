/** The organizer's job, from nothing to a ticket that is sold, refunded and moved. By keyboard, as far as that is natural. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { newPerson, openSeats, seatBox } from "../src/browser.js";
import { closeHouse, openHouse } from "../src/house.js";
import { tabTo } from "../src/keys.js";
import { signedIn } from "../src/marquee.js";

let node, browser;

before(async () => ({ node, browser } = await openHouse({ onSale: false })));

after(closeHouse);

/** A field by its label, whether it says that it is optional or not. */
function labelled(page, label) {
  return page.getByLabel(new RegExp(`^${label}( optional)?$`));
}

async function type(page, label, text) {
  const field = labelled(page, label);
  await tabTo(page, field);
  await page.keyboard.press("ControlOrMeta+A");
  if (text === "") await page.keyboard.press("Delete");
  else await page.keyboard.insertText(text);
}

async function press(page, testId) {
  await tabTo(page, page.getByTestId(testId));
  await page.keyboard.press("Enter");
}

async function signIn(page, role) {
  const { email, password } = node.login(role);
  await page.goto("/sign-in");
  await type(page, "E-mail", email);
  await type(page, "Password", password);
  await page.keyboard.press("Enter");
  await page.getByTestId("account-link").waitFor();
}

test("venue, hall, event, a series; a ticket is bought, seen live, refunded; the date is moved with a preview", async () => {
  const olga = await newPerson(browser, node.url);
  const { page } = olga;
  const api = await signedIn(node, "organizer");
  await signIn(page, "organizer");
  await press(page, "organize-link");
  await page.getByTestId("first-steps").waitFor();

  // A venue; what is wrong is said at its field, and the eye is led there.
  await press(page, "step-venue");
  await type(page, "Name", "Playhouse");
  await type(page, "City", "Chicago");
  await type(page, "Country", "U");
  await type(page, "Time zone", "America/Chicago");
  await press(page, "venue-form-save");
  const faults = page.getByTestId("faults");
  await faults.waitFor();
  assert.ok(await faults.evaluate((element) => element === document.activeElement), "the list of faults has the focus");
  await faults.getByRole("link").first().press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.name), "country", "its link leads to the field");
  assert.equal(await labelled(page, "Name").inputValue(), "Playhouse");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText("us");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/organizer\/venues\/ven_/);
  const venue = page.url().split("/").at(-1);
  await api("POST", `/v1/venues/${venue}/halls`, {
    name: "Main stage",
    seat_map: {
      price_categories: [{ key: "front", name: "Front", color: "#8e5bd0" }, { key: "rear", name: "Rear", color: "#2f7d4f" }],
      sections: [
        { key: "stalls", name: "Stalls", price_category: "front", blocks: [{ rows: "A-F", seats: 14, at: [0, 5] }] },
        { key: "circle", name: "Circle", rank: 100, price_category: "rear", blocks: [{ rows: "A-D", seats: 18, at: [0, 15] }] },
      ],
    },
  });

  // An event.
  await page.goto("/organizer");
  await press(page, "step-event");
  await type(page, "Title", "The Understudy");
  await labelled(page, "Kind").selectOption("theatre");
  await press(page, "event-form-save");
  await page.getByRole("heading", { level: 1, name: "The Understudy" }).waitFor();
  const event = page.url();

  // A series: another concession, then its prices, then every date.
  await press(page, "series-new");
  await type(page, "Concessions", "adult, child");
  await page.getByRole("button", { name: "Update the table" }).press("Enter");
  for (const [label, day] of [["First day", "2099-05-01"], ["Last day", "2099-05-31"]]) await labelled(page, label).fill(day);
  for (const day of ["Fri", "Sat"]) await page.getByRole("checkbox", { name: day }).press("Space");
  await type(page, "Times", "15:00, 19:30");
  await type(page, "Front, Adult", "62");
  await type(page, "Front, Child", "31,50");
  await type(page, "Rear, Adult", "38.005");
  await press(page, "series-preview");
  await page.locator("[data-testid=fault][data-field=price-1-0]").waitFor();
  assert.equal(await labelled(page, "Front, Child").inputValue(), "31,50", "what was typed stays");
  await type(page, "Rear, Adult", "38");
  await press(page, "series-preview");
  await page.getByTestId("preview-count").waitFor();
  assert.equal(await page.getByTestId("preview-count").innerText(), "20 performances would be made");
  await press(page, "series-create");
  await page.getByTestId("made").waitFor();
  assert.equal(await page.getByTestId("date").count(), 20);

  // The first of them, looked at live.
  await page.getByTestId("date").first().getByRole("link").first().press("Enter");
  await page.getByTestId("live-page").waitFor();
  const performance = page.url().split("/").at(-1);
  const live = page.url();

  // A customer buys; the page shows it without being asked.
  const cora = await newPerson(browser, node.url);
  await openSeats(cora.page, performance);
  await (await seatBox(cora.page, "Stalls", "C", 5)).check();
  await cora.page.getByTestId("basket-continue").click();
  await cora.page.getByLabel("E-mail").fill("cora@example.org");
  await cora.page.getByLabel("Name").fill("Cora Customer");
  await cora.page.locator("input[name=method][value=card_ok]").check();
  await cora.page.getByTestId("pay").click();
  await cora.page.locator("[data-testid=order-status][data-status=booked]").waitFor();
  await page.waitForFunction(() => document.querySelector("[data-testid=revenue]")?.textContent === "$62.00");
  assert.equal(await page.getByTestId("tickets-sold").innerText(), "1");

  // Her order is found by her seat, and refunded after the sum was shown.
  await press(page, "performance-orders");
  await type(page, "Order number, name, e-mail or seat", "stalls row C seat 5");
  await page.keyboard.press("Enter");
  await page.getByTestId("order").filter({ hasText: "Cora Customer" }).getByRole("link").press("Enter");
  await page.getByTestId("order-page").waitFor();
  assert.equal(await page.getByTestId("buyer").innerText(), "Cora Customer");
  const order = page.url();
  await press(page, "refund-link");
  await type(page, "Reason", "The seat is broken");
  await press(page, "refund-ask");
  assert.equal(await page.getByTestId("refund-total").innerText(), "$62.00");
  await press(page, "refund-confirm");
  await page.locator("[data-testid=order-status][data-status=cancelled]").waitFor();
  await cora.page.reload();
  await cora.page.locator("[data-testid=order-status][data-status=cancelled]").waitFor();
  await page.goto(order);

  // The next date is sold and moved.
  await openSeats(cora.page, performance);
  await (await seatBox(cora.page, "Circle", "A", 1)).check();
  await cora.page.getByTestId("basket-continue").click();
  await cora.page.getByLabel("E-mail").fill("cora@example.org");
  await cora.page.getByLabel("Name").fill("Cora Customer");
  await cora.page.locator("input[name=method][value=card_ok]").check();
  await cora.page.getByTestId("pay").click();
  await cora.page.locator("[data-testid=order-status][data-status=booked]").waitFor();
  await page.goto(live);
  await press(page, "reschedule-link");
  await labelled(page, "Start").fill("2099-05-02T20:15");
  await press(page, "reschedule-see");
  assert.equal(await page.getByTestId("affected-orders").innerText(), "1");
  assert.match(await page.getByTestId("after").innerText(), /8:15/);
  await press(page, "reschedule-confirm");
  await page.getByTestId("told").waitFor();
  await cora.page.reload();
  await cora.page.getByText(/8:15/).first().waitFor();

  // Called off: everybody gets everything back, and the page says when.
  await press(page, "cancellation-link");
  assert.equal(await page.getByTestId("affected-money").innerText(), "$38.00");
  await type(page, "Reason", "The lead is ill");
  await press(page, "call-off");
  await page.locator("[data-testid=cancelled][data-done=true]").waitFor();

  await page.goto(event);
  await page.locator("[data-testid=date] [data-status=cancelled]").waitFor();
  assert.deepEqual([...olga.wrong, ...cora.wrong], []);
  await Promise.all([olga.context.close(), cora.context.close()]);
});

test("without scripts a venue, an event and a date are made all the same", async () => {
  const { context, page } = await newPerson(browser, node.url, { javaScriptEnabled: false });
  const { email, password } = node.login("organizer");
  await page.goto("/sign-in?then=/organizer/events/new");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await labelled(page, "Title").fill("Plain Talk");
  await page.getByTestId("event-form-save").click();
  await page.getByTestId("performance-new").click();
  await labelled(page, "Start").fill("2099-06-01T19:30");
  await labelled(page, "Front, Adult").fill("25");
  await page.getByTestId("offer-form-save").click();
  await page.getByTestId("live-page").waitFor();
  assert.equal(await page.getByTestId("revenue").innerText(), "$0.00");
  await context.close();
});

test("no page of the organizer's is wider than a phone", async () => {
  const { context, page, wrong } = await newPerson(browser, node.url, { viewport: { width: 360, height: 740 } });
  await signIn(page, "organizer");
  const paths = ["/organizer", "/organizer/venues", "/organizer/venues/new", "/organizer/events/new"];
  await page.goto("/organizer");
  const event = new URL(await page.getByTestId("own-event").getByRole("link").first().evaluate((link) => link.href)).pathname;
  paths.push(event, `${event}/edit`, `${event}/orders`, `${event}/series`, `${event}/performances/new`);
  await page.goto(`${event}?show=all`);
  const date = new URL(await page.getByTestId("date").getByRole("link").first().evaluate((link) => link.href)).pathname;
  paths.push(date, `${date}/orders`);
  for (const path of paths) {
    await page.goto(path);
    const [width, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(width <= shown, `${path} is ${width} pixels wide`);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});
