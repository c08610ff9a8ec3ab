/** The seat map editor, as an organizer uses it: by keyboard alone, and with a mouse. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { fromDrawing } from "../../../node/assets/editor/reading.js";
import { layout } from "../../../node/assets/editor/seats.js";
import { newPerson, openBrowser } from "../src/browser.js";
import { api, signedIn, startMarquee } from "../src/marquee.js";
import { signInAs } from "../src/pages.js";

let node, browser, organizer, venue;

before(async () => {
  node = await startMarquee({ empty: true });
  organizer = await signedIn(node, "organizer");
  venue = await organizer("POST", "/v1/venues", {
    name: "Playhouse", kind: "theater", address: "1 Side Street", city: "Chicago", region: "IL", country: "US",
    zip: "60601", time_zone: "America/Chicago",
  });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

/** An organizer at a desk, signed in. */
async function atDesk(options = {}) {
  const person = await newPerson(browser, node.url, { viewport: { width: 1280, height: 800 }, ...options });
  const { page } = person;
  await signInAs(page, node, "organizer");
  return person;
}

async function openEditor(page, path) {
  await page.goto(path);
  await page.locator("[data-testid=editor][data-ready=true]").waitFor();
}

async function openNew(page) {
  await openEditor(page, `/organizer/venues/${venue.id}/halls/new`);
}

/** Waits until the hall is saved, at least at this version; gives its id. */
async function saved(page, version = 1) {
  await page.waitForFunction((version) => Number(document.querySelector("[data-testid=editor]").dataset.version) >= version, version);
  await page.locator("[data-testid=saved][data-state=saved]").waitFor();
  return page.getByTestId("editor").getAttribute("data-hall");
}

/** Goes on with the tab key until something has the focus; fails when the page has been gone around. */
async function tabTo(page, selector, { back = false, most = 120 } = {}) {
  for (let step = 0; step < most; step++) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
  }
  assert.fail(`${selector} cannot be reached by the tab key`);
}

/** Writes into the field that has the focus. */
async function write(page, text) {
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(text);
}

/** The seats of a hall as the server has them: section, row and number, and where they stand. */
async function seatsOf(hall) {
  const drawing = await api(node.url)("GET", `/v1/halls/${hall}/seat-map`);
  return drawing.sections.flatMap((section) =>
    (section.rows ?? []).flatMap((row) => row.seats.map((seat) => ({ ...seat, name: `${section.name} ${row.label} ${seat.number}`, price: seat.price_category ?? section.price_category }))),
  );
}

/** Waits until the hall is for so many people. */
async function admits(page, count) {
  await page.getByTestId("total").filter({ hasText: String(count) }).waitFor();
}

const things = (page, kind) => page.locator(`[data-testid=tree-thing][data-kind=${kind}]`);

test("by keyboard alone a hall of 300 seats is drawn, saved and there", async () => {
  const { page, wrong, context } = await atDesk();
  await openNew(page);
  await tabTo(page, "#hall-name");
  await write(page, "Small stage");

  // A section with a price of its own, and a stage.
  await tabTo(page, "[data-testid=add-category]");
  await page.keyboard.press("Enter");
  await page.locator("[data-testid=category-name]:focus").waitFor();
  await write(page, "Premium");
  await tabTo(page, "[data-testid=add-section]");
  await page.keyboard.press("Enter");
  await page.locator("[data-testid=section-name]:focus").waitFor();
  await write(page, "Parquet");
  await tabTo(page, ".editor-contents > details:nth-of-type(1) > summary");
  await page.keyboard.press("Enter");
  await page.locator("[data-testid=add]:enabled").waitFor();
  await tabTo(page, "#add-kind");
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector("#add-kind").value === "stage");
  await tabTo(page, "[data-testid=add]");
  await page.keyboard.press("Enter");

  // Fifteen rows of twenty, without the letters I and O.
  await tabTo(page, "#add-kind", { back: true });
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector("#add-kind").value === "block");
  await page.getByTestId("add-rows").waitFor();
  await tabTo(page, "[data-testid=add-rows]");
  await write(page, "15");
  await tabTo(page, "[data-testid=add-seats]");
  await write(page, "20");
  await page.keyboard.press("Enter");
  await admits(page, 300);
  assert.equal(await things(page, "block").getAttribute("aria-pressed"), "true");
  await page.getByTestId("field-skip").waitFor();
  await tabTo(page, "[data-testid=field-skip]");
  await page.keyboard.press("Space");
  await tabTo(page, "[data-testid=field-curve]");
  await write(page, "18");
  await page.locator("[data-testid=problem-count].good").waitFor();

  // Two places for wheelchairs, by their names.
  await tabTo(page, "details:has(#pick-rows) > summary");
  await page.keyboard.press("Enter");
  await tabTo(page, "#pick-rows");
  await write(page, "Q");
  await tabTo(page, "#pick-seats");
  await write(page, "1,20");
  await page.keyboard.press("Enter");
  await page.getByTestId("seat-accessible").waitFor();
  await tabTo(page, "[data-testid=seat-accessible]");
  await page.keyboard.press("Enter");
  await tabTo(page, "[data-testid=tree-thing][data-kind=block]", { back: true });
  await page.keyboard.press("Enter");

  // What is selected is moved by the arrows; the step is undone and done again.
  const left = page.getByTestId("field-left");
  await tabTo(page, "[data-testid=sheet]");
  const before = Number(await left.inputValue());
  await page.keyboard.press("Shift+ArrowRight");
  assert.ok(Math.abs(Number(await left.inputValue()) - before - 1) < 1e-6);
  await page.keyboard.press("ControlOrMeta+z");
  assert.equal(Number(await left.inputValue()), before);
  await page.keyboard.press("ControlOrMeta+Shift+z");
  assert.ok(Math.abs(Number(await left.inputValue()) - before - 1) < 1e-6);

  await page.keyboard.press("ControlOrMeta+s");
  const hall = await saved(page);
  assert.match(page.url(), new RegExp(`/organizer/halls/${hall}$`));
  const body = await api(node.url)("GET", `/v1/halls/${hall}`);
  assert.deepEqual([body.name, body.seats, body.capacity], ["Small stage", 300, 300]);
  const seats = await seatsOf(hall);
  assert.equal(new Set(seats.map((seat) => seat.name)).size, 300);
  const rows = [...new Set(seats.map((seat) => seat.name.split(" ")[1]))].join("");
  assert.equal(rows, "ABCDEFGHJKLMNPQ");
  assert.equal(seats[0].name, "Parquet A 1");
  assert.deepEqual(seats.filter((seat) => seat.accessible).map((seat) => seat.name), ["Parquet Q 1", "Parquet Q 20"]);
  assert.ok(seats.every((seat) => seat.price === "category" || seat.price === "premium"), seats[0].price);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("with a mouse a block is dragged, undone, done again, moved, painted and saved", async () => {
  const { page, wrong, context } = await atDesk();
  await openNew(page);
  await page.getByTestId("hall-name").fill("Mouse hall");
  const drag = await dragger(page);
  await page.getByRole("button", { name: "Block of rows" }).click();
  await drag([0.3, 0.3], [0.6, 0.6]);
  await things(page, "block").waitFor();
  const count = Number((await page.getByTestId("total").innerText()).match(/\d+/)[0]);
  assert.ok(count > 30, `${count} seats`);
  await page.getByTestId("undo").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=tree-thing]").length === 0);
  await page.getByTestId("redo").click();
  await things(page, "block").waitFor();

  // Moved by its own row, straight to the right.
  await things(page, "block").click();
  const left = Number(await page.getByTestId("field-left").inputValue());
  await drag([0.45, 0.45], [0.5, 0.45]);
  const moved = Number(await page.getByTestId("field-left").inputValue());
  assert.ok(moved > left, `from ${left} to ${moved}`);

  // A second price, painted over the front row.
  await page.getByTestId("add-category").click();
  await page.locator("[data-testid=category-name]:focus").waitFor();
  await page.keyboard.type("Front");
  await page.getByRole("button", { name: "Paint with Front" }).click();
  await page.getByTestId("brush-on").selectOption("row");
  await page.mouse.move(...(await at(page, 0.45, 0.35)));
  await page.mouse.down();
  await page.mouse.move(...(await at(page, 0.47, 0.35)), { steps: 3 });
  await page.mouse.up();
  await page.waitForFunction(() => [...document.querySelectorAll("[data-testid=category] .editor-count")].every((count) => Number(count.textContent) > 0));

  // A seat that is selected is left out, and the next one is for wheelchairs.
  await page.getByRole("button", { name: "Select seats and rows" }).click();
  await page.mouse.click(...(await at(page, 0.45, 0.45)));
  await page.getByTestId("seat-accessible").click();
  await page.getByTestId("save").click();
  const hall = await saved(page);
  const seats = await seatsOf(hall);
  assert.equal(seats.length, count);
  assert.equal(seats.filter((seat) => seat.accessible).length, 1);
  const prices = new Map();
  for (const seat of seats) prices.set(seat.price, (prices.get(seat.price) ?? 0) + 1);
  assert.equal(prices.size, 2);

  // Opened again it is still a block, with the same seats as the server drew.
  await openEditor(page, `/organizer/halls/${hall}`);
  await things(page, "block").waitFor();
  assert.equal(await things(page, "block").count(), 1);
  assert.deepEqual(wrong, []);
  await context.close();
});

async function at(page, right, down) {
  const box = await page.getByTestId("sheet").boundingBox();
  return [box.x + box.width * right, box.y + box.height * down];
}

async function dragger(page) {
  return async (from, to) => {
    await page.mouse.move(...(await at(page, ...from)));
    await page.mouse.down();
    await page.mouse.move(...(await at(page, (from[0] + to[0]) / 2, (from[1] + to[1]) / 2)), { steps: 3 });
    await page.mouse.move(...(await at(page, ...to)), { steps: 3 });
    await page.mouse.up();
  };
}

test("what is done before a tool has arrived is done when it is there, and one that does not arrive is told and asked for again", async () => {
  const { page, wrong, context } = await atDesk();
  await openNew(page);
  const drag = await dragger(page);
  let letGo;
  const isDrawn = new Promise((resolve) => (letGo = resolve));
  await page.route("**/editor/tool-draw.js", async (route) => {
    await isDrawn;
    await route.continue();
  });
  await page.locator("[data-tool=block]").click();
  await drag([0.3, 0.3], [0.6, 0.6]);
  assert.equal(await things(page, "block").count(), 0);
  letGo();
  await things(page, "block").waitFor();
  await page.waitForFunction(() => document.querySelector("[data-tool=select]").getAttribute("aria-pressed") === "true");

  await page.route("**/editor/tool-seats.js", (route) => route.abort());
  await page.locator("[data-tool=seats]").click();
  await page.getByTestId("notice").getByText("could not be fetched").waitFor();
  await page.unroute("**/editor/tool-seats.js");
  await drag([0.35, 0.35], [0.5, 0.5]);
  await page.getByTestId("seat-accessible").waitFor();
  assert.deepEqual(wrong.filter((line) => !/ERR_FAILED/.test(line)), []);
  await context.close();
});

test("the editor draws every seat where the server does, with the same number, price and mark", async () => {
  const seat_map = {
    stage: { shape: "stage", label: "Stage", outline: [[-8, -6], [8, -6], [8, -3], [-8, -3]] },
    price_categories: [{ key: "gold", name: "Gold", color: "#b8860b" }, { key: "blue", name: "Blue", color: "#3366cc" }],
    sections: [
      {
        key: "stalls", name: "Stalls", rank: 0, price_category: "gold",
        blocks: [
          { rows: "A-H,J-N", at: [0, 0], seats: 20, growth: 0.5, curve: 18, aisle_after: [5, -5], accessible: [{ rows: "N", seats: "1" }], companion: [{ rows: "N", seats: "2" }], without: [{ rows: "C,D", seats: "10-12" }], price_rows: [{ rows: "M,N", price_category: "blue" }], price_seats: [{ rows: "A", seats: "1-3", price_category: "blue" }] },
          { rows: "A-H", at: [30, 4], seats: 6, facing: -40, numbering: "right", first_number: 101 },
          { rows: "P,Q", at: [0, 25], wedge: 80, curve: 30, turn: 5, numbering: "center" },
        ],
        tables: [{ labels: "1-5", prefix: "Table ", chairs: 6, at: [-20, 40], columns: 3, gap: [5, 6], radius: 1.4, accessible: "4" }],
        areas: [{ key: "floor", name: "Floor", capacity: 80, outline: [[10, 40], [20, 40], [20, 50]] }],
      },
      { key: "box", name: "Box", rank: 3, price_category: "blue", rows: [{ label: "L", rank: 7, seats: [{ number: "1", x: 40, y: 30 }, { number: "2", x: 41, y: 30.5, accessible: true, apart: true }] }] },
    ],
  };
  const hall = await organizer("POST", `/v1/venues/${venue.id}/halls`, { name: "Everything", seat_map });
  const told = await seatsOf(hall.id);
  const kept = await api(node.url)("GET", `/v1/halls/${hall.id}/seat-map?as_drawn=true`);
  const doc = fromDrawing(kept);
  const ours = new Map();
  for (const one of doc.things) {
    const laid = layout(one);
    const section = doc.sections.find((section) => section.key === one.section);
    for (let seat = 0; seat < laid.length; seat++) {
      ours.set(`${section.name} ${laid.rows[laid.row[seat]]} ${laid.number(seat)}`, { x: laid.x[seat], y: laid.y[seat], price: laid.price[seat] ?? section.price, flags: laid.flags[seat] });
    }
  }
  assert.equal(told.length, ours.size);
  // The server moves everything so that it has a margin, and keeps hundredths.
  const [first] = told;
  const [dx, dy] = [first.x - ours.get(first.name).x, first.y - ours.get(first.name).y];
  for (const seat of told) {
    const our = ours.get(seat.name);
    assert.ok(our, seat.name);
    assert.ok(Math.abs(seat.x - our.x - dx) < 0.011 && Math.abs(seat.y - our.y - dy) < 0.011, `${seat.name}: ${seat.x - dx},${seat.y - dy} and ${our.x},${our.y}`);
    assert.equal(seat.price, our.price, seat.name);
    assert.equal((seat.accessible ? 1 : 0) | (seat.companion ? 2 : 0) | (seat.apart ? 4 : 0), our.flags, seat.name);
  }
});

test("when somebody else saves meanwhile, it is said, and nothing of either is lost", async () => {
  const seat_map = { price_categories: [{ key: "a", name: "A", color: "#3366cc" }], sections: [{ key: "s", name: "Stalls", price_category: "a", blocks: [{ rows: "A-C", seats: 10, at: [0, 0] }] }] };
  const hall = await organizer("POST", `/v1/venues/${venue.id}/halls`, { name: "Contested", seat_map });
  const { page, wrong, context } = await atDesk();
  await openEditor(page, `/organizer/halls/${hall.id}`);
  await things(page, "block").click();
  await page.getByTestId("field-rows").fill("5");
  seat_map.sections[0].blocks[0].seats = 7;
  await organizer("PUT", `/v1/halls/${hall.id}/seat-map`, seat_map, { "if-match": `"${hall.version}"` });

  await page.getByTestId("save").click();
  await page.getByTestId("notice").getByText("Somebody else saved this hall").waitFor();
  await page.getByTestId("conflict-theirs").click();
  await admits(page, 21);
  await page.getByTestId("undo").click();
  await admits(page, 50);
  await page.getByTestId("save").click();
  await saved(page, hall.version + 2);
  assert.equal((await seatsOf(hall.id)).length, 50);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("two rows with one label are shown at the rows, and are not saved", async () => {
  const { page, wrong, context } = await atDesk();
  await openNew(page);
  await page.getByTestId("hall-name").fill("Twice");
  await page.locator("summary", { hasText: "Add by numbers" }).click();
  await page.getByTestId("add-rows").fill("3");
  await page.getByTestId("add").click();
  await page.getByTestId("add").click();
  await page.getByTestId("field-first-row").fill("A");
  const problem = page.locator("[data-testid=problem][data-key=editor-fault-twice]").first();
  await problem.waitFor();
  assert.match(await problem.innerText(), /two seats A 1/);
  await page.getByTestId("save").click();
  await page.getByTestId("notice").getByText("must be put right").waitFor();
  assert.equal(await page.getByTestId("editor").getAttribute("data-hall"), "");
  await problem.click();
  await page.locator("[data-testid=tree-thing][aria-pressed=true]").nth(1).waitFor();

  // What the server alone finds is shown at the thing as well.
  await page.getByTestId("undo").click();
  await page.route("**/v1/venues/*/halls", async (route) => {
    const body = { title: "Invalid", status: 422, code: "invalid", detail: "Invalid.", errors: [{ pointer: "/seat_map/sections/0/blocks/1/rows", detail: "must be shorter" }] };
    await route.fulfill({ status: 422, contentType: "application/problem+json", body: JSON.stringify(body) });
  });
  await page.getByTestId("save").click();
  const told = page.locator("[data-testid=problem][data-key=editor-fault-server]");
  await told.click();
  assert.match(await told.innerText(), /rows: must be shorter/);
  await page.locator("li:nth-child(2) > [data-testid=tree-thing][aria-pressed=true]").waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test("what was not saved is offered when the page is opened again", async () => {
  const { page, wrong, context } = await atDesk();
  page.on("dialog", (dialog) => dialog.accept());
  await openNew(page);
  await page.getByTestId("hall-name").fill("Draft hall");
  await page.locator("summary", { hasText: "Add by numbers" }).click();
  await page.getByTestId("add").click();
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith("marquee.draft.")));
  await openNew(page);
  assert.equal(await page.getByTestId("total").innerText(), "Admits 0 people");
  await page.getByTestId("draft-restore").click();
  await admits(page, 200);
  assert.equal(await page.getByTestId("hall-name").inputValue(), "Draft hall");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a plan of pretix is opened as a step, and what is wrong with one is said", async () => {
  const hall = await organizer("POST", `/v1/venues/${venue.id}/halls`, {
    name: "For others",
    seat_map: { price_categories: [{ key: "a", name: "A", color: "#3366cc" }], sections: [{ key: "s", name: "Stalls", price_category: "a", blocks: [{ rows: "A-D", seats: 6, at: [0, 0] }] }] },
  });
  const plan = await api(node.url)("GET", `/v1/halls/${hall.id}/plan.json`);
  const { page, wrong, context } = await atDesk();
  await openNew(page);
  await page.locator("summary", { hasText: "Plan of pretix" }).click();
  const open = (text) => page.getByTestId("pretix-file").setInputFiles({ name: "plan.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await open("no plan");
  await page.getByTestId("notice").getByText("it is no JSON").waitFor();
  await open(JSON.stringify({ ...plan, zones: [{ ...plan.zones[0], rows: "none" }] }));
  await page.getByTestId("notice").getByText("The plan cannot be read").waitFor();
  await open(JSON.stringify(plan));
  await admits(page, 24);
  assert.equal(await things(page, "row").count(), 4);
  await page.getByTestId("undo").click();
  await admits(page, 0);
  await page.getByTestId("redo").click();
  await page.getByTestId("hall-name").fill("From others");
  await page.getByTestId("save").click();
  const made = await saved(page);
  assert.deepEqual((await seatsOf(made)).map((seat) => seat.name), (await seatsOf(hall.id)).map((seat) => seat.name));
  assert.match(await page.getByTestId("pretix-download").getAttribute("href"), new RegExp(made));
  assert.deepEqual(wrong, []);
  await context.close();
});

test("seats are taken out of sale by dragging and put back by their names", async () => {
  const hall = await organizer("POST", `/v1/venues/${venue.id}/halls`, {
    name: "Desk hall",
    seat_map: { price_categories: [{ key: "a", name: "A", color: "#3366cc" }], sections: [{ key: "s", name: "Stalls", price_category: "a", blocks: [{ rows: "A-E", seats: 10, at: [0, 0] }] }] },
  });
  const event = await organizer("POST", "/v1/events", { kind: "theatre", title: "The Understudy" });
  const performance = await organizer("POST", "/v1/performances", { event_id: event.id, hall_id: hall.id, starts_at: "2099-05-01T19:30", currency: "USD", prices: [{ category: "a", amount: 6200 }] });
  const statuses = async () => (await api(node.url)("GET", `/v1/performances/${performance.id}/seats`)).seats.filter((seat) => seat.status === "killed").length;

  const { page, wrong, context } = await atDesk();
  await page.goto(`/organizer/performances/${performance.id}/kills`);
  await page.locator("[data-testid=kills][data-ready=true]").waitFor();
  const drag = await dragger(page);
  await drag([0.02, 0.02], [0.98, 0.98]);
  await page.getByTestId("selected").filter({ hasText: "50" }).waitFor();
  await page.getByTestId("clear").click();

  // By names, without a mouse.
  await page.getByTestId("names-rows").fill("A-B");
  await page.getByTestId("names-seats").fill("1-3");
  await page.getByTestId("names-seats").press("Enter");
  await page.getByTestId("selected").filter({ hasText: "6" }).waitFor();
  await page.getByTestId("kill").click();
  await page.getByTestId("notice").getByText("Say why first").waitFor();
  await page.getByTestId("reason").fill("Behind the sound desk");
  await page.getByTestId("reason").press("Enter");
  await page.getByTestId("killed-item").filter({ hasText: "Behind the sound desk" }).waitFor();
  assert.equal(await statuses(), 6);
  await page.getByTestId("killed-revive").click();
  await page.getByTestId("killed-item").waitFor({ state: "detached" });
  assert.equal(await statuses(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("guests are asked to sign in, and customers are refused", async () => {
  const guest = await newPerson(browser, node.url);
  const path = `/organizer/venues/${venue.id}/halls/new`;
  await guest.page.goto(path);
  assert.equal(new URL(guest.page.url()).pathname, "/sign-in");
  const { email, password } = node.login("customer");
  await guest.page.locator("input[name=email]").fill(email);
  await guest.page.locator("input[name=password]").fill(password);
  await guest.page.locator("input[name=password]").press("Enter");
  await guest.page.getByTestId("account-link").waitFor();
  assert.equal((await guest.page.goto(path)).status(), 403);
  await guest.context.close();
});
