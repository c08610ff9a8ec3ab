/** Two browsers: one gives a ticket away, the other accepts it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { newPerson, openBrowser } from "../src/browser.js";
import { api, putOnSale, signedIn, startMarquee } from "../src/marquee.js";

let node, browser, stage;

before(async () => {
  node = await startMarquee({ empty: true });
  stage = await putOnSale(await signedIn(node, "organizer"));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

/** Two tickets that Ada bought as a guest. */
async function bought() {
  const order = await api(node.url)("POST", `/v1/events/${stage.event}/bookings`, {
    performance_id: stage.performance, best_available: { quantity: 2 }, payment: { method: "card_ok" },
    email: "ada@example.com", name: "Ada",
  }, { prefer: "wait=30" });
  assert.equal(order.status, "booked");
  return order;
}

/** Gives a ticket of the page to somebody, by keyboard; gives the link that is to be sent on. */
async function give(page, nth, name) {
  const ticket = page.getByTestId("ticket").nth(nth);
  await ticket.getByTestId("give").locator("summary").press("Enter");
  await ticket.getByLabel("Their name").fill(name);
  await ticket.getByLabel("Their e-mail").fill(`${name.toLowerCase()}@example.com`);
  await ticket.getByLabel("Their e-mail").press("Enter");
  const link = ticket.getByTestId("offer-link");
  await link.waitFor();
  return link.inputValue();
}

test("a ticket goes from one browser to the other, once", async () => {
  const order = await bought();
  const ada = await newPerson(browser, node.url, { permissions: ["clipboard-read", "clipboard-write"] });
  await ada.page.goto(`/bookings/${order.id}?key=${order.token}`);
  const link = await give(ada.page, 0, "Grace");
  assert.equal(await ada.page.getByTestId("qr").count(), 1, "the code of what is on offer is nobody's");
  await ada.page.getByTestId("copy-link").click();
  await ada.page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await ada.page.evaluate(() => navigator.clipboard.readText()), link);

  const grace = await newPerson(browser, node.url);
  await grace.page.goto(link);
  assert.ok(!grace.page.url().includes("key="), "no token stays in the address");
  await grace.page.getByRole("heading", { name: "Ada gives you a ticket" }).waitFor();
  assert.equal(await grace.page.getByLabel("Name").inputValue(), "Grace");
  await grace.page.getByLabel("E-mail").fill("grace@example.com");
  await grace.page.getByTestId("accept").press("Enter");
  await grace.page.getByRole("heading", { name: "Your ticket" }).waitFor();
  await grace.page.getByTestId("qr").waitFor();
  for (const [paper, type] of [
    ["ticket-pdf", "application/pdf"], ["ticket-home", "application/pdf"], ["ticket-receipt", "application/pdf"],
    ["add-to-calendar", "text/calendar; charset=utf-8"],
  ]) {
    const response = await grace.page.request.get(node.url + (await grace.page.getByTestId(paper).getAttribute("href")));
    assert.deepEqual([response.status(), response.headers()["content-type"]], [200, type], paper);
  }

  // The link is spent for others, and shows Grace her ticket still.
  const eve = await newPerson(browser, node.url);
  assert.equal((await eve.page.goto(link)).status(), 410);
  await eve.page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
  await grace.page.goto(link);
  await grace.page.getByTestId("qr").waitFor();
  await ada.page.reload();
  await ada.page.getByTestId("whose").getByText("Given to Grace").waitFor();
  assert.equal(await ada.page.getByTestId("qr").count(), 1);
  assert.deepEqual([...ada.wrong, ...grace.wrong, ...eve.wrong], []);
  for (const { context } of [ada, grace, eve]) await context.close();
});

test("what was offered is taken back, and what was accepted into an account is in its bookings", async () => {
  const order = await bought();
  const ada = await newPerson(browser, node.url);
  await ada.page.goto(`/bookings/${order.id}?key=${order.token}`);
  const first = await give(ada.page, 1, "Dana");
  await ada.page.getByTestId("call-back").click();
  await ada.page.getByTestId("call-back").waitFor({ state: "detached" });
  assert.equal(await ada.page.getByTestId("qr").count(), 2);

  const dana = await newPerson(browser, node.url);
  assert.equal((await dana.page.goto(first)).status(), 410);
  const second = await give(ada.page, 1, "Dana");
  await dana.page.goto(second);
  await dana.page.getByTestId("accept-signed-in").click();
  const { email, password } = node.login("customer");
  await dana.page.getByLabel("E-mail").fill(email);
  await dana.page.getByLabel("Password").fill(password);
  await dana.page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await dana.page.getByTestId("accepts").getByText(email).waitFor();
  await dana.page.getByTestId("accept").click();
  await dana.page.getByTestId("qr").waitFor();
  // The account's home is told of the ticket in a moment.
  const card = dana.page.getByTestId("booking-card");
  for (const deadline = Date.now() + 20_000; ; ) {
    await dana.page.goto("/bookings");
    if ((await card.count()) > 0) break;
    assert.ok(Date.now() < deadline, "the ticket is not in the bookings");
  }
  await card.getByText("Given to you by Ada").waitFor();
  await card.getByRole("link").click();
  await dana.page.getByTestId("qr").waitFor();

  // What its buyer cancels, its holder loses, and both are told before and after.
  await ada.page.reload();
  await ada.page.getByTestId("cancel-link").click();
  await ada.page.getByText(/has this ticket and loses it/).waitFor();
  await ada.page.getByTestId("cancel-review").click();
  await ada.page.getByTestId("cancel-confirm").click();
  await ada.page.getByTestId("refund").first().waitFor();
  await dana.page.reload();
  await dana.page.getByTestId("cancelled").waitFor();
  assert.equal(await dana.page.getByTestId("qr").count(), 0);
  assert.deepEqual([...ada.wrong, ...dana.wrong], []);
  for (const { context } of [ada, dana]) await context.close();
});
