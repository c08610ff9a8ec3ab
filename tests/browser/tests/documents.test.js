/** What people take along, opened by programs that are not ours: poppler, zbar, ical.js. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import ICAL from "ical.js";

import { newPerson, openBrowser } from "../src/browser.js";
import { api, putOnSale, signedIn, startMarquee } from "../src/marquee.js";

const run = promisify(execFile);
let node, organizer, stage, order, token, folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "marquee-documents-"));
  node = await startMarquee({ empty: true });
  organizer = await signedIn(node, "organizer");
  stage = await putOnSale(organizer);
  order = await book(api(node.url), 3);
  token = { "x-order-token": order.token };
});

after(async () => {
  await node?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Books some seats, the best there are. */
async function book(ask, quantity) {
  const booked = await ask("POST", `/v1/events/${stage.event}/bookings`, {
    performance_id: stage.performance,
    best_available: { quantity },
    payment: { method: "card_ok" },
    email: "zoe@example.com",
    name: "Zoë Ångström-Ødegård",
  }, { prefer: "wait=30" });
  assert.equal(booked.status, "booked");
  return booked;
}

/** A document of the node, as a file. */
async function file(name, path, headers = {}) {
  const response = await fetch(node.url + path, { headers });
  assert.equal(response.status, 200, await response.clone().text());
  const at = join(folder, name);
  await writeFile(at, Buffer.from(await response.arrayBuffer()));
  return at;
}

/** Every code on every page at 150 dots an inch: what an ordinary printer and an ordinary camera make of it. */
async function codesOf(pdf) {
  const prefix = `${pdf}-page`;
  await run("pdftoppm", ["-r", "150", "-gray", "-png", pdf, prefix]);
  const pages = (await readdir(folder)).map((name) => join(folder, name)).filter((name) => name.startsWith(prefix));
  const codes = [];
  for (const page of pages.sort()) {
    const { stdout } = await run("zbarimg", ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", page]);
    codes.push(...stdout.trim().split("\n"));
  }
  return codes;
}

for (const [size, pages] of [["a4", 2], ["home", 3], ["receipt", 3]]) {
  test(`tickets on ${size} have the right words and codes that a scanner reads`, async () => {
    const pdf = await file(`${size}.pdf`, `/v1/bookings/${order.id}/tickets.pdf?size=${size}`, token);
    const { stdout: info } = await run("pdfinfo", [pdf]);
    assert.match(info, /Title: +The Understudy: tickets/);
    assert.match(info, new RegExp(`Pages: +${pages}\\b`));
    assert.match(info, /Tagged: +yes/);
    const { stdout } = await run("pdftotext", ["-enc", "UTF-8", pdf, "-"]);
    const text = stdout.replace(/\s+/g, " ");
    for (const words of [
      "The Understudy", "Friday, May 1, 2099", "7:30", "CDT", "America/Chicago", "Main stage, Playhouse, Chicago",
      "1 Side Street, Chicago, IL, 60601", "Stalls", "Zoë Ångström-Ødegård", order.id, "$62.00", "Ticket 1 of 3", "Ticket 3 of 3",
    ]) {
      assert.ok(text.includes(words), `${words}: ${text}`);
    }
    for (const ticket of order.tickets) {
      assert.ok(text.includes(ticket.id), `${ticket.id}: ${text}`);
    }
    if (size === "home") assert.match(text, /Fold here.*Good to know/);
    const codes = await codesOf(pdf);
    assert.deepEqual(codes.sort(), order.tickets.map((ticket) => ticket.code).sort());
  });
}

test("tickets speak the visitor's language", async () => {
  const german = { ...token, "accept-language": "de-AT,de;q=0.9" };
  const pdf = await file("german.pdf", `/v1/bookings/${order.id}/tickets.pdf?size=home`, german);
  const { stdout } = await run("pdftotext", ["-enc", "UTF-8", pdf, "-"]);
  for (const words of ["Reihe", "Platz", "Gut zu wissen", "Ticket 1 von 3"]) assert.ok(stdout.includes(words), words);
});

test("HTML, pictographs and other scripts neither break a ticket nor its code", async () => {
  const title = "<b>Gala</b> & 🎭 東京 ".repeat(8).trim();
  const event = await organizer("POST", "/v1/events", { kind: "other", title, description: "<script>alert(1)</script>" });
  const first = await organizer("GET", `/v1/performances/${stage.performance}`);
  const performance = await organizer("POST", "/v1/performances", {
    event_id: event.id, hall_id: first.hall_id, starts_at: "2099-06-01T19:30", currency: "USD",
    prices: [{ category: "front", amount: 6200 }, { category: "rear", amount: 3800 }],
  });
  const ask = api(node.url);
  const strange = await ask("POST", `/v1/events/${event.id}/bookings`, {
    performance_id: performance.id, best_available: { quantity: 1 }, payment: { method: "card_ok" },
    email: "x@example.com", name: "<i>名前</i> 🎟️",
  }, { prefer: "wait=30" });
  const pdf = await file("strange.pdf", `/v1/bookings/${strange.id}/tickets.pdf`, { "x-order-token": strange.token });
  assert.deepEqual(await codesOf(pdf), [strange.tickets[0].code]);
  const { stdout } = await run("pdftotext", [pdf, "-"]);
  assert.match(stdout, /<b>Gala<\/b> &/);
});

test("calendars are read by a library that is not ours", async () => {
  const read = async (path, headers) => {
    const response = await fetch(node.url + path, { headers });
    assert.equal(response.status, 200);
    const calendar = new ICAL.Component(ICAL.parse(await response.text()));
    return calendar.getAllSubcomponents("vevent").map((entry) => new ICAL.Event(entry));
  };
  const cookie = { cookie: `marquee_order=${order.token}` };
  const [booked, ...others] = await read(`/bookings/${order.id}/calendar.ics`, cookie);
  assert.equal(others.length, 0);
  assert.equal(booked.uid, order.id);
  assert.equal(booked.summary, "The Understudy");
  assert.equal(booked.location, "Playhouse, 1 Side Street, Chicago, IL, 60601");
  assert.equal(booked.startDate.toJSDate().toISOString(), "2099-05-02T00:30:00.000Z");
  assert.match(booked.description, /Stalls, row [A-F], seat \d+\n/);
  const listed = await read(`/events/${stage.event}/calendar.ics`);
  assert.deepEqual(listed.map((entry) => entry.uid), [stage.performance]);
});

test("a booking's page leads to its papers, and an account's page to everything that is known", async () => {
  const browser = await openBrowser();
  try {
    const { page, wrong } = await newPerson(browser, node.url);
    await page.goto(`/bookings/${order.id}?key=${order.token}`);
    for (const [link, type] of [
      ["tickets-pdf", "application/pdf"], ["tickets-home", "application/pdf"], ["add-to-calendar", "text/calendar; charset=utf-8"],
    ]) {
      const href = await page.getByTestId(link).getAttribute("href");
      const response = await page.request.get(node.url + href);
      assert.deepEqual([response.status(), response.headers()["content-type"]], [200, type]);
    }
    const { email, password } = node.login("customer");
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await page.goto("/account");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("account-export").click()]);
    assert.equal(download.suggestedFilename(), "marquee-account.json");
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
  }
});

test("everything that is known of a person is told to them alone", async () => {
  const customer = await signedIn(node, "customer");
  const booked = await book(customer, 1);
  await customer("PUT", `/v1/accounts/me/follows/event/${stage.event}`);
  const told = await customer("GET", "/v1/accounts/me/export");
  assert.equal(told.account.email, node.login("customer").email);
  assert.deepEqual(told.bookings.map((booking) => booking.id), [booked.id]);
  assert.equal(told.bookings[0].tickets[0].status, "valid");
  assert.deepEqual(told.follows.map((follow) => follow.id), [stage.event]);
  assert.ok(told.sessions.length > 0);
  assert.ok(!JSON.stringify(told).includes("argon2"), "no hash of a password leaves");
  assert.equal((await fetch(`${node.url}/v1/accounts/me/export`)).status, 401);
});

test("links are shared with a picture of the right size", async () => {
  for (const path of [`/events/${stage.event}/picture.png`, "/picture.png"]) {
    const response = await fetch(node.url + path);
    assert.deepEqual([response.status, response.headers.get("content-type")], [200, "image/png"]);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [1200, 630]);
    assert.ok(bytes.length < 300_000, `${bytes.length} bytes`);
    const again = await fetch(node.url + path, { headers: { "if-none-match": response.headers.get("etag") } });
    assert.equal(again.status, 304);
  }
  assert.equal((await fetch(`${node.url}/events/evt_01kc0000000000000000000000/picture.png`)).status, 404);
});
