/** The main job, as a customer does it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { newPerson, openSeats, seatBox } from "../src/browser.js";
import { closeHouse, openHouse } from "../src/house.js";

let node, browser, stage;

before(async () => ({ node, browser, stage } = await openHouse()));

after(closeHouse);

test("sign up, pick two seats while somebody else takes one of them, pay, see the tickets, cancel, see the refund", async () => {
  const ada = await newPerson(browser, node.url);
  const ben = await newPerson(browser, node.url);
  const { page } = ada;

  // Ada signs up.
  await page.goto("/");
  await page.getByTestId("sign-in-link").click();
  await page.getByRole("link", { name: "Create one" }).click();
  await page.getByLabel("Name").fill("Ada Adams");
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByLabel("Password").fill("a quiet evening");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByTestId("account-link").waitFor();

  // She picks two seats; Ben looks at the same map.
  await openSeats(page, stage.performance);
  await (await seatBox(page, "Stalls", "C", 5)).check();
  const second = await seatBox(page, "Stalls", "C", 6);
  await second.check();
  assert.equal(await page.getByTestId("basket-seat").count(), 2);
  await openSeats(ben.page, stage.performance);
  await (await seatBox(ben.page, "Stalls", "C", 6)).check();
  await ben.page.getByTestId("basket-continue").click();
  await ben.page.waitForURL("**/checkout/**");

  // Her map shows it without being asked: the seat is out of her basket, she is told, and the nearest is offered.
  const told = page.getByTestId("notices").locator(".notice").filter({ hasText: "just taken by somebody else" });
  await told.getByTestId("find-nearest").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=basket-seat]").length === 1);
  assert.equal(await second.isChecked(), false);
  assert.equal(await second.isDisabled(), true);

  // She takes the nearest one instead, which is beside the seat that she still has, and pays.
  await told.getByTestId("find-nearest").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=basket-seat]").length === 2);
  assert.equal(await (await seatBox(page, "Stalls", "C", 4)).isChecked(), true);
  await page.getByText("$124.00").first().waitFor();
  await page.getByTestId("basket-continue").click();
  await page.waitForURL("**/checkout/**");
  assert.match(await page.getByTestId("countdown").innerText(), /^\d+:\d\d$/);
  assert.match(await page.getByTestId("total").innerText(), /124\.00/);
  await page.locator("input[name=method][value=card_ok]").check();
  await page.getByTestId("pay").click();

  // The tickets are there, each with its code.
  await page.locator("[data-testid=order-status][data-status=booked]").waitFor();
  const booking = page.url();
  assert.equal(await page.locator("[data-testid=ticket][data-status=valid]").count(), 2);
  assert.equal(await page.getByTestId("qr").locator("svg").count(), 2);
  await page.getByRole("link", { name: "My bookings" }).click();
  await page.getByTestId("booking-card").filter({ hasText: "The Understudy" }).waitFor();

  // She cancels one, then the other; the money comes back.
  await page.goto(booking);
  await page.getByTestId("cancel-link").click();
  await page.getByTestId("cancel-choose").getByRole("checkbox").first().uncheck();
  await page.getByTestId("cancel-review").click();
  assert.match(await page.getByTestId("refund-total").innerText(), /62\.00/);
  await page.getByTestId("cancel-confirm").click();
  await page.locator("[data-testid=ticket][data-status=cancelled]").waitFor();
  await settledRefunds(page, 1);
  await page.getByTestId("cancel-link").click();
  await page.getByTestId("cancel-review").click();
  await page.getByTestId("cancel-confirm").click();
  await page.locator("[data-testid=order-status][data-status=cancelled]").waitFor();
  await settledRefunds(page, 2);

  // Her seats are free again on Ben's map.
  await openSeats(ben.page, stage.performance);
  assert.equal(await (await seatBox(ben.page, "Stalls", "C", 5)).isDisabled(), false);

  assert.deepEqual([...ada.wrong, ...ben.wrong], []);
  await Promise.all([ada.context.close(), ben.context.close()]);
});

/** Reloads the booking until so many refunds have been paid. */
async function settledRefunds(page, count) {
  const settled = page.locator("[data-testid=refund][data-status=settled]");
  const deadline = Date.now() + 30_000;
  while ((await settled.count()) < count) {
    assert.ok(Date.now() < deadline, "the refund is settled");
    await page.waitForTimeout(100);
    await page.reload();
  }
}

test("a guest picks seats with the keyboard on the map, is declined, pays in two steps at the bank, and keeps the link", async () => {
  const { context, page, wrong } = await newPerson(browser, node.url);
  await openSeats(page, stage.performance);
  const map = page.getByTestId("seat-map-canvas");
  await map.focus();
  await map.press("ArrowRight");
  await map.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=basket-seat]").length === 1);
  await page.getByTestId("basket-continue").click();
  await page.waitForURL("**/checkout/**");
  await page.getByLabel("E-mail").fill("gail@example.org");
  await page.getByLabel("Name").fill("Gail Guest");
  await page.locator("input[name=method][value=card_declined]").check();
  await page.getByTestId("pay").click();
  await page.getByText(/declined/i).first().waitFor();

  await openSeats(page, stage.performance);
  await page.getByTestId("best-available").getByLabel("Tickets").fill("1");
  await page.getByRole("button", { name: "Find the best seats" }).click();
  await page.getByTestId("proposal-take").click();
  await page.waitForURL("**/checkout/**");
  await page.getByLabel("E-mail").fill("gail@example.org");
  await page.getByLabel("Name").fill("Gail Guest");
  await page.locator("input[name=method][value=card_two_step]").check();
  await page.getByTestId("pay").click();
  await page.getByTestId("next-step").click();
  await page.getByRole("button", { name: "Approve payment" }).click();
  await page.locator("[data-testid=order-status][data-status=booked]").waitFor();
  await page.getByTestId("guest-link").waitFor();
  assert.equal(await page.getByTestId("qr").count(), 1);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the map proposes seats, says what is apart and what is left alone, and shows only what is looked for", async () => {
  const { context, page, wrong } = await newPerson(browser, node.url);
  await openSeats(page, stage.performance);
  const chosen = () => page.getByTestId("basket-seat").evaluateAll((seats) => seats.map((seat) => seat.dataset.seatId));

  // Three side by side are proposed and shown; asked again, others are.
  await page.getByTestId("best-available").getByLabel("Tickets").fill("3");
  await page.getByRole("button", { name: "Find the best seats" }).click();
  await page.getByTestId("proposal-other").waitFor();
  const first = await chosen();
  assert.equal(first.length, 3);
  await page.getByTestId("proposal-other").click();
  await page.waitForFunction((before) => document.querySelector("[data-testid=basket-seat]")?.dataset.seatId !== before, first[0]);
  const second = await chosen();
  assert.equal(second.filter((seat) => first.includes(seat)).length, 0);
  await page.getByTestId("sight").locator("figcaption").waitFor();

  // Two that are apart, with one free seat between them: both are said, and two together are one press away.
  await page.getByRole("button", { name: "Clear" }).click();
  await (await seatBox(page, "Circle", "B", 3)).check();
  await (await seatBox(page, "Circle", "B", 5)).check();
  await page.getByTestId("hint-apart").waitFor();
  assert.match(await page.getByTestId("hint-single").innerText(), /seat 4/);
  await page.getByTestId("hint-apart").getByRole("button").click();
  await page.getByTestId("hint-apart").waitFor({ state: "detached" });
  assert.equal((await chosen()).length, 2);

  // A price that is pressed is all that is looked for: also by what proposes.
  await page.getByTestId("legend").getByRole("button", { name: /Rear/ }).click();
  await page.getByTestId("best-available").getByLabel("Tickets").fill("2");
  await page.getByRole("button", { name: "Find the best seats" }).click();
  await page.getByTestId("basket-total").filter({ hasText: "$76.00" }).waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a map whose line is broken says so, and goes on by itself", async () => {
  const { context, page } = await newPerson(browser, node.url);
  await openSeats(page, stage.performance);
  assert.equal(await page.getByTestId("line").isVisible(), false);
  await page.evaluate(() => dispatchEvent(new Event("offline")));
  await page.getByTestId("line").waitFor();
  // Without an answer at all there is a way on instead of an empty frame.
  await page.route("**/v1/performances/*/seats", (route) => route.fulfill({ status: 404, contentType: "application/problem+json", body: JSON.stringify({ title: "Gone", detail: "It is gone.", code: "not-found" }) }));
  await page.reload();
  await page.locator(".map-loading").getByRole("button", { name: "Try again" }).waitFor();
  await context.close();
});

test("a page that another site sends a form to refuses it", async () => {
  const { context, page } = await newPerson(browser, node.url);
  await page.goto("/sign-in");
  const status = await page.evaluate(async () => {
    const body = new URLSearchParams({ email: "a@example.org", password: "guess", csrf: "forged", then: "/" });
    const response = await fetch("/sign-in", { method: "POST", body, redirect: "manual" });
    return response.status;
  });
  assert.equal(status, 403);
  await context.close();
});

test("without scripts the best seats can still be bought", async () => {
  const { context, page } = await newPerson(browser, node.url, { javaScriptEnabled: false });
  await page.goto(`/performances/${stage.performance}`);
  await page.getByTestId("best-available").getByLabel("Tickets").fill("2");
  await page.getByRole("button", { name: "Find the best seats" }).click();
  await page.getByLabel("E-mail").fill("plain@example.org");
  await page.getByLabel("Name").fill("Paul Plain");
  await page.locator("input[name=method][value=card_ok]").check();
  await page.getByTestId("pay").click();
  await page.locator("[data-testid=order-status][data-status=booked]").waitFor();
  assert.equal(await page.getByTestId("ticket").count(), 2);
  await context.close();
});
