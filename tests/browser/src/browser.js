/** Chromium, headless, and people with a browser of their own. */

import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync",
];

/** How the browser is started: CHROMIUM, or the system's. */
export function browserOptions() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!executablePath) throw new Error("there is no Chromium: apt-get install chromium, or set CHROMIUM");
  return { executablePath, headless: true, args: FLAGS };
}

/** Starts the browser. */
export async function openBrowser() {
  return chromium.launch(browserOptions());
}

/**
 * Somebody with cookies of their own. What goes wrong in their pages (exceptions, errors on the console, what the
 * content security policy blocked, answers of 500 and above) is kept in `wrong`.
 */
export async function newPerson(browser, url, options = {}) {
  const context = await browser.newContext({ baseURL: url, reducedMotion: "reduce", ...options });
  // A debug build on a busy machine may need a while.
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(`exception: ${error.stack ?? error}`));
  page.on("console", (message) => {
    // A refusal that the page handles is also told on the console, by the browser: it is no mistake of the page.
    const isRefusal = message.text().startsWith("Failed to load resource: the server responded with a status of 4");
    if (message.type() === "error" && !isRefusal) wrong.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => response.status() >= 500 && wrong.push(`${response.status()} ${response.url()}`));
  return { context, page, wrong };
}

/** Opens a performance and waits until its seats can be picked. */
export async function openSeats(page, performance) {
  await page.goto(`/performances/${performance}`);
  await page.locator("[data-testid=seat-page][data-ready=true]").waitFor();
  await page.locator("[data-testid=live][data-state=live]").waitFor();
}

/** The checkbox of a seat in the list of seats; opens the list as far as it must. */
export async function seatBox(page, section, row, seat) {
  const list = page.getByTestId("seat-list");
  const open = async (parent, name) => {
    const summary = parent.locator("summary", { has: page.getByText(name, { exact: true }) });
    const details = summary.locator("..");
    if ((await details.getAttribute("open")) === null) await summary.click();
    return details;
  };
  const rows = await open(list, section);
  const seats = await open(rows, `Row ${row}`);
  return seats.getByRole("checkbox", { name: new RegExp(`^Seat ${seat}\\b`) });
}
