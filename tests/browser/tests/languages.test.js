/** The pages in other languages than English, and from right to left. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { newPerson, openSeats } from "../src/browser.js";
import { closeHouse, openHouse } from "../src/house.js";
import { CUSTOMER_PAGES, furnish, signInAs } from "../src/pages.js";
import { said, sentences } from "../src/texts.js";

let node, browser, stage;

before(async () => ({ node, browser, stage } = await openHouse({ empty: false })));

after(closeHouse);

/** What organizers wrote, and what is called the same everywhere. */
const NAMES = ["The Understudy", "The House Company", "Somebody has to go on.", "Main stage", "Side Street", "Marquee", "English", "Ada of the West"];
const ENGLISH = sentences("en", "de");
const ENGLISH_WORDS = /\b(the|and|your|you|seat|seats|row|from|choose|pay|paid|is|are|with|of|to|for|not|free|taken|left)\b/iu;

/** Fails if a page says something in English. */
async function assertGerman(page) {
  const text = NAMES.reduce((text, name) => text.replaceAll(name, ""), await said(page));
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  for (const sentence of ENGLISH) assert.ok(!text.includes(sentence), `${page.url()} says “${sentence}”`);
  for (const line of text.split("\n")) assert.doesNotMatch(line, ENGLISH_WORDS, `${page.url()} says “${line}”`);
}

test("buy and cancel in German, with the whole way in German", async () => {
  const { page, wrong } = await newPerson(browser, node.url, { locale: "de-DE" });
  assert.ok(ENGLISH.length > 100, "there are texts to look for");
  await page.goto(`/events/${stage.event}`);
  await assertGerman(page);
  assert.match(await page.getByTestId("performance").innerText(), /19:30 Ortszeit Chicago/);

  await openSeats(page, stage.performance);
  await page.getByTestId("seat-list").locator("summary").first().click();
  await page.getByTestId("seat-list").locator("details details summary").first().click();
  const boxes = page.getByTestId("seat-list").locator("input[data-seat-id]:enabled");
  await boxes.nth(0).check();
  await boxes.nth(2).check();
  await page.getByTestId("hint-apart").waitFor();
  // By the keys on the map, what is read out.
  await page.getByTestId("seat-map-canvas").focus();
  await page.keyboard.press("ArrowRight");
  await assertGerman(page);
  assert.match(await page.getByTestId("basket-total").innerText(), /^124,00\s\$$/);

  await page.getByTestId("basket-continue").click();
  await page.waitForURL("**/checkout/**");
  await assertGerman(page);
  await page.getByLabel("E-Mail-Adresse").fill("ada@example.org");
  await page.getByLabel("Name").fill("Ada of the West");
  await page.locator("input[name=method][value=card_ok]").check();
  await page.getByRole("button", { name: /^124,00\s\$ bezahlen$/ }).click();
  await page.locator("[data-testid=order-status][data-status=booked]").waitFor();
  await assertGerman(page);

  await page.getByTestId("cancel-link").click();
  await assertGerman(page);
  await page.getByTestId("cancel-review").click();
  await page.getByRole("button", { name: "2 Tickets stornieren" }).waitFor();
  await assertGerman(page);
  await page.getByTestId("cancel-confirm").click();
  await page.locator("[data-testid=ticket][data-status=cancelled]").first().waitFor();
  await assertGerman(page);

  // What the API refuses, and what scripts say of it.
  await openSeats(page, stage.performance);
  await page.route("**/holds", (route) =>
    route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code: "ticket-limit", title: "That would be more", detail: "Ask for fewer." }) }),
  );
  await page.getByTestId("seat-list").locator("summary").first().click();
  await page.getByTestId("seat-list").locator("details details summary").first().click();
  await page.getByTestId("seat-list").locator("input[data-seat-id]:enabled").first().check();
  await page.getByTestId("basket-continue").click();
  await page.getByTestId("notices").getByText("mehr Tickets, als eine Person haben darf").waitFor();
  await assertGerman(page);
  assert.deepEqual(wrong, []);
});

test("choose a language below the page, without a script, and keep it", async () => {
  const { page } = await newPerson(browser, node.url, { javaScriptEnabled: false });
  await page.goto("/?kind=movie");
  assert.equal(await page.locator("h1").innerText(), "What’s on");
  await page.getByTestId("languages").getByRole("button", { name: "Español" }).click();
  await page.waitForURL("**/?kind=movie");
  assert.equal(await page.locator("h1").innerText(), "Cartelera");
  assert.equal(await page.getByTestId("languages").locator("[aria-current]").innerText(), "Español");
  await page.goto("/help");
  assert.equal(await page.locator("h1").innerText(), "Ayuda");
});

test("no page is wider than the window: on a phone, in German, and from right to left", async () => {
  const world = await furnish(node);
  const people = new Map();
  for (const kind of CUSTOMER_PAGES) {
    if (!people.has(kind.as)) {
      const person = await newPerson(browser, node.url, { locale: "de-DE" });
      if (kind.as) await signInAs(person.page, node, kind.as);
      people.set(kind.as, person.page);
    }
    const page = people.get(kind.as);
    await page.goto(await kind.path(world));
    if (kind.ready) await page.locator(kind.ready).waitFor();
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      for (const direction of ["ltr", "rtl"]) {
        const wide = await page.evaluate((direction) => {
          const root = document.documentElement;
          root.dir = direction;
          const outside = [...document.body.querySelectorAll("*")].filter((element) => {
            const { left, right, width } = element.getBoundingClientRect();
            return width > 0 && (right > innerWidth + 1 || left < -1);
          });
          return root.scrollWidth > root.clientWidth ? outside.map((element) => element.outerHTML.slice(0, 120)) : [];
        }, direction);
        assert.deepEqual(wide, [], `${kind.name}, ${width} wide, ${direction}`);
      }
      if (process.env.MARQUEE_PICTURES) await page.screenshot({ path: `${process.env.MARQUEE_PICTURES}/rtl-${kind.name}-${width}.png`, fullPage: true });
    }
  }
});
