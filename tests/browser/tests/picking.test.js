/** Choosing seats: what is looked for, what is told of a view, and that the map proposes what the node would give. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { newPerson, openBrowser, openSeats, seatBox } from "../src/browser.js";
import { api, putOnSale, signedIn, startMarquee } from "../src/marquee.js";
import { signInAs } from "../src/pages.js";

/** Halls in which the rule has something to decide. */
const HALLS = {
  "straight rows with an aisle and a gap": { sections: [{ key: "s", name: "Stalls", price_category: "a", blocks: [{ rows: "A-F", seats: 13, at: [0, 0], aisle_after: [6], without: [{ rows: "C", seats: "3" }], accessible: [{ rows: "A,F", seats: "1,13" }], companion: [{ rows: "A,F", seats: "2,12" }] }] }] },
  "two blocks whose rows have the same labels": { sections: [{ key: "s", name: "Stalls", price_category: "a", blocks: [{ rows: "A-D", seats: 7, at: [-6, 0], numbering: "odd" }, { rows: "A-D", seats: 8, at: [6, 0], numbering: "even", price_rows: [{ rows: "C-D", price_category: "b" }] }] }] },
  "ranks against the order, two prices, tables": { sections: [{ key: "c", name: "Circle", rank: 5, price_category: "b", blocks: [{ rows: "A-C", seats: 9, at: [0, 14], curve: 20, price_seats: [{ rows: "A", seats: "1-4", price_category: "a" }] }] }, { key: "s", name: "Stalls", rank: 1, price_category: "a", rows: [{ label: "B", rank: 9, seats: row(7, 4) }, { label: "A", rank: 2, seats: row(6, 2) }], tables: [{ labels: "1-3", chairs: 5, at: [-8, -8], columns: 3, accessible: "2" }] }] },
};
const PARTIES = [1, 2, 3, 4, 5, 7];
let node, browser, organizer, event, venue;

function row(count, y) {
  return Array.from({ length: count }, (_, nth) => ({ number: String(nth + 1), x: nth + (nth > 2 ? 1.5 : 0), y, ...(nth === 3 && { apart: true }) }));
}

before(async () => {
  node = await startMarquee({ empty: true });
  organizer = await signedIn(node, "organizer");
  venue = await organizer("POST", "/v1/venues", { name: "Playhouse", kind: "theater", address: "1 Side Street", city: "Chicago", region: "IL", country: "US", zip: "60601", time_zone: "America/Chicago" });
  event = await organizer("POST", "/v1/events", { kind: "theatre", title: "The Understudy" });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

/** Puts a hall on sale; gives the performance's id. */
async function onSale(name, drawing, prices = [6200, 3800]) {
  const price_categories = [{ key: "a", name: "Front", color: "#8e5bd0" }, { key: "b", name: "Rear", color: "#2f7d4f" }];
  const hall = await organizer("POST", `/v1/venues/${venue.id}/halls`, { name, seat_map: { price_categories, ...drawing } });
  const performance = await organizer("POST", "/v1/performances", {
    event_id: event.id, hall_id: hall.id, starts_at: "2099-05-01T19:30", currency: "USD",
    prices: [{ category: "a", amount: prices[0] }, { category: "b", amount: prices[1] }],
  });
  return performance.id;
}

/** Numbers that are the same in every run. */
function dice(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

test("the map proposes the seats that the node would give, in halls of every kind", async () => {
  const guest = api(node.url);
  const { page, wrong, context } = await newPerson(browser, node.url);
  let [compared, found] = [0, 0];
  for (const [name, drawing] of Object.entries(HALLS)) {
    const performance = await onSale(name, drawing);
    await openSeats(page, performance);
    const roll = dice(7);
    for (let round = 0; round < 5; round++) {
      const { seats } = await guest("GET", `/v1/performances/${performance}/seats`);
      const free = seats.filter((seat) => seat.status === "free");
      if (round > 0) {
        const gone = free.filter(() => roll(5) === 0).map((seat) => seat.id);
        await organizer("POST", `/v1/performances/${performance}/kills`, { seats: gone, reason: "in the test's way" });
      }
      for (const quantity of PARTIES) {
        for (const wish of [{}, { accessible: true }, { price_category: "b" }, { section: "Stalls" }]) {
          const mine = await page.evaluate(proposed, { performance, quantity, wish });
          const theirs = await held(guest, performance, { quantity, ...wish });
          assert.deepEqual(mine, theirs, `${name}: ${quantity} with ${JSON.stringify(wish)} in round ${round}`);
          compared += 1;
          if (theirs.length > 0) found += 1;
        }
      }
    }
  }
  assert.ok(compared >= 300 && found >= 100, `${compared}, of which ${found} found seats`);
  assert.deepEqual(wrong, []);
  await context.close();
});

/** What the page's own modules propose for what the node says just now: seats' ids. Runs in the browser. */
async function proposed({ performance, quantity, wish }) {
  const base = document.querySelector("script[src*='seat-map/page.js']").src.replace("page.js", "");
  const [{ Hall }, { Neighbours }, { propose }] = await Promise.all(["hall", "neighbours", "proposal"].map((name) => import(`${base}${name}.js`)));
  const hall = new Hall(await (await fetch(`/v1/performances/${performance}/seats`, { cache: "no-store" })).json());
  const fits = (seat) => (!wish.price_category || hall.categories[hall.category[seat]].key === wish.price_category) && (!wish.section || hall.section(seat).name === wish.section);
  return propose(hall, new Neighbours(hall), { quantity, fits, accessible: wish.accessible ?? false }).map((seat) => hall.ids[seat]);
}

/** What the node holds for somebody who asks for its best, and lets go of at once. */
async function held(guest, performance, best_available) {
  try {
    const hold = await guest("POST", `/v1/performances/${performance}/holds`, { best_available });
    await guest("DELETE", `/v1/holds/${hold.id}`, undefined, { "x-hold-token": hold.token });
    return hold.seats.map((seat) => seat.id);
  } catch (error) {
    if (/none-side-by-side|not-enough|seats-taken/.test(error.message)) return [];
    throw error;
  }
}

const VIEWS = {
  stage: { shape: "stage", label: "Stage", outline: [[-8, -6], [8, -6], [8, -3], [-8, -3]] },
  sections: [
    { key: "s", name: "Stalls", price_category: "a", color: "#3b6fd4", blocks: [{ rows: "A-D", seats: 10, at: [0, 0], restricted_view: [{ rows: "A", seats: "1-10" }, { rows: "B", seats: "1" }] }] },
    { key: "c", name: "Circle", rank: 10, price_category: "b", blocks: [{ rows: "E-F", seats: 10, at: [0, 9] }] },
  ],
};

test("a restricted view is told on the list, in the basket and before one pays, and is not proposed", async () => {
  const performance = await onSale("Pillars", VIEWS);
  const { page, wrong, context } = await newPerson(browser, node.url);
  await openSeats(page, performance);
  // The front row is the best, and one sees little from it.
  await page.getByTestId("best-available").getByRole("button").click();
  await page.getByTestId("proposal-take").waitFor();
  const proposed = await page.getByTestId("basket-seat").evaluateAll((lines) => lines.map((line) => line.querySelector(".place").textContent));
  assert.ok(proposed.every((place) => /Row B|row B/.test(place)), proposed.join());
  await page.locator("[data-clear]").click();

  const box = await seatBox(page, "Stalls", "A", 4);
  assert.match(await box.locator("..").innerText(), /restricted view/);
  await box.check();
  assert.match(await page.getByTestId("basket-seat").innerText(), /restricted view/);
  await page.getByTestId("basket-continue").click();
  await page.waitForURL("**/checkout/**");
  assert.match(await page.locator("main").innerText(), /restricted view/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the map and the list show what lies between two prices, has a clear view, and is in a row", async () => {
  const performance = await onSale("Filters", VIEWS);
  const { page, wrong, context } = await newPerson(browser, node.url);
  await openSeats(page, performance);
  const section = (name) => page.getByTestId("seat-list").locator("details", { has: page.getByText(name, { exact: true }) }).first();
  const announced = (words) => page.getByTestId("announcements").filter({ hasText: words }).waitFor();
  await page.getByTestId("price-most").fill("50");
  await announced("20 free seats fit");
  await section("Stalls").waitFor({ state: "hidden" });
  assert.equal(await section("Circle").isVisible(), true);
  await page.getByTestId("price-least").fill("45");
  await page.getByTestId("list-empty").waitFor();
  await page.getByTestId("filter-reset").click();
  await section("Stalls").waitFor();
  assert.equal(await page.getByTestId("price-most").inputValue(), "");

  await page.getByTestId("only-clear").check();
  await announced("49 free seats fit");
  await section("Stalls").locator("summary").first().click();
  const row = (label) => section("Stalls").locator("details", { has: page.getByText(`Row ${label}`, { exact: true }) }).first();
  await row("B").waitFor();
  assert.equal(await row("A").isVisible(), false);
  await row("B").locator("summary").click();
  await row("B").getByRole("checkbox", { name: /^Seat 2,/ }).waitFor();
  assert.equal(await row("B").getByRole("checkbox", { name: /^Seat 1,/ }).isVisible(), false);

  await page.getByTestId("seat-search").fill("f");
  await section("Stalls").waitFor({ state: "hidden" });
  await section("Circle").waitFor();
  await page.getByTestId("seat-search").fill("stal");
  await section("Circle").waitFor({ state: "hidden" });
  await row("D").waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test("of a balcony no sketch is drawn, only how far it is", async () => {
  const performance = await onSale("Balcony", VIEWS);
  const { page, wrong, context } = await newPerson(browser, node.url);
  await openSeats(page, performance);
  const sketch = page.getByTestId("sight").locator("canvas");
  const caption = page.getByTestId("sight").locator("figcaption");
  await page.getByTestId("seat-map-canvas").focus();
  for (let step = 0; step < 6; step++) await page.keyboard.press("ArrowUp");
  await page.getByTestId("announcements").filter({ hasText: "Stalls" }).waitFor();
  await sketch.waitFor();
  for (let step = 0; step < 8; step++) await page.keyboard.press("ArrowDown");
  await page.getByTestId("announcements").filter({ hasText: "Circle" }).waitFor();
  await sketch.waitFor({ state: "hidden" });
  assert.match(await caption.innerText(), /from/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the view and the colour of a section are painted in the editor and kept", async () => {
  const hall = await organizer("POST", `/v1/venues/${venue.id}/halls`, { name: "Painted", seat_map: { price_categories: [{ key: "a", name: "A", color: "#3366cc" }], sections: [{ key: "s", name: "Stalls", price_category: "a", blocks: [{ rows: "A-C", seats: 6, at: [0, 0] }] }] } });
  const { page, wrong, context } = await newPerson(browser, node.url, { viewport: { width: 1280, height: 800 } });
  await signInAs(page, node, "organizer");
  await page.goto(`/organizer/halls/${hall.id}`);
  await page.locator("[data-testid=editor][data-ready=true]").waitFor();
  await page.getByTestId("edit-section").click();
  await page.getByTestId("section-color").fill("#aa3355");
  await page.locator("[data-testid=tree-thing][data-kind=block]").click();
  await page.locator("details:has(#pick-rows) > summary").click();
  await page.locator("#pick-rows").fill("B");
  await page.locator("#pick-seats").fill("2-3");
  await page.locator("#pick-seats").press("Enter");
  await page.getByTestId("seat-restricted").click();
  await page.getByTestId("seat-accessible").click();
  await page.getByTestId("save").click();
  await page.waitForFunction((version) => Number(document.querySelector("[data-testid=editor]").dataset.version) > version, hall.version);
  const kept = await api(node.url)("GET", `/v1/halls/${hall.id}/seat-map?as_drawn=true`);
  assert.equal(kept.sections[0].color, "#aa3355");
  assert.deepEqual(kept.sections[0].blocks[0].restricted_view, [{ rows: "B", seats: "2,3" }]);
  assert.deepEqual(kept.sections[0].blocks[0].accessible, [{ rows: "B", seats: "2,3" }]);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a hall of one price and clear views offers no filter", async () => {
  const { performance } = await putOnSale(organizer);
  const { page, context } = await newPerson(browser, node.url);
  await openSeats(page, performance);
  assert.equal(await page.getByTestId("filter").isVisible(), true);
  const one = await onSale("One price", { sections: [VIEWS.sections[1]] }, [3800, 3800]);
  await openSeats(page, one);
  assert.equal(await page.getByTestId("filter").isVisible(), false);
  await context.close();
});
