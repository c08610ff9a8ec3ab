/** Finding something: suggestions by keyboard, a search in everyday words, filters, and following. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { newPerson } from "../src/browser.js";
import { closeHouse, openHouse } from "../src/house.js";
import { api } from "../src/marquee.js";

let node, browser, stage;

before(async () => {
  ({ node, browser, stage } = await openHouse());
  await findable("understudy");
});

after(closeHouse);

/** Waits until the node's index has something; it is asked again as soon as it has answered. */
async function findable(words) {
  const ask = api(node.url);
  const deadline = Date.now() + 30_000;
  while ((await ask("GET", `/v1/search?q=${words}`)).items.length === 0) {
    if (Date.now() > deadline) throw new Error(`"${words}" is not found`);
  }
}

test("suggestions come as one types, and the keyboard alone chooses one", async () => {
  const { page, wrong } = await newPerson(browser, node.url);
  await page.goto("/");
  const box = page.getByRole("combobox", { name: "Search" });
  await box.focus();
  await page.keyboard.type("under");
  await page.getByRole("option", { name: /The Understudy/ }).waitFor();
  assert.equal(await box.getAttribute("aria-expanded"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await box.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("ArrowDown");
  const suggestions = page.getByRole("listbox", { name: "Suggestions" });
  assert.equal(await suggestions.getByRole("option", { selected: true }).count(), 1);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/events/${stage.event}`);
  assert.deepEqual(wrong, []);
});

test("a search understands places, forgives typing errors, and says why nothing was found", async () => {
  const { page, wrong } = await newPerson(browser, node.url);
  await page.goto("/");
  await page.getByTestId("search-box").fill("undrestudy near 60601");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/search?**");
  await page.getByTestId("result").filter({ hasText: "The Understudy" }).waitFor();
  assert.match(await page.getByTestId("understood").innerText(), /Chicago/);

  // Filters are kept, and narrow.
  const filters = page.getByTestId("search-filters");
  await filters.getByLabel("Price up to").fill("10");
  await filters.getByRole("button", { name: "Apply" }).click();
  await page.getByTestId("no-results").waitFor();
  assert.equal(await filters.getByLabel("Price up to").inputValue(), "10");
  await filters.getByLabel("Price up to").fill("nothing");
  await filters.getByRole("button", { name: "Apply" }).click();
  await page.getByTestId("problem").waitFor();

  await page.goto("/search?q=understudy");
  await page.getByTestId("result").first().waitFor();
  await filters.getByLabel("Accessibility").selectOption({ label: "Wheelchair spaces" });
  await filters.getByRole("button", { name: "Apply" }).click();
  await page.getByTestId("no-results").waitFor();
  assert.equal(await filters.getByLabel("Accessibility").inputValue(), "wheelchair");

  // A zip code that there is not has near ones.
  await page.goto("/search?q=theatre+near+60600");
  await page.getByTestId("near-zips").getByRole("link").first().waitFor();
  // Whatever is typed is text.
  await page.goto(`/search?q=${encodeURIComponent('"<b>bold</b> (.*')}`);
  await page.getByTestId("no-results").waitFor();
  assert.equal(await page.locator("main b").count(), 0);
  assert.deepEqual(wrong, []);
});

test("who follows a performer sees them first, and who was not there cannot say how it was", async () => {
  const { page, wrong } = await newPerson(browser, node.url);
  const { email, password } = node.login("customer");
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await page.getByTestId("account-link").waitFor();

  await page.goto(`/events/${stage.event}`);
  await page.getByRole("button", { name: "Follow The House Company" }).click();
  await page.getByRole("button", { name: "Following The House Company" }).waitFor();
  await page.goto("/");
  await page.getByRole("heading", { name: "For you" }).waitFor();
  await page.getByText("You follow The House Company").waitFor();
  await page.goto(`/events/${stage.event}`);
  await page.getByRole("button", { name: "Following The House Company" }).click();
  await page.getByRole("button", { name: "Follow The House Company" }).waitFor();

  await page.getByTestId("review-form").locator("summary").click();
  await page.getByRole("radio", { name: "5" }).check();
  await page.getByLabel("In a few words").fill("A triumph!");
  await page.getByTestId("review-form").getByRole("button", { name: "Send" }).click();
  const refused = page.getByTestId("review-form");
  await refused.getByTestId("problem").waitFor();
  assert.match(await refused.innerText(), /ticket/);
  assert.equal(await page.getByLabel("In a few words").inputValue(), "A triumph!");
  assert.equal(await page.getByRole("radio", { name: "5" }).isChecked(), true);
  assert.deepEqual(wrong, []);
});
